// jose with its own remote key set, caches and cooldown as they come: verifies the tokens on stdin, a line each, while keys
// rotate. Usage: node verify_while_keys_rotate.js JWKS_URL AUDIENCE. Says each failure, and at the end "N verified, N failed".
import { createInterface } from 'node:readline';

import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';

const [url, audience] = process.argv.slice(2);
const keys = createRemoteJWKSet(new URL(url));
let verified = 0;
let failed = 0;
for await (const token of createInterface({ input: process.stdin })) {
  try {
    await jwtVerify(token, keys, { audience, algorithms: ['EdDSA'] });
    verified += 1;
  } catch (error) {
    failed += 1;
    console.log(`${error.code}: ${error.message}: ${JSON.stringify(decodeProtectedHeader(token))}`);
  }
}
console.log(`${verified} verified, ${failed} failed`);
