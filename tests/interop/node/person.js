// A person with a browser, as far as it takes to say yes: follows redirects, fills in forms, keeps cookies.
import { demo } from './demo.js';

const attribute = (tag, name) => {
  const found = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
  return found && found[1].replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code)).replace(/&amp;/g, '&');
};

// The form that posts to `action`, with what it carries.
function form(page, action) {
  const found = page.match(new RegExp(`<form[^>]*action="${action}[?"][\\s\\S]*?</form>`));
  if (!found) throw new Error(`no form for ${action}: ${page.slice(0, 2000)}`);
  const inputs = found[0].match(/<input[^>]*>/g) ?? [];
  return new URLSearchParams(inputs.map((input) => [attribute(input, 'name'), attribute(input, 'value') ?? '']));
}

// Opens `link`, signs the demo user in and decides; returns where the client is answered.
export async function decide(link, decision = 'allow') {
  const cookies = new Map();
  const go = async (url, body) => {
    const headers = { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') };
    if (body) headers.origin = new URL(url).origin;
    const answer = await fetch(url, { method: body ? 'POST' : 'GET', body, headers, redirect: 'manual' });
    for (const cookie of answer.headers.getSetCookie()) cookies.set(...cookie.split(';')[0].split(/=(.*)/).slice(0, 2));
    const onward = answer.headers.get('location');
    if (!onward) return { url, page: await answer.text() };
    const next = new URL(onward, url);
    return next.origin === new URL(link).origin ? go(next) : { url: next };
  };
  let at = await go(new URL(link));
  if (at.url.pathname === '/u/sign-in') {
    const fields = form(at.page, '/u/sign-in');
    fields.set('email', demo.DEMO_USER_EMAIL);
    fields.set('password', demo.DEMO_USER_PASSWORD);
    at = await go(new URL('/u/sign-in', link), fields);
  }
  if (at.url.pathname === '/u/consent') {
    const fields = form(at.page, '/u/consent');
    fields.set('decision', decision);
    at = await go(new URL('/u/consent', link), fields);
  }
  const leaving = at.page?.match(/<meta http-equiv="refresh"[^>]*>/);
  if (leaving) return new URL(attribute(leaving[0], 'content').replace(/^0;url=/, ''));
  // Whom nobody vouches for hears of a refusal by the person's own press.
  const press = at.page?.match(/<a class="button"[^>]*>/);
  return press ? new URL(attribute(press[0], 'href'), at.url) : at.url;
}
