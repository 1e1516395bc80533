/**
 * Sample `data` of the notifications: what the API would answer about the same endpoint and the same delivery, told as
 * one receiver's bad day.
 */
const endpoint = {
  id: 'ep_01m7w6h0v1e3hvstqv33dybjyv',
  url: 'https://example.com/webhooks/orders',
  description: 'Order system',
  status: 'FAILING',
  disabledReason: null,
  disabledAt: null,
};

const delivery = {
  id: 'dlv_01m84zwt1aesrs5wpf4q2r1fsm',
  status: 'RETRYING',
  attemptCount: 5,
  nextAttemptAt: '2026-11-24T22:35:58.017Z',
  createdAt: '2026-11-23T19:59:57.482Z',
  completedAt: null,
  event: { id: 'evt_01m84zwt1aesrs5wphwbttffw8', type: 'invoice.paid' },
  lastAttempt: {
    number: 5,
    outcome: 'HTTP_ERROR',
    responseStatusCode: 503,
    error: null,
    startedAt: '2026-11-23T22:35:57.906Z',
  },
};

export const notificationSamples = {
  'endpoint.failing': { ...endpoint, lastDelivery: delivery },
  'endpoint.recovered': {
    ...endpoint,
    status: 'ACTIVE',
    lastDelivery: {
      id: 'dlv_01m85as140e819xh7m4qb16wmn',
      status: 'SUCCEEDED',
      attemptCount: 1,
      nextAttemptAt: null,
      createdAt: '2026-11-23T23:10:08.000Z',
      completedAt: '2026-11-23T23:10:08.131Z',
      event: { id: 'evt_01m85as140e819xh7r5r9eaa34', type: 'payment.refunded' },
      lastAttempt: {
        number: 1,
        outcome: 'SUCCEEDED',
        responseStatusCode: 204,
        error: null,
        startedAt: '2026-11-23T23:10:08.044Z',
      },
    },
  },
  'endpoint.disabled': {
    ...endpoint,
    status: 'DISABLED',
    disabledReason: 'GONE',
    disabledAt: '2026-11-24T22:35:58.203Z',
    lastDelivery: {
      ...delivery,
      status: 'FAILED',
      attemptCount: 6,
      nextAttemptAt: null,
      completedAt: '2026-11-24T22:35:58.198Z',
      lastAttempt: {
        number: 6,
        outcome: 'HTTP_ERROR',
        responseStatusCode: 410,
        error: null,
        startedAt: '2026-11-24T22:35:58.095Z',
      },
    },
  },
  'delivery.failed': {
    ...delivery,
    status: 'FAILED',
    attemptCount: 6,
    nextAttemptAt: null,
    completedAt: '2026-11-24T22:36:13.098Z',
    lastAttempt: {
      number: 6,
      outcome: 'TIMEOUT',
      responseStatusCode: null,
      error: 'No answer within 15 s',
      startedAt: '2026-11-24T22:35:58.095Z',
    },
    endpoint,
  },
};
