import { expect, it } from '@jest/globals';
import { textOf } from '../../../src/cli/demo/rows.js';
import { Screen, WIDTH } from '../../../src/cli/demo/screen.js';

function createScreen(isRich: boolean, columns?: number): { screen: Screen; written(): string } {
  let text = '';
  const write = (piece: string) => {
    text += piece;
  };
  return { screen: new Screen({ write, columns }, { isRich }), written: () => text };
}

it('writes plain lines without colours, and a bar as a line for each quarter', () => {
  const { screen, written } = createScreen(false);

  screen.heading(1, 'Heading');
  screen.detail('detail', 'red');
  screen.status('passing');
  const fill = screen.bar('bar', 100);
  for (let done = 0; done <= 100; done += 10) fill(done);
  fill(100);

  expect(written()).toBe(
    [
      '',
      '1. Heading',
      '   detail',
      '   bar  [############............................]  30 of 100',
      '   bar  [####################....................]  50 of 100',
      '   bar  [################################........]  80 of 100',
      '   bar  [########################################]  100 of 100',
      '',
    ].join('\n'),
  );
});

it('keeps the status of a rich screen at the bottom, and as narrow as the screen', () => {
  const { screen, written } = createScreen(true, 20);

  screen.status('a status that is too long');
  screen.line('line');
  screen.status();
  screen.line('last');

  const status = '   \x1b[33ma status that is\x1b[39m';
  expect(written()).toBe(`${status}\r\x1b[2Kline\n${status}\r\x1b[2Klast\n`);
});

it('has room for the widest row', () => {
  const { screen, written } = createScreen(false);

  screen.detail(
    textOf({
      atMs: 59_949,
      path: '/billing',
      previous: { ...DELIVERY, status: 'RETRYING' },
      delivery: { ...DELIVERY, status: 'RETRYING', nextAttemptAt: '2026-11-23T20:00:03.000Z' },
      nowMs: Date.parse('2026-11-23T20:00:00.049Z'),
    }),
  );

  expect(written()).toBe(
    '   59.9 s  payment.succeeded  /billing  RETRYING → RETRYING   attempt 3  503, 999 ms  next in 3.0 s\n',
  );
  expect(written().length - 1).toBeLessThanOrEqual(WIDTH);
});

const DELIVERY = {
  id: 'dlv_1',
  status: 'PENDING',
  eventType: 'payment.succeeded',
  attemptCount: 3,
  nextAttemptAt: null,
  version: 4,
  endpoint: { id: 'ep_1' },
  lastAttempt: { responseStatusCode: 503, responseTimeMs: 999 },
} as const;
