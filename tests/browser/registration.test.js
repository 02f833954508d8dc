// Applications that registered themselves, or that were there from the start.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { heading, signIn } from './browser.js';
import { demo, issuer, mintage, newUser } from './installation.js';
import { agree, choose, listen, open, refused } from './journey.js';

test('an application registers itself, asks, and manages what it registered', async () => {
  mintage(['tenant', 'update', 'default', '--dynamic-registration', 'open']);
  const metadata = {
    client_name: 'Self-made', redirect_uris: ['http://127.0.0.1/callback'], token_endpoint_auth_method: 'none',
  };
  const ask = (url, method, body, token) => fetch(url, {
    method,
    body: body && JSON.stringify(body),
    headers: { ...(body && { 'content-type': 'application/json' }), ...(token && { authorization: `Bearer ${token}` }) },
  });
  const made = await ask(`${issuer}oidc/register`, 'POST', metadata);
  assert.equal(made.status, 201);
  const { client_id: id, registration_client_uri: home, registration_access_token: token } = await made.json();
  const application = await listen({ id });
  const page = await open();
  await page.goto(application.request());
  await signIn(page, newUser());
  assert.equal(await heading(page).textContent(), 'Let Self-made act for you?');
  assert.ok(await page.getByText('This application registered itself; nobody at').isVisible());
  await choose(page, 'Refuse');
  await refused(page, application, 'You did not allow it');
  const spoken = await ask(home, 'PUT', { ...metadata, client_id: id, client_name: 'SELF-MADE' }, token);
  assert.equal((await spoken.json()).client_name, 'SELF-MADE');
  assert.equal((await ask(home, 'PUT', { ...metadata, client_id: id, client_name: 'Payroll' }, token)).status, 400);
  assert.equal((await ask(home, 'GET', undefined, 'wrong')).status, 401);
  assert.equal((await ask(home, 'DELETE', undefined, token)).status, 204);
  await page.goto(application.request());
  assert.equal(await heading(page).textContent(), 'This application is not known here');
  mintage(['tenant', 'update', 'default', '--dynamic-registration', 'off']);
  assert.equal((await ask(`${issuer}oidc/register`, 'POST', metadata)).status, 403);
});

test('the demo user and the demo application of a first start are there', async () => {
  const application = await listen({ id: demo.DEMO_APP_CLIENT_ID });
  const user = { email: demo.DEMO_USER_EMAIL, password: demo.DEMO_USER_PASSWORD };
  const { tokens } = await agree(application, user);
  assert.equal(tokens.status, 200);
});
