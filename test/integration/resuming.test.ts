import { expect, it } from '@jest/globals';
import { subscribeResuming } from '../../src/client/resume.js';
import { eventually } from '../support/eventually.js';
import { LiveClient } from '../support/live.js';
import { setUp } from '../support/service.js';

interface Update extends Record<string, unknown> {
  deliveryUpdated: { cursor: string; kind: string; delivery: { id: string; status: string; version: number } | null };
}

const query = `subscription ($after: String) {
  deliveryUpdated(after: $after) { cursor kind delivery { id status version } } }`;

/** What a dashboard would show: for each delivery the newest it was told. */
function watch(live: LiveClient) {
  const shown = new Map<string, { status: string; version: number }>();
  const kinds: string[] = [];
  const errors: unknown[] = [];
  const stop = subscribeResuming<Update>(
    live.client,
    { query },
    {
      next({ data }) {
        const { kind, delivery } = data!.deliveryUpdated;
        kinds.push(kind);
        if (!delivery) return;
        expect(delivery.version).toBeGreaterThanOrEqual(shown.get(delivery.id)?.version ?? 0);
        shown.set(delivery.id, delivery);
      },
      error: (error) => errors.push(error),
      complete: () => kinds.push('completed'),
    },
  );
  return { shown, kinds, errors, stop };
}

it('misses nothing though its socket is killed again and again while events are delivered', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  await using live = await LiveClient.connect(api, { retryAttempts: 1_000 });
  const { shown, kinds, errors, stop } = watch(live);
  await eventually('ready', async () => kinds.includes('READY'));

  const rounds = 8;
  for (let round = 1; round <= rounds; round += 1) {
    const { connections } = live;
    await api.publishEvents(Array.from({ length: 50 }, () => ({ type: 'invoice.paid', data: { round } })));
    live.kill();
    await eventually('connected again', async () => live.connections > connections);
  }

  await eventually('all of them shown as delivered', async () => {
    return shown.size === 50 * rounds && [...shown.values()].every(({ status }) => status === 'SUCCEEDED');
  });
  expect(kinds).not.toContain('RESYNC_REQUIRED');
  expect(errors).toEqual([]);
  stop();
  await eventually('ended', async () => kinds.at(-1) === 'completed');
});

it('goes on from wherever its caller says, and leaves the variables of the caller alone', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  await using live = await LiveClient.connect(api);
  const first = live.subscribe<Update>(query);
  const { deliveryUpdated } = await first.next();
  await api.deliveryOf(await api.publishEvent('invoice.paid'));
  const variables = { after: deliveryUpdated.cursor };
  const seen: string[] = [];

  const stop = subscribeResuming<Update>(
    live.client,
    { query, variables },
    { next: ({ data }) => seen.push(data!.deliveryUpdated.kind), error: () => {}, complete: () => {} },
  );

  await eventually('the update that was missed', async () => seen.includes('UPDATED'));
  stop();
  expect(variables).toEqual({ after: deliveryUpdated.cursor });
});

it.each([
  'subscription { deliveryUpdated { cursor kind } }',
  'subscription ($after: String) { deliveryUpdated { cursor kind } }',
  'subscription ($after: String) { deliveryUpdated(after: $after) { kind } }',
])('refuses an operation that could not be resumed: %s', async (query) => {
  await using setup = await setUp();
  await using live = await LiveClient.connect(setup.api);
  const sink = { next: () => {}, error: () => {}, complete: () => {} };
  expect(() => subscribeResuming(live.client, { query }, sink)).toThrow(/\$after: String.*cursor/);
});
