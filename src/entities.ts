import { DeliveryAttempt } from './deliveries/attempt.js';
import { BulkRetry } from './deliveries/bulk-retry.js';
import { Delivery } from './deliveries/delivery.js';
import { WebhookEndpoint } from './endpoints/endpoint.js';
import { EndpointHealth } from './endpoints/endpoint-health.js';
import { WebhookEvent } from './events/event.js';

/** Every table that is read as objects. */
export const entities = [WebhookEvent, WebhookEndpoint, EndpointHealth, Delivery, DeliveryAttempt, BulkRetry];
