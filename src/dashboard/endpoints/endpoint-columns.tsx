import { Link } from 'wouter';
import type { EndpointRow } from '../documents.js';
import { EndpointStatusBadge } from '../elements/badge.js';
import { IconButton } from '../elements/button.js';
import { count, percent } from '../elements/figures.js';
import { Sparkline } from '../elements/sparkline.js';
import type { Column } from '../elements/table.js';
import { Timestamp } from '../elements/timestamp.js';

export type { EndpointRow };

export const ENDPOINT_COLUMNS: readonly Column<EndpointRow>[] = [
  {
    id: 'url',
    header: 'URL',
    width: 'minmax(0, 1fr)',
    cell: ({ id, url, description }) => (
      <>
        {/* The row itself is the stop of the tab key. */}
        <Link href={`/endpoints/${id}`} tabIndex={-1} className="endpoints__url" title={url}>
          {url}
        </Link>
        {description && <span className="endpoints__description faint">{description}</span>}
      </>
    ),
  },
  { id: 'events', header: 'Events', width: '130px', cell: describeEvents },
  {
    id: 'status',
    header: 'Status',
    width: '150px',
    cell: ({ status, heldCount }) => (
      <>
        <EndpointStatusBadge status={status} />
        {heldCount > 0 && <span className="endpoints__held quiet">{count(heldCount)} held</span>}
      </>
    ),
  },
  {
    id: 'rate',
    header: 'Success rate',
    width: '84px',
    isAtEnd: true,
    cell: ({ successRate }) => (successRate === null ? <span className="faint">–</span> : percent(successRate)),
  },
  {
    id: 'day',
    header: 'Last 24 hours',
    width: '100px',
    cell: ({ stats: { series } }) => <Sparkline points={series} label={describeDay(series)} />,
  },
  {
    id: 'last',
    header: 'Last delivery',
    width: '96px',
    isAtEnd: true,
    cell: ({ lastDeliveryAt }) =>
      lastDeliveryAt ? <Timestamp at={lastDeliveryAt} /> : <span className="faint">Never</span>,
  },
];

/** In the row: reached from it with the right arrow, for the table is one stop of the tab key. */
export function testColumn(onTest: (endpoint: EndpointRow) => void): Column<EndpointRow> {
  return {
    id: 'test',
    header: 'Test',
    width: '28px',
    cell: (endpoint) => (
      <IconButton
        icon="send"
        label={`Send a test event to ${endpoint.url}`}
        excludeFromTabOrder
        onPress={() => onTest(endpoint)}
      />
    ),
  };
}

function describeEvents({ allEvents, eventTypes, eventTypeCount }: EndpointRow): string {
  if (allEvents) return 'All events';
  return eventTypes.length === 1 ? eventTypes[0]! : `${eventTypeCount} events`;
}

function describeDay(series: EndpointRow['stats']['series']): string {
  const succeeded = series.reduce((sum, point) => sum + point.succeeded, 0);
  const failed = series.reduce((sum, point) => sum + point.failed, 0);
  return `${count(succeeded)} succeeded, ${count(failed)} failed`;
}
