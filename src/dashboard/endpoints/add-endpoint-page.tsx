import { useState } from 'react';
import { useChange } from '../api/change.js';
import { useApi } from '../api/context.js';
import { useMay } from '../api/viewer.js';
import { type CreateEndpoint, CreateEndpointDocument } from '../documents.js';
import { LinkButton } from '../elements/button.js';
import { CodeBlock } from '../elements/code-block.js';
import { Page } from '../shell/page.js';
import { BackToEndpoints } from './back-to-endpoints.js';
import { EndpointForm } from './endpoint-form.js';
import { type EndpointValues, type FieldError, NEW_ENDPOINT, toInput } from './endpoint-values.js';
import { HowToVerify } from './how-to-verify.js';
import { MayNotChange } from './may-not-change.js';

const TITLE = 'Add endpoint';

type Added = NonNullable<CreateEndpoint['createEndpoint']['endpoint']>;

/** A new endpoint: what it is to be; then its secret, which is shown this once. */
export function AddEndpointPage() {
  const mayAdd = useMay('endpoints:write');
  const [added, setAdded] = useState<{ endpoint: Added; secret: string } | null>(null);
  if (!mayAdd) return <MayNotChange title={TITLE} />;
  if (added) return <EndpointAdded {...added} />;
  return <NewEndpoint onAdded={(endpoint, secret) => setAdded({ endpoint, secret })} />;
}

function NewEndpoint({ onAdded }: { onAdded: (endpoint: Added, secret: string) => void }) {
  const { client } = useApi();
  const [values, setValues] = useState<EndpointValues>(NEW_ENDPOINT);
  const [errors, setErrors] = useState<readonly FieldError[]>([]);
  const { change, trouble, isUnderWay } = useChange(CreateEndpointDocument);
  const submit = async () => {
    const input = toInput(values);
    if (Array.isArray(input)) return setErrors(input);
    setErrors([]);
    const data = await change({ input });
    const { endpoint, signingSecret, userErrors } = data?.createEndpoint ?? {};
    if (userErrors && userErrors.length > 0) setErrors(userErrors);
    if (!endpoint || !signingSecret) return;
    // Lists are told of it live; one that is not in view is asked for anew when it is.
    client.cache.evict({ id: 'ROOT_QUERY', fieldName: 'endpoints' });
    onAdded(endpoint, signingSecret);
  };
  return (
    <Page title={TITLE} above={<BackToEndpoints />}>
      <EndpointForm
        values={values}
        onChange={setValues}
        errors={errors}
        trouble={trouble}
        isUnderWay={isUnderWay}
        submitLabel="Create endpoint"
        onSubmit={() => void submit()}
        cancelHref="/endpoints"
      />
    </Page>
  );
}

function EndpointAdded({ endpoint, secret }: { endpoint: Added; secret: string }) {
  const mayReveal = useMay('secrets:read');
  return (
    <Page title="Endpoint added" above={<BackToEndpoints />}>
      <div className="page__section added">
        <p>
          Every request to <strong className="added__url">{endpoint.url}</strong> is signed with this secret. Keep it
          where your server reads its configuration from.{' '}
          {mayReveal ? 'It can be revealed again on the endpoint’s page.' : 'It is shown this once.'}
        </p>
        <CodeBlock text={secret} label="signing secret" />
        <h2>Verify the signature</h2>
        <HowToVerify endpoint={endpoint} />
        <div>
          <LinkButton look="primary" href={`/endpoints/${endpoint.id}`}>
            Go to the endpoint
          </LinkButton>
        </div>
      </div>
    </Page>
  );
}
