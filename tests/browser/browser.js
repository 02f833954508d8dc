// Chromium without a head: pages of it, pictures of pages, and what a screen reader would stumble over.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { chromium } from 'playwright-core';

const pictures = process.env.MINTAGE_PICTURES;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const LOOKS = {
  light: { colorScheme: 'light', viewport: { width: 1100, height: 900 } },
  dark: { colorScheme: 'dark', viewport: { width: 1100, height: 900 } },
  phone: { colorScheme: 'light', viewport: { width: 360, height: 740 } },
};

export async function launch() {
  mkdirSync(pictures, { recursive: true });
  // Inside a container, where it has no sandbox of its own to make.
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
}

// A browser of a user of its own; `page.broken` is what broke a policy, or failed to load.
export async function open(browser, options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB', ...LOOKS.light, ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.broken = [];
  page.on('console', (line) => { if (line.type() === 'error') page.broken.push(line.text()); });
  page.on('pageerror', (error) => page.broken.push(error.message));
  return page;
}

// Looks at the page in every look: takes a picture, measures its width, and asks axe-core.
export async function look(page, name) {
  for (const [look, { colorScheme, viewport }] of Object.entries(LOOKS)) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await page.screenshot({ path: `${pictures}/${name}-${look}.png`, fullPage: true });
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(widths[0] <= widths[1], `${name} ${look}: ${widths[0]} pixels wide on ${widths[1]}`);
    assert.deepEqual(await stumbles(page), [], `${name} ${look}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(LOOKS.light.viewport);
  assert.deepEqual(page.broken, [], name);
}

// By the browser's debugger, which no policy of the page holds back.
async function stumbles(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return violations.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map((node) => node.html).join(' | ')}`);
}

export async function signIn(page, { email, password }) {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export const heading = (page) => page.getByRole('heading', { level: 1 });
