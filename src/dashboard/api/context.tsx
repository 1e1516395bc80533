import { ApolloProvider } from '@apollo/client/react';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { type Api, openApi } from './client.js';
import type { ConnectionState } from './connection.js';

const ApiContext = createContext<Api | null>(null);

/** Opens the API for a credential, and closes it when that is replaced. */
export function ApiProvider({ credential, children }: { credential: string; children: ReactNode }) {
  const [api, setApi] = useState<Api | null>(null);
  useEffect(() => {
    const opened = openApi(credential);
    setApi(opened);
    return () => opened.close();
  }, [credential]);
  if (!api) return null;
  return (
    <ApiContext value={api}>
      <ApolloProvider client={api.client}>{children}</ApolloProvider>
    </ApiContext>
  );
}

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (!api) throw new Error('Only within an ApiProvider.');
  return api;
}

export function useConnectionState(): ConnectionState {
  const { state } = useApi().connection;
  return useSyncExternalStore(state.subscribe, state.get);
}
