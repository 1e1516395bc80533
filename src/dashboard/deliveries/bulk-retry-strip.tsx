import { Button, IconButton } from '../elements/button.js';
import { describeBulkRetry, useBulkRetry } from './use-bulk-retry.js';

interface StripProps {
  id: string;
  onShow: () => void;
  onDismiss: () => void;
}

/** A line above the log that says how far a bulk retry has come. */
export function BulkRetryStrip({ id, onShow, onDismiss }: StripProps) {
  const { bulkRetry } = useBulkRetry(id);
  if (!bulkRetry) return null;
  const { status, queued, total } = bulkRetry;
  return (
    <section className="bulk-strip" aria-label="Bulk retry">
      <span className="bulk-strip__name">Bulk retry</span>
      {status === 'RUNNING' && <progress value={queued} max={total} aria-label="Progress of the bulk retry" />}
      <span className="bulk-strip__words quiet">{describeBulkRetry(bulkRetry)}</span>
      <Button look="quiet" onPress={onShow}>
        Show
      </Button>
      {status !== 'RUNNING' && <IconButton icon="close" label="Dismiss" onPress={onDismiss} />}
    </section>
  );
}
