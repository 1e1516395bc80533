import { expect, it } from '@jest/globals';
import type { Settlement } from '../../../src/endpoints/settlement.js';
import { updateHealth } from '../../../src/endpoints/update-health.js';
import { Database, HOT_SETTINGS } from '../../../src/storage/database.js';
import { newId } from '../../../src/storage/ids.js';
import { createDatabase } from '../../support/database.js';

function settlement(endpointId: string, succeeded: boolean): Settlement {
  const at = new Date();
  const times = { startedAt: at, finishedAt: at, responseTimeMs: 1 };
  return {
    accountId: 'a',
    endpointId,
    deliveryId: newId(),
    isNotification: false,
    succeeded,
    completed: null,
    ...times,
  };
}

it('lets two dispatchers settle for the same endpoints at once, whichever of them failed', async () => {
  const test = await createDatabase();
  const database = await Database.open({ url: test.url, name: 'test', settings: HOT_SETTINGS });
  await using _ = {
    async [Symbol.asyncDispose]() {
      await database.close();
      await test.drop();
    },
  };
  const [one, two] = [newId(), newId()];
  const settle = (...settlements: Settlement[]) =>
    database.transaction((tx) => updateHealth(tx, settlements, new Date()));
  await settle(settlement(one, false), settlement(two, false));

  const rounds = Array.from({ length: 40 }, (_, round) => {
    const [good, bad] = round % 2 === 0 ? [one, two] : [two, one];
    return settle(settlement(good, true), settlement(bad, false));
  });

  const results = await Promise.allSettled(rounds);
  expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
});
