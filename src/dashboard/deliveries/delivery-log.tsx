import './deliveries.css';
import { useRef } from 'react';
import { useMay } from '../api/viewer.js';
import { Alert } from '../elements/message.js';
import { Table } from '../elements/table.js';
import { useBulkRetries } from './bulk-retries.js';
import { deliveryColumns } from './delivery-columns.js';
import { DeliveryDrawer } from './delivery-drawer.js';
import type { ListedDelivery } from './delivery-feed.js';
import { DeliveryFilters } from './delivery-filters.js';
import { useDeliveryFilter, useDeliverySelection } from './delivery-selection.js';
import { describeCount } from './describe-count.js';
import { useArrivals, useReturnToTop } from './log-motion.js';
import { NewDeliveries } from './new-deliveries.js';
import { NoDeliveries } from './no-deliveries.js';
import { useOpenDelivery } from './open-delivery.js';
import { type LiveDeliveries, useDeliveries } from './use-deliveries.js';

const ROW_HEIGHT = { wide: 36, phone: 62 };

/** The deliveries to an endpoint, or to all: what happens now, and what has happened. */
export function DeliveryLog({ endpointId }: { endpointId?: string }) {
  const [selection, select] = useDeliverySelection();
  const filter = useDeliveryFilter(selection, endpointId);
  const withEndpoint = useMay('endpoints:read') && !endpointId;
  const { openId, hrefOf, close } = useOpenDelivery();
  const log = useRef<HTMLElement>(null);
  const isAtTop = () => (log.current?.getBoundingClientRect().top ?? 0) >= -1;
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
          {rows && !isOld && describeTotal(deliveries)}
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
        className={`deliveries__log${isArriving ? ' deliveries--arriving' : ''}`}
      >
        <NewDeliveries deliveries={deliveries} log={log} />
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

/** Above ten thousand, or where counting takes too long, nobody knows how many there are. */
function describeTotal({ rows = [], totalCount, hasMore }: LiveDeliveries): string {
  const known = hasMore ? totalCount : rows.length;
  return known === null ? 'Many deliveries' : describeCount(known);
}
