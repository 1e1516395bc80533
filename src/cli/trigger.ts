import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { MINUTE_MS } from '../units.js';
import type { Api } from './api.js';
import { CommandError } from './command-error.js';
import { counted } from './counted.js';
import { furtherHelp } from './environment.js';
import { DELIVERY_FIELDS, type TriedDelivery, tellResults } from './first-results.js';
import { addRemoteOptions, openApi, type RemoteOptions } from './remote.js';
import { sendTests } from './send-tests.js';
import { untilStopped } from './until-stopped.js';

const PUBLISH = `mutation ($input: PublishEventInput!) {
  publishEvent(input: $input) { event { id } deliveryCount userErrors { message } } }`;

const DELIVERY_UPDATED = `subscription ($eventId: ID, $after: String) {
  deliveryUpdated(eventId: $eventId, after: $after) {
    kind cursor
    delivery { ${DELIVERY_FIELDS} }
  }
}`;

type DeliveryUpdated = { deliveryUpdated: { kind: string; cursor: string; delivery: TriedDelivery | null } };

interface TriggerOptions extends RemoteOptions {
  readonly data?: string;
}

interface EventType {
  readonly name: string;
  readonly category: string;
  readonly sampleData: unknown;
}

/** Of the types that the service publishes itself. */
const OWN_CATEGORY = 'Webhooks';

/** How long it waits for the first attempts. */
const PATIENCE_MS = MINUTE_MS;

/** Adds the command that publishes a sample, and tells what came of it. */
export function addTrigger(program: Command): void {
  const command = program
    .command('trigger')
    .description('publish an event with sample data, as the product would, and show what its endpoints answer')
    .argument('<type>', 'the event type, such as invoice.paid')
    .option('--data <file>', 'a file with other data, in JSON');
  addRemoteOptions(command)
    .addHelpText(
      'after',
      furtherHelp({
        examples: { 'revkeen-webhooks trigger invoice.paid': 'waits for the first attempts, a minute at most' },
      }),
    )
    .action(runTrigger);
}

async function runTrigger(type: string, { data: file, ...remote }: TriggerOptions): Promise<void> {
  const { signal } = untilStopped();
  const api = openApi(remote, signal);
  const { category, sampleData } = await findType(api, type);
  const data = file === undefined ? sampleData : await readData(file);
  if (category === OWN_CATEGORY) return sendTests(api, type, data);
  const input = { type, data };
  const published = await api.mutate<{ event: { id: string }; deliveryCount: number }>(PUBLISH, { input });
  const { event, deliveryCount } = published;
  console.log(`Published ${event.id}, ${type}, to ${counted(deliveryCount, 'endpoint')}.`);
  if (deliveryCount === 0) return;
  const deliveries = await awaitFirstAttempts(api, event.id, deliveryCount, signal);
  tellResults([...deliveries.values()], deliveryCount);
}

async function findType(api: Api, type: string): Promise<EventType> {
  const { eventTypes } = await api.query<{ eventTypes: EventType[] }>('{ eventTypes { name category sampleData } }');
  const found = eventTypes.find(({ name }) => name === type);
  if (found) return found;
  throw new CommandError(
    `There is no event type "${type}". There are ${eventTypes.map(({ name }) => name).join(', ')}.`,
  );
}

async function readData(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(({ message }: Error) => {
    throw new CommandError(`Cannot read the data: ${message}.`);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`${file} is not JSON: ${(error as Error).message}.`);
  }
}

/** Each delivery as it is after its first attempt, or held; what is not so far in time is told as it stands. */
async function awaitFirstAttempts(
  api: Api,
  eventId: string,
  count: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TriedDelivery>> {
  const { follow } = await import('./follow.js');
  const deliveries = new Map<string, TriedDelivery>();
  const done = new AbortController();
  const isTried = ({ attemptCount, status }: TriedDelivery) => attemptCount > 0 || status === 'HELD';
  const options = {
    query: DELIVERY_UPDATED,
    variables: { eventId },
    signal: AbortSignal.any([signal, done.signal, AbortSignal.timeout(PATIENCE_MS)]),
  };
  await follow<DeliveryUpdated>(api, options, ({ deliveryUpdated: { delivery } }) => {
    if (delivery) deliveries.set(delivery.id, delivery);
    if (deliveries.size === count && [...deliveries.values()].every(isTried)) done.abort();
  });
  return deliveries;
}
