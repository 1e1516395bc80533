import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { type Client, CloseCode, createClient } from 'graphql-ws/client';
import { endSession } from '../api/session.js';

/** Queries and mutations go over HTTP, subscriptions over a socket that is opened for the first of them. */
export function openFetcher(credential: string): { fetcher: Fetcher; close(): void } {
  const authorization = `Bearer ${credential}`;
  const socket = createClient({
    url: `${window.location.origin.replace(/^http/, 'ws')}/graphql`,
    connectionParams: { authorization },
    on: {
      closed: (event) => {
        if ((event as CloseEvent).code === CloseCode.Forbidden) endSession(credential);
      },
    },
  });
  const fetcher = createGraphiQLFetcher({
    url: '/graphql',
    headers: { authorization },
    fetch: async (...request: Parameters<typeof fetch>) => {
      const response = await fetch(...request);
      if (response.status === 401) endSession(credential);
      return response;
    },
    wsClient: socket as Client,
  });
  return { fetcher, close: () => void Promise.resolve(socket.dispose()).catch(() => {}) };
}
