import { notificationSamples } from './notification-samples.js';

/**
 * Sample `data` by event type: one customer's story, told with the same ids throughout. Amounts are in the currency's
 * minor unit, instants are ISO 8601 in UTC, and what does not apply is null rather than missing.
 */
const customer = {
  id: 'cus_8fK2mQx7Lw3Rtz',
  email: 'billing@example.com',
  name: 'Example Coffee Roasters',
  phone: '+1 555 0100',
  address: { line1: '1 Example Street', line2: null, city: 'Springfield', postalCode: '12345', country: 'US' },
  metadata: { tier: 'starter' },
  createdAt: '2026-03-02T09:14:27.310Z',
  updatedAt: '2026-03-02T09:14:27.310Z',
};

const payment = {
  id: 'pay_4TnV9sHc2YbJd6',
  customerId: customer.id,
  invoiceId: 'inv_7PzD3kWq5NfXg1',
  amount: 5292,
  amountRefunded: 0,
  currency: 'USD',
  status: 'succeeded',
  paymentMethod: { type: 'card', brand: 'visa', last4: '4242', expiryMonth: 8, expiryYear: 2029 },
  failureCode: null,
  failureMessage: null,
  createdAt: '2026-11-23T19:59:57.482Z',
};

const invoice = {
  id: payment.invoiceId,
  number: 'INV-2026-0042',
  customerId: customer.id,
  subscriptionId: 'sub_2RmC6vTj8ZyQh4',
  paymentId: null,
  status: 'open',
  currency: 'USD',
  subtotal: 4900,
  tax: 392,
  total: 5292,
  amountPaid: 0,
  amountDue: 5292,
  lines: [{ description: 'Team plan, monthly', quantity: 1, unitAmount: 4900, amount: 4900 }],
  attemptCount: 0,
  nextPaymentAttemptAt: null,
  dueAt: '2026-12-07T19:59:55.000Z',
  paidAt: null,
  createdAt: '2026-11-23T19:59:55.000Z',
};

const subscription = {
  id: invoice.subscriptionId,
  customerId: customer.id,
  status: 'active',
  plan: { id: 'plan_5GxB1nMr7KuSw9', name: 'Team', interval: 'month', amount: 4900, currency: 'USD' },
  quantity: 1,
  currentPeriodStartAt: '2026-11-23T19:59:55.000Z',
  currentPeriodEndAt: '2026-12-23T19:59:55.000Z',
  latestInvoiceId: invoice.id,
  cancelReason: null,
  canceledAt: null,
  createdAt: '2026-11-23T19:59:55.000Z',
};

const checkout = {
  id: 'chk_9WqL4fEa6UoPi3',
  customerId: customer.id,
  customerEmail: customer.email,
  subscriptionId: subscription.id,
  paymentId: payment.id,
  status: 'completed',
  amount: 5292,
  currency: 'USD',
  lines: invoice.lines,
  completedAt: '2026-11-23T19:59:58.120Z',
  expiresAt: '2026-11-24T19:52:11.904Z',
  createdAt: '2026-11-23T19:52:11.904Z',
};

const chargeback = {
  id: 'cbk_1JdN8hYs5CvTb7',
  paymentId: payment.id,
  customerId: customer.id,
  amount: 5292,
  fee: 1500,
  currency: 'USD',
  reason: 'product_not_received',
  status: 'needs_response',
  evidenceDueAt: '2026-12-21T23:59:59.000Z',
  resolvedAt: null,
  createdAt: '2026-12-07T08:31:44.275Z',
};

export const sampleData = {
  'payment.succeeded': payment,
  'payment.failed': {
    ...payment,
    status: 'failed',
    failureCode: 'insufficient_funds',
    failureMessage: 'The card has insufficient funds.',
  },
  'payment.refunded': {
    ...payment,
    amountRefunded: 2000,
    status: 'partially_refunded',
    refund: {
      id: 'ref_6XbF2zKp9GtHr5',
      amount: 2000,
      reason: 'requested_by_customer',
      createdAt: '2026-11-25T14:05:36.701Z',
    },
  },

  'invoice.created': invoice,
  'invoice.paid': {
    ...invoice,
    paymentId: payment.id,
    status: 'paid',
    amountPaid: 5292,
    amountDue: 0,
    attemptCount: 1,
    paidAt: '2026-11-23T19:59:57.482Z',
  },
  'invoice.payment_failed': {
    ...invoice,
    paymentId: payment.id,
    attemptCount: 1,
    nextPaymentAttemptAt: '2026-11-26T19:59:57.482Z',
  },

  'subscription.created': subscription,
  'subscription.renewed': {
    ...subscription,
    currentPeriodStartAt: '2026-12-23T19:59:55.000Z',
    currentPeriodEndAt: '2027-01-23T19:59:55.000Z',
    latestInvoiceId: 'inv_3MhS7rVd1QxKc8',
  },
  'subscription.canceled': {
    ...subscription,
    status: 'canceled',
    cancelReason: 'requested_by_customer',
    canceledAt: '2026-12-18T10:22:03.556Z',
  },

  'customer.created': customer,
  'customer.updated': { ...customer, metadata: { tier: 'team' }, updatedAt: '2026-11-23T19:59:58.301Z' },

  'checkout.completed': checkout,
  'checkout.abandoned': {
    ...checkout,
    subscriptionId: null,
    paymentId: null,
    status: 'abandoned',
    completedAt: null,
  },

  'chargeback.opened': chargeback,
  'chargeback.won': { ...chargeback, status: 'won', resolvedAt: '2027-01-15T16:40:09.038Z' },
  'chargeback.lost': { ...chargeback, status: 'lost', resolvedAt: '2027-01-15T16:40:09.038Z' },

  ...notificationSamples,
};
