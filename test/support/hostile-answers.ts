import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect } from '@jest/globals';
import type { AttemptView } from './api.js';
import { drip, pour, type RawAnswer } from './raw-receiver.js';

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
/** What the errors of those that take their time go by. */
export const ATTEMPT_TIMEOUT_MS = 5_000;
export const MEGABYTE = 1024 * 1024;

/** What the receiver does, and what is to stand in the log of attempts. */
type Case = readonly [what: string, answer: RawAnswer, expected: Partial<AttemptView>];

export const says =
  (...pieces: (string | Buffer)[]): RawAnswer =>
  (socket) =>
    socket.write(Buffer.concat(pieces.map((piece) => Buffer.from(piece as string))));
const saysAndEnds =
  (text: string): RawAnswer =>
  (socket) =>
    socket.end(text);
const pours =
  (start: string, piece: string): RawAnswer =>
  (socket) => {
    if (start) socket.write(start);
    pour(socket, piece);
  };
export const answered = (responseStatusCode: number, responseBody: string): Partial<AttemptView> => ({
  outcome: responseStatusCode >= 300 ? (responseStatusCode < 400 ? 'REDIRECT' : 'HTTP_ERROR') : 'SUCCEEDED',
  responseStatusCode,
  responseBody,
  responseBodyTruncated: false,
  error: null,
});
const failed = (error: string): Partial<AttemptView> => ({
  outcome: 'CONNECTION_ERROR',
  responseStatusCode: null,
  responseBody: null,
  error,
});
const cut = (responseBody: unknown): Partial<AttemptView> => ({
  ...answered(200, ''),
  responseBody: responseBody as string,
  responseBodyTruncated: true,
});
const NO_ANSWER = failed('Connection closed before an answer came');
const NOT_HTTP = failed('The answer is not valid HTTP');
export const HEAD_TOO_LARGE = failed('The headers of the response are larger than 16 KiB');
const TOO_LONG = failed('More than 1 MiB came, and no answer in it');
const BROKEN_OFF = failed('Connection closed in the middle of the response');

