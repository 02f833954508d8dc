// A user agrees, or does not, in a real browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Application } from './application.js';
import { heading, look, signIn } from './browser.js';
import { issuer, mintage, newApplication, newUser } from './installation.js';
import { agree, arrival, choose, open, own, refused, thirdParty } from './journey.js';

test('a user signs in, agrees, and the application gets what was agreed to', async () => {
  const application = await thirdParty();
  const user = newUser();
  const page = await open();
  await page.goto(application.request());
  assert.equal(await heading(page).textContent(), 'Sign in');
  await look(page, 'sign-in');

  await signIn(page, { ...user, password: 'not the password' });
  await page.getByRole('alert').waitFor();
  assert.equal(await page.getByLabel('E-mail address').inputValue(), user.email);
  page.broken = page.broken.filter((line) => !line.includes('403'));
  await look(page, 'sign-in-refused');

  await signIn(page, user);
  assert.equal(await heading(page).textContent(), 'Let Notebook act for you?');
  assert.ok(await page.getByText('Mintage does not run this application').isVisible());
  assert.ok(await page.getByText(`Signed in as ${user.email}`).isVisible());
  await look(page, 'consent');

  await choose(page, 'Allow');
  const { parameters, referrer } = await arrival(page, application);
  assert.deepEqual(Object.keys(parameters).sort(), ['code', 'iss', 'state']);
  assert.equal(parameters.state, application.state);
  assert.equal(parameters.iss, issuer);
  assert.equal(referrer, undefined, 'the application does not learn where the browser was');
  const tokens = await application.redeem(parameters.code);
  assert.equal(tokens.status, 200, JSON.stringify(tokens));
  assert.deepEqual(tokens.scope.split(' ').sort(), ['read:demo', 'write:demo']);
  const again = await application.redeem(parameters.code);
  assert.equal(again.error, 'invalid_grant');
});

test('a user leaves out what is optional, and is not pressed for it', async () => {
  const application = await thirdParty();
  const user = newUser();
  const page = await open();
  await page.goto(application.request());
  await signIn(page, user);
  await page.getByLabel('Change the demo').uncheck();
  await choose(page, 'Allow');
  const { parameters } = await arrival(page, application);
  assert.equal((await application.redeem(parameters.code)).scope, 'read:demo');

  await page.goto(application.request({ scope: 'read:demo' }));
  assert.ok((await arrival(page, application)).parameters.code, 'what was agreed to is not asked for again');

  await page.goto(application.request());
  const narrow = await arrival(page, application);
  assert.equal((await application.redeem(narrow.parameters.code)).scope, 'read:demo', 'nor for what was left out');

  await page.goto(application.request({ prompt: 'consent' }));
  await page.getByRole('heading', { name: 'You allowed this before:' }).waitFor();
  assert.ok(!await page.getByLabel('Change the demo').isChecked(), 'what was left out stays so');
  await page.getByLabel('Change the demo').check();
  await look(page, 'consent-more');
  await choose(page, 'Allow');
  const wider = await arrival(page, application);
  assert.equal((await application.redeem(wider.parameters.code)).scope.split(' ').length, 2);
});

test('a user refuses, and the application hears it if the user goes back there', async () => {
  const application = await thirdParty();
  const page = await open();
  await page.goto(application.request());
  await signIn(page, newUser());
  await choose(page, 'Refuse');
  await page.getByText('Notebook was given nothing.').waitFor();
  await look(page, 'refused-by-user');
  const { parameters } = await refused(page, application, 'You did not allow it');
  assert.equal(parameters.error, 'access_denied');
  assert.equal(parameters.state, application.state);
  assert.equal(parameters.code, undefined);

  const house = await own('House');
  await page.goto(house.request());
  await choose(page, 'Refuse');
  assert.equal((await arrival(page, house)).parameters.error, 'access_denied', 'one of the house hears it at once');
});

test('prompt decides whether a page may, must or must not be shown', async () => {
  const application = await thirdParty();
  const user = newUser();
  const { page } = await agree(application, user);
  await page.goto(application.request({ prompt: 'none' }));
  assert.ok((await arrival(page, application)).parameters.code);
  await page.goto(application.request({ prompt: 'consent' }));
  assert.equal(await heading(page).textContent(), 'Let Notebook act for you?');
  assert.ok(await page.getByText('It asks for nothing that you have not allowed before.').isVisible());
  await look(page, 'consent-again');
  await choose(page, 'Allow');
  const { parameters } = await arrival(page, application);
  const tokens = await application.redeem(parameters.code);
  assert.deepEqual(tokens.scope.split(' ').sort(), ['read:demo', 'write:demo'], 'nothing is lost by asking again');
  await page.goto(application.request({ prompt: 'login' }));
  assert.equal(await heading(page).textContent(), 'Sign in');

  await page.goto(application.request({ prompt: 'none', max_age: '0' }));
  assert.equal((await arrival(page, application)).parameters.error, 'login_required', 'whom the user knows hears at once');
  const stranger = await open();
  await stranger.goto(application.request({ prompt: 'none' }));
  assert.equal((await refused(stranger, application)).parameters.error, 'login_required');
  const house = await own('House');
  await stranger.goto(house.request({ prompt: 'none' }));
  assert.equal((await arrival(stranger, house)).parameters.error, 'login_required');
});

