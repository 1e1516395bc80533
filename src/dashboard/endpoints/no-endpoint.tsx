import { LinkButton } from '../elements/button.js';
import { EmptyState } from '../elements/message.js';
import { Page } from '../shell/page.js';
import { BackToEndpoints } from './back-to-endpoints.js';

/** Instead of the page of an endpoint that is not there, or not there any more. */
export function NoEndpoint({ isDeleted }: { isDeleted: boolean }) {
  const back = <LinkButton href="/endpoints">All endpoints</LinkButton>;
  return (
    <Page title={isDeleted ? 'Endpoint deleted' : 'No such endpoint'} above={<BackToEndpoints />}>
      <EmptyState title={isDeleted ? 'This endpoint was deleted' : 'There is no such endpoint'} action={back}>
        {isDeleted
          ? 'Somebody has deleted it while you had it open. Nothing is sent to it any more.'
          : 'It may have been deleted, or the address is not complete.'}
      </EmptyState>
    </Page>
  );
}
