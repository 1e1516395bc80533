/** Claims that are others in each token for the same person. */
const OF_ONE_TOKEN: readonly string[] = ['exp', 'iat', 'nbf', 'jti'];

/** A token that is as good as over is not replaced more often than that. */
const SHORTEST_WAIT_MS = 1_000;
/** Browsers know no longer wait. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

type Claims = Readonly<Record<string, unknown>>;

/** Tokens have three parts between dots; keys of the service have none. */
export function isToken(credential: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential);
}

/** The same for two tokens that say the same of the same person: one may take the place of the other. */
export function holderOf(credential: string): string {
  const claims = claimsOf(credential);
  if (!claims) return credential;
  const lasting = Object.entries(claims).filter(([name]) => !OF_ONE_TOKEN.includes(name));
  return JSON.stringify(lasting.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** How long until a token should be replaced: three quarters of what it has left. Null when it does not say. */
export function renewalDelayMs(credential: string, nowMs: number): number | null {
  const exp = claimsOf(credential)?.exp;
  if (typeof exp !== 'number' || exp * 1_000 <= nowMs) return null;
  return Math.min(Math.max((exp * 1_000 - nowMs) * 0.75, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
}

/** What a token says; the service is who verifies it. */
function claimsOf(credential: string): Claims | null {
  if (!isToken(credential)) return null;
  try {
    const base64 = credential.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === 'object' ? (claims as Claims | null) : null;
  } catch {
    return null;
  }
}
