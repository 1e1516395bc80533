import { useSyncExternalStore } from 'react';
import { askForToken, hearTokens } from './product.js';
import { Store } from './store.js';
import { holderOf, isToken, renewalDelayMs } from './token.js';

/** What the reader signed in with: a key of the service, or a token of the product that shows the dashboard. */
export type CredentialKind = 'api-key' | 'token';

/** Whether the reader is signed in, and why not any more. */
export type Session =
  | {
      readonly status: 'signed-in';
      readonly credential: string;
      readonly kind: CredentialKind;
      /** Whose credential it is: stays when a token is replaced by a newer one of the same person. */
      readonly holder: string;
    }
  | { readonly status: 'signed-out' }
  /** The service does not take the credential, or takes it no longer. */
  | { readonly status: 'refused'; readonly kind: CredentialKind };

const STORAGE_KEY = 'webhooks.credential';
const SIGNED_OUT: Session = { status: 'signed-out' };

/** A product that gives tokens which are refused is not asked again and again. */
const ASK_AGAIN_AFTER_MS = 10_000;
let askedAtMs = Number.NEGATIVE_INFINITY;
let renewal: number | undefined;

const store = new Store<Session>(SIGNED_OUT);

/** Takes up the session of this tab, or the one that the address brings; that is looked at again whenever it changes. */
export function openSession(): void {
  const stored = readStored();
  if (stored) begin(stored);
  takeFromAddress();
  window.addEventListener('hashchange', takeFromAddress);
  hearTokens((token) => {
    if (isToken(token)) signIn(token);
  });
}

export function signIn(credential: string): void {
  writeStored(credential);
  begin(credential);
}

export function signOut(): void {
  writeStored(null);
  window.clearTimeout(renewal);
  store.set(SIGNED_OUT);
}

/** What the reader is signed in with at this moment: a token is replaced while they look. */
export function currentCredential(): string {
  const session = store.get();
  return session.status === 'signed-in' ? session.credential : '';
}

/** The service has refused `credential`. Says so to the reader, unless another one is in use by now. */
export function endSession(credential: string): void {
  const session = store.get();
  if (session.status !== 'signed-in' || session.credential !== credential) return;
  writeStored(null);
  window.clearTimeout(renewal);
  store.set({ status: 'refused', kind: session.kind });
  if (session.kind === 'token' && Date.now() - askedAtMs >= ASK_AGAIN_AFTER_MS) ask();
}

export function useSession(): Session {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** From now on the reader is whoever this says. */
function begin(credential: string): void {
  const kind = isToken(credential) ? 'token' : 'api-key';
  store.set({ status: 'signed-in', credential, kind, holder: holderOf(credential) });
  window.clearTimeout(renewal);
  const delayMs = renewalDelayMs(credential, Date.now());
  if (delayMs !== null) renewal = window.setTimeout(ask, delayMs);
}

function ask(): void {
  askedAtMs = Date.now();
  askForToken();
}

/** A fragment is not sent to any server; out of the address, it is in no history and in no screenshot either. */
function takeFromAddress(): void {
  const credential = new URLSearchParams(window.location.hash.slice(1)).get('token')?.trim();
  if (credential === undefined) return;
  const { pathname, search } = window.location;
  window.history.replaceState(window.history.state, '', pathname + search);
  if (credential) signIn(credential);
}

function readStored(): string | null {
  try {
    return window.sessionStorage.getItem(STORAGE_KEY);
  } catch {
    // Some browsers give a page in a frame of another origin no storage; then a session lasts as long as the page.
    return null;
  }
}

function writeStored(credential: string | null): void {
  try {
    if (credential === null) window.sessionStorage.removeItem(STORAGE_KEY);
    else window.sessionStorage.setItem(STORAGE_KEY, credential);
  } catch {
    // As above.
  }
}
