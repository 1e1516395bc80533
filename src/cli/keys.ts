import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_ACCOUNT, isAccountId, SCOPES } from '../access/account.js';
import type { ApiKey } from '../access/api-key.js';
import { ApiKeys } from '../access/api-keys.js';
import { derivePeppers } from '../access/key-format.js';
import { checkNewApiKey } from '../access/new-api-key.js';
import { readConfig } from '../config.js';
import { Refusal } from '../refusal.js';
import { systemClock } from '../storage/clock.js';
import { fromTypeId } from '../storage/ids.js';
import { loadOrCreateSecretKeys, type SecretKey } from '../storage/secret-keys.js';
import { furtherHelp } from './environment.js';
import { openDatabase } from './open-database.js';
import { addRotateEncryption } from './rotate-encryption.js';

const MS_PER_UNIT = { h: 3_600_000, d: 86_400_000 };

const ACCOUNT = ['--account <name>', 'the account', readAccount] as const;

/** Adds the commands about keys. They work on the database itself, so they need its address and no key. */
export function addKeys(program: Command): void {
  const keys = program.command('keys').description('make, list and revoke API keys; encrypt stored secrets anew');
  const further = (examples: Readonly<Record<string, string>>) =>
    furtherHelp({ variables: ['DATABASE_URL', 'DATA_DIR', 'SECRET_KEYS'], examples });
  keys
    .command('create')
    .description('make an API key and print it; nobody can show it again')
    .requiredOption('--name <name>', 'what it is for')
    .option(...ACCOUNT, DEFAULT_ACCOUNT)
    .option('--scopes <list>', `what it allows, all if left out; with commas between: ${SCOPES.join(', ')}`, readList)
    .option('--expires <when>', 'when it ceases to be valid: 12h, 90d or an instant; never if left out', readExpiry)
    .addHelpText(
      'after',
      further({
        'revkeen-webhooks keys create --name "Order service" --scopes events:write --expires 90d':
          'prints the key alone to standard output, what it is to standard error',
      }),
    )
    .action(runCreate);
  keys
    .command('list')
    .description('list API keys, the oldest first')
    .option(ACCOUNT[0], 'the account; all if left out', readAccount)
    .addHelpText(
      'after',
      further({ 'revkeen-webhooks keys list --account acme': 'when each was last used, and until when it is valid' }),
    )
    .action(runList);
  keys
    .command('revoke')
    .description('take an API key out of use for good; its subscriptions end within seconds')
    .argument('<id>', 'the id of the key, key_…')
    .option(...ACCOUNT, DEFAULT_ACCOUNT)
    .addHelpText('after', further({ 'revkeen-webhooks keys revoke key_01m8…': 'as `keys list` names it' }))
    .action(runRevoke);
  addRotateEncryption(keys);
}

interface CreateOptions {
  name: string;
  account: string;
  scopes?: readonly string[];
  expires?: Date;
}

/** The key alone goes to standard output, so that a script can take it from there. */
async function runCreate({ name, account, scopes = SCOPES, expires }: CreateOptions): Promise<void> {
  const operator = { accountId: account, scopes: SCOPES };
  const columns = checkNewApiKey({ name, scopes, expiresAt: expires }, operator, systemClock.now());
  if (columns instanceof Refusal) return fail(columns);
  await using opened = new AsyncDisposableStack();
  const { apiKey, key } = await (await openKeys(opened)).create(account, columns);
  console.log(key);
  console.error(`${describe(apiKey)}\nKeep the key: it is stored as a hash, and not shown again.`);
}

async function runList({ account }: { account?: string }): Promise<void> {
  await using opened = new AsyncDisposableStack();
  for (const apiKey of await (await openKeys(opened)).listAll(account ?? null)) console.log(describe(apiKey));
}

async function runRevoke(id: string, { account }: { account: string }): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const revoked = await (await openKeys(opened)).revoke(account, fromTypeId('key', id));
  if (revoked instanceof Refusal) fail(revoked);
  else console.log(describe(revoked));
}

async function openKeys(opened: AsyncDisposableStack): Promise<ApiKeys> {
  const config = readConfig(process.env);
  const db = await openDatabase(config, 'revkeen-webhooks keys', opened);
  const secretKeys: readonly SecretKey[] =
    config.secretKeys?.reveal() ?? (await loadOrCreateSecretKeys(config.dataDir));
  return new ApiKeys({ db, peppers: derivePeppers(secretKeys), clock: systemClock });
}

function describe({ globalId, accountId, name, hint, scopes, pepperId, ...times }: ApiKey): string {
  const { createdAt, expiresAt, lastUsedAt, revokedAt } = times;
  return [
    globalId,
    `account ${accountId}`,
    `…${hint}`,
    JSON.stringify(name),
    scopes.length === SCOPES.length ? 'all scopes' : scopes.join(','),
    `made ${createdAt.toISOString()}`,
    lastUsedAt ? `last used ${lastUsedAt.toISOString()}` : 'never used',
    ...(expiresAt ? [`expires ${expiresAt.toISOString()}`] : []),
    ...(revokedAt ? [`revoked ${revokedAt.toISOString()}`] : []),
    ...(pepperId === null ? [] : [`secret key "${pepperId}"`]),
  ].join('  ');
}

function fail({ errors }: Refusal): void {
  for (const { message } of errors) console.error(message);
  process.exitCode = 1;
}

function readAccount(text: string): string {
  if (isAccountId(text)) return text;
  throw new InvalidArgumentError('An account has 1 to 64 letters, digits, "_", "." and "-".');
}

function readList(text: string): string[] {
  return text.split(',').map((entry) => entry.trim());
}

function readExpiry(text: string): Date {
  const [, amount, unit] = /^(\d{1,6})([hd])$/.exec(text) ?? [];
  const instantMs = amount
    ? systemClock.now() + Number(amount) * MS_PER_UNIT[unit as keyof typeof MS_PER_UNIT]
    : Date.parse(text);
  if (Number.isFinite(instantMs)) return new Date(instantMs);
  throw new InvalidArgumentError('Give a time such as 12h or 90d, or an instant such as 2027-01-31T00:00:00Z.');
}
