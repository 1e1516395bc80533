import { LinkButton } from '../elements/button.js';
import { EmptyState } from '../elements/message.js';
import { Page } from '../shell/page.js';
import { BackToEndpoints } from './back-to-endpoints.js';

/** Instead of a form that could not be sent. */
export function MayNotChange({ title }: { title: string }) {
  return (
    <Page title={title} above={<BackToEndpoints />}>
      <EmptyState title="You may not change endpoints" action={<LinkButton href="/">Go to the start</LinkButton>}>
        What you signed in with does not allow it: the scope endpoints:write is missing.
      </EmptyState>
    </Page>
  );
}
