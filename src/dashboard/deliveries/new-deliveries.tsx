import { type RefObject, useEffect, useRef } from 'react';
import { Button } from '../elements/button.js';
import { describeCount } from './describe-count.js';
import type { LiveDeliveries } from './use-deliveries.js';

interface NewDeliveriesProps {
  deliveries: LiveDeliveries;
  log: RefObject<HTMLElement | null>;
}

/** Says how many came while the reader is further down, and takes them there. */
export function NewDeliveries({ deliveries, log }: NewDeliveriesProps) {
  const { rows, waitingCount, isBehind, reload, settle } = deliveries;
  const isWanted = useRef(false);
  useEffect(() => {
    const first = rows?.[0] && log.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(rows[0].id)}"]`);
    if (!isWanted.current || !first) return;
    isWanted.current = false;
    first.focus({ preventScroll: true });
  });
  const show = () => {
    isWanted.current = true;
    log.current?.scrollIntoView();
    if (isBehind) reload();
    else settle();
  };
  return (
    <div role="status" className="deliveries__new">
      {(waitingCount > 0 || isBehind) && (
        <Button look="primary" onPress={show}>
          {isBehind ? 'Many new deliveries' : describeCount(waitingCount, 'new')}
        </Button>
      )}
    </div>
  );
}
