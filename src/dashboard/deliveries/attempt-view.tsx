import { useApiQuery } from '../api/query.js';
import { AttemptInFullDocument } from '../documents.js';
import { CopyButton } from '../elements/copy-button.js';
import { Alert } from '../elements/message.js';
import type { ShownAttempt } from './attempt-timeline.js';
import { BodyView } from './body-view.js';
import { curlCommand } from './curl-command.js';
import { HeaderList } from './header-list.js';

interface AttemptViewProps {
  attempt: ShownAttempt;
  /** Where it went; null for those who may not see that. */
  url: string | null;
}

/** What was sent, and what came back. */
export function AttemptView({ attempt, url }: AttemptViewProps) {
  const { data, trouble, reload } = useApiQuery(AttemptInFullDocument, { id: attempt.id });
  const full = data?.node && 'requestBody' in data.node && data.node.id === attempt.id ? data.node : null;
  return (
    <>
      {trouble && <Alert onRetry={reload}>{trouble}</Alert>}
      <section className="delivery__part" aria-label="Response">
        <h3>
          {attempt.responseStatusCode === null ? 'No response' : 'Response'}{' '}
          <span className="quiet">{attempt.responseStatusCode}</span>
        </h3>
        {attempt.error && <p>{attempt.error}</p>}
        {full && <HeaderList label="Response headers" headers={full.responseHeaders} />}
        {full && full.responseBody !== null && (
          <BodyView label="response body" text={full.responseBody} isTruncated={full.responseBodyTruncated} />
        )}
      </section>
      <section className="delivery__part" aria-label="Request">
        <div className="delivery__line">
          <h3>Request</h3>
          {full && url && (
            <CopyButton text={curlCommand(url, full.requestHeaders, full.requestBody)} label="Copy as curl">
              Copy as curl
            </CopyButton>
          )}
        </div>
        {full && <HeaderList label="Request headers" headers={full.requestHeaders} />}
        {full && <BodyView label="request body" text={full.requestBody} />}
      </section>
    </>
  );
}
