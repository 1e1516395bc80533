import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/config.js';
import { createLog } from '../../src/log.js';
import { type Service, serve } from '../../src/serve.js';
import { ApiClient } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { API_KEY, testEnvironment } from '../support/service.js';

/** Some malformed requests leave the service waiting for more: then this side hangs up. Nothing is concluded from it. */
const PATIENCE_MS = 1_500;
/** How long a handshake may take, however busy the machine is. */
const HANDSHAKE_MS = 20_000;
const QUERY = '{"query":"{ viewer { accountId } }"}';
const AUTH = `authorization: Bearer ${API_KEY}`;

let database: TestDatabase;
let service: Service;
const errorsLogged: string[] = [];

beforeAll(async () => {
  database = await createDatabase();
  const log = createLog({ level: 'error', destination: { write: (line) => void errorsLogged.push(line) } });
  service = await serve({ config: readConfig(testEnvironment(database.url)), log });
});

afterAll(async () => {
  // What was under way is over then.
  await service?.stop();
  const published = await database?.query('select id from webhooks.events');
  await database?.drop();
  expect(published).toEqual([]);
  expect(errorsLogged).toEqual([]);
});

/** Sends bytes, and answers what comes back until the service hangs up, or this side after a while. */
async function talk(request: string | Buffer): Promise<string> {
  const { socket, closed, heard } = connect();
  socket.write(request);
  const patience = setTimeout(() => socket.destroy(), PATIENCE_MS);
  await closed;
  clearTimeout(patience);
  return heard();
}

/** Sends bytes on a WebSocket that is open, and answers what comes back after the handshake. */
async function talkOnSocket(bytes: Buffer): Promise<Buffer> {
  const { socket, closed, heard } = connect();
  socket.write(GOOD);
  let patience = setTimeout(() => socket.destroy(), HANDSHAKE_MS);
  const opened = new Promise<void>((resolve) => {
    socket.on('data', () => heard().includes(END_OF_HEAD) && resolve());
  });
  await Promise.race([opened, closed]);
  expect(statusesIn(heard())).toEqual([101]);
  clearTimeout(patience);
  socket.write(bytes);
  patience = setTimeout(() => socket.destroy(), PATIENCE_MS);
  await closed;
  clearTimeout(patience);
  const answer = heard();
  return Buffer.from(answer.slice(answer.indexOf(END_OF_HEAD) + END_OF_HEAD.length), 'latin1');
}

const END_OF_HEAD = '\r\n\r\n';

function connect(): { socket: net.Socket; closed: Promise<void>; heard(): string } {
  const { hostname, port } = new URL(service.url);
  const socket = net.connect(Number(port), hostname);
  let heard = '';
  socket
    .on('error', () => {})
    .on('data', (piece) => {
      heard += piece.toString('latin1');
    });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, closed, heard: () => heard };
}

function post(headers: readonly string[], body: string | Buffer = QUERY): Buffer {
  const head = ['POST /graphql HTTP/1.1', 'host: localhost', AUTH, 'connection: close', ...headers, '', ''].join(
    '\r\n',
  );
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
}

const JSON_TYPE = 'content-type: application/json';
const LENGTH = `content-length: ${QUERY.length}`;
const chunked = (body: string) => post([JSON_TYPE, 'transfer-encoding: chunked'], body);

const CHUNKED = 'transfer-encoding: chunked';
const END = '0\r\n\r\n';
const LENGTH_OF_END = `content-length: ${END.length}`;
const PUBLISH = JSON.stringify({
  query: 'mutation { publishEvent(input: { type: "invoice.paid", data: 1 }) { duplicate } }',
});
const PUBLISH_HEADERS = ['POST /graphql HTTP/1.1', 'host: localhost', AUTH, JSON_TYPE];
const HIDDEN = [...PUBLISH_HEADERS, `content-length: ${PUBLISH.length}`, '', PUBLISH].join('\r\n');

/** A request after whose body, of whatever length, there is something that may be taken for another one. */
function hiding(headers: readonly string[], body = END): Buffer {
  return Buffer.from([...PUBLISH_HEADERS, ...headers, '', `${body}${HIDDEN}`].join('\r\n'), 'latin1');
}

