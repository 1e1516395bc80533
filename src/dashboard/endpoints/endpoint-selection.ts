import { useEffect, useState } from 'react';
import { useSearchParams } from 'wouter';
import type { EndpointFilter, EndpointStatus } from '../documents.js';
import type { Option } from '../elements/choice.js';
import type { EndpointRow } from './endpoint-columns.js';
import { receives } from './receives.js';

/** What of the list is shown; empty where nothing is chosen. It is in the address, so that a link shows the same. */
export interface EndpointSelection {
  search: string;
  status: EndpointStatus | '';
  eventType: string;
}

export const STATUSES: readonly Option<EndpointStatus | ''>[] = [
  { value: '', label: 'Any status' },
  { value: 'ACTIVE', label: 'Active' },
  { value: 'FAILING', label: 'Failing' },
  { value: 'DISABLED', label: 'Disabled' },
];

export function useEndpointSelection(): [EndpointSelection, (change: Partial<EndpointSelection>) => void] {
  const [params, setParams] = useSearchParams();
  const selection: EndpointSelection = {
    search: params.get('search') ?? '',
    status: STATUSES.find(({ value }) => value === params.get('status'))?.value ?? '',
    eventType: params.get('event') ?? '',
  };
  const select = (change: Partial<EndpointSelection>) => {
    const { search, status, eventType } = { ...selection, ...change };
    const chosen = Object.entries({ search, status, event: eventType }).filter(([, value]) => value !== '');
    setParams(new URLSearchParams(chosen), { replace: true });
  };
  return [selection, select];
}

/** Follows a text as it is typed, once the reader pauses. */
export function useSettled(text: string, afterMs = 200): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(text), text === '' ? 0 : afterMs);
    return () => window.clearTimeout(timer);
  }, [text, afterMs]);
  return settled;
}

export function filterOf({ search, status, eventType }: EndpointSelection): EndpointFilter {
  return {
    ...(search && { search }),
    ...(status && { statuses: [status] }),
    ...(eventType && { eventType }),
  };
}

/** Whether the service would list this endpoint. */
export function isSelected({ search, status, eventType }: EndpointSelection, endpoint: EndpointRow): boolean {
  const text = `${endpoint.url}\n${endpoint.description ?? ''}`.toLowerCase();
  return (
    (!status || endpoint.status === status) &&
    (!eventType || receives(endpoint, eventType)) &&
    text.includes(search.toLowerCase())
  );
}
