import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { CommandError } from './command-error.js';
import { furtherHelp } from './environment.js';
import { checkSignatures, type SignatureCheck, type SignedRequest } from './signatures.js';

interface VerifyOptions {
  readonly body: string;
  readonly headers: string;
  readonly secret?: string;
  readonly header: string;
}

/** What often becomes of a body between the wire and the file, and how to say so. */
const MISHAPS: readonly (readonly [what: string, undo: (body: string) => string])[] = [
  ['the file ends with a line break that was not sent', (body) => body.replace(/\r?\n$/, '')],
  ['the file was written anew by a JSON formatter', (body) => JSON.stringify(JSON.parse(body))],
];

/** Adds the command that tells why a signature does not match. It needs no service. */
export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('check the signatures of a request that was written to files')
    .requiredOption('--body <file>', 'the raw body, byte for byte')
    .requiredOption('--headers <file>', 'the headers: a line each, "name: value", or an object in JSON')
    .addOption(
      new Option('--secret <secret>', 'the signing secret of the endpoint, whsec_…').env('REVKEEN_WEBHOOKS_SECRET'),
    )
    .option('--header <name>', 'the product’s own signature header', 'X-RevKeen-Signature')
    .addHelpText(
      'after',
      furtherHelp({
        examples: {
          'revkeen-webhooks verify --body body.json --headers headers.txt':
            'with the secret in REVKEEN_WEBHOOKS_SECRET',
        },
      }),
    )
    .action(runVerify);
}

async function runVerify({ body: bodyFile, headers: headersFile, secret, header }: VerifyOptions): Promise<void> {
  if (!secret) throw new CommandError('No secret: give --secret, or set REVKEEN_WEBHOOKS_SECRET.');
  if (!secret.startsWith('whsec_')) {
    throw new CommandError('This is no signing secret: take all of it as it was shown, whsec_ included.');
  }
  const body = await read(bodyFile);
  const headers = parseHeaders(await read(headersFile), headersFile);
  const check = (text: string) => checkSignatures({ headers, body: text }, secret, header.toLowerCase());
  const checks = check(body);
  if (checks.length === 0) {
    throw new CommandError(`${headersFile} has neither ${header} nor webhook-signature: these headers are not signed.`);
  }
  for (const one of checks) console.log(`${one.isRight ? 'right' : 'WRONG'}  ${one.header}`);
  console.log(ageOf({ headers, body }));
  if (isVerified(checks)) return;
  process.exitCode = 1;
  const mishap = MISHAPS.find(([, undo]) => isVerified(check(attempt(() => undo(body), body))));
  console.log(
    mishap
      ? `It would be right, but ${mishap[0]}: verify the bytes as they came.`
      : 'Either this is not the secret of the endpoint, or the body or the headers are not as they were sent.',
  );
}

/** While a secret is replaced, each of the two is right for one of the product's headers; the standard one has both. */
function isVerified(checks: readonly SignatureCheck[]): boolean {
  const schemes = Map.groupBy(checks, ({ header }) => header === 'webhook-signature').values();
  return [...schemes].every((those) => those.some(({ isRight }) => isRight));
}

function ageOf({ headers }: SignedRequest): string {
  const seconds = Number(headers['webhook-timestamp']);
  if (!Number.isFinite(seconds) || seconds <= 0) return 'There is no webhook-timestamp to tell its age by.';
  const age = Math.round(Date.now() / 1_000 - seconds);
  return `Signed at ${new Date(seconds * 1_000).toISOString()}, ${age} s ago; receivers refuse what is off by more than 300 s.`;
}

async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(({ message }: Error) => {
    throw new CommandError(`Cannot read ${file}: ${message}.`);
  });
}

function parseHeaders(text: string, file: string): Record<string, string> {
  const entries = text.trimStart().startsWith('{')
    ? Object.entries(attempt(() => JSON.parse(text) as Record<string, unknown>, {}))
    : text.split(/\r?\n/).flatMap((line) => {
        const [, name, value] = /^([^:\s]+):\s*(.*?)\s*$/.exec(line) ?? [];
        return name ? [[name, value] as const] : [];
      });
  if (entries.length === 0) throw new CommandError(`${file} has no headers: give a line each, "name: value", or JSON.`);
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function attempt<Result>(make: () => Result, otherwise: Result): Result {
  try {
    return make();
  } catch {
    return otherwise;
  }
}
