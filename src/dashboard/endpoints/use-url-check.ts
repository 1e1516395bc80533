import { useEffect, useState } from 'react';
import { useApi } from '../api/context.js';
import { CheckEndpointUrlDocument } from '../documents.js';
import { useSettled } from './endpoint-selection.js';

/** What the service has against a URL, asked while one types; null while there is nothing to say. */
export function useUrlCheck(url: string): string | null {
  const { client } = useApi();
  const settled = useSettled(url.trim(), 300);
  const [checked, setChecked] = useState<{ url: string; message: string | null } | null>(null);
  useEffect(() => {
    // Nobody has got it wrong before they are past this.
    if (settled === '' || 'https://'.startsWith(settled)) return;
    let isLate = false;
    client
      .query({ query: CheckEndpointUrlDocument, variables: { url: settled }, fetchPolicy: 'no-cache' })
      .then(({ data }) => {
        if (!isLate) setChecked({ url: settled, message: data?.checkEndpointUrl?.message ?? null });
      })
      // Whoever saves is told in the end.
      .catch(() => {});
    return () => {
      isLate = true;
    };
  }, [client, settled]);
  return checked?.url === url.trim() ? checked.message : null;
}