test('b29 what changed while the user read is shown again before it is agreed to', async () => {
  const audience = 'https://changing.example/';
  const scopes = ['--scope', 'read:it=Read it', '--optional-scope', 'write:it=Change it'];
  mintage(['api', 'create', audience, '--name', 'Changing', ...scopes, '--third-parties', 'allowed']);
  const application = await thirdParty();
  const page = await open();
  await page.goto(application.request({ audience, scope: 'read:it write:it' }));
  await signIn(page, newUser());
  await page.getByLabel('Change it').uncheck();
  mintage(['api', 'update', audience, '--scope', 'read:it=Read it', '--scope', 'write:it=Change it']);
  await choose(page, 'Allow');
  await page.getByRole('alert').waitFor();
  assert.equal(await page.getByRole('checkbox').count(), 0, 'it cannot be left out any more');
  await look(page, 'consent-changed');
  await choose(page, 'Allow');
  const { parameters } = await arrival(page, application);
  assert.equal((await application.redeem(parameters.code)).scope, 'read:it write:it');
});

test('another user may take over at the consent page', async () => {
  const application = await thirdParty();
  const [first, second] = [newUser('First'), newUser('Second')];
  const page = await open();
  await page.goto(application.request());
  await signIn(page, first);
  await choose(page, 'Not you?');
  assert.equal(await heading(page).textContent(), 'Sign in');
  await page.getByLabel('E-mail address').fill('');
  await signIn(page, second);
  assert.ok(await page.getByText(`Signed in as ${second.email}`).isVisible());
});

test('a first party is told apart by its redirect URIs or asked for like any other', async () => {
  const audience = 'https://skipping.example/';
  const skips = ['--third-parties', 'allowed', '--skip-consent-for-verifiable-first-parties'];
  mintage(['api', 'create', audience, '--name', 'Own API', '--scope', 'read:own=Read it', ...skips]);
  const user = newUser();
  const asked = { audience, scope: 'read:own' };
  const native = await own('Native');
  const page = await open();
  await page.goto(native.request(asked));
  await signIn(page, user);
  assert.equal(await heading(page).textContent(), 'Let Native act for you?');
  assert.ok(await page.getByText('An application of').isVisible());
  await look(page, 'consent-first-party');

  const web = new Application(newApplication('Web', '--redirect-uri', 'https://web.example/callback'));
  web.redirectUri = 'https://web.example/callback';
  // There is no such host; that the browser asks for it is all there is to see.
  const beside = await page.context().newPage();
  const asking = beside.waitForRequest((request) => request.url().startsWith(web.redirectUri));
  await beside.goto(web.request(asked)).catch(() => {});
  assert.ok(new URL((await asking).url()).searchParams.get('code'), 'nobody is asked');

  const third = await thirdParty('Third');
  await page.goto(third.request(asked));
  assert.equal(await heading(page).textContent(), 'Let Third act for you?');
});

test('b29 a decision belongs to the browser it was asked in, and is made once', async () => {
  const application = await thirdParty();
  const user = newUser();
  const page = await open();
  await page.goto(application.request());
  await signIn(page, user);
  await page.getByRole('button', { name: 'Allow' }).waitFor();
  const address = page.url();
  const other = await open();
  await other.goto(`${issuer}u/applications`);
  await other.goto(address);
  assert.equal(await heading(other).textContent(), 'This page has expired');
  await choose(page, 'Allow');
  await arrival(page, application);
  await page.goto(address);
  assert.equal(await heading(page).textContent(), 'This page has expired');
  page.broken = page.broken.filter((line) => !line.includes('400'));
  await look(page, 'problem-over');
});

test('pages are in the colour of their tenant, whatever it is', async () => {
  const at = (path) => `https://notebook.example/${path}`;
  const links = ['--client-uri', at(''), '--policy-uri', at('privacy'), '--tos-uri', at('terms')];
  const application = await thirdParty('A rather long name for an application that does many things', ...links);
  const user = newUser();
  const page = await open();
  await page.goto(application.request());
  await signIn(page, user);
  await page.getByRole('button', { name: 'Allow' }).waitFor();
  try {
    for (const colour of ['#ffe94d', '#101010', '#c2185b']) {
      mintage(['tenant', 'update', 'default', '--colour', colour, '--display-name', 'Example Bank']);
      const style = `/u/assets/brand-${colour.slice(1)}`;
      const end = Date.now() + 10_000;
      do { await page.reload(); } while (!(await page.content()).includes(style) && Date.now() < end);
      assert.ok((await page.content()).includes(style), 'the change is told within the time');
      await look(page, `consent-${colour.slice(1)}`);
    }
  } finally {
    mintage(['tenant', 'update', 'default', '--colour', '', '--display-name', 'Mintage']);
  }
});
