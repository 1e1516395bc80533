import type { Catalog } from '../events/catalog.js';
import { composeEvent } from '../events/compose-event.js';
import { type Fault, findFaults } from '../events/data-schema.js';
import { MAX_DATA_DEPTH, type SerialisedData, serialiseData } from '../events/envelope.js';
import type { WebhookEvent } from '../events/event.js';
import { refuseUnknownType } from '../events/event-type-input.js';
import { type Claim, contentHashOf } from '../events/idempotency-keys.js';
import { isNotification } from '../events/notification-type.js';
import { Refusal, refuse, type UserError, UserErrorCode } from '../refusal.js';

const MAX_EVENTS = 1_000;
const MAX_KEY_LENGTH = 255;

/** An event as a caller asks for it. */
export interface PublishInput {
  type: string;
  data: unknown;
  idempotencyKey?: string | null;
}

/** An event that may be written, with its exact body and the key it wants to use. */
export interface CheckedInput {
  event: WebhookEvent;
  claim: Claim | null;
}

/** Where the input of an index stands in the caller's request, such as `["input", "3"]`. */
export type InputPath = (index: number) => string[];

export interface InputLimits {
  maxEventBytes: number;
}

/** What callers' events are checked against, and what is known of all of them. */
export interface PublishRules {
  catalog: Catalog;
  limits: InputLimits;
  at: Date;
  traceParent: string | null;
}

/** Checks what callers ask for and composes the events; every mistake is found at once. */
export function checkInputs(
  accountId: string,
  inputs: readonly PublishInput[],
  path: InputPath,
  rules: PublishRules,
): CheckedInput[] | Refusal {
  if (inputs.length === 0) return refuse(UserErrorCode.INVALID, 'Give at least one event.', ['input']);
  if (inputs.length > MAX_EVENTS) {
    const message = `${inputs.length} events are too many for one call. Send at most ${MAX_EVENTS} at a time.`;
    return refuse(UserErrorCode.TOO_MANY, message, ['input']);
  }
  const errors: UserError[] = [];
  const checked: CheckedInput[] = [];
  for (const [index, input] of inputs.entries()) {
    const result = checkInput(accountId, input, path(index), rules);
    if (result instanceof Refusal) errors.push(...result.errors);
    else checked.push(result);
  }
  return errors.length > 0 ? new Refusal(errors) : checked;
}

function checkInput(
  accountId: string,
  input: PublishInput,
  path: string[],
  { catalog, limits, at, traceParent }: PublishRules,
): CheckedInput | Refusal {
  const data = checkData(input.data, limits, [...path, 'data']);
  const errors = [
    ...(checkPublishedType(catalog, input.type, [...path, 'type'])?.errors ?? []),
    ...((data instanceof Refusal ? data : checkBySchema(catalog, input.type, data, [...path, 'data']))?.errors ?? []),
    ...(checkKey(input.idempotencyKey, [...path, 'idempotencyKey'])?.errors ?? []),
  ];
  if (data instanceof Refusal || errors.length > 0) return new Refusal(errors);
  const event = composeEvent({ accountId, type: input.type, data, livemode: true, at, traceParent });
  event.idempotencyKey = input.idempotencyKey ?? null;
  const claim = input.idempotencyKey
    ? {
        accountId,
        key: input.idempotencyKey,
        contentHash: contentHashOf(input.type, data.text),
        eventId: event.id,
        at,
      }
    : null;
  return { event, claim };
}

export function checkType(catalog: Catalog, type: string, field: string[]): Refusal | null {
  return catalog.named(type) ? null : refuseUnknownType(field);
}

/** What the service tells of itself comes from nobody else: receivers act on it. */
function checkPublishedType(catalog: Catalog, type: string, field: string[]): Refusal | null {
  if (!isNotification(type)) return checkType(catalog, type, field);
  const message = `The service itself publishes \`${type}\`. To try a receiver, send one with \`sendTestEvent\`.`;
  return refuse(UserErrorCode.INVALID, message, field);
}

export function checkData(data: unknown, { maxEventBytes }: InputLimits, field: string[]): SerialisedData | Refusal {
  const serialised = serialiseData(data, maxEventBytes);
  if ('text' in serialised) {
    if (serialised.text !== 'null') return serialised;
    // A number such as 1e400 is infinite once it is parsed, which JSON has no other word for.
    return refuse(UserErrorCode.INVALID, 'Give data other than null, and no number beyond 1.8e308.', field);
  }
  switch (serialised.refused) {
    case 'TOO_DEEP': {
      const message = `The data is nested too deeply. Flatten it to at most ${MAX_DATA_DEPTH} levels.`;
      return refuse(UserErrorCode.INVALID, message, field);
    }
    case 'TOO_LARGE': {
      const message =
        `The data takes more than ${maxEventBytes} bytes as JSON. ` +
        'Send what identifies the object, and let the receiver fetch the rest.';
      return refuse(UserErrorCode.PAYLOAD_TOO_LARGE, message, field);
    }
  }
}

/** Data has to satisfy the schema of its type, where the operator has given one. */
function checkBySchema(catalog: Catalog, type: string, { text }: SerialisedData, field: string[]): Refusal | null {
  const schemaText = catalog.named(type)?.dataSchemaText;
  if (!schemaText) return null;
  const faults = faultsBy(schemaText, text);
  if (!faults) {
    const message = `The schema of \`${type}\` is too large, or refers to itself without end on this data. Whoever runs the service can put it right.`;
    return refuse(UserErrorCode.INVALID, message, field);
  }
  if (faults.length === 0) return null;
  return new Refusal(
    faults.map(({ path, message }) => ({
      field: [...field, ...path],
      code: UserErrorCode.INVALID,
      message: `By the schema of \`${type}\`, \`${['data', ...path].join('.')}\` ${message}.`,
    })),
  );
}

/** Null when there is no end to it: whether a schema goes in circles may depend on the data. */
function faultsBy(schemaText: string, dataText: string): Fault[] | null {
  try {
    return findFaults(schemaText, dataText);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function checkKey(key: string | null | undefined, field: string[]): Refusal | null {
  if (key === null || key === undefined) return null;
  if (key === '' || key.includes('\0') || !key.isWellFormed()) {
    const message = 'Give a key of at least one character, without NUL and without halves of surrogate pairs, or none.';
    return refuse(UserErrorCode.INVALID, message, field);
  }
  if (key.length > MAX_KEY_LENGTH) {
    return refuse(UserErrorCode.TOO_LONG, `A key has at most ${MAX_KEY_LENGTH} characters.`, field);
  }
  return null;
}
