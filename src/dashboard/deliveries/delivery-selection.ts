import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import type { DeliveryFilter, DeliveryStatus } from '../documents.js';
import type { Option } from '../elements/choice.js';

/** What of the log is shown; empty where nothing is chosen. It is in the address, so that a link shows the same. */
export interface DeliverySelection {
  status: DeliveryStatus | '';
  eventType: string;
  endpointId: string;
  eventId: string;
  /** How far back, such as `24h`; or `custom`, between `from` and `to`. */
  span: Span;
  from: string;
  to: string;
}

type Span = '' | '1h' | '24h' | '7d' | '30d' | 'custom';

export const STATUSES: readonly Option<DeliveryStatus | ''>[] = [
  { value: '', label: 'Any status' },
  { value: 'SUCCEEDED', label: 'Succeeded' },
  { value: 'FAILED', label: 'Failed' },
  { value: 'RETRYING', label: 'Retrying' },
  { value: 'PENDING', label: 'Pending' },
  { value: 'HELD', label: 'Held' },
];

export const SPANS: readonly Option<Span>[] = [
  { value: '', label: 'Any time' },
  { value: '1h', label: 'Last hour' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
  { value: 'custom', label: 'Between …' },
];

const HOUR_MS = 3_600_000;
const SPAN_MS: Partial<Record<Span, number>> = {
  '1h': HOUR_MS,
  '24h': 24 * HOUR_MS,
  '7d': 7 * 24 * HOUR_MS,
  '30d': 30 * 24 * HOUR_MS,
};

/** What each part is called in the address. */
const NAMES: Record<keyof DeliverySelection, string> = {
  status: 'status',
  eventType: 'type',
  endpointId: 'endpoint',
  eventId: 'event',
  span: 'time',
  from: 'from',
  to: 'to',
};

export const NOTHING_SELECTED: DeliverySelection = {
  status: '',
  eventType: '',
  endpointId: '',
  eventId: '',
  span: '',
  from: '',
  to: '',
};

export function useDeliverySelection(): [DeliverySelection, (change: Partial<DeliverySelection>) => void] {
  const [params, setParams] = useSearchParams();
  const get = (part: keyof DeliverySelection) => params.get(NAMES[part]) ?? '';
  const selection: DeliverySelection = {
    status: STATUSES.find(({ value }) => value === get('status'))?.value ?? '',
    eventType: get('eventType'),
    endpointId: get('endpointId'),
    eventId: get('eventId'),
    span: SPANS.find(({ value }) => value === get('span'))?.value ?? '',
    from: asTime(get('from')),
    to: asTime(get('to')),
  };
  const select = (change: Partial<DeliverySelection>) =>
    setParams(
      (before) => {
        for (const [part, value] of Object.entries(change)) {
          const name = NAMES[part as keyof DeliverySelection];
          if (value) before.set(name, value);
          else before.delete(name);
        }
        return before;
      },
      { replace: true },
    );
  return [selection, select];
}

export function isNarrowed(selection: DeliverySelection): boolean {
  return Object.values(selection).some(Boolean);
}

/** The same object while the selection is the same: what is `24 hours` ago does not move on as one reads. */
export function useDeliveryFilter(selection: DeliverySelection, endpointId?: string): DeliveryFilter {
  const key = JSON.stringify([selection, endpointId]);
  return useMemo(() => filterOf({ ...selection, endpointId: endpointId ?? selection.endpointId }, Date.now()), [key]);
}

function filterOf(selection: DeliverySelection, nowMs: number): DeliveryFilter {
  const { status, eventType, endpointId, eventId } = selection;
  const createdAt = rangeOf(selection, nowMs);
  return {
    ...(status && { statuses: [status] }),
    ...(eventType && { eventTypes: [eventType] }),
    ...(endpointId && { endpointIds: [endpointId] }),
    ...(eventId && { eventId }),
    ...(createdAt && { createdAt }),
  };
}

function rangeOf({ span, from, to }: DeliverySelection, nowMs: number): DeliveryFilter['createdAt'] {
  const spanMs = SPAN_MS[span];
  if (spanMs) return { from: new Date(nowMs - spanMs).toISOString() };
  if (span !== 'custom' || (!from && !to)) return null;
  return { ...(from && { from: new Date(from).toISOString() }), ...(to && { to: new Date(to).toISOString() }) };
}

/** What is in the address may be anything. */
function asTime(text: string): string {
  return Number.isNaN(Date.parse(text)) ? '' : text;
}
