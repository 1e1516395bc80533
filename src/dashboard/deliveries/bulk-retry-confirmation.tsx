import { useEffect, useState } from 'react';
import { useChange } from '../api/change.js';
import { type DeliveryFilter, RetryMatchingDocument } from '../documents.js';
import { Button } from '../elements/button.js';
import { Alert } from '../elements/message.js';
import { Dialog } from '../elements/overlay.js';
import { describeCount } from './describe-count.js';

interface ConfirmationProps {
  filter: DeliveryFilter;
  onClose: () => void;
  onStarted: (id: string) => void;
}

/** Says how many would be retried, and asks whether they are to be. */
export function BulkRetryConfirmation({ filter, onClose, onStarted }: ConfirmationProps) {
  const { ask, matched, trouble, isAsking } = useRetryMatching(filter);
  useEffect(() => void ask({ dryRun: true }), []);
  const start = async () => {
    const started = await ask({ dryRun: false });
    if (started?.bulkRetry) onStarted(started.bulkRetry.id);
  };
  const actions = (
    <>
      <Button onPress={onClose}>Cancel</Button>
      {matched !== 0 && (
        <Button look="primary" isDisabled={!matched || isAsking} onPress={start}>
          {matched ? `Retry ${describeCount(matched)}` : 'Retry'}
        </Button>
      )}
    </>
  );
  return (
    <Dialog title="Retry all that match" isOpen onClose={onClose} actions={actions}>
      <div className="bulk">
        {trouble && <Alert onRetry={() => ask({ dryRun: true })}>{trouble}</Alert>}
        <p role="status">{matched === undefined ? !trouble && 'Counting what matches …' : wordsOf(matched, filter)}</p>
        {matched !== 0 && (
          <ul className="bulk__terms quiet">
            <li>Each is sent once more, in the background; those that have succeeded, too, where they match.</li>
            <li>Passed over are test events, deliveries to disabled endpoints, and those with an attempt under way.</li>
            <li>What matches is fixed as you confirm. You can stop it at any time.</li>
          </ul>
        )}
      </div>
    </Dialog>
  );
}

function wordsOf(matched: number, filter: DeliveryFilter): string {
  if (matched === 0) return 'Nothing matches, so there is nothing to retry.';
  const verb = matched === 1 ? 'matches' : 'match';
  return Object.keys(filter).length > 0
    ? `${describeCount(matched)} ${verb} what the log is narrowed to.`
    : `The log is not narrowed: ${describeCount(matched)} ${verb}, all that there ${matched === 1 ? 'is' : 'are'}.`;
}

/** What matched when it was last asked for stays while it is asked for again. */
function useRetryMatching(filter: DeliveryFilter) {
  const { change, trouble, isUnderWay } = useChange(RetryMatchingDocument, { tellsRefusals: true });
  const [matched, setMatched] = useState<number>();
  const ask = async ({ dryRun }: { dryRun: boolean }) => {
    const answer = (await change({ input: { filter, dryRun } }))?.retryDeliveries;
    if (answer?.userErrors.length === 0) setMatched(answer.matchedCount);
    return answer;
  };
  return { ask, matched, trouble, isAsking: isUnderWay };
}
