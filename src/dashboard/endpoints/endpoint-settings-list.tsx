import type { ReactNode } from 'react';
import { Timestamp } from '../elements/timestamp.js';
import { writeSchedule } from './retry-schedule.js';
import type { ShownEndpoint } from './use-endpoint.js';

/** What the endpoint is set to. */
export function EndpointSettingsList({ endpoint }: { endpoint: ShownEndpoint }) {
  const { description, allEvents, eventTypes, headers, rateLimitPerSecond, retryScheduleSeconds } = endpoint;
  const { signatureHeader, signatureFormat, createdAt, lastDeliveryAt, id } = endpoint;
  return (
    <section aria-label="Settings" className="endpoint__part">
      <h2>Settings</h2>
      <dl className="facts">
        {description && <Fact name="Description">{description}</Fact>}
        <Fact name="Events">{allEvents ? 'All events, also those that are added later' : eventTypes.join(', ')}</Fact>
        <Fact name="Retries">
          {retryScheduleSeconds.length === 0 ? 'None' : `After ${writeSchedule(retryScheduleSeconds)}`}
        </Fact>
        <Fact name="Rate limit">
          {rateLimitPerSecond === null ? 'None' : `${rateLimitPerSecond} requests a second`}
        </Fact>
        <Fact name="Signature">
          <code>{signatureHeader}</code>: {signatureFormat === 'SHA256' ? 'sha256=<hex>' : 't=<time>,v1=<hex>'}
        </Fact>
        {headers.map(({ name, value, secret }) => (
          <Fact key={name} name={name} isCode>
            {secret ? <span className="faint">Hidden, for it is secret</span> : <code>{value}</code>}
          </Fact>
        ))}
        <Fact name="Last delivery">
          {lastDeliveryAt ? <Timestamp at={lastDeliveryAt} /> : <span className="faint">Never</span>}
        </Fact>
        <Fact name="Added">
          <Timestamp at={createdAt} />
        </Fact>
        <Fact name="ID">
          <code>{id}</code>
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, isCode, children }: { name: string; isCode?: boolean; children: ReactNode }) {
  return (
    <>
      <dt>{isCode ? <code>{name}</code> : name}</dt>
      <dd>{children}</dd>
    </>
  );
}
