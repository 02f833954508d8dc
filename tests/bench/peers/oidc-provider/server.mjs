// npm oidc-provider as a yardstick: in memory, one process, JWT access tokens for one API. `node server.mjs ES256`.
import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import Provider from 'oidc-provider';

const algorithm = process.argv[2];
const audience = 'https://bench.mintage.test/';
const secret = randomBytes(32).toString('base64url');

const generate = promisify(generateKeyPair);
const pairs = {
  ES256: await generate('ec', { namedCurve: 'P-256' }),
  RS256: await generate('rsa', { modulusLength: 2048 }),
};
const keys = Object.entries(pairs).map(([alg, pair]) => (
  { ...pair.privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg }));

const provider = new Provider('http://127.0.0.1', {
  clients: [{
    client_id: 'bench',
    client_secret: secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_post',
  }],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        accessTokenFormat: 'jwt',
        accessTokenTTL: 86400,
        audience,
        jwt: { sign: { alg: algorithm } },
        scope: 'read:demo write:demo',
      }),
    },
  },
  jwks: { keys },
  ttl: { ClientCredentials: 86400 },
});

const server = provider.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'bench',
    client_secret: secret,
    resource: audience,
    scope: 'read:demo write:demo',
  });
  console.log(`ready ${JSON.stringify({ address: `127.0.0.1:${port}`, path: '/token', form: String(form) })}`);
});
process.on('SIGTERM', () => process.exit(0));
