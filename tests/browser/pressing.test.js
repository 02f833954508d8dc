// People press twice, go back, load pages anew, and keep no cookies.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { heading, look, signIn } from './browser.js';
import { issuer, newUser } from './installation.js';
import { arrival, choose, open, thirdParty } from './journey.js';

const button = (page, name) => page.getByRole('button', { name, exact: true });

test('whoever presses twice signs in and agrees all the same', async () => {
  const application = await thirdParty();
  const user = newUser();
  const page = await open();
  await page.goto(application.request());
  await page.getByLabel('E-mail address').fill(user.email);
  await page.getByLabel('Password').fill(user.password);
  await button(page, 'Sign in').dblclick();
  await page.getByRole('heading', { name: 'Let Notebook act for you?' }).waitFor();
  await button(page, 'Allow').dblclick();
  await page.getByRole('heading', { name: 'Back at the application' }).waitFor();
  const answers = [await application.answer()];
  while (application.arrivals() > 0) answers.push(await application.answer());
  const redeemed = await Promise.all(answers.map(({ parameters }) => application.redeem(parameters.code)));
  assert.equal(redeemed.filter(({ status }) => status === 200).length, 1, JSON.stringify(redeemed));
});

test('a sign-in that failed is loaded anew as it was', async () => {
  const application = await thirdParty();
  const user = newUser();
  const page = await open();
  await page.goto(application.request());
  await signIn(page, { ...user, password: 'not the password' });
  await page.getByRole('alert').waitFor();
  await page.goto(page.url());
  assert.equal(await heading(page).textContent(), 'Sign in');
  await signIn(page, user);
  await page.getByRole('heading', { name: 'Let Notebook act for you?' }).waitFor();
});

test('whoever goes back to a page that was answered is told so, and one that keeps no cookies why nothing works', async () => {
  const application = await thirdParty();
  const page = await open();
  await page.goto(application.request());
  await signIn(page, newUser());
  await button(page, 'Allow').waitFor();
  const address = page.url();
  const stranger = await open();
  await stranger.goto(address);
  assert.equal(await heading(stranger).textContent(), 'Your browser keeps no cookies for this site');
  stranger.broken = stranger.broken.filter((line) => !line.includes('400'));
  await look(stranger, 'problem-cookies');
  await choose(page, 'Allow');
  await arrival(page, application);
  await page.goto(address);
  assert.equal(await heading(page).textContent(), 'This page has expired');
  await page.goto(`${issuer}u/applications`);
  await page.getByText('Remove access', { exact: true }).click();
  await choose(page, 'Remove access of Notebook');
  await page.getByRole('status').filter({ hasText: 'The access was removed.' }).waitFor();
});

test('no word is broken on the narrowest of phones', async () => {
  const application = await thirdParty();
  const page = await open({ viewport: { width: 320, height: 640 }, locale: 'de-DE' });
  await page.goto(application.request());
  const user = newUser();
  await page.getByLabel('E-Mail-Adresse').fill(user.email);
  await page.getByLabel('Passwort').fill(user.password);
  await choose(page, 'Anmelden');
  for (const name of ['Ablehnen', 'Erlauben']) {
    const lines = await button(page, name).evaluate((element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
    });
    assert.equal(lines, 1, name);
  }
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(widths[0] <= widths[1], widths.join());
});
