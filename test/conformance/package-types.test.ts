import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, jest } from '@jest/globals';
import type * as Declared from '../../src/client/publish-within.js';
import type * as Actual from '../../src/publishing/publish-within.js';

jest.setTimeout(120_000);

const ROOT = resolve(import.meta.dirname, '../..');

/** As strict as compilers of programs are anywhere, and without what the service itself needs. */
const STRICTEST = {
  module: 'nodenext',
  target: 'es2023',
  lib: ['es2023', 'dom'],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: true,
  noEmit: true,
};

const PROGRAM = `
import { DeliveryUpdatedDocument, follow, publish, WebhooksError } from 'revkeen-webhooks/client';
import { type EventToBe, PublishError, publishWithin } from 'revkeen-webhooks/publish';
import { subscribeResuming } from 'revkeen-webhooks/resume';

const connection = { url: 'https://webhooks.example.com/graphql', credential: 'rk_live_…' };
const [published] = await publish(connection, [{ type: 'invoice.paid', data: { id: 'inv_1' } }]);
export const publishedId: string | undefined = published?.event?.id;

const tx = { query: async (_text: string, _values?: unknown[]) => ({ rows: [] }) };
const events: EventToBe[] = await publishWithin(tx, [{ type: 'invoice.paid', data: { id: 'inv_1' } }]);
export const codesOf = (error: unknown) =>
  error instanceof PublishError || error instanceof WebhooksError ? error.userErrors.map(({ code }) => code) : [];

export { DeliveryUpdatedDocument, events, follow, subscribeResuming };
`;

it('is taken by the strictest compiler of a program that uses the package', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'revkeen-webhooks-types-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules/revkeen-webhooks'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'program.ts'), PROGRAM);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: STRICTEST, files: ['program.ts'] }));
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');

    const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', folder]).catch((error) => error);

    expect(stdout).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('finds of `revkeen-webhooks/publish` what is declared of it', async () => {
  const actual: typeof Actual = await import('../../src/publishing/publish-within.js');
  // That it also has these types is checked when the tests are.
  const declared: typeof Declared = actual;

  expect(Object.keys(declared).sort()).toEqual(['PublishError', 'publishWithin']);
});
