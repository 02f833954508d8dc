// Applications that keep no secret: in a browser's page, and on a device.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { heading, look, signIn } from './browser.js';
import { issuer, newUser } from './installation.js';
import { agree, arrival, choose, open, own, thirdParty } from './journey.js';

// What a script of the page is answered by the token endpoint; an error's name where it may not read that.
const ask = (page, path, body, type) => page.evaluate(async ([url, fields, json]) => {
  const sent = json
    ? { body: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }
    : { body: new URLSearchParams(fields) };
  try {
    const answer = await fetch(url, { method: 'POST', ...sent });
    const text = await answer.text();
    return { status: answer.status, ...(text && JSON.parse(text)) };
  } catch (error) {
    return { name: error.name };
  }
}, [`${issuer}oauth/${path}`, body, type === 'json']);

test('a page of an application redeems its code, and takes and ends refresh tokens, by its own script', async () => {
  const application = await thirdParty('Pages', '--public');
  const page = await open();
  await page.goto(application.request({ scope: 'read:demo offline_access' }));
  await signIn(page, newUser());
  await choose(page, 'Allow');
  const { parameters } = await arrival(page, application);
  assert.equal(new URL(page.url()).origin, new URL(application.redirectUri).origin, 'another origin than ours');
  const client = { client_id: application.clientId };
  const code = {
    ...client,
    grant_type: 'authorization_code',
    code: parameters.code,
    redirect_uri: application.redirectUri,
    code_verifier: application.verifier,
  };
  const tokens = await ask(page, 'token', code);
  assert.equal(tokens.status, 200, JSON.stringify(tokens));
  const refresh = { ...client, grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
  const next = await ask(page, 'token', refresh, 'json');
  assert.equal(next.status, 200, JSON.stringify(next));
  assert.equal((await ask(page, 'revoke', { ...client, token: next.refresh_token }, 'json')).status, 200);
  const ended = await ask(page, 'token', { ...refresh, refresh_token: next.refresh_token });
  assert.deepEqual([ended.status, ended.error], [400, 'invalid_grant'], 'and reads why not');
});

test('b17 what takes a secret or a guess is read by no page', async () => {
  const application = await thirdParty();
  const { page } = await agree(application, newUser());
  const client = { client_id: application.clientId, client_secret: application.secret };
  for (const body of [
    { ...client, grant_type: 'refresh_token', refresh_token: 'mrt_none' },
    { ...client, grant_type: 'client_credentials' },
    { client_id: application.clientId, grant_type: 'password', username: 'ada@example.com', password: 'guess' },
  ]) {
    assert.deepEqual(await ask(page, 'token', body), { name: 'TypeError' }, body.grant_type);
  }
});

test('b26 what any program of the device can pose as is asked each time', async () => {
  const user = newUser();
  for (const application of [await thirdParty('Native', '--public'), await own('Native', '--public')]) {
    const { page } = await agree(application, user);
    await page.goto(application.request({ prompt: 'none' }));
    assert.equal((await arrival(page, application)).parameters.error, 'consent_required');
    await page.goto(application.request());
    assert.equal(await heading(page).textContent(), 'Let Native act for you?');
    assert.ok(await page.getByText('another program on this device could pose as this application').isVisible());
    await look(page, 'consent-each-time');
    await choose(page, 'Allow');
    assert.ok((await arrival(page, application)).parameters.code);
  }
});
