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
  accountId: string;
  scopes: readonly Scope[];
}

/** The account of a service that has one customer. */
export const DEFAULT_ACCOUNT = 'default';
