import { announce } from '../deliveries/announce.js';
import { AttemptTrigger } from '../deliveries/attempt.js';
import { DeliveryStatus } from '../deliveries/delivery-status.js';
import type { EndpointWindow, Room } from '../deliveries/endpoint-window.js';
import { insertAttempts } from '../deliveries/insert-attempts.js';
import { heldChanges, type LockedDelivery, lockDeliveries, updateDeliveries } from '../deliveries/locked-deliveries.js';
import { topUp } from '../deliveries/top-up.js';
import { disableGone } from '../endpoints/disable-endpoints.js';
import type { EndpointKey } from '../endpoints/endpoint-key.js';
import { changeHeldCounts } from '../endpoints/held-count.js';
import { updateHealth } from '../endpoints/update-health.js';
import { updateStats } from '../endpoints/update-stats.js';
import { isNotification } from '../events/notification-type.js';
import type { Clock } from '../storage/clock.js';
import type { Database, Transaction } from '../storage/database.js';
import { newId } from '../storage/ids.js';
import { type ClaimedJob, Lane, type NewJob, type Queue } from '../storage/queue.js';
import { advance, type FinishedAttempt, type SettledAttempt } from './advance.js';
import { noticesOf } from './notices.js';

const GONE = 410;

/** What settling changed, for the log and for those who wait for it. */
export interface Settled {
  attempts: SettledAttempt[];
  /** Endpoints that answered 410 and are disabled from now on. */
  gone: EndpointKey[];
  /** Whether deliveries that waited outside the queue are in it now. */
  toppedUp: boolean;
  /** Whether the account was told of any of this: there are new deliveries to make. */
  announced: boolean;
}

export interface SettleOptions {
  database: Database;
  queue: Queue;
  window: EndpointWindow;
  retryScheduleMs: readonly number[];
  clock: Clock;
}

/**
 * Puts finished attempts on record, in one transaction: their jobs go, and attempts, deliveries, next jobs, statistics
 * and health come. A job that another process has taken over meanwhile no longer counts, unless it brought a 2xx.
 *
 * One order of locks everywhere: jobs, deliveries, endpoints that are gone, attempts, new jobs; statistics, health and
 * held counts last, because everyone who delivers to the same endpoint waits for them until the commit; each sorted by
 * key. What is announced comes between the last two: it tells of all the others, and may be held itself.
 */
export async function settle(
  options: SettleOptions,
  batch: readonly FinishedAttempt[],
  maybeRecorded: ReadonlySet<string> = new Set(),
): Promise<Settled> {
  const { database, queue, window, clock } = options;
  return database.transaction(async (tx) => {
    const now = new Date(clock.now());
    const held = await queue.remove(tx, batch.map(jobOf));
    const before = await lockDeliveries(tx, batch.map(jobOf));
    const recorded = await findRecorded(tx, batch, maybeRecorded);
    const unrecorded = batch.filter(({ id }) => !recorded.has(id));
    const unwelcome = unrecorded.filter(isGone);
    const gone = await disableGone(tx, unwelcome.map(endpointOf), now);
    for (const row of before.values()) row.isDisabled ||= gone.some(({ endpointId }) => endpointId === row.endpointId);
    const { after, settled, attempts, settlements } = advance(options.retryScheduleMs, unrecorded, before, held);
    const jobs = enqueueNext(window, after);
    await updateDeliveries(tx, [...after.values()], now);
    await insertAttempts(tx, attempts);
    await queue.insert(tx, jobs);
    const toppedUp = await refill(tx, { queue, window, batch, held, now });
    await updateStats(tx, settlements);
    const health = await updateHealth(tx, settlements, now);
    const notices = noticesOf({ before, after, health, gone: gone.filter(isTold(unwelcome)) });
    const { any: announced, held: heldNotices } = await announce(tx, options, notices);
    await changeHeldCounts(tx, [...heldChanges([...before.values()], [...after.values()]), ...heldNotices]);
    return { attempts: settled, gone, toppedUp, announced };
  });
}

/** Which of the attempts that may be on record are, by a transaction whose answer was lost. */
async function findRecorded(
  tx: Transaction,
  batch: readonly FinishedAttempt[],
  maybeRecorded: ReadonlySet<string>,
): Promise<Set<string>> {
  const uncertain = batch.filter(({ id }) => maybeRecorded.has(id));
  if (uncertain.length === 0) return new Set();
  const rows = await tx.query<{ id: string }>(
    `select a.id from unnest($1::text[], $2::uuid[]) as u (account_id, id)
       join webhooks.attempts a on a.account_id = u.account_id and a.id = u.id`,
    [uncertain.map(({ loaded }) => loaded.job.accountId), uncertain.map(({ id }) => id)],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Gives a job to each open delivery that has none, unless its endpoint has older ones waiting for a place. */
function enqueueNext(window: EndpointWindow, after: ReadonlyMap<string, LockedDelivery>): NewJob[] {
  const jobs: NewJob[] = [];
  for (const row of after.values()) {
    const isOpen = row.dueAt !== null && row.status !== DeliveryStatus.HELD;
    if (row.jobId !== null || !isOpen || window.isWaiting(row)) continue;
    row.jobId = newId();
    const { accountId, endpointId, dueAt } = row;
    jobs.push({ id: row.jobId, accountId, deliveryId: row.id, endpointId, lane: Lane.Bulk, dueAt: dueAt! });
  }
  return jobs;
}

/** One out, one in: lets waiting deliveries take the places that became free. */
async function refill(
  tx: Transaction,
  {
    queue,
    window,
    batch,
    held,
    now,
  }: Pick<SettleOptions, 'queue' | 'window'> & {
    batch: readonly FinishedAttempt[];
    held: ReadonlySet<string>;
    now: Date;
  },
): Promise<boolean> {
  const freed = Map.groupBy(
    batch.map(jobOf).filter(({ id }) => held.has(id)),
    ({ endpointId }) => endpointId,
  );
  const rooms: Room[] = [];
  for (const [endpointId, jobs] of freed) {
    const { accountId } = jobs[0]!;
    const room = { accountId, endpointId, room: jobs.length };
    window.release(room, room.room);
    if (window.isWaiting(room)) rooms.push(room);
  }
  const taken = await topUp(tx, queue, rooms, now);
  for (const room of rooms) if ((taken.get(room.endpointId) ?? 0) < room.room) window.markDrained(room);
  return taken.size > 0;
}

/** Whether the endpoint says that it is no more. That a test event finds it gone changes nothing. */
function isGone({ loaded, outcome }: FinishedAttempt): boolean {
  return outcome.kind === 'response' && outcome.statusCode === GONE && loaded.trigger !== AttemptTrigger.TEST;
}

/** Whether an endpoint answered 410 to anything but a notification. */
function isTold(unwelcome: readonly FinishedAttempt[]): (endpoint: EndpointKey) => boolean {
  const told = unwelcome.filter(({ loaded }) => !isNotification(loaded.eventType));
  return ({ endpointId }) => told.some(({ loaded }) => loaded.job.endpointId === endpointId);
}

function endpointOf({ loaded }: FinishedAttempt) {
  const { accountId, endpointId } = loaded.job;
  return { accountId, endpointId, version: loaded.endpointVersion };
}

function jobOf({ loaded }: FinishedAttempt): ClaimedJob {
  return loaded.job;
}
