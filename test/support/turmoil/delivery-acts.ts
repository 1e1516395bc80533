import { disable } from './endpoint-acts.js';
import { natureOf } from './natures.js';
import { EVENT_TYPES } from './publishing-acts.js';
import type { Random } from './random.js';
import { ask, type Turmoil } from './turmoil.js';

const STATUSES = ['PENDING', 'RETRYING', 'HELD', 'SUCCEEDED', 'FAILED'] as const;

/** Retries some delivery by hand, in whatever status it is by now. */
export async function retryByHand(turmoil: Turmoil, random: Random): Promise<void> {
  const { ledger } = turmoil;
  const page = { first: 30, filter: { statuses: [random.pick(STATUSES)] } };
  const found = await ask(turmoil, random, (api) => {
    return api.page<{ id: string; endpoint: { id: string } }>('deliveries', page, 'id endpoint { id }');
  });
  if (!found.answer?.nodes.length) return;
  const { id, endpoint } = random.pick(found.answer.nodes);
  const { span, answer } = await ask(turmoil, random, (api) => api.retryDelivery(id));
  const result = answer ? (answer.userErrors[0]?.code ?? 'accepted') : 'unknown';
  const attemptCount = answer?.delivery?.attemptCount ?? 0;
  ledger.retries.push({ span, deliveryId: id, endpointId: endpoint.id, result, attemptCount });
}

/** Retries all that match some filter; a few of these are dry runs, and a few are called off. */
export async function retryInBulk(turmoil: Turmoil, random: Random): Promise<void> {
  const { ledger } = turmoil;
  const filter = {
    ...(random.chance(0.8) && { statuses: random.some(STATUSES) }),
    ...(random.chance(0.3) && { eventTypes: random.some(EVENT_TYPES) }),
    ...(random.chance(0.7) && { endpointIds: random.some([...ledger.endpoints.keys()]) }),
  };
  const dryRun = random.chance(0.1);
  const { answer } = await ask(turmoil, random, (api) => api.retryDeliveries({ filter, dryRun }));
  if (dryRun) return;
  const id = answer?.bulkRetry?.id ?? null;
  ledger.bulkRetryIds.push(id);
  if (id !== null && random.chance(0.2)) await ask(turmoil, random, (api) => api.cancelBulkRetry(id));
}

/** Sends a test event to any endpoint there is, enabled or not; some are disabled while it is on its way. */
export async function sendTest(turmoil: Turmoil, random: Random): Promise<void> {
  const endpoint = random.pick(turmoil.ledger.livingEndpoints());
  const input = { endpointId: endpoint.id, type: random.pick(EVENT_TYPES) };
  const isDisabled = !natureOf(endpoint.name).isLeftAlone && random.chance(0.6);
  const [{ answer }] = await Promise.all([
    ask(turmoil, random, (api) => api.sendTestEvent(input)),
    isDisabled && disable(turmoil, random, endpoint),
  ]);
  const code = answer?.userErrors[0]?.code;
  if (code && code !== 'NOT_FOUND') throw new Error(`A test event was refused with ${code}`);
}

/** A connection may take so long to end, and the work that it did to be done again. */
const CUT_FOR_MS = 500;

/** Ends one of the services' connections to the database, as a failover would. */
export async function cutConnection({ database, ledger }: Turmoil, random: Random): Promise<void> {
  const backends = await database.query<{ pid: number }>(
    `select pid from pg_stat_activity
      where datname = current_database() and application_name like 'revkeen-webhooks%' order by pid`,
  );
  if (backends.length === 0) return;
  const askedAt = Date.now();
  await database.query('select pg_terminate_backend($1)', [random.pick(backends).pid]);
  ledger.disruptions.push({
    what: 'a connection cut',
    isTakenOver: false,
    askedAt,
    answeredAt: Date.now() + CUT_FOR_MS,
  });
}
