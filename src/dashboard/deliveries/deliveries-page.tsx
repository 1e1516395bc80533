import { Page } from '../shell/page.js';
import { DeliveryLog } from './delivery-log.js';

/** What is delivered to all endpoints of the account. */
export function DeliveriesPage() {
  return (
    <Page title="Deliveries">
      <DeliveryLog />
    </Page>
  );
}
