// A user at the own pages: which applications act, and the end of the session.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { heading, look } from './browser.js';
import { issuer, newUser } from './installation.js';
import { agree, arrival, choose, own, refused, thirdParty } from './journey.js';

test('a user takes access away, and what was given by it ends', async () => {
  const application = await thirdParty();
  const user = newUser();
  const { page, tokens } = await agree(application, user, { scope: 'read:demo offline_access' });
  assert.ok(tokens.refresh_token, JSON.stringify(tokens));
  await page.goto(`${issuer}u/applications`);
  assert.equal(await heading(page).textContent(), 'Applications with access');
  await look(page, 'applications');
  await page.getByText('Remove access', { exact: true }).click();
  await look(page, 'applications-remove');
  await choose(page, 'Remove access of Notebook');
  await page.getByText('No application has access.').waitFor();
  await look(page, 'applications-none');
  const refreshed = await application.token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
  assert.equal(refreshed.error, 'invalid_grant');
  await page.goto(application.request({ prompt: 'none' }));
  assert.equal((await refused(page, application)).parameters.error, 'consent_required', 'it is a stranger again');
});

test('a user signs out', async () => {
  const application = await thirdParty();
  const { page } = await agree(application, newUser());
  await page.goto(`${issuer}u/applications`);
  await page.getByRole('link', { name: 'Sign out' }).click();
  assert.equal(await heading(page).textContent(), 'Sign out?');
  await look(page, 'sign-out');
  await choose(page, 'Sign out');
  assert.equal(await heading(page).textContent(), 'You are signed out');
  await look(page, 'signed-out');
  await page.goto(application.request({ prompt: 'none' }));
  assert.equal((await refused(page, application)).parameters.error, 'login_required');
});

test('an application of the house signs its user out, and gets the browser back', async () => {
  const back = ['--post-logout-redirect-uri', 'http://127.0.0.1/callback'];
  const application = await own('Own', ...back);
  const openid = { scope: 'openid email', audience: undefined, nonce: 'n' };
  const { page, tokens } = await agree(application, newUser(), openid);
  assert.ok(tokens.id_token, JSON.stringify(tokens));
  const told = await fetch(`${issuer}userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  assert.match((await told.json()).email, /@example\.com$/);
  const state = 'a/b %&"';
  const wish = { id_token_hint: tokens.id_token, post_logout_redirect_uri: application.redirectUri, state };
  await page.goto(`${issuer}oidc/logout?${new URLSearchParams(wish)}`);
  const { parameters } = await arrival(page, application);
  assert.deepEqual(parameters, { state });
  await page.goto(application.request({ ...openid, prompt: 'none' }));
  assert.equal((await arrival(page, application)).parameters.error, 'login_required');
});

test('an application that posts its wish to sign out is heard, and its ID token stands in no address', async () => {
  const application = await own('Posting');
  const openid = { scope: 'openid', audience: undefined, nonce: 'n' };
  const { page, tokens } = await agree(application, newUser(), openid);
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.evaluate(([action, value]) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action });
    form.append(Object.assign(document.createElement('input'), { name: 'id_token_hint', value }));
    document.body.append(form);
    form.submit();
  }, [`${issuer}oidc/logout`, tokens.id_token]);
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  assert.ok(asked.some((url) => url === `${issuer}oidc/logout`));
  assert.ok(asked.every((url) => !url.includes(tokens.id_token.slice(0, 20))), asked.join());
  await page.goto(application.request({ ...openid, prompt: 'none' }));
  assert.equal((await arrival(page, application)).parameters.error, 'login_required');
});
