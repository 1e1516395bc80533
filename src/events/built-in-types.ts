import { EventType } from './event-type.js';
import { sampleData } from './sample-data.js';

/** The built-in types by category: when an event of each is sent. */
const CATEGORIES: Record<string, Partial<Record<keyof typeof sampleData, string>>> = {
  Payments: {
    'payment.succeeded': 'Sent when a payment has gone through and its amount is on its way to you.',
    'payment.failed': 'Sent each time a payment is declined or cannot be made; `failureCode` says why.',
    'payment.refunded': 'Sent for each refund of a payment, in full or in part; `amountRefunded` is the sum so far.',
  },
  Invoices: {
    'invoice.created': 'Sent when an invoice has been issued, before any payment is tried.',
    'invoice.paid': 'Sent when an invoice has been paid in full.',
    'invoice.payment_failed':
      'Sent each time the payment of an invoice fails; `nextPaymentAttemptAt` tells when it is tried again, null for never.',
  },
  Subscriptions: {
    'subscription.created': 'Sent when a customer has subscribed to a plan.',
    'subscription.renewed': 'Sent when a subscription has entered its next billing period.',
    'subscription.canceled': 'Sent when a subscription is canceled, by the customer, by you or after unpaid invoices.',
  },
  Customers: {
    'customer.created': 'Sent when a customer has been added.',
    'customer.updated': 'Sent when the details of a customer have changed; `data` is the customer after the change.',
  },
  Checkouts: {
    'checkout.completed': 'Sent when a customer has finished a checkout and paid.',
    'checkout.abandoned': 'Sent when a checkout was begun and has expired without payment.',
  },
  Disputes: {
    'chargeback.opened':
      'Sent when a customer disputes a payment with their bank; answer with evidence before `evidenceDueAt`.',
    'chargeback.won': 'Sent when a dispute was decided in your favor and its amount is returned to you.',
    'chargeback.lost': 'Sent when a dispute was decided for the customer and its amount stays with them.',
  },
  Webhooks: {
    'endpoint.failing':
      'Sent when another endpoint has begun to fail: a delivery has used up its retries, or five attempts in a row have failed.',
    'endpoint.recovered': 'Sent when another endpoint that was failing has answered 2xx again.',
    'endpoint.disabled': 'Sent when another endpoint has been switched off; `disabledReason` says why.',
    'delivery.failed':
      'Sent when a delivery to another endpoint has failed for good; `lastAttempt` says how, and `retryDelivery` tries once more.',
  },
};

/** The types of event that are built in, category by category. */
export const builtInTypes: readonly EventType[] = Object.entries(CATEGORIES).flatMap(([category, descriptions]) =>
  Object.entries(descriptions).map(
    ([name, description]) =>
      new EventType({ name, category, description, sampleData: sampleData[name as keyof typeof sampleData] }),
  ),
);
