import { useSyncExternalStore } from 'react';
import { Store } from './store.js';

/** What the reader signed in with: a key of the service, or a token of the product that shows the dashboard. */
export type CredentialKind = 'api-key' | 'token';

/** Whether the reader is signed in, and why not any more. */
export type Session =
  | { readonly status: 'signed-in'; readonly credential: string; readonly kind: CredentialKind }
  | { readonly status: 'signed-out' }
  /** The service does not take the credential, or takes it no longer. */
  | { readonly status: 'refused'; readonly kind: CredentialKind };

const STORAGE_KEY = 'webhooks.credential';
const SIGNED_OUT: Session = { status: 'signed-out' };

const store = new Store<Session>(SIGNED_OUT);

/** Takes up the session of this tab, or the one that the address brings; that is looked at again whenever it changes. */
export function openSession(): void {
  const stored = readStored();
  if (stored) store.set(sessionOf(stored));
  takeFromAddress();
  window.addEventListener('hashchange', takeFromAddress);
}

export function signIn(credential: string): void {
  writeStored(credential);
  store.set(sessionOf(credential));
}

export function signOut(): void {
  writeStored(null);
  store.set(SIGNED_OUT);
}

/** The service has refused `credential`. Says so to the reader, unless another one is in use by now. */
export function endSession(credential: string): void {
  const session = store.get();
  if (session.status !== 'signed-in' || session.credential !== credential) return;
  writeStored(null);
  store.set({ status: 'refused', kind: session.kind });
}

export function useSession(): Session {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** Tokens have three parts between dots; keys of the service have none. */
function kindOf(credential: string): CredentialKind {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential) ? 'token' : 'api-key';
}

function sessionOf(credential: string): Session {
  return { status: 'signed-in', credential, kind: kindOf(credential) };
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
