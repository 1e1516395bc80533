import { useEffect } from 'react';
import { useApi } from '../api/context.js';
import { useLive } from '../api/live.js';
import { useApiQuery } from '../api/query.js';
import { useMay } from '../api/viewer.js';
import { DeliveryVersionsDocument, EndpointStatusChangedDocument, OneDeliveryDocument } from '../documents.js';

/** The delivery as it is, while it is looked at. */
export function useDelivery(id: string) {
  const { client } = useApi();
  const withEndpoint = useMay('endpoints:read');
  const withEvent = useMay('events:read');
  const { data, trouble, isLoading, reload } = useApiQuery(OneDeliveryDocument, { id, withEndpoint, withEvent });
  const delivery = data?.delivery ?? undefined;
  const endpointIds = delivery?.endpoint ? [delivery.endpoint.id] : undefined;
  const skip = withEndpoint && !endpointIds;
  useLive(
    DeliveryVersionsDocument,
    { endpointIds },
    {
      skip,
      isPassing: true,
      onUpdate({ kind, delivery: changed }) {
        if (kind === 'READY' || changed?.id === id) reload();
      },
    },
  );
  useLive(
    EndpointStatusChangedDocument,
    { endpointIds },
    { skip: !endpointIds, onUpdate: ({ kind }) => kind === 'READY' && reload() },
  );
  // Bodies are large, and there are many deliveries: none is kept once it is closed.
  useEffect(
    () => () => {
      for (const fieldName of ['delivery', 'node']) client.cache.evict({ id: 'ROOT_QUERY', fieldName });
      client.cache.gc();
    },
    [client],
  );
  return { delivery, isMissing: data?.delivery === null && !isLoading, trouble, reload };
}
