import { ApolloProvider } from '@apollo/client/react';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { type Api, openApi } from './client.js';
import type { ConnectionState } from './connection.js';

const ApiContext = createContext<Api | null>(null);

/** Opens the API for whoever is signed in, and closes it when it is gone: somebody else gets one of their own. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [api, setApi] = useState<Api | null>(null);
  useEffect(() => {
    const opened = openApi();
    setApi(opened);
    return () => opened.close();
  }, []);
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
