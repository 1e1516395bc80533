import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config.js';
import { createLog } from '../../src/log.js';
import { type Service, serve } from '../../src/serve.js';
import { ApiClient } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { API_KEY, testEnvironment } from '../support/service.js';

const PATIENCE_MS = 1_500;
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
  await service?.stop();
  await database?.drop();
});

/** Sends bytes, and answers what comes back until the service hangs up or has nothing more to say. */
async function talk(...pieces: (string | Buffer)[]): Promise<string> {
  const { hostname, port } = new URL(service.url);
  const socket = net.connect(Number(port), hostname);
  let answer = '';
  socket
    .on('error', () => {})
    .on('data', (piece) => {
      answer += piece.toString('latin1');
    });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  for (const piece of pieces) socket.write(piece);
  const patience = setTimeout(() => socket.destroy(), PATIENCE_MS);
  await closed;
  clearTimeout(patience);
  return answer;
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

/** The statuses in what the service said. */
function statusesIn(answer: string): number[] {
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}

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

  it('is of more than a hundred kinds', () => {
    expect(Object.values(REQUESTS).flat().length).toBeGreaterThan(100);
  });
});

describe('a malformed WebSocket', () => {
  it('handshake is refused, or agreed to, and nothing breaks', async () => {
    const answers = await Promise.all(HANDSHAKES.map((request) => talk(request)));
    expect(answers.flatMap(statusesIn).filter((status) => status >= 500)).toEqual([]);
    await expectWell();
  });

  it.each(Object.entries(FRAMES))('frame ends its own socket at most: %s', async (_what, frames) => {
    const answers = await Promise.all(frames.map((one) => talk(GOOD, one)));
    for (const answer of answers) expect(statusesIn(answer)).toEqual([101]);
    await expectWell();
  });
});
