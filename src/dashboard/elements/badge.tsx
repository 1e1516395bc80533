import './badge.css';
import type { DeliveryStatus, EndpointStatus } from '../documents.js';

export type Tone = 'good' | 'bad' | 'warn' | 'calm' | 'live';

/** A status in words and colour. */
export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={`badge badge--${tone}`}>
      <span className="badge__dot" />
      {children}
    </span>
  );
}

const ENDPOINT: Record<EndpointStatus, [Tone, string]> = {
  ACTIVE: ['good', 'Active'],
  FAILING: ['bad', 'Failing'],
  DISABLED: ['calm', 'Disabled'],
};

export function EndpointStatusBadge({ status }: { status: EndpointStatus }) {
  const [tone, words] = ENDPOINT[status];
  return <Badge tone={tone}>{words}</Badge>;
}

const DELIVERY: Record<DeliveryStatus, [Tone, string]> = {
  PENDING: ['live', 'Pending'],
  RETRYING: ['warn', 'Retrying'],
  HELD: ['calm', 'Held'],
  SUCCEEDED: ['good', 'Succeeded'],
  FAILED: ['bad', 'Failed'],
};

export function DeliveryStatusBadge({ status }: { status: DeliveryStatus }) {
  const [tone, words] = DELIVERY[status];
  return <Badge tone={tone}>{words}</Badge>;
}
