import type { Catalog } from '../events/catalog.js';
import { Refusal, type UserError, UserErrorCode } from '../refusal.js';
import type { SignatureFormat, WebhookEndpoint } from './endpoint.js';
import { checkHeaders, type HeaderInput, type HeaderRules } from './endpoint-headers.js';
import { checkEndpointUrl, type UrlPolicy } from './url-policy.js';

const MAX_DESCRIPTION_LENGTH = 1_000;
const MAX_RATE_PER_SECOND = 10_000;
const MAX_WAIT_COUNT = 20;
const MAX_WAIT_SECONDS = 7 * 24 * 60 * 60;

/** What a person says about an endpoint. Undefined: not said. */
export interface EndpointInput {
  url?: string | null;
  description?: string | null;
  allEvents?: boolean | null;
  eventTypes?: readonly string[] | null;
  signatureFormat?: SignatureFormat | null;
  headers?: readonly HeaderInput[] | null;
  rateLimitPerSecond?: number | null;
  retryScheduleSeconds?: readonly number[] | null;
}

/** What it is checked against. */
export interface EndpointRules {
  urlPolicy: UrlPolicy;
  headers: HeaderRules;
  catalog: Catalog;
}

/** The columns that follow from it. */
export type EndpointColumns = Partial<Pick<WebhookEndpoint, keyof EndpointInput>>;

/** Checks what is to change of an endpoint; every mistake is found at once. */
export function checkEndpointInput(
  input: EndpointInput,
  { urlPolicy, headers, catalog }: EndpointRules,
): EndpointColumns | Refusal {
  const errors: UserError[] = [];
  const refuse = (field: string, code: UserErrorCode, message: string) =>
    errors.push({ field: ['input', field], code, message });
  const columns: EndpointColumns = {};
  checkUrl(input, urlPolicy, columns, refuse);
  checkDescription(input, columns, refuse);
  checkSubscription(input, catalog, columns, refuse);
  checkSignatureFormat(input, columns, refuse);
  errors.push(...checkAllHeaders(input, headers, columns));
  checkRateLimit(input, columns, refuse);
  checkRetrySchedule(input, columns, refuse);
  return errors.length > 0 ? new Refusal(errors) : columns;
}

type Refuse = (field: string, code: UserErrorCode, message: string) => void;

function checkUrl({ url }: EndpointInput, policy: UrlPolicy, columns: EndpointColumns, refuse: Refuse): void {
  if (url === undefined) return;
  if (url === null) {
    refuse('url', UserErrorCode.INVALID, 'An endpoint needs a URL. Leave the field out to keep the one it has.');
    return;
  }
  const verdict = checkEndpointUrl(url, policy);
  if ('url' in verdict) columns.url = verdict.url;
  else refuse('url', UserErrorCode[verdict.code], verdict.message);
}

function checkDescription({ description }: EndpointInput, columns: EndpointColumns, refuse: Refuse): void {
  if (description === undefined) return;
  if (description?.includes('\0') || description?.isWellFormed() === false) {
    const message = 'Leave NUL characters and halves of surrogate pairs out of the description.';
    refuse('description', UserErrorCode.INVALID, message);
  } else if (description && description.length > MAX_DESCRIPTION_LENGTH) {
    const message = `Keep the description to ${MAX_DESCRIPTION_LENGTH} characters.`;
    refuse('description', UserErrorCode.TOO_LONG, message);
  } else columns.description = description || null;
}

/** All events, or some: said either way, and never both. */
function checkSubscription(
  { allEvents, eventTypes }: EndpointInput,
  catalog: Catalog,
  columns: EndpointColumns,
  refuse: Refuse,
): void {
  if (allEvents === undefined && eventTypes === undefined) return;
  if (allEvents === null) {
    refuse('allEvents', UserErrorCode.INVALID, 'Say true or false, or leave the field out.');
  } else if (eventTypes === null) {
    refuse('eventTypes', UserErrorCode.INVALID, 'Give a list of event types, or leave the field out.');
  } else if (allEvents && eventTypes?.length) {
    refuse('eventTypes', UserErrorCode.INVALID, 'Choose all events or specific types, not both.');
  } else if (allEvents) {
    Object.assign(columns, { allEvents: true, eventTypes: [] });
  } else if (!eventTypes?.length) {
    refuse('eventTypes', UserErrorCode.INVALID, 'Choose at least one event type, or set allEvents to true.');
  } else {
    const unknown = eventTypes.filter((pattern) => catalog.matching(pattern).length === 0);
    if (unknown.length > 0) {
      const named = unknown.slice(0, 3).map((pattern) => JSON.stringify(pattern.slice(0, 100)));
      const message = `Not in the catalog: ${named.join(', ')}. The query \`eventTypes\` lists those there are.`;
      refuse('eventTypes', UserErrorCode.UNKNOWN_EVENT_TYPE, message);
    } else Object.assign(columns, { allEvents: false, eventTypes: [...new Set(eventTypes)] });
  }
}

function checkSignatureFormat({ signatureFormat }: EndpointInput, columns: EndpointColumns, refuse: Refuse): void {
  if (signatureFormat === undefined) return;
  if (signatureFormat) columns.signatureFormat = signatureFormat;
  else refuse('signatureFormat', UserErrorCode.INVALID, 'Give a format, or leave the field out.');
}

function checkAllHeaders(
  { headers }: EndpointInput,
  rules: HeaderRules,
  columns: EndpointColumns,
): readonly UserError[] {
  if (headers === undefined) return [];
  if (headers === null) {
    const message = 'Give a list of headers, empty for none, or leave the field out.';
    return [{ field: ['input', 'headers'], code: UserErrorCode.INVALID, message }];
  }
  const checked = checkHeaders(headers, rules);
  if (checked instanceof Refusal) return checked.errors;
  columns.headers = checked;
  return [];
}

function checkRateLimit({ rateLimitPerSecond: rate }: EndpointInput, columns: EndpointColumns, refuse: Refuse): void {
  if (rate === undefined) return;
  if (rate === null || (rate >= 1 && rate <= MAX_RATE_PER_SECOND)) columns.rateLimitPerSecond = rate;
  else {
    const message = `Allow 1 to ${MAX_RATE_PER_SECOND} attempts per second, or give null for no limit.`;
    refuse('rateLimitPerSecond', UserErrorCode.INVALID, message);
  }
}

function checkRetrySchedule(
  { retryScheduleSeconds: waits }: EndpointInput,
  columns: EndpointColumns,
  refuse: Refuse,
): void {
  if (waits === undefined) return;
  if (waits && waits.length > MAX_WAIT_COUNT) {
    refuse('retryScheduleSeconds', UserErrorCode.TOO_MANY, `Give at most ${MAX_WAIT_COUNT} waits.`);
  } else if (waits && !waits.every((seconds) => seconds >= 0 && seconds <= MAX_WAIT_SECONDS)) {
    const message = `Give waits of 0 to ${MAX_WAIT_SECONDS} seconds, which is a week.`;
    refuse('retryScheduleSeconds', UserErrorCode.INVALID, message);
  } else columns.retryScheduleSeconds = waits && [...waits];
}
