import type { Scope } from '../access/account.js';
import type { IdPrefix } from '../storage/ids.js';

/** What an object is of, by its id: the scope that it takes to read it. */
export const SCOPE_OF_ID: Readonly<Record<IdPrefix, Scope>> = {
  ep: 'endpoints:read',
  evt: 'events:read',
  dlv: 'deliveries:read',
  att: 'deliveries:read',
  blk: 'deliveries:read',
  key: 'keys:admin',
};

/**
 * The scope of every operation; null for what anybody with credentials may ask. What `node` needs depends on the id that
 * it is asked for.
 */
export const SCOPE_OF_OPERATION: Readonly<Record<string, Scope | null>> = {
  'Query.node': null,
  'Query.viewer': null,
  'Query.eventTypes': null,
  'Query.endpoint': 'endpoints:read',
  'Query.endpoints': 'endpoints:read',
  'Query.checkEndpointUrl': 'endpoints:write',
  'Query.event': 'events:read',
  'Query.events': 'events:read',
  'Query.delivery': 'deliveries:read',
  'Query.deliveries': 'deliveries:read',
  'Query.bulkRetry': 'deliveries:read',
  'Query.runningBulkRetries': 'deliveries:read',
  'Query.apiKeys': 'keys:admin',
  'Mutation.createEndpoint': 'endpoints:write',
  'Mutation.updateEndpoint': 'endpoints:write',
  'Mutation.enableEndpoint': 'endpoints:write',
  'Mutation.disableEndpoint': 'endpoints:write',
  'Mutation.deleteEndpoint': 'endpoints:write',
  'Mutation.rotateSigningSecret': 'endpoints:write',
  'Mutation.revealSigningSecret': 'secrets:read',
  'Mutation.publishEvent': 'events:write',
  'Mutation.publishEvents': 'events:write',
  'Mutation.sendTestEvent': 'deliveries:write',
  'Mutation.retryDelivery': 'deliveries:write',
  'Mutation.retryDeliveries': 'deliveries:write',
  'Mutation.cancelBulkRetry': 'deliveries:write',
  'Mutation.createApiKey': 'keys:admin',
  'Mutation.revokeApiKey': 'keys:admin',
  'Mutation.registerEventType': 'catalog:admin',
  'Mutation.updateEventType': 'catalog:admin',
  'Mutation.deprecateEventType': 'catalog:admin',
  'Mutation.reinstateEventType': 'catalog:admin',
  'Subscription.deliveryUpdated': 'deliveries:read',
  'Subscription.endpointUpdated': 'endpoints:read',
  'Subscription.eventPublished': 'events:read',
  'Subscription.bulkRetryUpdated': 'deliveries:read',
};

/**
 * The scope of every object type, by whatever way one comes to it; null for parts that say nothing without the object
 * that they are of.
 */
export const SCOPE_OF_TYPE: Readonly<Record<string, Scope | null>> = {
  WebhookEndpoint: 'endpoints:read',
  WebhookEndpointConnection: 'endpoints:read',
  WebhookEndpointEdge: 'endpoints:read',
  WebhookEvent: 'events:read',
  WebhookEventConnection: 'events:read',
  WebhookEventEdge: 'events:read',
  Delivery: 'deliveries:read',
  DeliveryConnection: 'deliveries:read',
  DeliveryEdge: 'deliveries:read',
  DeliveryAttempt: 'deliveries:read',
  BulkRetry: 'deliveries:read',
  ApiKey: 'keys:admin',
  ApiKeyConnection: 'keys:admin',
  ApiKeyEdge: 'keys:admin',
  // How an endpoint is doing, as its status is: sums, and no delivery.
  DeliveryStats: null,
  DeliveryStatsPoint: null,
  DeliveryUpdate: null,
  EventUpdate: null,
  WebhookEndpointUpdate: null,
  EventType: null,
  HttpHeader: null,
  PageInfo: null,
  UserError: null,
  Viewer: null,
  CreateApiKeyPayload: null,
  RevokeApiKeyPayload: null,
  CreateEndpointPayload: null,
  UpdateEndpointPayload: null,
  EnableEndpointPayload: null,
  DisableEndpointPayload: null,
  DeleteEndpointPayload: null,
  RotateSigningSecretPayload: null,
  RevealSigningSecretPayload: null,
  PublishEventPayload: null,
  PublishEventsPayload: null,
  SendTestEventPayload: null,
  RetryDeliveryPayload: null,
  RetryDeliveriesPayload: null,
  CancelBulkRetryPayload: null,
  RegisterEventTypePayload: null,
  UpdateEventTypePayload: null,
  DeprecateEventTypePayload: null,
  ReinstateEventTypePayload: null,
};

/**
 * Fields that differ from their type: a mutation shows what it has just written to whoever may write it. Going on from
 * there needs the scopes of what one comes to.
 */
export const SCOPE_OF_FIELD: Readonly<Record<string, Scope | null>> = {
  'CreateEndpointPayload.endpoint': null,
  'UpdateEndpointPayload.endpoint': null,
  'EnableEndpointPayload.endpoint': null,
  'DisableEndpointPayload.endpoint': null,
  'RotateSigningSecretPayload.endpoint': null,
  'PublishEventPayload.event': null,
  'SendTestEventPayload.delivery': null,
  'RetryDeliveryPayload.delivery': null,
  'RetryDeliveriesPayload.bulkRetry': null,
  'CancelBulkRetryPayload.bulkRetry': null,
};
