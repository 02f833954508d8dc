// An application of somebody else, from outside: it sends a browser to /authorize and waits for it to come back.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { demo, issuer } from './installation.js';

export class Application {
  #server;

  #arrivals = [];

  #waiting = [];

  constructor({ id, secret }) {
    this.clientId = id;
    this.secret = secret;
  }

  async listen() {
    this.#server = createServer((request, response) => this.#take(request, response)).listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.redirectUri = `http://127.0.0.1:${this.#server.address().port}/callback`;
    return this;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  // An authorization request by the code grant with PKCE (RFC 7636), and what its answer is checked with.
  request(more = {}) {
    this.verifier = randomBytes(32).toString('base64url');
    this.state = `${randomBytes(8).toString('hex')} &=+#`;
    const parameters = {
      client_id: this.clientId,
      response_type: 'code',
      redirect_uri: this.redirectUri,
      scope: 'read:demo write:demo',
      audience: demo.DEMO_AUDIENCE,
      state: this.state,
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...more,
    };
    const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
    return `${issuer}authorize?${new URLSearchParams(given)}`;
  }

  // How often a browser came that was not asked for yet.
  arrivals() {
    return this.#arrivals.length;
  }

  // What the browser brings next: how, and which parameters.
  answer() {
    const arrived = this.#arrivals.shift();
    if (arrived) return Promise.resolve(arrived);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the browser did not come back')), 15_000);
      this.#waiting.push((arrival) => { clearTimeout(timer); resolve(arrival); });
    });
  }

  // Asks the token endpoint; its answer, whatever it is.
  async token(parameters) {
    const proof = this.secret ? { client_secret: this.secret } : {};
    const body = new URLSearchParams({ client_id: this.clientId, ...proof, ...parameters });
    const answer = await fetch(`${issuer}oauth/token`, { method: 'POST', body });
    return { status: answer.status, ...await answer.json() };
  }

  redeem(code) {
    const { redirectUri: redirect_uri, verifier: code_verifier } = this;
    return this.token({ grant_type: 'authorization_code', code, redirect_uri, code_verifier });
  }

  async #take(request, response) {
    const url = new URL(request.url, this.redirectUri);
    if (url.pathname !== '/callback') { response.writeHead(404).end(); return; }
    let body = '';
    for await (const chunk of request) body += chunk;
    const parameters = Object.fromEntries(new URLSearchParams(request.method === 'POST' ? body : url.search));
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><html lang="en"><title>Notebook</title><link rel="icon" href="data:,"><h1>Back at the application</h1></html>');
    const arrival = { method: request.method, parameters, referrer: request.headers.referer };
    const waiting = this.#waiting.shift();
    if (waiting) waiting(arrival); else this.#arrivals.push(arrival);
  }
}