const REQUESTS: Record<string, (string | Buffer)[]> = {
  'what is no HTTP': [
    '\0',
    '\r\n\r\n',
    'hello\r\n\r\n',
    '{"query":"{ viewer { accountId } }"}\n\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]),
  ],
  'a request line that is none': [
    'GET\r\n\r\n',
    'GET /graphql\r\n\r\n',
    'GET  /graphql HTTP/1.1\r\n\r\n',
    'GET /graphql HTTP/9.9\r\nhost: x\r\n\r\n',
    'get /graphql HTTP/1.1\r\nhost: x\r\n\r\n',
    'G@T /graphql HTTP/1.1\r\nhost: x\r\n\r\n',
    `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
    'GET /gra\0phql HTTP/1.1\r\nhost: x\r\n\r\n',
    'GET /%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    'GET //////graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    'GET /graphql/../../etc/passwd HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    'GET http://127.0.0.1:1/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    'CONNECT example.com:443 HTTP/1.1\r\nhost: x\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    'TRACE /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    'DELETE /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
  ],
  'headers that are none': [
    'x',
    'x\0y: 1',
    ': empty',
    'a b: 1',
    'x: a\rb',
    'x: a\0b',
    ' folded: 1',
    `x: ${'y'.repeat(200_000)}`,
    ...Array.from({ length: 1 }, () => Array.from({ length: 5_000 }, (_, n) => `x-${n}: 1`).join('\r\n')),
  ].map((header) => post([JSON_TYPE, LENGTH, header])),
  'no host, or several': [
    'GET /livez HTTP/1.1\r\nconnection: close\r\n\r\n',
    'GET /livez HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n',
    'GET /livez HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n',
    'GET /livez HTTP/1.0\r\n\r\n',
  ],
  'lengths that do not agree': [
    post([JSON_TYPE, LENGTH, 'content-length: 3']),
    post([JSON_TYPE, LENGTH, 'transfer-encoding: chunked']),
    post([JSON_TYPE, 'content-length: -1']),
    post([JSON_TYPE, 'content-length: 1e3']),
    post([JSON_TYPE, 'content-length: 99999999999999999999']),
    post([JSON_TYPE, 'content-length: 0x10']),
    post([JSON_TYPE, 'content-length: 5, 5']),
    post([JSON_TYPE, 'content-length: +36']),
    post([JSON_TYPE, 'transfer-encoding: xchunked']),
    post([JSON_TYPE, 'transfer-encoding: chunked, identity']),
  ],
  // Whoever reads a length here, and whoever reads chunks there, disagree on where the first one ends.
  'a second request hidden in the first': [
    hiding([LENGTH_OF_END, CHUNKED]),
    hiding([CHUNKED, LENGTH_OF_END]),
    hiding([`${CHUNKED}, identity`, LENGTH_OF_END]),
    hiding(['transfer-encoding : chunked', LENGTH_OF_END]),
    hiding(['transfer-encoding: xchunked', LENGTH_OF_END]),
    hiding(['transfer-encoding: \x0bchunked', LENGTH_OF_END]),
    hiding(['x: y\rtransfer-encoding: chunked', LENGTH_OF_END]),
    hiding([LENGTH_OF_END, `content-length: ${END.length + HIDDEN.length}`]),
    hiding([`content-length: ${END.length + HIDDEN.length}`, LENGTH_OF_END]),
    hiding([CHUNKED], '0\n\n'),
    hiding([CHUNKED], '0\r\n x: y\r\n\r\n'),
    hiding([CHUNKED], '-0\r\n\r\n'),
    hiding([CHUNKED], '0x0\r\n\r\n'),
    hiding([CHUNKED], '10000000000000000\r\n\r\n'),
  ],
  'chunks that are none': [
    'zz\r\n',
    '-1\r\n\r\n',
    'ffffffffffffffff\r\n',
    '5\r\nabc',
    '5;a=b\r\n12345\r\nx\r\n',
    `5${';x'.repeat(20_000)}\r\n12345\r\n0\r\n\r\n`,
    '0\r\nhost: evil\r\n\r\n',
    '1\r\n{\r\n0\r\n\r\n',
    '\r\n\r\n',
  ].map(chunked),
  'bodies that are none': [
    '',
    '{',
    '[',
    'null',
    '1',
    '"x"',
    '[]',
    '{}',
    '{"query":1}',
    '{"query":null}',
    '{"query":"{"}',
    '{"query":["{ viewer { accountId } }"]}',
    `[${QUERY},${QUERY}]`,
    `${'['.repeat(50_000)}`,
    `{"query":"{ viewer { accountId } }","variables":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
    `${QUERY}${QUERY}`,
    '{"query":"\\ud800"}',
    '{"__proto__":{"query":"{ viewer { accountId } }"}}',
    '{"query":"{ viewer { accountId } }","query":"{"}',
    '\uFEFF{"query":"{ viewer { accountId } }"}',
  ].map((body) => post([JSON_TYPE, `content-length: ${Buffer.byteLength(body)}`], body)),
  'bytes that are no text': [[0xff, 0xfe], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80]].map(
    (bytes) => {
      const body = Buffer.concat([
        Buffer.from('{"query":"{ viewer { accountId } }","operationName":"'),
        Buffer.from(bytes),
        Buffer.from('"}'),
      ]);
      return post([JSON_TYPE, `content-length: ${body.length}`], body);
    },
  ),
  'types and encodings that are none': [
    'content-type: text/plain',
    'content-type: application/xml',
    'content-type: ',
    'content-type: ;;;',
    'content-type: application/json; charset=utf-16',
    'content-type: application/json; charset=x',
    'content-type: multipart/form-data',
    'content-encoding: gzip',
    'content-encoding: br',
    'content-encoding: deflate',
    'content-encoding: x',
    'content-encoding: gzip, gzip',
    'expect: 200-maybe',
    'upgrade: h2c',
    'accept: ;;;',
    'accept: text/html;q=x',
    'accept-encoding: gzip;q=2',
    'origin: null',
    'origin: http://',
    'cookie: \x80\xff',
    'authorization: ',
    `authorization: Bearer ${' '.repeat(10_000)}`,
    'range: bytes=0-',
    'if-none-match: *',
  ].map((header) => post([...(header.startsWith('content-type') ? [] : [JSON_TYPE]), LENGTH, header])),
};

