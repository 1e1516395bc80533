import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { useEffect, useEffectEvent, useRef } from 'react';
import { useApi } from './context.js';
import { wordsFor } from './trouble.js';

export interface Asked<Data> {
  /** Undefined until there is an answer; then the newest there is, also while it is asked for again. */
  readonly data: Data | undefined;
  /** Whether `data` is for the variables of before: those of now have no answer yet. */
  readonly isOfBefore: boolean;
  /** What went wrong, in words for the reader. */
  readonly trouble: string | null;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/**
 * Asks, and asks again whenever what is shown may be out of date. While the service cannot be reached it goes on trying:
 * the shell says so.
 */
export function useApiQuery<Data, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { skip = false }: { skip?: boolean } = {},
): Asked<Data> {
  const asked = useFirstAnswer(document, variables, { skip });
  useStale(asked.reload, { skip });
  return asked;
}

/** Asks once, and again when told to. */
export function useFirstAnswer<Data, Variables extends OperationVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { skip = false }: { skip?: boolean } = {},
): Asked<Data> {
  const options = { variables: variables as OperationVariables, skip, fetchPolicy: 'cache-and-network' } as const;
  const { data, previousData, error, loading, refetch } = useQuery<Data>(query, {
    ...options,
    nextFetchPolicy: 'cache-first',
  });
  // What goes wrong is in `error`.
  const reload = useOneByOne(() => refetch().catch(() => {}));
  return {
    isOfBefore: data === undefined && previousData !== undefined && loading,
    data: (data ?? (loading ? previousData : undefined)) as Data | undefined,
    trouble: error ? wordsFor(error) : null,
    isLoading: loading,
    reload,
  };
}

/** What is wanted while it is being done is done once more: an answer from before must not come last. */
function useOneByOne(work: () => Promise<unknown>): () => void {
  const isRunning = useRef(false);
  const isWanted = useRef(false);
  const run = () => {
    isWanted.current = isRunning.current;
    if (isRunning.current) return;
    isRunning.current = true;
    void work().finally(() => {
      isRunning.current = false;
      if (isWanted.current) run();
    });
  };
  return run;
}

/** Calls `reload` whenever what is shown may be out of date. */
export function useStale(reload: () => void, { skip = false }: { skip?: boolean } = {}): void {
  const { connection } = useApi();
  const onStale = useEffectEvent(reload);
  useEffect(() => (skip ? undefined : connection.onStale(() => onStale())), [connection, skip]);
}
