import { LinkButton } from '../elements/button.js';
import { EmptyState } from '../elements/message.js';
import { Page } from './page.js';

/** No page has this address. */
export function NotFoundPage() {
  return (
    <Page title="Nothing here">
      <EmptyState title="There is no such page" action={<LinkButton href="/">Go to the start</LinkButton>}>
        The address may be old, or not complete.
      </EmptyState>
    </Page>
  );
}
