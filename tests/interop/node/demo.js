// demo.env as `mintage dev` writes it, from the file named by MINTAGE_DEMO_ENV.
import { readFileSync } from 'node:fs';

const lines = readFileSync(process.env.MINTAGE_DEMO_ENV, 'utf8').split('\n').filter((line) => line.includes('='));

export const demo = Object.fromEntries(lines.map((line) => {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1).replace(/^['"]|['"]$/g, '')];
}));

export const issuer = `${new URL(demo.MINTAGE_HTTPS_TOKEN_URL).origin}/`;
