import { useState } from 'react';
import { useLocation, useParams } from 'wouter';
import { useChange } from '../api/change.js';
import { useApi } from '../api/context.js';
import { useFirstAnswer } from '../api/query.js';
import { type EndpointSettings, EndpointToEditDocument, UpdateEndpointDocument } from '../documents.js';
import { Button, LinkButton } from '../elements/button.js';
import { Alert, EmptyState } from '../elements/message.js';
import { Page } from '../shell/page.js';
import { BackToEndpoints } from './back-to-endpoints.js';
import { EndpointForm } from './endpoint-form.js';
import { changedFields, type FieldError, toUpdate, valuesOf } from './endpoint-values.js';

/** Changes an endpoint: what differs is sent, and nothing that somebody else has changed meanwhile. */
export function EditEndpointPage() {
  const { id } = useParams<{ id: string }>();
  const { data, trouble, isLoading, reload } = useFirstAnswer(EndpointToEditDocument, { id });
  // What is written is written over what was there when the page was opened, whatever comes live.
  const [base, setBase] = useState<EndpointSettings | null>(null);
  const endpoint = data?.endpoint ?? null;
  if (!base && endpoint && !isLoading) setBase(endpoint);
  return (
    <Page title="Edit endpoint" above={<BackToEndpoints />}>
      {trouble && (
        <div className="page__section">
          <Alert onRetry={reload}>{trouble}</Alert>
        </div>
      )}
      {!base && data && !endpoint && (
        <EmptyState title="There is no such endpoint" action={<LinkButton href="/endpoints">All endpoints</LinkButton>}>
          It may have been deleted, or the address is not complete.
        </EmptyState>
      )}
      {base && <Editing key={base.version} base={base} onOutdated={setBase} />}
    </Page>
  );
}

function Editing({ base, onOutdated }: { base: EndpointSettings; onOutdated: (current: EndpointSettings) => void }) {
  const { client } = useApi();
  const [, navigate] = useLocation();
  const [values, setValues] = useState(() => valuesOf(base));
  const [errors, setErrors] = useState<readonly FieldError[]>([]);
  /** How the endpoint is by now, when somebody was quicker. */
  const [current, setCurrent] = useState<EndpointSettings | null>(null);
  const { change, trouble, isUnderWay } = useChange(UpdateEndpointDocument);
  const path = `/endpoints/${base.id}`;

  const submit = async (version = base.version) => {
    const input = toUpdate(values, base);
    if (Array.isArray(input)) return setErrors(input);
    setErrors([]);
    const data = await change({ input: { ...input, version } });
    const { endpoint, userErrors = [] } = data?.updateEndpoint ?? {};
    if (endpoint) return navigate(path);
    if (userErrors.some(({ code }) => code === 'STALE_VERSION')) return compare();
    setErrors(userErrors);
  };
  const compare = async () => {
    const query = { query: EndpointToEditDocument, variables: { id: base.id }, fetchPolicy: 'network-only' } as const;
    const { data } = await client.query(query).catch(() => ({ data: null }));
    setCurrent(data?.endpoint ?? null);
  };
  return (
    <>
      {current && (
        <div className="page__section">
          <Alert tone="warn">
            <p>
              Somebody else has changed this endpoint since you opened it:{' '}
              {changedFields(base, current).join(', ') || 'as you did'}. What you have not touched stays as they have
              it.
            </p>
            <p className="conflict__actions">
              <Button onPress={() => void submit(current.version)}>Save my changes as well</Button>
              <Button onPress={() => onOutdated(current)}>Start again from theirs</Button>
            </p>
          </Alert>
        </div>
      )}
      <EndpointForm
        values={values}
        onChange={setValues}
        errors={errors}
        trouble={trouble}
        isUnderWay={isUnderWay}
        submitLabel="Save changes"
        onSubmit={() => void submit()}
        cancelHref={path}
        knownUrl={base.url}
      />
    </>
  );
}
