// Makes the secrets of the demonstration, once, at random: nobody else has the same, and none stands in a file of the repository.
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [directory] = process.argv.slice(2);
const password = randomBytes(24).toString('hex');
const secrets = {
  'postgres-password': password,
  'database-url': `postgresql://webhooks:${password}@postgres/webhooks`,
  'secret-keys': `main:${randomBytes(32).toString('base64')}`,
  'api-key': randomBytes(24).toString('hex'),
};

// The last one says that all are there: a start that was cut short begins anew.
if (!existsSync(join(directory, 'api-key'))) {
  for (const [name, value] of Object.entries(secrets)) {
    const draft = join(directory, `.${name}`);
    // For PostgreSQL to read as well, which is another user. The volume is seen by these containers only.
    writeFileSync(draft, value, { mode: 0o444 });
    renameSync(draft, join(directory, name));
  }
}
