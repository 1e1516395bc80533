import { readBacklog } from '../deliveries/read-backlog.js';
import { checkBlockList } from '../dispatch/block-list-check.js';
import { loadSecretKeys } from '../storage/secret-keys.js';
import { type Check, fault, ok, warning } from './finding.js';

/** A delivery under way is due for as long as an attempt may take; this much longer, and it waits in a queue. */
const LATE_AFTER_MS = 30_000;

export const checkAddressGuard: Check = {
  about: 'address guard',
  async look() {
    try {
      await checkBlockList();
      return ok('sockets refuse what they are told to block');
    } catch (error) {
      return fault((error as Error).message, 'Dispatchers do not start before.');
    }
  },
};

export const checkQueue: Check = {
  about: 'queue',
  async look({ config, database }) {
    const now = new Date();
    const { dueCount, oldestDueAt, heldCount } = await readBacklog(database, now);
    const ageMs = oldestDueAt ? now.getTime() - oldestDueAt.getTime() : 0;
    const says = `${dueCount} deliveries are due, the oldest for ${Math.round(ageMs / 1_000)} s; ${heldCount} are held`;
    if (ageMs <= config.attemptTimeoutMs + LATE_AFTER_MS) return ok(says);
    return warning(
      says,
      'Is a dispatcher running (ROLES), and does its /readyz answer 200? If so, and its processor is busy, start another one.',
    );
  },
};

export const checkSecretKeys: Check = {
  about: 'secret keys',
  async look({ config, database }) {
    const keys = config.secretKeys?.reveal() ?? (await loadSecretKeys(config.dataDir)) ?? [];
    const known = new Set(keys.map(({ id }) => id));
    const rows = await database.query<{ keyId: string; count: number }>(
      `select split_part(record, '.', 2) as "keyId", count(*)::int as count
         from webhooks.endpoints
        cross join lateral (
          select encrypted_signing_secret as record
           union all select encrypted_previous_signing_secret
           union all select h ->> 'encryptedValue' from json_array_elements(headers) h) r
        where deleted_at is null and record is not null
        group by 1 order by 1`,
    );
    const missing = rows.filter(({ keyId }) => !known.has(keyId));
    if (missing.length > 0) {
      const names = missing.map(({ keyId, count }) => `"${keyId}" (${count})`).join(', ');
      return fault(
        `secrets were encrypted with keys that are not there: ${names}`,
        'Their endpoints get nothing until the keys are back in SECRET_KEYS, after the first one.',
      );
    }
    const old = rows.filter(({ keyId }) => keyId !== keys[0]?.id).reduce((total, { count }) => total + count, 0);
    if (old > 0) {
      return warning(
        `${old} secrets are encrypted with a key that is not the first`,
        'Run `revkeen-webhooks keys rotate-encryption`; then the old key may go.',
      );
    }
    return ok('every stored secret is encrypted with the first key');
  },
};
