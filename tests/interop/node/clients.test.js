// openid-client asks for tokens over HTTPS; jose verifies them with its own remote key set.
// Trusts the server by NODE_EXTRA_CA_CERTS; reads the demo client from the file named by MINTAGE_DEMO_ENV.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import * as oauth from 'openid-client';

import { demo, issuer } from './demo.js';

const granted = { audience: demo.DEMO_AUDIENCE, scope: 'read:demo write:demo' };

const discovered = (authentication) => (
  oauth.discovery(new URL(issuer), demo.DEMO_CLIENT_ID, undefined, authentication));

let configuration;
let keys;

before(async () => {
  configuration = await discovered(oauth.ClientSecretPost(demo.DEMO_CLIENT_SECRET));
  keys = createRemoteJWKSet(new URL(configuration.serverMetadata().jwks_uri));
});

const verify = (token, options = {}) => jwtVerify(token, keys, {
  issuer,
  audience: demo.DEMO_AUDIENCE,
  typ: 'at+jwt',
  algorithms: ['ES256'],
  requiredClaims: ['exp', 'iat', 'sub', 'client_id', 'jti'],
  ...options,
});

test('a token asked for with the secret in the body verifies', async () => {
  const answer = await oauth.clientCredentialsGrant(configuration, { audience: demo.DEMO_AUDIENCE });
  assert.equal(answer.token_type, 'bearer');
  assert.equal(answer.scope, granted.scope);
  const { payload } = await verify(answer.access_token);
  assert.equal(payload.client_id, demo.DEMO_CLIENT_ID);
  assert.equal(payload.sub, `${demo.DEMO_CLIENT_ID}@clients`);
  assert.equal(payload.exp - payload.iat, answer.expires_in);
});

test('a token asked for with Basic authentication verifies', async () => {
  const basic = await discovered(oauth.ClientSecretBasic(demo.DEMO_CLIENT_SECRET));
  const answer = await oauth.clientCredentialsGrant(basic, granted);
  await verify(answer.access_token);
});

test('a narrower scope is granted as asked', async () => {
  const answer = await oauth.clientCredentialsGrant(configuration, { ...granted, scope: 'write:demo' });
  const { payload } = await verify(answer.access_token);
  assert.equal(payload.scope, 'write:demo');
});

test('a resource indicator means what an audience means', async () => {
  const answer = await oauth.clientCredentialsGrant(configuration, { resource: demo.DEMO_AUDIENCE });
  await verify(answer.access_token);
});

test('a token does not verify for another audience or issuer', async () => {
  const answer = await oauth.clientCredentialsGrant(configuration, granted);
  const token = answer.access_token;
  await assert.rejects(verify(token, { audience: 'https://other.mintage.test/' }), errors.JWTClaimValidationFailed);
  await assert.rejects(verify(token, { issuer: issuer.slice(0, -1) }), errors.JWTClaimValidationFailed);
});

const refused = (grant, error, status) => assert.rejects(grant, (thrown) => {
  assert.ok(thrown instanceof oauth.ResponseBodyError, String(thrown));
  assert.deepEqual([thrown.error, thrown.status], [error, status]);
  return true;
});

test('a bad secret is invalid_client', async () => {
  const wrong = await discovered(oauth.ClientSecretPost('mcs_wrong'));
  await refused(oauth.clientCredentialsGrant(wrong, granted), 'invalid_client', 401);
});

test('a bad secret by Basic authentication is challenged for Basic', async () => {
  const wrong = await discovered(oauth.ClientSecretBasic('mcs_wrong'));
  await assert.rejects(oauth.clientCredentialsGrant(wrong, granted), (thrown) => {
    assert.ok(thrown instanceof oauth.WWWAuthenticateChallengeError, String(thrown));
    assert.deepEqual([thrown.status, thrown.cause[0].scheme], [401, 'basic']);
    return true;
  });
});

test('an unknown audience is invalid_target', async () => {
  const unknown = { ...granted, audience: 'https://unknown.mintage.test/' };
  await refused(oauth.clientCredentialsGrant(configuration, unknown), 'invalid_target', 400);
});

test('an ungranted scope is invalid_scope', async () => {
  const ungranted = { ...granted, scope: 'read:demo delete:demo' };
  await refused(oauth.clientCredentialsGrant(configuration, ungranted), 'invalid_scope', 400);
});
