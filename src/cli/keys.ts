import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_ACCOUNT, isAccountId, SCOPES } from '../access/account.js';
import { DAY_MS, HOUR_MS } from '../units.js';
import { readList } from './arguments.js';
import { furtherHelp } from './environment.js';
import type { CreateKeyOptions } from './manage-keys.js';

const MS_PER_UNIT = { h: HOUR_MS, d: DAY_MS };

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
    .action(async (options: CreateKeyOptions) => (await import('./manage-keys.js')).createKey(process.env, options));
  keys
    .command('list')
    .description('list API keys, the oldest first')
    .option(ACCOUNT[0], 'the account; all if left out', readAccount)
    .addHelpText(
      'after',
      further({ 'revkeen-webhooks keys list --account acme': 'when each was last used, and until when it is valid' }),
    )
    .action(async (options: { account?: string }) => (await import('./manage-keys.js')).listKeys(process.env, options));
  keys
    .command('revoke')
    .description('take an API key out of use for good; its subscriptions end within seconds')
    .argument('<id>', 'the id of the key, key_…')
    .option(...ACCOUNT, DEFAULT_ACCOUNT)
    .addHelpText('after', further({ 'revkeen-webhooks keys revoke key_01m8…': 'as `keys list` names it' }))
    .action(async (id: string, options: { account: string }) =>
      (await import('./manage-keys.js')).revokeKey(process.env, id, options),
    );
  keys
    .command('rotate-encryption')
    .description('encrypt all stored secrets with the first of SECRET_KEYS, so that the others can be removed')
    .addHelpText(
      'after',
      furtherHelp({
        variables: ['DATABASE_URL', 'SECRET_KEYS'],
        examples: {
          'SECRET_KEYS=new:…,old:… revkeen-webhooks keys rotate-encryption':
            'once every process has the new key in front; says when the old one may go',
        },
      }),
    )
    .action(async () => (await import('./rotate-encryption.js')).runRotateEncryption(process.env));
}

function readAccount(text: string): string {
  if (isAccountId(text)) return text;
  throw new InvalidArgumentError('An account has 1 to 64 letters, digits, "_", "." and "-".');
}

function readExpiry(text: string): Date {
  const [, amount, unit] = /^(\d{1,6})([hd])$/.exec(text) ?? [];
  const instantMs = amount
    ? Date.now() + Number(amount) * MS_PER_UNIT[unit as keyof typeof MS_PER_UNIT]
    : Date.parse(text);
  if (Number.isFinite(instantMs)) return new Date(instantMs);
  throw new InvalidArgumentError('Give a time such as 12h or 90d, or an instant such as 2027-01-31T00:00:00Z.');
}
