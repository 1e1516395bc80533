import { useState } from 'react';
import { useLocation, useParams } from 'wouter';
import { useChange } from '../api/change.js';
import { useApi } from '../api/context.js';
import { useFirstAnswer } from '../api/query.js';
import { wordsFor } from '../api/trouble.js';
import { useMay } from '../api/viewer.js';
import { type EndpointSettings, EndpointToEditDocument, UpdateEndpointDocument } from '../documents.js';
import { Alert } from '../elements/message.js';
import { Page } from '../shell/page.js';
import { BackToEndpoints } from './back-to-endpoints.js';
import { ChangedMeanwhile } from './changed-meanwhile.js';
import { EndpointForm } from './endpoint-form.js';
import { type FieldError, toUpdate, valuesOf } from './endpoint-values.js';
import { MayNotChange } from './may-not-change.js';
import { NoEndpoint } from './no-endpoint.js';

const TITLE = 'Edit endpoint';

/** Changes an endpoint: what differs is sent, and nothing that somebody else has changed meanwhile. */
export function EditEndpointPage() {
  return useMay('endpoints:write') ? <EditEndpoint /> : <MayNotChange title={TITLE} />;
}

function EditEndpoint() {
  const { id } = useParams<{ id: string }>();
  const { data, trouble, isLoading, reload } = useFirstAnswer(EndpointToEditDocument, { id });
  // What is written is written over what was there when the page was opened, whatever comes live.
  const [base, setBase] = useState<EndpointSettings | null>(null);
  const [isGone, setGone] = useState(false);
  const endpoint = data?.endpoint ?? null;
  if (!base && endpoint && !isLoading) setBase(endpoint);
  if (isGone || (!base && data && !endpoint && !isLoading)) return <NoEndpoint isDeleted={isGone} />;
  return (
    <Page title={TITLE} above={<BackToEndpoints />}>
      {trouble && !base && (
        <div className="page__section">
          <Alert onRetry={reload}>{trouble}</Alert>
        </div>
      )}
      {base && <Editing key={base.version} base={base} onOutdated={setBase} onGone={() => setGone(true)} />}
    </Page>
  );
}

interface EditingProps {
  base: EndpointSettings;
  /** Called to begin again from what the endpoint is by now. */
  onOutdated: (current: EndpointSettings) => void;
  onGone: () => void;
}

function Editing({ base, onOutdated, onGone }: EditingProps) {
  const { client } = useApi();
  const [, navigate] = useLocation();
  const [values, setValues] = useState(() => valuesOf(base));
  const [errors, setErrors] = useState<readonly FieldError[]>([]);
  /** How the endpoint is by now, when somebody was quicker. */
  const [current, setCurrent] = useState<EndpointSettings | null>(null);
  const { change, trouble, isUnderWay } = useChange(UpdateEndpointDocument);
  const path = `/endpoints/${base.id}`;

  const submit = async (version: number) => {
    const input = toUpdate(values, base);
    if (Array.isArray(input)) return setErrors(input);
    setErrors([]);
    const data = await change({ input: { ...input, version } });
    if (!data) return;
    const { endpoint, userErrors } = data.updateEndpoint;
    if (endpoint) return navigate(path);
    if (userErrors.some(({ code }) => code === 'NOT_FOUND')) return onGone();
    if (userErrors.some(({ code }) => code === 'STALE_VERSION')) return compare();
    setErrors(userErrors);
  };
  const compare = async () => {
    const query = { query: EndpointToEditDocument, variables: { id: base.id }, fetchPolicy: 'network-only' } as const;
    try {
      const { data } = await client.query(query);
      if (data?.endpoint) setCurrent(data.endpoint);
      else onGone();
    } catch (error) {
      setErrors([{ message: `Somebody else has changed this endpoint since you opened it. ${wordsFor(error)}` }]);
    }
  };
  return (
    <>
      {current && (
        <ChangedMeanwhile
          base={base}
          current={current}
          onSave={() => void submit(current.version)}
          onStartAgain={() => onOutdated(current)}
        />
      )}
      <EndpointForm
        values={values}
        onChange={setValues}
        errors={errors}
        trouble={trouble}
        isUnderWay={isUnderWay}
        submitLabel="Save changes"
        onSubmit={() => void submit(base.version)}
        cancelHref={path}
        knownUrl={base.url}
      />
    </>
  );
}
