// Where a browser is led, where it is not, and what its user is told.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { heading, look, signIn } from './browser.js';
import { issuer, newUser } from './installation.js';
import { agree, arrival, choose, open, own, refused, thirdParty } from './journey.js';

test('an answer is posted by a script, and by a button where there are none', async () => {
  const application = await thirdParty();
  const user = newUser();
  const { page } = await agree(application, user);
  await page.goto(application.request({ response_mode: 'form_post' }));
  const posted = await arrival(page, application);
  assert.equal(posted.method, 'POST');
  assert.equal(posted.parameters.state, application.state);
  assert.deepEqual(page.broken, []);

  const plain = await open({ javaScriptEnabled: false });
  await plain.goto(application.request({ response_mode: 'form_post' }));
  await signIn(plain, user);
  await choose(plain, 'Continue');
  assert.equal((await arrival(plain, application)).method, 'POST');
});

test('on the way to an application the page says where it leads', async () => {
  const application = await thirdParty();
  const user = newUser();
  const page = await open();
  // The application never answers, so that the page stays.
  await page.route(`${application.redirectUri}**`, (route) => route.abort('aborted'));
  await page.goto(application.request());
  await signIn(page, user);
  await choose(page, 'Allow');
  await page.getByText('You are being sent to an application on this device (http://127.0.0.1).').waitFor();
  await look(page, 'leave');
  await page.goto(application.request({ response_mode: 'form_post' }), { waitUntil: 'commit' });
  await page.getByText('You are being sent to an application on this device').waitFor();
  await look(page, 'form-post');
});

test('b26 a malformed request of a third party leads nobody there', async () => {
  const application = await thirdParty();
  const page = await open();
  const wrong = [
    ['invalid_scope', { scope: 'read:nothing' }],
    ['invalid_request', { code_challenge: undefined, code_challenge_method: undefined }],
    ['unsupported_response_type', { response_type: 'token', response_mode: 'query' }],
    ['invalid_target', { audience: 'https://nothing.example/' }],
  ];
  for (const [error, more] of wrong) {
    await page.goto(application.request(more));
    assert.ok(page.url().startsWith(issuer));
    await page.getByText(error, { exact: true }).waitFor();
    assert.ok(await page.getByText('an application on this device (http://127.0.0.1)').isVisible());
    if (error === 'invalid_scope') {
      page.broken = page.broken.filter((line) => !line.includes('400'));
      await look(page, 'refused');
    }
    const { parameters, referrer } = await refused(page, application);
    assert.deepEqual([parameters.error, parameters.state, parameters.code], [error, application.state, undefined]);
    assert.equal(referrer, undefined);
  }
  await page.goto(application.request({ scope: 'read:nothing', response_mode: 'form_post', ui_locales: 'de' }));
  await page.getByRole('heading', { name: 'Diese Anfrage wurde abgelehnt' }).waitFor();
  page.broken = page.broken.filter((line) => !line.includes('400'));
  await look(page, 'refused-german');
  await choose(page, 'Weiter zur Anwendung');
  const posted = await arrival(page, application);
  assert.deepEqual([posted.method, posted.parameters.error], ['POST', 'invalid_scope']);

  const house = await own('House');
  await page.goto(house.request({ scope: 'read:nothing' }));
  assert.equal((await arrival(page, house)).parameters.error, 'invalid_scope', 'one of the house hears at once');
});

test('who cannot be led back is told why, and stays', async () => {
  const application = await thirdParty();
  const page = await open();
  for (const [more, title, name] of [
    [{ redirect_uri: 'https://evil.example/callback' }, 'The way back is not known', 'problem-redirect'],
    [{ client_id: 'tpc_nobody' }, 'This application is not known here', 'problem-client'],
  ]) {
    await page.goto(application.request(more));
    assert.equal(await heading(page).textContent(), title);
    assert.ok(page.url().startsWith(issuer));
    page.broken = page.broken.filter((line) => !line.includes('400'));
    await look(page, name);
  }
});

test('b29 a page of ours is not shown in another one', async () => {
  const application = await thirdParty();
  const frame = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<!doctype html><iframe src="${application.request().replaceAll('&', '&amp;')}"></iframe>`);
  });
  await new Promise((resolve) => { frame.listen(0, '127.0.0.1', resolve); });
  try {
    const page = await open();
    await page.goto(`http://127.0.0.1:${frame.address().port}/`);
    await page.waitForFunction(() => document.querySelector('iframe').contentDocument === null);
    const [, framed] = page.frames();
    assert.equal(await framed.getByRole('heading').count(), 0);
    assert.ok(page.broken.some((line) => /frame-ancestors|X-Frame-Options|refused to display/i.test(line)), page.broken.join());
  } finally {
    frame.closeAllConnections();
    frame.close();
  }
});
