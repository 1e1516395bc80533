import type { ApolloClient, OperationVariables, TypedDocumentNode } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { useEffect, useEffectEvent } from 'react';
import { useApi } from './context.js';

/** How long to wait before a subscription that failed is tried again. */
const AGAIN_MS = 5_000;

/** The one field of a subscription. */
type Update<Data> = Data[keyof Data];

export interface LiveOptions<Data> {
  skip?: boolean;
  /** Whether what comes is left out of the cache: then `onUpdate` is all that hears of it. */
  isPassing?: boolean;
  /** Told of each message, once what it brings is in the cache. */
  onUpdate?: (update: Update<Data>, client: ApolloClient) => void;
}

/**
 * Follows a subscription as long as the page is there. What it brings goes into the cache, and so to whatever shows it.
 * One that takes a cursor, `$after`, misses nothing over a lost connection; whatever cannot be told any more makes
 * everything in view ask again.
 */
export function useLive<Data extends Record<string, unknown>, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { skip = false, isPassing = false, onUpdate }: LiveOptions<Data> = {},
): void {
  const { client, connection } = useApi();
  const hear = useEffectEvent((update: Update<Data>) => {
    if ((update as { kind?: string }).kind === 'RESYNC_REQUIRED') connection.announceStale();
    onUpdate?.(update, client);
  });
  const key = JSON.stringify(variables);
  useEffect(() => {
    if (skip) return;
    let timer: number | undefined;
    let following = follow();
    function follow() {
      const options = { query: document, variables: JSON.parse(key), fetchPolicy: isPassing ? 'no-cache' : undefined };
      return client
        .subscribe<Data>(options as typeof options & { fetchPolicy?: 'no-cache' })
        .subscribe(({ data, error }) => {
          if (error) return followAgain(error);
          for (const update of Object.values(data ?? {})) hear(update as Update<Data>);
        });
    }
    function followAgain(error: unknown) {
      following.unsubscribe();
      if (isFinal(error)) return;
      timer = window.setTimeout(() => {
        following = follow();
        connection.announceStale();
      }, AGAIN_MS);
    }
    return () => {
      window.clearTimeout(timer);
      following.unsubscribe();
    };
  }, [client, connection, document, key, skip, isPassing]);
}

/** The service would say the same again. */
function isFinal(error: unknown): boolean {
  return (
    CombinedGraphQLErrors.is(error) &&
    error.errors.some(({ extensions }) => ['FORBIDDEN', 'GRAPHQL_VALIDATION_FAILED'].includes(String(extensions?.code)))
  );
}
