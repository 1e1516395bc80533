import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RawReceiver, startRawReceiver } from '../support/raw-receiver.js';
import { type Setup, setUp } from '../support/service.js';

const SECRET = 'correct-horse';

let setup: Setup;
let receiver: RawReceiver;
let count = 0;

beforeAll(async () => {
  receiver = await startRawReceiver({ isTls: false });
  setup = await setUp({ env: { WEBHOOK_ALLOW_HTTP: 'true' } });
});

afterAll(async () => {
  await setup?.[Symbol.asyncDispose]();
  await receiver.close();
});

interface Header {
  name: string;
  value: string;
  secret?: boolean;
}

/** What is said about headers of a new endpoint, as `field CODE`. Nothing said quotes a value. */
async function objectionsTo(headers: Header[]): Promise<string[]> {
  const { api } = setup;
  const { endpoint, userErrors } = await api.tryToCreateEndpoint({
    url: `${receiver.url}/refused`,
    allEvents: true,
    headers,
  });
  if (endpoint) await api.deleteEndpoint(endpoint.id);
  expect(endpoint === null).toBe(userErrors.length > 0);
  expect(JSON.stringify(userErrors)).not.toContain(SECRET);
  return userErrors.map(({ field, code }) => `${field!.join('.')} ${code}`);
}

/** The lines between the request line and the body of what an endpoint with these headers gets, as Latin-1. */
async function sentTo(headers: Header[]): Promise<string[]> {
  const { api } = setup;
  count += 1;
  const path = `/${count}`;
  receiver.answer(path, (socket) => socket.write('HTTP/1.1 204 None\r\n\r\n'));
  const { id } = await api.createEndpoint({ url: receiver.url + path, allEvents: true, headers });
  await api.deliveryOf(await api.publishEvent('invoice.paid'));
  await api.deleteEndpoint(id);
  const [request] = receiver.requests(path);
  return request!.slice(0, request!.indexOf('\r\n\r\n')).split('\r\n').slice(1);
}

describe('a name that could pass for one of ours, or of HTTP', () => {
  const names = [
    ...['Content-Length', 'Transfer-Encoding', 'Host', 'Connection', 'Webhook-Id', 'Webhook-Signature', 'User-Agent'],
    ...['X-RevKeen-Event', 'X-RevKeen-Signature', 'X-RevKeen-Signature-Previous', 'Proxy-Authorization', 'Trailer'],
  ];
  const spellings: [how: string, spell: (name: string) => string][] = [
    ['in capitals', (name) => name.toUpperCase()],
    ['with underscores', (name) => name.replaceAll('-', '_')],
    ['with dots', (name) => name.replaceAll('-', '.')],
    ['with a blank at the end', (name) => `${name} `],
    ['with a tab at the front', (name) => `\t${name}`],
    ['with a colon', (name) => `${name}:`],
    ['with a line break at the front', (name) => `\r\n${name}`],
    ['with NUL at the end', (name) => `${name}\0`],
    ['in full-width letters', (name) => name.replace(/[a-z]/gi, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0))],
    ['with a soft hyphen', (name) => name.replace(/^./, '$&\u00ad')],
    ['with the Kelvin sign or the long s', (name) => name.replace(/k/gi, '\u212a').replace(/s/gi, '\u017f')],
  ];

  it.each(spellings)('is refused %s', async (_how, spell) => {
    const mistaken = names.map((name, index) => ({ name: spell(name), value: SECRET, secret: index % 2 === 0 }));

    const objections = await objectionsTo(mistaken);

    expect(new Set(objections.filter((one) => one.endsWith('.name INVALID'))).size).toBe(names.length);
  });
});

describe('a value', () => {
  it.each([
    ['a header behind a line break', `${SECRET}\r\nX-Injected: yes`],
    ['a line feed', `${SECRET}\nX-Injected: yes`],
    ['a carriage return', `${SECRET}\rX-Injected: yes`],
    ['a folded line', `${SECRET}\r\n folded`],
    ['a body behind two line breaks', `${SECRET}\r\n\r\n{"forged":true}`],
    ['characters that lose bits on the way and become line breaks', `${SECRET}\u010d\u010aX-Injected: yes`],
    ['NUL', `${SECRET}\0`],
    ['an escape sequence', `${SECRET}\u001b[2J`],
    ['DEL', `${SECRET}\u007f`],
    ['controls of Latin-1', `${SECRET}\u0085`],
    ['what is not Latin-1', `${SECRET} 請求書`],
    ['half of a pair of surrogates', `${SECRET}\ud83d`],
  ])('is refused with %s, secret or not', async (_what, value) => {
    for (const secret of [false, true]) {
      expect(await objectionsTo([{ name: 'X-Key', value, secret }])).toEqual(['input.headers.0.value INVALID']);
    }
  });

  it('of a megabyte is refused', async () => {
    expect(await objectionsTo([{ name: 'X-Key', value: SECRET.padEnd(1024 * 1024, 'x') }])).toEqual([
      'input.headers.0.value TOO_LONG',
    ]);
  });
});

it('are refused in thousands, and under one name twice', async () => {
  const header = (name: string) => ({ name, value: SECRET, secret: true });

  expect(await objectionsTo(Array.from({ length: 5_000 }, (_, index) => header(`X-${index}`)))).toEqual([
    'input.headers TOO_MANY',
  ]);
  expect(await objectionsTo([header('X-Key'), header('x-key'), header('X-KEY')])).toEqual([
    'input.headers.1.name INVALID',
    'input.headers.2.name INVALID',
  ]);
});

it('arrive byte for byte when they are accepted', async () => {
  const latin1 = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter((c) =>
    /[ -~\xa0-\xff]/.test(c),
  );
  const headers = [
    { name: 'X-All', value: `<${latin1.join('')}>` },
    { name: "x!#$%&'*+-.^_`|~09", value: 'every sign that a name may have' },
    { name: 'X-Empty', value: '' },
    { name: 'X-Blanks', value: 'a  b' },
    { name: 'X-Looks-Like-Two', value: 'a, b; c="\\"; X-Injected: yes' },
    { name: 'constructor', value: 'of objects' },
    { name: 'Authorization', value: `Bearer ${SECRET}`, secret: true },
    ...Array.from({ length: 13 }, (_, index) => ({ name: `X-Long-${index}`, value: `${index}`.padEnd(4_096, 'x') })),
  ];

  const lines = await sentTo(headers);

  for (const { name, value } of headers) {
    expect(lines.filter((line) => line.toLowerCase() === `${name}: ${value}`.toLowerCase())).toHaveLength(1);
    expect(lines.some((line) => line.endsWith(`: ${value}`))).toBe(true);
  }
  expect(lines.filter((line) => /^(x-injected|content-length|host|webhook-id)\b/i.test(line))).toHaveLength(3);
});
