import { useChange } from '../api/change.js';
import { useMay } from '../api/viewer.js';
import { CancelBulkRetryDocument } from '../documents.js';
import { Button } from '../elements/button.js';
import { count } from '../elements/figures.js';
import { Alert } from '../elements/message.js';
import { Dialog } from '../elements/overlay.js';
import { Timestamp } from '../elements/timestamp.js';
import { type BulkRetryState, useBulkRetry } from './use-bulk-retry.js';

const TITLES: Record<BulkRetryState['status'], string> = {
  RUNNING: 'Retrying …',
  COMPLETED: 'All have been dealt with',
  CANCELED: 'Stopped',
};

/** A bulk retry as it goes on, and what came of it. It goes on when this is closed. */
export function BulkRetryDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { bulkRetry, trouble, reload } = useBulkRetry(id);
  const mayStop = useMay('deliveries:write');
  const { stop, isStopping, stopTrouble } = useStop(id);
  const isRunning = bulkRetry?.status === 'RUNNING';
  const actions = (
    <>
      {isRunning && mayStop && (
        <Button onPress={stop} isPending={isStopping}>
          Stop
        </Button>
      )}
      <Button look="primary" onPress={onClose}>
        Close
      </Button>
    </>
  );
  return (
    <Dialog title={bulkRetry ? TITLES[bulkRetry.status] : 'Bulk retry'} isOpen onClose={onClose} actions={actions}>
      <div className="bulk">
        {(stopTrouble ?? trouble) && <Alert onRetry={stopTrouble ? stop : reload}>{stopTrouble ?? trouble}</Alert>}
        {bulkRetry === null && <p>There is no such bulk retry. Those that are over are forgotten after a while.</p>}
        {bulkRetry && <Progress bulkRetry={bulkRetry} />}
      </div>
    </Dialog>
  );
}

function Progress({ bulkRetry: { status, total, queued, passedOver, createdAt } }: { bulkRetry: BulkRetryState }) {
  return (
    <>
      <progress className="bulk__progress" value={queued} max={Math.max(total, 1)} aria-label="Progress" />
      <dl className="bulk__facts">
        <dt>Queued</dt>
        <dd>{count(queued - passedOver)}</dd>
        <dt>Passed over</dt>
        <dd>{count(passedOver)}</dd>
        <dt>{status === 'CANCELED' ? 'Not reached' : 'To go'}</dt>
        <dd>{count(total - queued)}</dd>
        <dt>Matched</dt>
        <dd>{count(total)}</dd>
        <dt>Begun</dt>
        <dd>
          <Timestamp at={createdAt} />
        </dd>
      </dl>
      <p role="status" className="quiet">
        {status === 'RUNNING' && 'It goes on in the background when you close this, and the log shows each attempt.'}
        {status === 'COMPLETED' && 'The last attempts may still be under way: the log shows what comes of each.'}
        {status === 'CANCELED' && 'No more are queued. Those that were are attempted all the same.'}
      </p>
    </>
  );
}

function useStop(id: string) {
  const { change, trouble, isUnderWay } = useChange(CancelBulkRetryDocument, { tellsRefusals: true });
  return { stop: () => change({ id }), isStopping: isUnderWay, stopTrouble: trouble };
}
