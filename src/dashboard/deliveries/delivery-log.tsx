import './deliveries.css';
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { useMay } from '../api/viewer.js';
import { Button } from '../elements/button.js';
import { count } from '../elements/figures.js';
import { focusUnlessElsewhere } from '../elements/focus-back.js';
import { Alert, EmptyState } from '../elements/message.js';
import { Table } from '../elements/table.js';
import { useBulkRetries } from './bulk-retries.js';
import { deliveryColumns } from './delivery-columns.js';
import { DeliveryDrawer } from './delivery-drawer.js';
import type { ListedDelivery } from './delivery-feed.js';
import { DeliveryFilters } from './delivery-filters.js';
import {
  type DeliverySelection,
  isNarrowed,
  NOTHING_SELECTED,
  useDeliveryFilter,
  useDeliverySelection,
} from './delivery-selection.js';
import { type LiveDeliveries, useDeliveries } from './use-deliveries.js';

const OPEN = 'delivery';
const ROW_HEIGHT = { wide: 36, phone: 62 };
/** How long rows take to move when one comes in. */
const ARRIVAL_MS = 250;

/** The deliveries to an endpoint, or to all: what happens now, and what has happened. */
export function DeliveryLog({ endpointId }: { endpointId?: string }) {
  const [selection, select] = useDeliverySelection();
  const filter = useDeliveryFilter(selection, endpointId);
  const withEndpoint = useMay('endpoints:read') && !endpointId;
  const { openId, hrefOf, close } = useOpenDelivery();
  const log = useRef<HTMLElement>(null);
  const isAtTop = () => (log.current?.getBoundingClientRect().top ?? 0) >= 0;
  const footing = () => {
    const focused = document.activeElement?.closest<HTMLElement>('[data-key]')?.dataset.key;
    return { mayMove: isAtTop(), kept: openId ?? focused ?? null };
  };
  const deliveries = useDeliveries(filter, { withEndpoint, footing });
  const { rows, totalCount, trouble, isOld, waitingCount, reload, loadMore, settle } = deliveries;
  useReturnToTop(isAtTop, () => waitingCount > 0 && settle());
  const isArriving = useArrivals(rows);
  const bulkRetries = useBulkRetries(filter);
  return (
    <>
      <div className="deliveries__tools">
        <DeliveryFilters selection={selection} select={select} withEndpoints={withEndpoint} />
        <span role="status" className="deliveries__count quiet">
          {rows && !isOld && describeCount(totalCount, rows.length)}
        </span>
        {rows && rows.length > 0 && bulkRetries.button}
      </div>
      {bulkRetries.strips}
      {trouble && (
        <div className="page__section">
          <Alert onRetry={reload}>{trouble}</Alert>
        </div>
      )}
      <section
        ref={log}
        aria-label="Delivery log"
        aria-busy={isOld}
        className={isArriving ? 'deliveries--arriving' : ''}
      >
        <NewOnes deliveries={deliveries} log={log} />
        {rows && rows.length > 0 && (
          <Table<ListedDelivery>
            label="Deliveries"
            className={`deliveries${withEndpoint ? '' : ' deliveries--of-one'}${isOld ? ' deliveries--old' : ''}`}
            columns={deliveryColumns({ withEndpoint, hrefOf })}
            rows={rows}
            keyOf={keyOf}
            hrefOf={hrefOf}
            totalCount={totalCount}
            onNearEnd={loadMore}
            rowHeight={ROW_HEIGHT}
          />
        )}
        {rows?.length === 0 && !isOld && <NoDeliveries selection={selection} select={select} />}
      </section>
      {bulkRetries.dialogs}
      <DeliveryDrawer id={openId} onClose={close} />
    </>
  );
}

function keyOf({ id }: ListedDelivery): string {
  return id;
}

interface OpenDelivery {
  openId: string | null;
  /** The page that one is on, with that delivery open. */
  hrefOf: (delivery: ListedDelivery) => string;
  close: () => void;
}

/** Which delivery is open stands in the address, so that there are links to it. */
function useOpenDelivery(): OpenDelivery {
  const [path] = useLocation();
  const [params, setParams] = useSearchParams();
  const openId = params.get(OPEN);
  // Opened by a link, there is nothing that the focus could go back to by itself.
  const wasOpen = useRef(openId);
  useEffect(() => {
    const id = wasOpen.current;
    wasOpen.current = openId;
    if (openId || !id) return;
    focusUnlessElsewhere(() => document.querySelector<HTMLElement>(`[data-key="${CSS.escape(id)}"]`));
  }, [openId]);
  return {
    openId,
    hrefOf({ id }) {
      const opened = new URLSearchParams(params);
      opened.set(OPEN, id);
      return `${path}?${opened}`;
    },
    close: () =>
      setParams((before) => {
        before.delete(OPEN);
        return before;
      }),
  };
}

/** Says how many came while the reader is further down, and takes them there. */
function NewOnes({ deliveries, log }: { deliveries: LiveDeliveries; log: React.RefObject<HTMLElement | null> }) {
  const { rows, waitingCount, isBehind, reload, settle } = deliveries;
  const isWanted = useRef(false);
  useEffect(() => {
    const first = rows?.[0] && log.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(rows[0].id)}"]`);
    if (!isWanted.current || !first) return;
    isWanted.current = false;
    first.focus({ preventScroll: true });
  });
  const show = () => {
    isWanted.current = true;
    log.current?.scrollIntoView();
    if (isBehind) reload();
    else settle();
  };
  return (
    <div role="status" className="deliveries__new">
      {(waitingCount > 0 || isBehind) && (
        <Button look="primary" onPress={show}>
          {isBehind
            ? 'Many new deliveries'
            : `${count(waitingCount)} new ${waitingCount === 1 ? 'delivery' : 'deliveries'}`}
        </Button>
      )}
    </div>
  );
}

/** Calls back when the reader has come back to the top. */
function useReturnToTop(isAtTop: () => boolean, onReturn: () => void): void {
  const onScroll = useEffectEvent(() => isAtTop() && onReturn());
  useEffect(() => {
    const listener = () => onScroll();
    window.addEventListener('scroll', listener, { passive: true });
    return () => window.removeEventListener('scroll', listener);
  }, []);
}

/** Whether a row has come in above the others a moment ago: then they move, instead of being somewhere else. */
function useArrivals(rows: readonly ListedDelivery[] | undefined): boolean {
  const first = rows?.[0]?.id;
  const [seen, setSeen] = useState(first);
  const isArriving = seen !== undefined && first !== undefined && first > seen;
  useEffect(() => {
    const timer = window.setTimeout(() => setSeen(first), isArriving ? ARRIVAL_MS : 0);
    return () => window.clearTimeout(timer);
  }, [first, isArriving]);
  return isArriving;
}

interface NoDeliveriesProps {
  selection: DeliverySelection;
  select: (change: Partial<DeliverySelection>) => void;
}

function NoDeliveries({ selection, select }: NoDeliveriesProps): ReactNode {
  if (isNarrowed(selection)) {
    const showAll = <Button onPress={() => select(NOTHING_SELECTED)}>Show all</Button>;
    return (
      <EmptyState title="No delivery matches" action={showAll}>
        Choose another status, event or time. What matches from now on appears here by itself.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No deliveries yet">
      As soon as an event is published that an endpoint receives, its delivery appears here. A test event of an endpoint
      does, too.
    </EmptyState>
  );
}

function describeCount(total: number | null, shown: number): string {
  if (total === null) return 'More than 10,000 deliveries';
  const counted = Math.max(total, shown);
  return `${count(counted)} ${counted === 1 ? 'delivery' : 'deliveries'}`;
}
