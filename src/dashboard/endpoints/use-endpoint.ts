import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { useApi } from '../api/context.js';
import { useLive } from '../api/live.js';
import { useApiQuery } from '../api/query.js';
import { EndpointChangedDocument, type OneEndpoint, OneEndpointDocument } from '../documents.js';
import type { Option } from '../elements/choice.js';

export type ShownEndpoint = NonNullable<OneEndpoint['endpoint']>;

/** How far back statistics reach. */
export type Period = 'day' | 'week' | 'month';

export const PERIODS: readonly Option<Period>[] = [
  { value: 'day', label: '24 hours' },
  { value: 'week', label: '7 days' },
  { value: 'month', label: '30 days' },
];

const VARIABLES = {
  day: { window: 'LAST_24_HOURS', interval: 'HOUR' },
  week: { window: 'LAST_7_DAYS', interval: 'HOUR' },
  month: { window: 'LAST_30_DAYS', interval: 'DAY' },
} as const;

/** The period stands in the address. */
export function usePeriod(): [Period, (period: Period) => void] {
  const [params, setParams] = useSearchParams();
  const period = PERIODS.find(({ value }) => value === params.get('period'))?.value ?? 'day';
  return [
    period,
    (chosen) =>
      setParams(
        (before) => {
          if (chosen === 'day') before.delete('period');
          else before.set('period', chosen);
          return before;
        },
        { replace: true },
      ),
  ];
}

/** An endpoint as it is, while it is looked at. Null once it is known that there is none. */
export function useEndpoint(id: string, period: Period) {
  const { client } = useApi();
  const [wasThere, setWasThere] = useState(false);
  const [isDeleted, setDeleted] = useState(false);
  const { data, isOfBefore, trouble, isLoading, reload } = useApiQuery(OneEndpointDocument, {
    id,
    ...VARIABLES[period],
  });
  useLive(
    EndpointChangedDocument,
    { ids: [id], ...VARIABLES[period] },
    {
      onUpdate({ deletedEndpointId }) {
        if (deletedEndpointId !== id) return;
        setDeleted(true);
        client.cache.evict({ id: client.cache.identify({ __typename: 'WebhookEndpoint', id }) });
        client.cache.gc();
      },
    },
  );
  if (data?.endpoint && !wasThere) setWasThere(true);
  const isMissing = isDeleted || (data?.endpoint === null && !isLoading);
  return {
    endpoint: isMissing ? null : (data?.endpoint ?? undefined),
    isDeleted: isMissing && wasThere,
    // What there is of the endpoint itself is right all the same.
    isOfOtherPeriod: isOfBefore,
    trouble,
    reload,
  };
}
