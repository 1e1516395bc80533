import type { ReactNode } from 'react';
import { I18nProvider, RouterProvider } from 'react-aria-components';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { ApiProvider } from './api/context.js';
import { useApiQuery } from './api/query.js';
import { useSession } from './api/session.js';
import { useViewer, ViewerProvider } from './api/viewer.js';
import { DeliveriesPage } from './deliveries/deliveries-page.js';
import { ViewerDocument } from './documents.js';
import { Alert } from './elements/message.js';
import { AddEndpointPage } from './endpoints/add-endpoint-page.js';
import { EditEndpointPage } from './endpoints/edit-endpoint-page.js';
import { EndpointPage } from './endpoints/endpoint-page.js';
import { EndpointsPage } from './endpoints/endpoints-page.js';
import { ErrorBoundary } from './shell/error-boundary.js';
import { LiveSign } from './shell/live-sign.js';
import { NotFoundPage } from './shell/not-found-page.js';
import { Shell } from './shell/shell.js';
import { SignIn } from './shell/sign-in.js';

/** The dashboard: a client of the API like any other. */
export function App() {
  const session = useSession();
  const [path, navigate] = useLocation();
  if (session.status !== 'signed-in') return <SignIn key={session.status} session={session} />;
  return (
    <I18nProvider locale="en-GB">
      <RouterProvider navigate={navigate}>
        <ApiProvider key={session.holder}>
          <SignedIn>
            <ErrorBoundary key={path}>
              <Pages />
            </ErrorBoundary>
          </SignedIn>
        </ApiProvider>
      </RouterProvider>
    </I18nProvider>
  );
}

/** What the reader may do decides what there is: so that is asked first. */
function SignedIn({ children }: { children: ReactNode }) {
  const { data, trouble, reload } = useApiQuery(ViewerDocument, {});
  if (data) {
    return (
      <ViewerProvider viewer={data.viewer}>
        <Shell>{children}</Shell>
      </ViewerProvider>
    );
  }
  return trouble ? <Alert onRetry={reload}>{trouble}</Alert> : <LiveSign />;
}

/** With its parts, which are one page. */
const ENDPOINT = /^\/endpoints\/(?<id>[^/]+)(?:\/deliveries)?\/?$/;

function Pages() {
  const home = useViewer().scopes.includes('endpoints:read') ? '/endpoints' : '/deliveries';
  return (
    <Switch>
      <Route path="/">
        <Redirect to={home} replace />
      </Route>
      <Route path="/endpoints" component={EndpointsPage} />
      <Route path="/endpoints/new" component={AddEndpointPage} />
      <Route path="/endpoints/:id/edit" component={EditEndpointPage} />
      <Route path={ENDPOINT} component={EndpointPage} />
      <Route path="/deliveries" component={DeliveriesPage} />
      <Route component={NotFoundPage} />
    </Switch>
  );
}
