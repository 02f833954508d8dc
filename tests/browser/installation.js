// The running installation: what its demo.env says, and the operator's command.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const file = process.env.MINTAGE_DEMO_ENV;
const lines = readFileSync(file, 'utf8').split('\n').filter((line) => line.includes('='));

export const demo = Object.fromEntries(lines.map((line) => {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1).replace(/^['"]|['"]$/g, '')];
}));

export const issuer = demo.MINTAGE_HTTPS_ISSUER;

// Runs the operator's command; `input` is its standard input.
export function mintage(words, input = '') {
  const all = [...words, '--profile', file, '--output', 'json'];
  const told = execFileSync(process.env.MINTAGE_BIN, all, { encoding: 'utf8', input, timeout: 20_000 });
  return told.trim() ? JSON.parse(told) : undefined;
}

// A user of its own, so that no test sees what another consented to.
export function newUser(name = 'Ada Example') {
  const user = { email: `${randomBytes(6).toString('hex')}@example.com`, password: randomBytes(12).toString('hex') };
  mintage(['user', 'create', user.email, '--name', name, '--email-verified', '--password-file', '-'], `${user.password}\n`);
  return user;
}

// An application of the kind that `options` say: its id, and its secret if it keeps one.
export function newApplication(name, ...options) {
  const grants = ['--grant-type', 'authorization_code', '--grant-type', 'refresh_token'];
  const made = mintage(['client', 'create', '--name', name, ...grants, ...options]);
  return { id: made.client.client_id, secret: made.client_secret };
}
