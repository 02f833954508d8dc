// A user signs in: without scripts, in German, as the one that is meant.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { heading, look, signIn } from './browser.js';
import { newUser } from './installation.js';
import { agree, arrival, choose, open, own, thirdParty } from './journey.js';

test('everything works without scripts, and from the keyboard', async () => {
  const application = await thirdParty();
  const user = newUser();
  const page = await open({ javaScriptEnabled: false });
  await page.goto(application.request());
  await page.keyboard.press('Tab');
  await page.keyboard.type(user.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(user.password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Allow' }).waitFor();
  const order = [];
  for (let press = 0; press < 5; press += 1) {
    await page.keyboard.press('Tab');
    order.push(await page.locator(':focus').evaluate((element) => element.textContent.trim() || element.type));
  }
  assert.deepEqual(order.slice(0, 4), ['Not you?', 'checkbox', 'Refuse', 'Allow'], 'and none of them holds the focus');
  await page.getByRole('button', { name: 'Allow' }).focus();
  await page.keyboard.press('Enter');
  assert.ok((await arrival(page, application)).parameters.code);
});

test('a client chooses German', async () => {
  const application = await thirdParty();
  const page = await open();
  await page.goto(application.request({ ui_locales: 'fr-CH de-CH' }));
  assert.equal(await heading(page).textContent(), 'Anmelden');
  await look(page, 'sign-in-german');
  const user = newUser();
  await page.getByLabel('E-Mail-Adresse').fill(user.email);
  await page.getByLabel('Passwort').fill(user.password);
  await choose(page, 'Anmelden');
  assert.equal(await heading(page).textContent(), 'Darf Notebook für Sie handeln?');
  await look(page, 'consent-german');
  const native = await open({ locale: 'de-DE' });
  await native.goto(application.request());
  assert.equal(await heading(native).textContent(), 'Anmelden');
});

test('a client that means one user gets no other', async () => {
  const application = await own('Meaning');
  const [user, other] = [newUser(), newUser('Other')];
  const openid = { scope: 'openid email', audience: undefined, nonce: 'n' };
  const { page: known, tokens } = await agree(application, user, openid);
  const meaning = { ...openid, id_token_hint: tokens.id_token };
  await known.goto(application.request({ ...meaning, prompt: 'none' }));
  assert.ok((await arrival(known, application)).parameters.code);

  const page = await open();
  await page.goto(application.request({ ...meaning, prompt: 'none' }));
  assert.equal((await arrival(page, application)).parameters.error, 'login_required');
  await page.goto(application.request(meaning));
  assert.equal(await page.getByLabel('E-mail address').inputValue(), user.email, 'as the ID token says it');
  await signIn(page, other);
  assert.equal((await arrival(page, application)).parameters.error, 'login_required');
  await page.goto(application.request(meaning));
  assert.equal(await heading(page).textContent(), 'Sign in', 'whoever is signed in is not meant');
  await page.goto(application.request({ ...openid, id_token_hint: `${tokens.id_token}x` }));
  assert.equal((await arrival(page, application)).parameters.error, 'invalid_request');
});
