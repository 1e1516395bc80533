import { useEffect, useRef } from 'react';
import { useLive } from '../api/live.js';
import { type Pages, usePages } from '../api/pages.js';
import { EndpointsChangedDocument, EndpointsDocument } from '../documents.js';
import type { EndpointRow } from './endpoint-columns.js';
import { type EndpointSelection, filterOf, isSelected, useSettled } from './endpoint-selection.js';

/** Many may come or go at once; the list is asked for once for all of them. */
const GATHER_MS = 250;

/** The list as it is, row by row as they change, and as a whole when an endpoint comes or goes. */
export function useLiveEndpoints(selection: EndpointSelection): Pages<EndpointRow> {
  const settled = { ...selection, search: useSettled(selection.search) };
  const pages = usePages(EndpointsDocument, 'endpoints', { filter: filterOf(settled) });
  const reloadSoon = useSoon(pages.reload, GATHER_MS);
  useLive(
    EndpointsChangedDocument,
    {},
    {
      onUpdate({ endpoint, deletedEndpointId }, { cache }) {
        if (deletedEndpointId) {
          cache.evict({ id: cache.identify({ __typename: 'WebhookEndpoint', id: deletedEndpointId }) });
          cache.gc();
          reloadSoon();
        }
        if (!endpoint || !pages.list) return;
        const isListed = pages.list.nodes.some(({ id }) => id === endpoint.id);
        const isLoaded = isListed || !pages.list.pageInfo.hasNextPage;
        if (isLoaded ? isListed !== isSelected(settled, endpoint) : isNewerThan(pages.list.nodes, endpoint))
          reloadSoon();
      },
    },
  );
  return pages;
}

/** The newest come first, and ids rise with time. */
function isNewerThan(nodes: readonly EndpointRow[], { id }: EndpointRow): boolean {
  return nodes[0] === undefined || id > nodes[0].id;
}

function useSoon(run: () => void, withinMs: number): () => void {
  const timer = useRef<number | undefined>(undefined);
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return () => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, withinMs);
  };
}
