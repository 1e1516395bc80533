import { Link } from 'wouter';
import { DeliveryStatusBadge } from '../elements/badge.js';
import { count } from '../elements/figures.js';
import type { Column } from '../elements/table.js';
import { Timestamp } from '../elements/timestamp.js';
import type { ListedDelivery } from './delivery-feed.js';
import { duration, OUTCOMES } from './outcomes.js';

interface Options {
  withEndpoint: boolean;
  /** Where a delivery is shown. */
  hrefOf: (delivery: ListedDelivery) => string;
}

export function deliveryColumns({ withEndpoint, hrefOf }: Options): readonly Column<ListedDelivery>[] {
  const columns: Column<ListedDelivery>[] = [
    {
      id: 'type',
      header: 'Event',
      width: 'minmax(150px, 1fr)',
      cell: (delivery) => (
        // The row itself is the stop of the tab key.
        <Link href={hrefOf(delivery)} tabIndex={-1} className="deliveries__type" title={delivery.eventType}>
          {delivery.eventType}
        </Link>
      ),
    },
    {
      id: 'status',
      header: 'Status',
      width: '104px',
      cell: ({ status }) => <DeliveryStatusBadge status={status} />,
    },
    {
      id: 'endpoint',
      header: 'Endpoint',
      width: 'minmax(120px, 1.5fr)',
      cell: ({ endpoint }) =>
        endpoint && (
          <span className="quiet" title={endpoint.url}>
            {endpoint.url.replace(/^https:\/\//, '')}
          </span>
        ),
    },
    {
      id: 'response',
      header: 'Response',
      width: 'minmax(56px, 0.9fr)',
      cell: ({ lastAttempt }) => lastAttempt && describeResponse(lastAttempt),
    },
    {
      id: 'took',
      header: 'Took',
      width: '72px',
      isAtEnd: true,
      cell: ({ lastAttempt }) => lastAttempt && duration(lastAttempt.responseTimeMs),
    },
    {
      id: 'attempts',
      header: 'Attempts',
      width: '64px',
      isAtEnd: true,
      cell: ({ attemptCount }) => count(attemptCount),
    },
    {
      id: 'when',
      header: 'When',
      width: '92px',
      isAtEnd: true,
      cell: ({ createdAt }) => <Timestamp at={createdAt} />,
    },
  ];
  return columns.filter(({ id }) => id !== 'endpoint' || withEndpoint);
}

/** The code where one came; else why none did. */
function describeResponse({ outcome, responseStatusCode }: NonNullable<ListedDelivery['lastAttempt']>) {
  if (responseStatusCode === null) return <span className="quiet">{OUTCOMES[outcome]}</span>;
  return <span title={OUTCOMES[outcome]}>{responseStatusCode}</span>;
}
