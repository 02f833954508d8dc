// What journeys have in common: a browser, applications that listen, a user who agrees.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { Application } from './application.js';
import { launch, open as openIn, signIn } from './browser.js';
import { newApplication } from './installation.js';

export const LOOPBACK = ['--redirect-uri', 'http://127.0.0.1/callback'];

const listening = [];
let browser;

before(async () => { browser = await launch(); });
after(async () => {
  listening.forEach((application) => application.close());
  await browser?.close();
});

// A browser of a user of its own.
export const open = (options) => openIn(browser, options);

// An application that listens.
export async function listen(client) {
  const application = await new Application(client).listen();
  listening.push(application);
  return application;
}

// One of a third party.
export const thirdParty = (name = 'Notebook', ...options) => listen(
  newApplication(name, '--party', 'third', '--owner', 'Notebook Ltd.', ...LOOPBACK, ...options),
);

// One of the house.
export const own = (name, ...options) => listen(newApplication(name, ...LOOPBACK, ...options));

export const choose = (page, name) => page.getByRole('button', { name, exact: true }).click();

// What the browser brings the application, once it is there.
export async function arrival(page, application) {
  const answer = await application.answer();
  await page.getByRole('heading', { name: 'Back at the application' }).waitFor();
  return answer;
}

// The browser stays on a page that says that nothing was given, until its user goes on to the application.
export async function refused(page, application, title = 'This request was refused') {
  await page.getByRole('heading', { name: title }).waitFor();
  page.broken = page.broken.filter((line) => !line.includes('400'));
  assert.equal(application.arrivals(), 0, 'the application hears nothing by itself');
  await page.getByRole('link', { name: 'Go on to the application' }).click();
  return arrival(page, application);
}

// Agrees to whatever is asked, from a new browser; what the application got.
export async function agree(application, user, more) {
  const page = await open();
  await page.goto(application.request(more));
  await signIn(page, user);
  await choose(page, 'Allow');
  const { parameters } = await arrival(page, application);
  return { page, tokens: await application.redeem(parameters.code) };
}
