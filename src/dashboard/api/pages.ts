import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useEffect, useRef, useState } from 'react';
import { useApi } from './context.js';
import { useFirstAnswer, useStale } from './query.js';
import { wordsFor } from './trouble.js';

/** The most that the service answers at once. */
const PAGE_SIZE = 100;

/** What every list of the API has. */
export interface Page<Node> {
  nodes: Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount: number | null;
}

export interface Pages<Node> {
  /** As far as it was asked for; undefined until there is an answer. */
  readonly list: Page<Node> | undefined;
  /** What went wrong, in words for the reader. */
  readonly trouble: string | null;
  readonly isLoading: boolean;
  /** Asks for what follows; does nothing at the end of the list and while it is asked for already. */
  readonly loadMore: () => void;
  /** Asks again for as much as is shown, and shows it at once. */
  readonly reload: () => void;
}

/** A list that grows page by page. `field` is where the answers have it; `filter` is what else is asked for. */
export function usePages<Field extends string, Node, Variables extends OperationVariables & { first: number }>(
  document: TypedDocumentNode<Record<Field, Page<Node>>, Variables>,
  field: Field,
  filter: Omit<Variables, 'first' | 'after'>,
  { skip = false }: { skip?: boolean } = {},
): Pages<Node> {
  const { client } = useApi();
  const variables = { ...filter, first: PAGE_SIZE } as unknown as Variables;
  const { data, trouble, isLoading } = useFirstAnswer(document, variables, { skip });
  const [laterTrouble, setLaterTrouble] = useState<string | null>(null);
  const list = data?.[field];

  const ask = async (after: string | null) => {
    const options = { query: document, variables: { ...variables, after } as OperationVariables };
    const answer = await client.query<Record<Field, Page<Node>>>({ ...options, fetchPolicy: 'no-cache' });
    return (answer.data as Record<Field, Page<Node>>)[field];
  };
  const show = (page: Page<Node>) => {
    setLaterTrouble(null);
    client.writeQuery({ query: document, variables, data: { [field]: page } as Record<Field, Page<Node>> });
  };
  const shown = () => client.readQuery<Record<Field, Page<Node>>>({ query: document, variables })?.[field] ?? list;

  const work = {
    async more() {
      const { hasNextPage = false, endCursor = null } = shown()?.pageInfo ?? {};
      if (!hasNextPage) return;
      const next = await ask(endCursor);
      show({ ...next, nodes: [...(shown()?.nodes ?? []), ...next.nodes] });
    },
    async reload() {
      const count = shown()?.nodes.length ?? 0;
      let page = await ask(null);
      const nodes = [...page.nodes];
      while (page.pageInfo.hasNextPage && nodes.length < count) {
        page = await ask(page.pageInfo.endCursor);
        nodes.push(...page.nodes);
      }
      show({ ...page, nodes });
    },
  };
  const want = useOneAtATime(work, setLaterTrouble);
  const reload = () => want('reload');
  useStale(reload, { skip });
  return { list, trouble: laterTrouble ?? trouble, isLoading, loadMore: () => want('more'), reload };
}

/** Does what is wanted, one after the other: a list that is asked for anew must not grow meanwhile. */
function useOneAtATime<Name extends string>(
  work: Record<Name, () => Promise<void>>,
  tell: (trouble: string) => void,
): (name: Name) => void {
  const latest = useRef(work);
  useEffect(() => {
    latest.current = work;
  });
  const wanted = useRef(new Set<Name>());
  const isRunning = useRef(false);
  return (name) => {
    wanted.current.add(name);
    if (isRunning.current) return;
    isRunning.current = true;
    void runAll().finally(() => {
      isRunning.current = false;
    });
  };

  async function runAll(): Promise<void> {
    for (const name of wanted.current) {
      wanted.current.delete(name);
      await latest.current[name]().catch((error: unknown) => tell(wordsFor(error)));
    }
  }
}
