import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Program, runProgram } from '../support/processes.js';

/** It takes half a minute by itself, and other tests run beside it. */
const PATIENCE_MS = 180_000;

it(
  'shows everything, checks it, tells what it came to, and leaves nothing behind',
  async () => {
    await using temporary = await temporaryDirectory();

    const { code, stdout, stderr } = await runProgram(['demo'], {
      // The service that it shows is its own, whatever the environment says.
      env: { TMPDIR: temporary.path, DATABASE_URL: 'nowhere', PORT: 'seventy', RETRY_SCHEDULE: 'soon' },
    });

    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout.match(/^\d\. /gm)).toEqual(['1. ', '2. ', '3. ', '4. ', '5. ', '6. ', '7. ', '8. ']);
    expect(stdout).toMatch(/payment\.failed +\/flaky +PENDING → RETRYING +attempt 1 +503, \d+ ms +next in \d\.\d s/);
    expect(stdout).toMatch(/payment\.failed +\/flaky +RETRYING → SUCCEEDED +attempt 3 +200, \d+ ms/);
    expect(stdout).toMatch(/chargeback\.opened +\/broken +RETRYING → FAILED +attempt 4 +500, \d+ ms/);
    expect(stdout).toMatch(/\/shop is DISABLED, 30 held/);
    expect(stdout).toMatch(/delivered +\[#{40}\] +30 of 30/);
    expect(stdout).toMatch(/retried +\[#{40}\] +200 of 200/);
    const summary = stdout.slice(stdout.indexOf('8. '));
    expect(summary).toMatch(/events +338 /);
    expect(summary).toMatch(/deliveries +339 +338 succeeded, 1 failed/);
    expect(summary).toMatch(/attempts +544 +all of them received/);
    expect(summary).toMatch(/signatures +1,088 +verified/);
    expect(summary).toMatch(/updates +[1-9][\d,]* +seen live/);
    expect(summary).toMatch(/median +\d+ ms +.*of 107 events/);
    expect(summary).toMatch(/everything came out as promised/);
    // Colours and a line that changes in place are for terminals, and secrets for nobody.
    expect([...stdout].filter((character) => character < ' ' && character !== '\n')).toEqual([]);
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(stdout.match(/(whsec|rk_live)_[^*\s]+/g)).toBeNull();
    await expectNothingLeft(temporary.path, stdout);
  },
  PATIENCE_MS,
);

it(
  'ends early and in order on Ctrl-C',
  async () => {
    await using temporary = await temporaryDirectory();
    await using program = new Program(['demo'], { env: { TMPDIR: temporary.path } });
    await program.print(/PENDING → SUCCEEDED/);

    const { code, stdout, stderr } = await program.stop('SIGINT');

    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout).toMatch(/\nStopped before the end\. Nothing is left behind\.\n$/);
    await expectNothingLeft(temporary.path, stdout);
  },
  PATIENCE_MS,
);

/** Neither files nor processes, and nobody listens at the addresses that it has printed. */
async function expectNothingLeft(directory: string, printed: string): Promise<void> {
  expect(await readdir(directory)).toEqual([]);
  expect(commandLines().filter((line) => line.includes(directory))).toEqual([]);
  const urls = printed.match(/https?:\/\/[\d.]+:\d+/g) ?? [];
  expect(urls).toHaveLength(2);
  for (const url of urls) {
    await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  }
}

/** Of every process, as far as this user sees them; of one that has ended and waits to be reaped, nothing. */
function commandLines(): string[] {
  if (process.platform !== 'linux') {
    return execFileSync('ps', ['-ww', '-A', '-o', 'command='], { encoding: 'utf8' }).split('\n');
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      // It has ended since.
      return '';
    }
  });
}

/** Where a program may make its own; anyone may pass through it, as through the system's. */
async function temporaryDirectory(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'revkeen-demo-test-'));
  await chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
