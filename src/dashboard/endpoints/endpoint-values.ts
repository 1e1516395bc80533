import type {
  CreateEndpointInput,
  EndpointSettings,
  SignatureFormat,
  UpdateEndpointInput,
  UserErrorCode,
} from '../documents.js';
import { parseSchedule, writeSchedule } from './retry-schedule.js';

/** A header as it is being written. */
export interface HeaderValues {
  /** Tells rows apart. */
  readonly key: number;
  readonly name: string;
  readonly value: string;
  readonly isSecret: boolean;
  /** The name under which the service has a value that it does not show; null when there is none. */
  readonly hiddenAs: string | null;
}

/** Whether nothing is written because the value that the service has is to stay. */
export function isKept({ name, value, isSecret, hiddenAs }: HeaderValues): boolean {
  return value === '' && isSecret && name.toLowerCase() === hiddenAs?.toLowerCase();
}

/** What a person has written into the form, right or wrong. */
export interface EndpointValues {
  readonly url: string;
  readonly description: string;
  readonly allEvents: boolean;
  readonly eventTypes: readonly string[];
  readonly signatureFormat: SignatureFormat;
  readonly rateLimit: string;
  /** Such as `1m, 5m, 30m`; empty for the schedule of the service. */
  readonly retrySchedule: string;
  readonly headers: readonly HeaderValues[];
}

export const NEW_ENDPOINT: EndpointValues = {
  url: '',
  description: '',
  allEvents: true,
  eventTypes: [],
  signatureFormat: 'SHA256',
  rateLimit: '',
  retrySchedule: '',
  headers: [],
};

/** An error of the service, or of our own, at a field of the input. */
export interface FieldError {
  readonly field?: readonly string[] | null;
  readonly message: string;
  readonly code?: UserErrorCode;
}

/** The names of the fields as people know them. */
export const FIELD_NAMES = {
  url: 'URL',
  description: 'description',
  eventTypes: 'events',
  signatureFormat: 'signature format',
  rateLimitPerSecond: 'rate limit',
  retryScheduleSeconds: 'retries',
  headers: 'headers',
} as const;

export type FieldName = keyof typeof FIELD_NAMES;

/** Which field of the form an error is for; null for none of them. */
export function fieldOf({ field }: FieldError): FieldName | null {
  const name = field?.[1] === 'allEvents' ? 'eventTypes' : field?.[1];
  return name !== undefined && name in FIELD_NAMES ? (name as FieldName) : null;
}

export function valuesOf(endpoint: EndpointSettings): EndpointValues {
  return {
    url: endpoint.url,
    description: endpoint.description ?? '',
    allEvents: endpoint.allEvents,
    eventTypes: endpoint.eventTypes,
    signatureFormat: endpoint.signatureFormat,
    rateLimit: endpoint.rateLimitPerSecond === null ? '' : String(endpoint.rateLimitPerSecond),
    retrySchedule: writeSchedule(endpoint.retryScheduleSeconds),
    headers: endpoint.headers.map(({ name, value, secret }, key) => ({
      key,
      name,
      value: secret ? '' : value,
      isSecret: secret,
      hiddenAs: secret ? name : null,
    })),
  };
}

type Input = Omit<CreateEndpointInput, 'url'> & { url: string };

/** What the form says, as the API takes it; or what is wrong with it that the service could not tell. */
export function toInput(values: EndpointValues): Input | FieldError[] {
  const { url, description, allEvents, eventTypes, signatureFormat, rateLimit, retrySchedule, headers } = values;
  const schedule = parseSchedule(retrySchedule);
  const rate = rateLimit.trim() === '' ? null : Number(rateLimit);
  const errors: FieldError[] = [];
  if (url.trim() === '') errors.push(at('url', 'Enter the URL that events are to be sent to.'));
  if (!allEvents && eventTypes.length === 0) errors.push(at('eventTypes', 'Choose at least one event, or all events.'));
  if (schedule === undefined) {
    errors.push(at('retryScheduleSeconds', 'Write waits such as 30s, 5m, 2h or 1d, with commas between, or none.'));
  }
  if (rate !== null && !Number.isInteger(rate)) errors.push(at('rateLimitPerSecond', 'Enter a whole number.'));
  for (const [index, header] of headers.entries()) {
    if (header.value !== '' || header.hiddenAs === null || isKept(header)) continue;
    const message = `Write its value again: the hidden one is kept only as ${header.hiddenAs}, and secret.`;
    errors.push({ field: ['input', 'headers', String(index), 'value'], message });
  }
  if (errors.length > 0 || schedule === undefined) return errors;
  return {
    url: url.trim(),
    description: description.trim() || null,
    ...(allEvents ? { allEvents } : { eventTypes: [...eventTypes] }),
    signatureFormat,
    rateLimitPerSecond: rate,
    retryScheduleSeconds: schedule && [...schedule],
    headers: headers.map((header) => ({
      name: header.name,
      secret: header.isSecret,
      value: isKept(header) ? null : header.value,
    })),
  };
}

/** The fields that differ from what the endpoint was: the rest is left as it is by now. */
export function toUpdate(values: EndpointValues, base: EndpointSettings): UpdateEndpointInput | FieldError[] {
  const input = toInput(values);
  if (Array.isArray(input)) return input;
  const before = valuesOf(base);
  const update: UpdateEndpointInput = { id: base.id, version: base.version };
  if (values.url !== before.url) update.url = input.url;
  if (values.description !== before.description) update.description = input.description;
  if (!isSame(eventsOf(values), eventsOf(before))) {
    if (values.allEvents) update.allEvents = true;
    else update.eventTypes = input.eventTypes;
  }
  if (values.signatureFormat !== before.signatureFormat) update.signatureFormat = input.signatureFormat;
  if (values.rateLimit !== before.rateLimit) update.rateLimitPerSecond = input.rateLimitPerSecond;
  if (values.retrySchedule !== before.retrySchedule) update.retryScheduleSeconds = input.retryScheduleSeconds;
  if (!isSame(values.headers, before.headers)) update.headers = input.headers;
  return update;
}

/** What somebody else has changed between two versions, in the words of the form. */
export function changedFields(before: EndpointSettings, after: EndpointSettings): string[] {
  const [one, other] = [before, after].map((endpoint) => ({ ...endpoint, eventTypes: eventsOf(endpoint) }));
  return (Object.keys(FIELD_NAMES) as FieldName[])
    .filter((name) => !isSame(one![name], other![name]))
    .map((name) => FIELD_NAMES[name]);
}

function eventsOf({ allEvents, eventTypes }: Pick<EndpointValues, 'allEvents' | 'eventTypes'>): readonly string[] {
  return allEvents ? ['*'] : [...eventTypes].sort();
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function at(name: FieldName, message: string): FieldError {
  return { field: ['input', name], message };
}
