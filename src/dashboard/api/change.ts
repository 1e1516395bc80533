import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { wordsFor } from './trouble.js';

export interface Change<Data, Variables> {
  /** Answers what came of it; null when it is not known to be done: then `trouble` says why. */
  readonly change: (variables: Variables) => Promise<Data | null>;
  /** What went wrong the last time, in words for the reader. */
  readonly trouble: string | null;
  readonly isUnderWay: boolean;
}

interface ChangeOptions {
  /** Whether what the service refuses is told as trouble; otherwise whoever asks looks at `userErrors`, which have fields. */
  tellsRefusals?: boolean;
}

/** Something that a person changes. */
export function useChange<Data, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables>,
  { tellsRefusals = false }: ChangeOptions = {},
): Change<Data, Variables> {
  const [mutate, { loading }] = useMutation<Data>(document);
  const [trouble, setTrouble] = useState<string | null>(null);
  const change = async (variables: Variables) => {
    setTrouble(null);
    try {
      const { data } = await mutate({ variables: variables as OperationVariables });
      if (tellsRefusals) setTrouble(refusalOf(data as object | null | undefined));
      return data ?? null;
    } catch (error) {
      setTrouble(wordsFor(error));
      return null;
    }
  };
  return { change, trouble, isUnderWay: loading };
}

/** What the one mutation of a document was refused with. */
function refusalOf(data: object | null | undefined): string | null {
  const [payload] = Object.values(data ?? {}) as { userErrors?: readonly { message: string }[] }[];
  return payload?.userErrors?.[0]?.message ?? null;
}
