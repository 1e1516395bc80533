/** What credentials may allow. */
export const SCOPES = [
  'endpoints:read',
  'endpoints:write',
  'events:read',
  'events:write',
  'deliveries:read',
  'deliveries:write',
  'secrets:read',
  'keys:admin',
  'catalog:admin',
] as const;

export type Scope = (typeof SCOPES)[number];

/** Who is asking, as their credentials say: never as an argument does. */
export interface Caller {
  readonly accountId: string;
  readonly scopes: readonly Scope[];
  /** When the credentials cease to be valid, in milliseconds since the Unix epoch; left out: never by themselves. */
  readonly expiresAtMs?: number;
  /** The stored key that was presented: it may be revoked at any moment. */
  readonly apiKeyId?: string;
}

/** The account of a service that has one customer. */
export const DEFAULT_ACCOUNT = 'default';

/** Whether `text` can name an account: 1 to 64 letters, digits, `_`, `.` and `-`. */
export function isAccountId(text: string): boolean {
  return /^[\w.-]{1,64}$/.test(text);
}

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}