/** All of an answer, and more than that. */
export const COMPLETE: Case[] = [
  ['garbage after the answer', says(OK, 'garbage'), answered(200, 'ok')],
  ['garbage after a chunked answer', says(CHUNKED, '2\r\nok\r\n0\r\n\r\ngarbage'), answered(200, 'ok')],
  [
    'garbage after an answer that closes',
    says('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nokgarbage'),
    answered(200, 'ok'),
  ],
  [
    'garbage after a long body',
    says('HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n', 'x'.repeat(60_000), 'garbage'),
    answered(200, 'x'.repeat(60_000)),
  ],
  ['garbage after an error', says('HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nnogarbage'), answered(500, 'no')],
  ['a length that is too small', says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more'), answered(200, 'ok')],
  ['a body after a 204', says('HTTP/1.1 204 None\r\n\r\nhello'), answered(204, '')],
  ['a length after a 204', says('HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\nhello'), answered(204, '')],
  [
    'a chunked body after a 204',
    says('HTTP/1.1 204 None\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'),
    answered(204, ''),
  ],
  ['a body after a 304', says('HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\nhello'), answered(304, '')],
  ['two answers', says(OK, 'HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno'), answered(200, 'ok')],
  ['an end right after the answer', saysAndEnds(OK), answered(200, 'ok')],
  ['an answer without a length that ends', saysAndEnds('HTTP/1.1 200 OK\r\n\r\nhello'), answered(200, 'hello')],
  ['an answer of HTTP/1.0', saysAndEnds('HTTP/1.0 200 OK\r\n\r\nhello'), answered(200, 'hello')],
  ['an answer without a reason', says('HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok'), answered(200, 'ok')],
  [
    'trailers',
    says('HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n'),
    answered(200, 'ok'),
  ],
  ['some early hints', says('HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n'.repeat(50), OK), answered(200, 'ok')],
  [
    'an offer to upgrade',
    says('HTTP/1.1 426 Upgrade\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nno'),
    answered(426, 'no'),
  ],
  [
    'a switch of protocols',
    says('HTTP/1.1 101 Switch\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nhello'),
    { ...answered(101, ''), outcome: 'HTTP_ERROR' },
  ],
  ['a bare 101', says('HTTP/1.1 101 Switch\r\n\r\nhello'), { ...answered(101, ''), outcome: 'HTTP_ERROR' }],
  [
    'a status of 0',
    says('HTTP/1.1 000 None\r\nContent-Length: 0\r\n\r\n'),
    { ...answered(0, ''), outcome: 'HTTP_ERROR' },
  ],
  [
    'a status of 99',
    says('HTTP/1.1 099 None\r\nContent-Length: 0\r\n\r\n'),
    { ...answered(99, ''), outcome: 'HTTP_ERROR' },
  ],
  ['a status of 999', says('HTTP/1.1 999 None\r\nContent-Length: 0\r\n\r\n'), answered(999, '')],
];

/** Less than an answer, or what cannot be one. */
export const BROKEN: Case[] = [
  ['nothing and the end', (socket) => socket.end(), NO_ANSWER],
  ['a length that is too large', saysAndEnds('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok'), BROKEN_OFF],
  ['chunks without an end', saysAndEnds(`${CHUNKED}2\r\nok\r\n`), BROKEN_OFF],
  ['a head without an end', saysAndEnds('HTTP/1.1 200 OK\r\nContent-'), NO_ANSWER],
  ['two lengths', says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'), NOT_HTTP],
  ['a length below 0', says('HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok'), NOT_HTTP],
  ['a length beyond numbers', says('HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n'), NOT_HTTP],
  [
    'a length beside chunks',
    says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
    NOT_HTTP,
  ],
  ['a chunk that is too long', says(CHUNKED, 'FFFFFFFFFFFFFFFFF\r\nx'), NOT_HTTP],
  ['a chunk below 0', says(CHUNKED, '-1\r\nx'), NOT_HTTP],
  ['HTTP/0.9', saysAndEnds('<html>hello</html>'), NOT_HTTP],
  ['the preface of HTTP/2', says('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), NOT_HTTP],
  ['a frame of HTTP/2', says(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])), NOT_HTTP],
  ['a status of 1000', says('HTTP/1.1 1000 None\r\nContent-Length: 0\r\n\r\n'), NOT_HTTP],
  ['a status below 0', says('HTTP/1.1 -1 None\r\nContent-Length: 0\r\n\r\n'), NOT_HTTP],
  ['a folded header', says('HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n'), NOT_HTTP],
  ['NUL in a header', says('HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n'), NOT_HTTP],
  ['an escape sequence in a header', says('HTTP/1.1 200 OK\r\nX: \x1b[2J\r\nContent-Length: 0\r\n\r\n'), NOT_HTTP],
];

/** What comes as fast as it is read, and has no end. */
export const ENDLESS: Case[] = [
  ['a body', pours('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(16_384)), cut('x'.repeat(65_536))],
  ['chunks', pours(CHUNKED, `4000\r\n${'x'.repeat(16_384)}\r\n`), cut('x'.repeat(65_536))],
  ['headers', pours('HTTP/1.1 200 OK\r\n', 'X-A: b\r\n'.repeat(2_000)), HEAD_TOO_LARGE],
  ['a header', pours('HTTP/1.1 200 OK\r\nX-A: ', 'x'.repeat(16_384)), HEAD_TOO_LARGE],
  ['a reason', pours('HTTP/1.1 200 ', 'x'.repeat(16_384)), HEAD_TOO_LARGE],
  ['trailers', pours(`${CHUNKED}2\r\nok\r\n0\r\n`, 'X-A: b\r\n'.repeat(2_000)), HEAD_TOO_LARGE],
  ['continues', pours('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(500)), TOO_LONG],
  ['processing', pours('', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(500)), TOO_LONG],
  ['early hints', pours('', `HTTP/1.1 103 Early\r\nLink: ${'x'.repeat(15_000)}\r\n\r\n`), TOO_LONG],
  ['interim answers that nobody knows', pours('', 'HTTP/1.1 199 Wait\r\n\r\n'.repeat(500)), TOO_LONG],
  ['empty lines', pours('', '\r\n'.repeat(8_192)), TOO_LONG],
  ['one extension of a chunk', pours(`${CHUNKED}1;`, 'x'.repeat(16_384)), NOT_HTTP],
  [
    'chunks with long extensions',
    pours(CHUNKED, `1;${'x'.repeat(15_000)}\r\nx\r\n`),
    cut(expect.stringMatching(/^x{1,200}$/)),
  ],
  ['zeros before the length of a chunk', pours(CHUNKED, '0'.repeat(16_384)), cut('')],
];

/** What takes its time. */
export const SILENT: Case[] = [
  ['nothing', () => {}, { error: 'No answer within 5 s' }],
  [
    'a header that drips',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nX-A: ');
      drip(socket, 'x', 1_000);
    },
    { error: 'No answer within 5 s' },
  ],
  [
    'a body that drips',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n');
      drip(socket, 'x', 1_000);
    },
    { error: 'The response did not end within 5 s' },
  ],
  [
    'a length without a body',
    says('HTTP/1.1 200 OK\r\nContent-Length: 9007199254740991\r\n\r\n'),
    { error: 'The response did not end within 5 s' },
  ],
];

/** Bodies, and the text that is stored of them. */
export const TEXTS: [what: string, body: Buffer, expected: unknown][] = [
  ['bytes that are not UTF-8', Buffer.from([0x61, 0xff, 0xc3, 0x28, 0x62]), 'a\ufffd\ufffd(b'],
  ['NUL', Buffer.from('a\0b'), 'a\ufffdb'],
  ['half of a pair of surrogates', Buffer.from([0x61, 0xed, 0xa0, 0x80, 0x62]), 'a\ufffd\ufffd\ufffdb'],
  ['escape sequences, marks of direction and HTML', Buffer.from('\x1b[2J\u202e<script>'), '\x1b[2J\u202e<script>'],
];

/** Small bodies that would be large ones if somebody unpacked them. */
export const PACKED: [encoding: string, body: Buffer][] = [
  ['gzip', gzipSync(Buffer.alloc(16 * MEGABYTE))],
  ['br', brotliCompressSync(Buffer.alloc(16 * MEGABYTE))],
  ['deflate', deflateSync(Buffer.alloc(16 * MEGABYTE))],
];
