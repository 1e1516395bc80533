import { Refusal, refuse, type UserError, UserErrorCode } from '../refusal.js';
import type { StoredHeader } from './endpoint.js';
import { isHeaderName, isReservedHeader } from './reserved-headers.js';

const MAX_COUNT = 20;
const MAX_NAME_LENGTH = 100;
const MAX_VALUE_LENGTH = 4_096;

/** Latin-1 without its control characters: less than HTTP allows, and the same to every receiver. */
const PRINTABLE = /^[\x20-\x7e\xa0-\xff]*$/;

/** A header as a person gives it. */
export interface HeaderInput {
  name: string;
  /** Null or undefined: the value that is stored, as secret as it is there. */
  value?: string | null;
  secret: boolean;
}

/** What the headers of one endpoint are checked against, and how its secrets are kept. */
export interface HeaderRules {
  /** The service's own signature header, in any letter case. */
  signatureHeader: string;
  /** The headers that the endpoint has so far; none when it is new. */
  stored: readonly StoredHeader[];
  encrypt(value: string): string;
}

type Mistake = Pick<UserError, 'code' | 'message'>;

/**
 * Checks the headers that an endpoint is to have, all of them; every mistake is found at once. Blanks around a value are
 * left out, as receivers would. No message quotes a value.
 */
export function checkHeaders(given: readonly HeaderInput[], rules: HeaderRules): StoredHeader[] | Refusal {
  if (given.length > MAX_COUNT) {
    return refuse(UserErrorCode.TOO_MANY, `Give at most ${MAX_COUNT} headers.`, ['input', 'headers']);
  }
  const errors: UserError[] = [];
  const headers: StoredHeader[] = [];
  const taken = new Set<string>();
  for (const [index, header] of given.entries()) {
    const path = ['input', 'headers', String(index)];
    const mistake = findNameMistake(header.name, taken, rules.signatureHeader);
    if (mistake) errors.push({ ...mistake, field: [...path, 'name'] });
    const toStore = checkValue(header, rules);
    if ('code' in toStore) errors.push({ ...toStore, field: [...path, 'value'] });
    else headers.push(toStore);
    taken.add(header.name.toLowerCase());
  }
  return errors.length > 0 ? new Refusal(errors) : headers;
}

function findNameMistake(name: string, taken: ReadonlySet<string>, signatureHeader: string): Mistake | null {
  if (name.length > MAX_NAME_LENGTH) {
    return { code: UserErrorCode.TOO_LONG, message: `Keep the name to ${MAX_NAME_LENGTH} characters.` };
  }
  if (!isHeaderName(name)) {
    return invalid("Use letters, digits and !#$%&'*+-.^_`|~ for the name, such as X-Api-Key.");
  }
  if (isReservedHeader(name, signatureHeader)) {
    return invalid(`Choose another name: ${name} is set by the service, or belongs to HTTP itself.`);
  }
  return taken.has(name.toLowerCase()) ? invalid(`Give ${name} once: letter case makes no difference.`) : null;
}

function checkValue({ name, value, secret }: HeaderInput, { stored, encrypt }: HeaderRules): StoredHeader | Mistake {
  if (value === null || value === undefined) {
    const kept = stored.find((header) => header.name.toLowerCase() === name.toLowerCase());
    return kept ? { ...kept, name } : invalid('Give a value: none is stored under this name that could be kept.');
  }
  if (value.length > MAX_VALUE_LENGTH) {
    return { code: UserErrorCode.TOO_LONG, message: `Keep the value to ${MAX_VALUE_LENGTH} characters.` };
  }
  if (!PRINTABLE.test(value)) {
    return invalid('Use printable characters of Latin-1 for the value: no line breaks, no control characters.');
  }
  const trimmed = value.trim();
  return secret ? { name, encryptedValue: encrypt(trimmed) } : { name, value: trimmed };
}

function invalid(message: string): Mistake {
  return { code: UserErrorCode.INVALID, message };
}
