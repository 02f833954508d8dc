// openid-client signs a user in: code grant with PKCE, ID token, refresh, userinfo, revocation.
// Its client is named by MINTAGE_WEB_CLIENT_ID and MINTAGE_WEB_CLIENT_SECRET, the third party's by demo.env.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'openid-client';

import { demo, issuer } from './demo.js';
import { decide } from './person.js';

const redirect_uri = 'https://web.interop.test/callback';
const web = process.env.MINTAGE_WEB_CLIENT_ID;

let configuration;
let partner;

before(async () => {
  const authentication = oauth.ClientSecretPost(process.env.MINTAGE_WEB_CLIENT_SECRET);
  configuration = await oauth.discovery(new URL(issuer), web, undefined, authentication);
  partner = await oauth.discovery(new URL(issuer), demo.DEMO_APP_CLIENT_ID, undefined, oauth.None());
});

async function authorize(client, parameters, decision) {
  const verifier = oauth.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier: verifier, expectedState: oauth.randomState() };
  const link = oauth.buildAuthorizationUrl(client, {
    redirect_uri,
    audience: demo.DEMO_AUDIENCE,
    state: checks.expectedState,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  });
  return { callback: await decide(link, decision), checks };
}

test('a first party signs a user in and hears who it is', async () => {
  const nonce = oauth.randomNonce();
  const scope = 'openid profile email read:demo offline_access';
  const { callback, checks } = await authorize(configuration, { scope, nonce, max_age: '600' });
  const expected = { ...checks, expectedNonce: nonce, maxAge: 600, idTokenExpected: true };
  const answer = await oauth.authorizationCodeGrant(configuration, callback, expected);
  const claims = answer.claims();
  assert.equal(claims.email, demo.DEMO_USER_EMAIL);
  assert.equal(claims.aud, web);
  const user = await oauth.fetchUserInfo(configuration, answer.access_token, claims.sub);
  assert.equal(user.email, demo.DEMO_USER_EMAIL);
  const keys = createRemoteJWKSet(new URL(configuration.serverMetadata().jwks_uri));
  const { payload } = await jwtVerify(answer.access_token, keys, { issuer, audience: demo.DEMO_AUDIENCE });
  assert.equal(payload.sub, claims.sub);
  assert.ok(payload.aud.includes(`${issuer}userinfo`));

  const next = await oauth.refreshTokenGrant(configuration, answer.refresh_token);
  assert.notEqual(next.refresh_token, answer.refresh_token);
  assert.equal(next.claims().sub, claims.sub);
  await oauth.tokenRevocation(configuration, next.refresh_token);
  await assert.rejects(oauth.refreshTokenGrant(configuration, next.refresh_token), { error: 'invalid_grant' });
});

test('a third party gets a token that acts for a user, and no ID token', async () => {
  const parameters = { scope: 'read:demo offline_access', redirect_uri: 'http://127.0.0.1:4999/callback' };
  const { callback, checks } = await authorize(partner, parameters);
  const answer = await oauth.authorizationCodeGrant(partner, callback, checks);
  assert.equal(answer.id_token, undefined);
  assert.equal(answer.scope, 'read:demo offline_access');
  const next = await oauth.refreshTokenGrant(partner, answer.refresh_token);
  const last = await oauth.refreshTokenGrant(partner, next.refresh_token);
  await assert.rejects(oauth.refreshTokenGrant(partner, answer.refresh_token), { error: 'invalid_grant' });
  await assert.rejects(oauth.refreshTokenGrant(partner, last.refresh_token), { error: 'invalid_grant' });
});

test('a third party that asks who the user is hears that it may not', async () => {
  const { callback, checks } = await authorize(partner, {
    scope: 'openid read:demo', redirect_uri: 'http://127.0.0.1:4999/callback',
  });
  await assert.rejects(oauth.authorizationCodeGrant(partner, callback, checks), { error: 'invalid_scope' });
});

test('a client hears that the user refused', async () => {
  const { callback, checks } = await authorize(configuration, { scope: 'read:demo write:demo', prompt: 'consent' }, 'refuse');
  await assert.rejects(oauth.authorizationCodeGrant(configuration, callback, checks), { error: 'access_denied' });
});
