import { useEffect, useEffectEvent, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useApi } from '../api/context.js';
import { useLive } from '../api/live.js';
import { useStale } from '../api/query.js';
import { wordsFor } from '../api/trouble.js';
import {
  DeliveriesChangedDocument,
  DeliveriesDocument,
  type DeliveryFilter,
  EndpointsGoneDocument,
} from '../documents.js';
import { DeliveryFeed, type FeedState, type Footing } from './delivery-feed.js';

const PAGE_SIZE = 100;
/** Many may come or change at once; the list is changed once for all of them. */
const GATHER_MS = 100;
/** Browsers let hidden pages wait; no more than so many are gathered meanwhile. */
const MAX_GATHERED = 1_000;

export interface LiveDeliveries extends FeedState {
  /** What went wrong, in words for the reader. */
  readonly trouble: string | null;
  /** Whether what is shown is still of the filter before. */
  readonly isOld: boolean;
  readonly loadMore: () => void;
  readonly reload: () => void;
  /** Takes up what waits, once the reader is where rows may move. */
  readonly settle: () => void;
}

interface Options {
  withEndpoint: boolean;
  /** Asked whenever something came. */
  footing: () => Footing;
}

/** The deliveries that match, as they come and change. */
export function useDeliveries(filter: DeliveryFilter, { withEndpoint, footing }: Options): LiveDeliveries {
  const { client } = useApi();
  const [trouble, setTrouble] = useState<{ of: DeliveryFeed; words: string } | null>(null);
  const feed = useMemo(
    () =>
      new DeliveryFeed(filter, async (query) => {
        const variables = { ...query, first: PAGE_SIZE, withEndpoint };
        const { data } = await client.query({ query: DeliveriesDocument, variables, fetchPolicy: 'no-cache' });
        return data!.deliveries;
      }),
    [client, filter, withEndpoint],
  );
  const state = useSyncExternalStore(feed.state.subscribe, feed.state.get);
  const tell = (work: Promise<void>) =>
    void work.then(
      () => setTrouble(null),
      (error: unknown) => setTrouble({ of: feed, words: wordsFor(error) }),
    );
  // What came while the list was asked for is in it, or comes on top.
  const reload = () => tell(feed.reload().then(() => feed.settle(footing())));
  const load = useEffectEvent(reload);
  const settle = useEffectEvent(() => feed.settle(footing()));
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => {
    load();
    return () => {
      window.clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, [feed]);
  useStale(() => tell(feed.catchUp(footing)));
  useLive(
    DeliveriesChangedDocument,
    { endpointIds: filter.endpointIds, withEndpoint },
    {
      isPassing: true,
      onUpdate({ kind, delivery }) {
        if (kind === 'RESYNC_REQUIRED') reload();
        // What happened while the list was asked for and nobody listened yet.
        if (kind === 'READY') tell(feed.catchUp(footing));
        if (!delivery) return;
        feed.hear(delivery);
        if (feed.heardCount > MAX_GATHERED) settle();
        timer.current ??= window.setTimeout(() => {
          timer.current = undefined;
          settle();
        }, GATHER_MS);
      },
    },
  );
  useLive(
    EndpointsGoneDocument,
    {},
    {
      skip: !withEndpoint,
      isPassing: true,
      onUpdate: ({ deletedEndpointId }) => {
        if (deletedEndpointId) feed.forgetEndpoint(deletedEndpointId);
      },
    },
  );

  return {
    ...useShown(state),
    trouble: trouble?.of === feed ? trouble.words : null,
    loadMore: useMemo(() => () => tell(feed.loadMore()), [feed]),
    reload,
    settle: () => feed.settle(footing()),
  };
}

/** While a filter is changed, what was there stays until there is something else. */
function useShown(state: FeedState): FeedState & { isOld: boolean } {
  const last = useRef(state);
  useEffect(() => {
    if (state.rows) last.current = state;
  });
  const isOld = !state.rows && last.current.rows !== undefined;
  if (!isOld) return { ...state, isOld };
  return { ...last.current, waitingCount: 0, isBehind: false, isLoading: true, hasMore: false, isOld };
}
