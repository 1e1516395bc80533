import { useLive } from '../api/live.js';
import { useApiQuery } from '../api/query.js';
import { BulkRetryChangedDocument, BulkRetryNowDocument, type BulkRetryState } from '../documents.js';
import { count } from '../elements/figures.js';

export type { BulkRetryState };

/** A bulk retry as it goes on; null when there is none with this id. */
export function useBulkRetry(id: string) {
  const { data, trouble, reload } = useApiQuery(BulkRetryNowDocument, { id });
  const bulkRetry = data?.bulkRetry;
  useLive(BulkRetryChangedDocument, { id }, { skip: bulkRetry?.status !== 'RUNNING' });
  return { bulkRetry, trouble, reload };
}

/** How far it has come, or what came of it. */
export function describeBulkRetry({ status, total, queued, passedOver }: BulkRetryState): string {
  const progress = `${count(queued)} of ${count(total)}`;
  if (status === 'RUNNING') return `${progress} dealt with`;
  const result = `${count(queued - passedOver)} queued, ${count(passedOver)} passed over`;
  return status === 'CANCELED' ? `Stopped after ${progress}: ${result}` : `Done: ${result}`;
}
