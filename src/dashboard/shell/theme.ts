import { useSyncExternalStore } from 'react';
import { Store } from '../api/store.js';

/** `system` follows the reader's device. */
export type Theme = 'system' | 'light' | 'dark';

const STORAGE_KEY = 'webhooks.theme';
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

const store = new Store<Theme>('system');

/**
 * Takes up what the reader chose the last time. What the address asks for, `?theme=dark`, goes before that in this tab:
 * a product that shows the dashboard in a frame says how it looks itself.
 */
export function openTheme(): void {
  let stored = new URLSearchParams(window.location.search).get('theme');
  try {
    if (stored) window.sessionStorage.setItem(STORAGE_KEY, stored);
    stored ??= window.sessionStorage.getItem(STORAGE_KEY) ?? window.localStorage.getItem(STORAGE_KEY);
  } catch {
    // Without storage, the choice lasts as long as the page.
  }
  apply(THEMES.find((theme) => theme === stored) ?? 'system');
}

export function setTheme(theme: Theme): void {
  apply(theme);
  try {
    window.sessionStorage.removeItem(STORAGE_KEY);
    window.localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // As above.
  }
}

export function useTheme(): Theme {
  return useSyncExternalStore(store.subscribe, store.get);
}

function apply(theme: Theme): void {
  store.set(theme);
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset.theme;
  else dataset.theme = theme;
}
