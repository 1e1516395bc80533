import { Button } from '../elements/button.js';
import { EmptyState } from '../elements/message.js';
import { type DeliverySelection, isNarrowed, NOTHING_SELECTED } from './delivery-selection.js';

interface NoDeliveriesProps {
  selection: DeliverySelection;
  select: (change: Partial<DeliverySelection>) => void;
}

/** Why the log is empty, and what to do about it. */
export function NoDeliveries({ selection, select }: NoDeliveriesProps) {
  if (isNarrowed(selection)) {
    const showAll = <Button onPress={() => select(NOTHING_SELECTED)}>Show all</Button>;
    return (
      <EmptyState title="No delivery matches" action={showAll}>
        Choose another status, event or time. What matches from now on appears here by itself.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No deliveries yet">
      As soon as an event is published that an endpoint receives, its delivery appears here. A test event of an endpoint
      does, too.
    </EmptyState>
  );
}