const KEY = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==';
const UPGRADE = ['upgrade: websocket', 'connection: Upgrade'];
const PROTOCOL = 'sec-websocket-protocol: graphql-transport-ws';

function handshake(...headers: string[]): string {
  return ['GET /graphql HTTP/1.1', 'host: localhost', ...headers, '', ''].join('\r\n');
}

const GOOD = handshake(...UPGRADE, KEY, PROTOCOL, 'sec-websocket-version: 13');

const HANDSHAKES = [
  handshake(...UPGRADE),
  handshake(...UPGRADE, KEY),
  handshake(...UPGRADE, KEY, 'sec-websocket-version: 99', PROTOCOL),
  handshake(...UPGRADE, 'sec-websocket-key: x', 'sec-websocket-version: 13', PROTOCOL),
  handshake(...UPGRADE, KEY, 'sec-websocket-version: 13', 'sec-websocket-protocol: ,,,'),
  handshake(...UPGRADE, KEY, 'sec-websocket-version: 13', 'sec-websocket-protocol: a\x01'),
  handshake(...UPGRADE, KEY, 'sec-websocket-version: 13', 'sec-websocket-extensions: permessage-deflate; x=', PROTOCOL),
  handshake(...UPGRADE, KEY, 'sec-websocket-version: 13', PROTOCOL, 'origin: http://evil.example'),
  handshake('upgrade: WebSocket, h2c', 'connection: Upgrade', KEY, 'sec-websocket-version: 13', PROTOCOL),
  GOOD.replace('GET', 'POST'),
  GOOD.replace('/graphql', '/elsewhere'),
  GOOD.replace('/graphql', '/graphql/../../x'),
];

/** A frame from a client: masked, if nothing else is said. */
function frame(opcode: number, payload: Buffer | string, { first = 0x80, masked = true } = {}): Buffer {
  const bytes = Buffer.from(payload);
  const length = bytes.length < 126 ? [bytes.length] : [126, bytes.length >> 8, bytes.length & 255];
  length[0] = length[0]! | (masked ? 0x80 : 0);
  return Buffer.concat([Buffer.from([first | opcode, ...length]), masked ? Buffer.alloc(4) : Buffer.alloc(0), bytes]);
}

