import { useId } from 'react';
import { useChange } from '../api/change.js';
import { RetryDeliveryDocument } from '../documents.js';
import { Button } from '../elements/button.js';
import type { ShownDelivery } from './attempt-timeline.js';

interface RetryButtonProps {
  delivery: ShownDelivery;
  /** Whether a retry that was asked for has not been made yet. */
  isAwaited: boolean;
  onAsked: () => void;
}

/** One more attempt, by hand: what that does stands beside it, and why it cannot be done where it cannot. */
export function RetryButton({ delivery, isAwaited, onAsked }: RetryButtonProps) {
  const { change, trouble, isUnderWay } = useChange(RetryDeliveryDocument, { tellsRefusals: true });
  const id = useId();
  const obstacle = obstacleTo(delivery);
  const ask = async () => {
    const data = await change({ id: delivery.id });
    if (data?.retryDelivery.userErrors.length === 0) onAsked();
  };
  return (
    <div className="retry">
      <p id={id} role={trouble ? 'alert' : undefined} className={trouble ? 'retry__trouble' : 'quiet'}>
        {trouble ?? obstacle ?? 'Sends it once more, now. Its schedule goes on as if this had not been.'}
      </p>
      <Button
        look="primary"
        isDisabled={obstacle !== null}
        isPending={isUnderWay || isAwaited}
        aria-describedby={id}
        onPress={ask}
      >
        Retry
      </Button>
    </div>
  );
}

/** Why the service would refuse, as far as that can be known; null if it would not. */
function obstacleTo({ event, endpoint, status }: ShownDelivery): string | null {
  if (event?.livemode === false) return 'A test event is sent once. Send another from the endpoint’s page.';
  if (endpoint?.status === 'DISABLED' || status === 'HELD') return 'The endpoint is disabled. Enable it, then retry.';
  if (status === 'PENDING') return 'Its first attempt is on its way.';
  return null;
}
