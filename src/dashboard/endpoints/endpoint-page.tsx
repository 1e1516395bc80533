import './endpoint.css';
import { Link, Route, Switch as Routes, useLocation, useParams } from 'wouter';
import { useMay } from '../api/viewer.js';
import { DeliveryLog } from '../deliveries/delivery-log.js';
import { EndpointStatusBadge } from '../elements/badge.js';
import { LinkButton } from '../elements/button.js';
import { count } from '../elements/figures.js';
import { Alert, EmptyState } from '../elements/message.js';
import { Timestamp } from '../elements/timestamp.js';
import { Page } from '../shell/page.js';
import { SendTestEvent } from '../test-events/send-test-event.js';
import { BackToEndpoints } from './back-to-endpoints.js';
import { DeleteEndpoint } from './delete-endpoint.js';
import { EnabledSwitch } from './enabled-switch.js';
import { EndpointFigures } from './endpoint-figures.js';
import { EndpointSettingsList } from './endpoint-settings-list.js';
import { NoEndpoint } from './no-endpoint.js';
import { SigningSecret } from './signing-secret.js';
import { type ShownEndpoint, useEndpoint, usePeriod } from './use-endpoint.js';

/** One endpoint: how it is doing, what it is, and what was sent to it. */
export function EndpointPage() {
  const { id } = useParams<{ id: string }>();
  const [period, setPeriod] = usePeriod();
  const { endpoint, isDeleted, isOfOtherPeriod, trouble, reload } = useEndpoint(id, period);
  const mayWrite = useMay('endpoints:write');
  const mayReadDeliveries = useMay('deliveries:read');
  if (endpoint === null) return <NoEndpoint isDeleted={isDeleted} />;
  if (!endpoint) {
    return (
      <Page title="Endpoint" above={<BackToEndpoints />}>
        {trouble && (
          <div className="page__section">
            <Alert onRetry={reload}>{trouble}</Alert>
          </div>
        )}
      </Page>
    );
  }
  const path = `/endpoints/${id}`;
  const actions = (
    <>
      <SendTestEvent endpoint={endpoint} />
      {mayWrite && <LinkButton href={`${path}/edit`}>Edit</LinkButton>}
      {mayWrite && <DeleteEndpoint endpoint={endpoint} />}
    </>
  );
  return (
    <Page title={endpoint.url} above={<BackToEndpoints />} actions={actions}>
      <Health endpoint={endpoint} mayWrite={mayWrite} onGone={reload} />
      {trouble && (
        <div className="page__section">
          <Alert onRetry={reload}>{trouble}</Alert>
        </div>
      )}
      {mayReadDeliveries && (
        <nav aria-label="Parts of this page" className="tabs">
          <Tab href={path}>Overview</Tab>
          <Tab href={`${path}/deliveries`}>Deliveries</Tab>
        </nav>
      )}
      <Routes>
        <Route path={path}>
          <div className="endpoint">
            <EndpointFigures
              stats={endpoint.stats}
              isOfOtherPeriod={isOfOtherPeriod}
              period={period}
              setPeriod={setPeriod}
            />
            <EndpointSettingsList endpoint={endpoint} />
            <SigningSecret endpoint={endpoint} onGone={reload} />
          </div>
        </Route>
        <Route path={`${path}/deliveries`}>
          {mayReadDeliveries ? (
            <DeliveryLog endpointId={id} />
          ) : (
            <EmptyState
              title="You may not see deliveries"
              action={<LinkButton href={path}>Go to the endpoint</LinkButton>}
            >
              What you signed in with does not allow it: the scope deliveries:read is missing.
            </EmptyState>
          )}
        </Route>
      </Routes>
    </Page>
  );
}

function Tab({ href, children }: { href: string; children: string }) {
  const [path] = useLocation();
  return (
    <Link href={href} className="tabs__tab" aria-current={path === href ? 'page' : undefined}>
      {children}
    </Link>
  );
}

/** The status, why it is so, and what can be done about it. */
function Health({ endpoint, mayWrite, onGone }: { endpoint: ShownEndpoint; mayWrite: boolean; onGone: () => void }) {
  return (
    <div className="endpoint__health">
      {mayWrite && <EnabledSwitch endpoint={endpoint} onGone={onGone} />}
      <span role="status" className="endpoint__status">
        <EndpointStatusBadge status={endpoint.status} />
        <span className="quiet">
          <Reason endpoint={endpoint} />
        </span>
      </span>
    </div>
  );
}

function Reason({ endpoint: { status, disabledReason, disabledAt, heldCount } }: { endpoint: ShownEndpoint }) {
  const held = heldCount > 0 && ` ${count(heldCount)} ${heldCount === 1 ? 'delivery' : 'deliveries'}`;
  if (status === 'DISABLED') {
    return (
      <>
        {WHY_DISABLED[disabledReason ?? 'MANUAL']} {disabledAt && <Timestamp at={disabledAt} />}.
        {held ? `${held} held until it is enabled.` : ' What is published is held until it is enabled.'}
      </>
    );
  }
  if (held) return <>Delivering what was held:{held} left.</>;
  if (status === 'FAILING') return <>Its last deliveries failed. They are retried, and it is called on.</>;
  return null;
}

const WHY_DISABLED = {
  MANUAL: 'Switched off',
  GONE: 'It answered 410 Gone, and was switched off',
  FAILING_TOO_LONG: 'Nothing succeeded for too long, so it was switched off',
} as const;
