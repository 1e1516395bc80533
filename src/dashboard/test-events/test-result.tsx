import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { BodyView } from '../deliveries/body-view.js';
import { HeaderList } from '../deliveries/header-list.js';
import { duration, OUTCOMES } from '../deliveries/outcomes.js';
import type { TestAttempt } from '../documents.js';
import { Badge } from '../elements/badge.js';
import type { TestDelivery } from './use-test-event.js';

interface TestResultProps {
  delivery: TestDelivery | null;
  isSending: boolean;
}

/** What came of a test event; read out when it comes, and brought into view. */
export function TestResult({ delivery, isSending }: TestResultProps) {
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    if (delivery) element.current?.scrollIntoView({ block: 'start' });
  }, [delivery]);
  const attempt = delivery?.attempts[0];
  return (
    <section ref={element} className="test-event__result" aria-label="Result">
      <div role="status" className="test-event__outcome">
        {isSending && <span className="quiet">Waiting for the endpoint to answer …</span>}
        {attempt && <Outcome attempt={attempt} />}
        {delivery && !attempt && (
          <span>It has not been sent yet: others are before it. The log shows what comes of it.</span>
        )}
      </div>
      {attempt?.error && <p>{attempt.error}.</p>}
      {attempt && <HeaderList label="Response headers" headers={attempt.responseHeaders} />}
      {attempt && attempt.responseBody !== null && (
        <BodyView
          key={attempt.id}
          label="response body"
          text={attempt.responseBody}
          isTruncated={attempt.responseBodyTruncated}
        />
      )}
      {delivery && <Link href={`/deliveries?delivery=${delivery.id}`}>Show it in the log</Link>}
    </section>
  );
}

function Outcome({ attempt: { outcome, responseStatusCode, responseTimeMs } }: { attempt: TestAttempt }) {
  return (
    <>
      <Badge tone={outcome === 'SUCCEEDED' ? 'good' : 'bad'}>{OUTCOMES[outcome]}</Badge>
      {responseStatusCode !== null && <strong>{responseStatusCode}</strong>}
      <span className="quiet">after {duration(responseTimeMs)}</span>
    </>
  );
}