const FRAMES: Record<string, Buffer[]> = {
  'not masked': [frame(1, '{"type":"ping"}', { masked: false })],
  'with reserved bits': [frame(1, '{"type":"ping"}', { first: 0xf0 }), frame(1, 'x', { first: 0xc0 })],
  'of no kind': [frame(3, 'x'), frame(7, 'x'), frame(11, 'x'), frame(15, 'x')],
  'a continuation of nothing': [frame(0, 'x')],
  'a ping in pieces, or too long': [frame(9, 'x', { first: 0 }), frame(9, 'x'.repeat(126))],
  'a close that is none': [
    frame(8, Buffer.from([3])),
    frame(8, Buffer.from([0, 0])),
    frame(8, Buffer.from([3, 0xec])),
    frame(8, Buffer.concat([Buffer.from([3, 0xe8]), Buffer.from([0xff])])),
  ],
  'text that is none': [frame(1, Buffer.from([0xff, 0xfe]))],
  bytes: [frame(2, '{"type":"ping"}'), frame(2, Buffer.alloc(50))],
  'too long': [
    Buffer.from([0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]),
    Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x7f, 255, 255, 255, 0, 0, 0, 0]),
  ],
  'cut off': [
    Buffer.from([0x81]),
    Buffer.from([0x81, 0xfe, 0]),
    frame(1, '{"type":"connection_init"}').subarray(0, 10),
  ],
  'messages that are none': [
    '',
    'x',
    'null',
    '1',
    '[]',
    '{}',
    '{"type":1}',
    '{"type":"x"}',
    '{"type":"subscribe"}',
    '{"type":"subscribe","id":1,"payload":{}}',
    '{"type":"subscribe","id":"","payload":{"query":"{a}"}}',
    '{"type":"complete"}',
    '{"type":"connection_init","payload":1}',
    '{"type":"connection_init","payload":{"authorization":{}}}',
    '{"type":"connection_ack"}',
    '{"type":"next","id":"1"}',
    `{"type":"ping","payload":${'['.repeat(30_000)}`,
  ].map((text) => frame(1, text)),
};

/** Protocol errors, what is no text, messages too large; and those of `graphql-transport-ws` for bad messages and strangers. */
const CODES = [1000, 1002, 1003, 1005, 1007, 1009, 4400, 4401, 4403];

/** The statuses in what the service said. */
function statusesIn(answer: string): number[] {
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}

/** The code of the close frame among these; null when the service hung up, or was left, without. */
function closeCodeIn(frames: Buffer): number | null {
  let at = 0;
  while (at + 4 <= frames.length) {
    const isLong = frames[at + 1] === 126;
    const start = at + (isLong ? 4 : 2);
    if (frames[at] === CLOSE_FRAME) return frames.readUInt16BE(start);
    at = start + (isLong ? frames.readUInt16BE(at + 2) : frames[at + 1]!);
  }
  return null;
}

const CLOSE_FRAME = 0x88;

async function expectWell(): Promise<void> {
  expect(errorsLogged).toEqual([]);
  expect(await new ApiClient(service.url, API_KEY).request('{ viewer { accountId } }')).toBeDefined();
}

describe('malformed HTTP', () => {
  it.each(Object.entries(REQUESTS))('%s is refused, or answered, and nothing breaks', async (_what, requests) => {
    const answers = await Promise.all(requests.map((request) => talk(request)));
    // 501 and 505 are what HTTP has for methods, encodings and versions that a server does not know.
    const faults = answers.flatMap(statusesIn).filter((status) => status >= 500 && ![501, 505].includes(status));
    expect(faults).toEqual([]);
    await expectWell();
  });
});

describe('a malformed WebSocket', () => {
  it('handshake is refused, or agreed to, and nothing breaks', async () => {
    const answers = await Promise.all(HANDSHAKES.map((request) => talk(request)));
    expect(answers.flatMap(statusesIn).filter((status) => status >= 500)).toEqual([]);
    await expectWell();
  });

  it.each(Object.entries(FRAMES))('frame ends its own socket at most: %s', async (_what, frames) => {
    const answers = await Promise.all(frames.map(talkOnSocket));
    // 1011 and 4500 would be a fault of the service; without a code it hung up on what is no frame, or this side did.
    const codes = new Set(answers.map(closeCodeIn));
    expect(codes.difference(new Set([null, ...CODES]))).toEqual(new Set());
    await expectWell();
  });
});

it('comes to 150 pieces and more', () => {
  const all = [REQUESTS, FRAMES].flatMap((groups) => Object.values(groups).flat());
  expect(all.length + HANDSHAKES.length).toBeGreaterThanOrEqual(150);
});
