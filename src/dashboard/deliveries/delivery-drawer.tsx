import './delivery.css';
import { useState } from 'react';
import { Link } from 'wouter';
import { useMay } from '../api/viewer.js';
import { DeliveryStatusBadge } from '../elements/badge.js';
import { CopyButton } from '../elements/copy-button.js';
import { Alert } from '../elements/message.js';
import { Drawer } from '../elements/overlay.js';
import { exactTime } from '../elements/time.js';
import { Timestamp } from '../elements/timestamp.js';
import { AttemptTimeline, type ShownDelivery } from './attempt-timeline.js';
import { AttemptView } from './attempt-view.js';
import { BodyView } from './body-view.js';
import { RetryButton } from './retry-button.js';
import { useDelivery } from './use-delivery.js';

interface DeliveryDrawerProps {
  /** Null while none is open. */
  id: string | null;
  onClose: () => void;
}

/** One delivery: all that was tried, what was sent and what came back. */
export function DeliveryDrawer({ id, onClose }: DeliveryDrawerProps) {
  if (id === null) return null;
  return <OpenDrawer key={id} id={id} onClose={onClose} />;
}

function OpenDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { delivery, isMissing, trouble, reload } = useDelivery(id);
  const mayRetry = useMay('deliveries:write');
  const [askedAfter, setAskedAfter] = useState<number | null>(null);
  const isAwaited = delivery !== undefined && delivery.attemptCount === askedAfter;
  const actions = mayRetry && delivery && (
    <RetryButton delivery={delivery} isAwaited={isAwaited} onAsked={() => setAskedAfter(delivery.attemptCount)} />
  );
  return (
    <Drawer title={delivery?.eventType ?? 'Delivery'} isOpen onClose={onClose} actions={actions}>
      {trouble && <Alert onRetry={reload}>{trouble}</Alert>}
      {isMissing && <p>There is no such delivery. It may have been of an endpoint that is gone.</p>}
      {delivery && <Details delivery={delivery} isAwaited={isAwaited} />}
    </Drawer>
  );
}

function Details({ delivery, isAwaited }: { delivery: ShownDelivery; isAwaited: boolean }) {
  const [chosenId, setChosenId] = useState<string | null>(null);
  const { attempts, endpoint, event } = delivery;
  const chosen = attempts.find(({ id }) => id === chosenId) ?? attempts.at(-1);
  return (
    <div className="delivery">
      <dl className="delivery__facts">
        <dt>Status</dt>
        <dd>
          <span role="status">
            <DeliveryStatusBadge status={delivery.status} />
          </span>
        </dd>
        {endpoint && (
          <>
            <dt>Endpoint</dt>
            <dd>
              <Link href={`/endpoints/${endpoint.id}`}>{endpoint.url}</Link>
            </dd>
          </>
        )}
        {event && (
          <>
            <dt>Event</dt>
            <dd>
              <Identifier id={event.id} what="event ID" />
              <Link href={`/deliveries?event=${event.id}`}>All of its deliveries</Link>
            </dd>
          </>
        )}
        <dt>Delivery</dt>
        <dd>
          <Identifier id={delivery.id} what="delivery ID" />
        </dd>
        <dt>Published</dt>
        <dd>
          <Timestamp at={delivery.createdAt} />
          <span className="faint">{exactTime(new Date(delivery.createdAt))}</span>
        </dd>
      </dl>
      <section className="delivery__part" aria-label="Attempts">
        <h3>Attempts</h3>
        <AttemptTimeline
          delivery={delivery}
          chosen={chosen}
          onChoose={(attempt) => setChosenId(attempt.id)}
          isAwaited={isAwaited}
        />
      </section>
      {chosen && <AttemptView key={chosen.id} attempt={chosen} url={endpoint?.url ?? null} />}
      {!chosen && event && (
        <section className="delivery__part" aria-label="Event">
          <h3>Event</h3>
          <BodyView label="event body" text={event.body} />
        </section>
      )}
    </div>
  );
}

function Identifier({ id, what }: { id: string; what: string }) {
  return (
    <span className="delivery__id">
      <code>{id}</code>
      <CopyButton text={id} label={`Copy ${what}`} />
    </span>
  );
}
