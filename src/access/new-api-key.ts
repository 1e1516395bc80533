import { Refusal, type UserError, UserErrorCode } from '../refusal.js';
import { type Caller, isScope, SCOPES, type Scope } from './account.js';

const MAX_NAME_LENGTH = 100;

/** What a person says about a new key. */
export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly string[];
  /** Null or left out: it is valid until it is revoked. */
  readonly expiresAt?: Date | null;
}

/** The columns that follow from it. */
export interface ApiKeyColumns {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
}

/**
 * Checks what a new key is to be: nobody can give away what they do not have, neither scopes nor time. Every mistake is
 * found at once.
 */
export function checkNewApiKey(input: NewApiKey, creator: Caller, nowMs: number): ApiKeyColumns | Refusal {
  const errors: UserError[] = [];
  const refuse = (field: string, code: UserErrorCode, message: string) =>
    errors.push({ field: ['input', field], code, message });
  const columns = {
    name: checkName(input.name, refuse),
    scopes: checkScopes(input.scopes, creator, refuse),
    expiresAt: checkExpiry(input.expiresAt ?? null, creator, nowMs, refuse),
  };
  return errors.length > 0 ? new Refusal(errors) : columns;
}

type Refuse = (field: string, code: UserErrorCode, message: string) => void;

function checkName(text: string, refuse: Refuse): string {
  const name = text.trim();
  if (name === '') refuse('name', UserErrorCode.INVALID, 'Say what the key is for, such as `billing service`.');
  if (name.length > MAX_NAME_LENGTH) {
    refuse('name', UserErrorCode.TOO_LONG, `A name has at most ${MAX_NAME_LENGTH} characters.`);
  }
  // It is shown in terminals, where such characters give orders.
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name)) {
    refuse('name', UserErrorCode.INVALID, 'A name has no control characters or line breaks.');
  }
  return name;
}

function checkScopes(given: readonly string[], creator: Caller, refuse: Refuse): Scope[] {
  if (given.length === 0) {
    refuse('scopes', UserErrorCode.INVALID, `Name what the key is to allow, of ${SCOPES.join(', ')}.`);
  }
  if (given.some((scope) => !isScope(scope))) {
    refuse('scopes', UserErrorCode.INVALID, `A scope is not known. There are ${SCOPES.join(', ')}.`);
  }
  const scopes = SCOPES.filter((scope) => given.includes(scope));
  const beyond = scopes.filter((scope) => !creator.scopes.includes(scope));
  if (beyond.length > 0) {
    const message = `Your credentials do not have ${beyond.join(' and ')}, so neither can a key that you make.`;
    refuse('scopes', UserErrorCode.INVALID, message);
  }
  return scopes;
}

function checkExpiry(expiresAt: Date | null, creator: Caller, nowMs: number, refuse: Refuse): Date | null {
  if (expiresAt && expiresAt.getTime() <= nowMs) {
    refuse('expiresAt', UserErrorCode.INVALID, 'This instant is over. Give one in the future, or none.');
  }
  const { expiresAtMs } = creator;
  if (expiresAtMs !== undefined && (!expiresAt || expiresAt.getTime() > expiresAtMs)) {
    const limit = new Date(expiresAtMs).toISOString();
    const message = `Your credentials end at ${limit}, and so must a key that you make: give that instant or an earlier one.`;
    refuse('expiresAt', UserErrorCode.INVALID, message);
  }
  return expiresAt;
}
