// Written by `npm run documents`, of the .graphql files beside it and `schema.graphql`.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** What an attempt came to. */
export type AttemptOutcome =
  /** The address is not one that the service may call. */
  | 'BLOCKED_ADDRESS'
  /** No connection, or one that broke, or an answer that is not HTTP. */
  | 'CONNECTION_ERROR'
  /** The host's name could not be resolved. */
  | 'DNS_ERROR'
  /** The endpoint answered with another status code. */
  | 'HTTP_ERROR'
  /** The endpoint answered 3xx. Redirects are not followed. */
  | 'REDIRECT'
  /** The endpoint answered 2xx. */
  | 'SUCCEEDED'
  /** The answer was not complete within the time-out. */
  | 'TIMEOUT'
  /** No trusted encrypted connection: a certificate that is wrong or unknown, or no TLS. */
  | 'TLS_ERROR';

/** A new endpoint. */
export type CreateEndpointInput = {
  /** True: every event type, present and future. Give this or a non-empty `eventTypes`, not both. */
  allEvents?: boolean;
  /** A note for people, of at most 1,000 characters. */
  description?: string | null | undefined;
  /** The event types to receive. A prefix such as `invoice.*` stands for all that begin so, present and future. */
  eventTypes?: Array<string>;
  /** Headers that every request is to carry beside those of the service; at most 20. */
  headers?: Array<HttpHeaderInput>;
  /** Attempts started per second, at most, 1 to 10,000; null for no limit. */
  rateLimitPerSecond?: number | null | undefined;
  /** The waits before attempts 2, 3, …, in seconds: up to 20, each 0 to 604,800. Empty for no retries, null for the service's own. */
  retryScheduleSeconds?: Array<number> | null | undefined;
  /** What the signature header of its requests is to look like. */
  signatureFormat?: SignatureFormat;
  /** Where to send events: an `https:` URL on the public internet. */
  url: string;
};

/** A span of time. What is left out is open. */
export type DateTimeRange = {
  /** The first instant in it. */
  from?: string | null | undefined;
  /** The first instant no longer in it. */
  to?: string | null | undefined;
};

/** Which deliveries. What is left out matches all; an empty list or an unknown ID matches none. */
export type DeliveryFilter = {
  /** Deliveries of events published within this span. */
  createdAt?: DateTimeRange | null | undefined;
  /** Deliveries to these endpoints. */
  endpointIds?: Array<string> | null | undefined;
  /** Deliveries of this event. */
  eventId?: string | null | undefined;
  /** Deliveries of events of these types; a prefix such as `invoice.*` stands for all that begin so. */
  eventTypes?: Array<string> | null | undefined;
  /** True: without test events. False: only test events. */
  livemode?: boolean | null | undefined;
  /** Deliveries with one of these statuses. */
  statuses?: Array<DeliveryStatus> | null | undefined;
};

/** Where a delivery is in its life. */
export type DeliveryStatus =
  /** The retry schedule is used up, or a test event failed. */
  | 'FAILED'
  /** The endpoint is disabled; nothing is sent until it is enabled. */
  | 'HELD'
  /** Its first attempt is queued or running. */
  | 'PENDING'
  /** An attempt failed; the next is due at `nextAttemptAt`. */
  | 'RETRYING'
  /** The endpoint answered 2xx. */
  | 'SUCCEEDED';

/** Why an endpoint is disabled. */
export type DisabledReason =
  /** Every delivery failed for longer than the operator allows. */
  | 'FAILING_TOO_LONG'
  /** It answered 410 Gone. */
  | 'GONE'
  /** `disableEndpoint`: somebody switched it off. */
  | 'MANUAL';

/** Which endpoints. What is left out matches all; an empty list matches none. */
export type EndpointFilter = {
  /** Endpoints that receive this event type, or one that a prefix such as `invoice.*` stands for. */
  eventType?: string | null | undefined;
  /** Text within the URL or the description, whatever its case. */
  search?: string | null | undefined;
  /** Endpoints with one of these statuses. */
  statuses?: Array<EndpointStatus> | null | undefined;
};

/** How an endpoint is doing. */
export type EndpointStatus =
  /** Events are delivered. */
  | 'ACTIVE'
  /** It is switched off. */
  | 'DISABLED'
  /** Since its last success a delivery has used up its retries, or five attempts in a row have failed. */
  | 'FAILING';

/** A header that every request to an endpoint is to carry. */
export type HttpHeaderInput = {
  /** Its name, of at most 100 characters. Names are compared without regard to case, and those that the service sets or that belong to HTTP itself are refused. */
  name: string;
  /** True: the value is encrypted at rest, and never shown again. */
  secret?: boolean;
  /** Its value: at most 4,096 printable characters of Latin-1. Null keeps the value that is stored under this name, as secret as it is, and is an error when there is none. */
  value?: string | null | undefined;
};

/** An event to publish. */
export type PublishEventInput = {
  /** What happened, for receivers to read. */
  data: unknown;
  /** The same key again within 24 hours returns the first event; with another type or other data it is refused with IDEMPOTENCY_CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Its type, one of the catalog. */
  type: string;
};

/** A new event type. */
export type RegisterEventTypeInput = {
  /** What it belongs to, for people, in at most 100 characters; new or not. */
  category: string;
  /** A JSON Schema (2020-12) that `data` has to satisfy to be published, up to 64 KiB; null for none. It stands alone, `format` is checked, and a `pattern` has no look-around and no back-references. */
  dataSchema?: unknown;
  /** When an event of this type is sent, for developers, in at most 1,000 characters. */
  description: string;
  /** Its name: up to 128 letters, digits, `_` and `-`, with dots between, such as `order.shipped`. It cannot be changed. */
  name: string;
  /** What `data` looks like, up to 64 KiB as JSON: test events carry it, and it satisfies the schema. */
  sampleData: unknown;
};

/** A test event. */
export type SendTestEventInput = {
  /** Its data; the type's sample data when left out. */
  data?: unknown;
  /** The endpoint to send it to. */
  endpointId: string;
  /** Its type, one of the catalog. */
  type: string;
};

/** What the signature header looks like. The headers of Standard Webhooks are sent beside it, always. */
export type SignatureFormat =
  /** `sha256=<hex of HMAC-SHA256(secret, body)>`. */
  | 'SHA256'
  /** `t=<unix seconds>,v1=<hex of HMAC-SHA256(secret, "<t>.<body>")>`, which also dates the request. */
  | 'TIMESTAMPED';

/** What is to change of an endpoint; what is left out stays as it is. Null clears `description`, `rateLimitPerSecond` and `retryScheduleSeconds`, and is an error elsewhere. `allEvents: true` empties `eventTypes`, and giving `eventTypes` ends `allEvents`. */
export type UpdateEndpointInput = {
  /** True: every event type, present and future. */
  allEvents?: boolean | null | undefined;
  /** A note for people; null for none. */
  description?: string | null | undefined;
  /** The event types to receive. A prefix such as `invoice.*` stands for all that begin so, present and future. */
  eventTypes?: Array<string> | null | undefined;
  /** All headers that every request is to carry beside those of the service; those not listed are removed. */
  headers?: Array<HttpHeaderInput> | null | undefined;
  /** The endpoint. */
  id: string;
  /** Attempts started per second, at most, 1 to 10,000; null for no limit. */
  rateLimitPerSecond?: number | null | undefined;
  /** The waits before attempts 2, 3, …, in seconds: up to 20, each 0 to 604,800. Empty for no retries, null for the service's own. */
  retryScheduleSeconds?: Array<number> | null | undefined;
  /** What the signature header is to look like. */
  signatureFormat?: SignatureFormat | null | undefined;
  /** Where to send events. */
  url?: string | null | undefined;
  /** The version that the change is based on: refused with STALE_VERSION when somebody was quicker. */
  version?: number | null | undefined;
};

/** What a message of a subscription says. */
export type UpdateKind =
  /** Endpoints only: `deletedEndpointId` is gone. */
  | 'DELETED'
  /** Always first: from here on, nothing is missed. */
  | 'READY'
  /** Too far behind to replay: query again, then go on. */
  | 'RESYNC_REQUIRED'
  /** Something changed; this is how it is now. */
  | 'UPDATED';

/** What is wrong with the input. */
export type UserErrorCode =
  /** The endpoint is disabled; enable it first. */
  | 'ENDPOINT_DISABLED'
  /** The idempotency key was used for something else. */
  | 'IDEMPOTENCY_CONFLICT'
  /** The value is not one that this field takes. */
  | 'INVALID'
  /** Not an absolute URL, or too long a one. */
  | 'INVALID_URL'
  /** Nothing with this ID exists, or it belongs to another account. */
  | 'NOT_FOUND'
  /** A delivery of this kind is never retried. */
  | 'NOT_RETRYABLE'
  /** The data is larger than the service accepts. */
  | 'PAYLOAD_TOO_LARGE'
  /** Somebody changed the object since it was read; read it again. */
  | 'STALE_VERSION'
  /** The text is longer than this field takes. */
  | 'TOO_LONG'
  /** The list is longer than this field takes. */
  | 'TOO_MANY'
  /** The catalog has no such event type. */
  | 'UNKNOWN_EVENT_TYPE'
  /** A well-formed URL that the service must not call: not HTTPS, or not a public address. */
  | 'URL_NOT_ALLOWED';

export type Endpoint = { id: string, url: string, description: string | null, allEvents: boolean, eventTypes: Array<string>, status: EndpointStatus, disabledReason: DisabledReason | null, successRate: number | null, lastDeliveryAt: string | null, heldCount: number, version: number };

export type Delivery = { id: string, status: DeliveryStatus, eventType: string, attemptCount: number, nextAttemptAt: string | null, createdAt: string, completedAt: string | null, version: number, endpoint: { id: string }, event: { id: string }, lastAttempt: { number: number, outcome: AttemptOutcome, responseStatusCode: number | null, responseTimeMs: number, error: string | null } | null };

export type EndpointsVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: EndpointFilter | null | undefined;
}>;


export type Endpoints = { endpoints: { nodes: Array<{ id: string, url: string, description: string | null, allEvents: boolean, eventTypes: Array<string>, status: EndpointStatus, disabledReason: DisabledReason | null, successRate: number | null, lastDeliveryAt: string | null, heldCount: number, version: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type DeliveriesVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: DeliveryFilter | null | undefined;
}>;


export type Deliveries = { deliveries: { nodes: Array<{ id: string, status: DeliveryStatus, eventType: string, attemptCount: number, nextAttemptAt: string | null, createdAt: string, completedAt: string | null, version: number, endpoint: { id: string }, event: { id: string }, lastAttempt: { number: number, outcome: AttemptOutcome, responseStatusCode: number | null, responseTimeMs: number, error: string | null } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type CreateEndpointVariables = Exact<{
  input: CreateEndpointInput;
}>;


export type CreateEndpoint = { createEndpoint: { signingSecret: string | null, endpoint: { id: string, url: string, description: string | null, allEvents: boolean, eventTypes: Array<string>, status: EndpointStatus, disabledReason: DisabledReason | null, successRate: number | null, lastDeliveryAt: string | null, heldCount: number, version: number } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } };

export type UpdateEndpointVariables = Exact<{
  input: UpdateEndpointInput;
}>;


export type UpdateEndpoint = { updateEndpoint: { endpoint: { id: string, url: string, description: string | null, allEvents: boolean, eventTypes: Array<string>, status: EndpointStatus, disabledReason: DisabledReason | null, successRate: number | null, lastDeliveryAt: string | null, heldCount: number, version: number } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } };

export type PublishEventsVariables = Exact<{
  input: Array<PublishEventInput> | PublishEventInput;
}>;


export type PublishEvents = { publishEvents: { results: Array<{ deliveryCount: number, duplicate: boolean, event: { id: string, type: string, createdAt: string } | null }>, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } };

export type RegisterEventTypeVariables = Exact<{
  input: RegisterEventTypeInput;
}>;


export type RegisterEventType = { registerEventType: { eventType: { name: string } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } };

export type SendTestEventVariables = Exact<{
  input: SendTestEventInput;
}>;


export type SendTestEvent = { sendTestEvent: { delivery: { id: string, status: DeliveryStatus, eventType: string, attemptCount: number, nextAttemptAt: string | null, createdAt: string, completedAt: string | null, version: number, endpoint: { id: string }, event: { id: string }, lastAttempt: { number: number, outcome: AttemptOutcome, responseStatusCode: number | null, responseTimeMs: number, error: string | null } | null } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } };

export type RetryDeliveryVariables = Exact<{
  id: string;
}>;


export type RetryDelivery = { retryDelivery: { delivery: { id: string, status: DeliveryStatus, eventType: string, attemptCount: number, nextAttemptAt: string | null, createdAt: string, completedAt: string | null, version: number, endpoint: { id: string }, event: { id: string }, lastAttempt: { number: number, outcome: AttemptOutcome, responseStatusCode: number | null, responseTimeMs: number, error: string | null } | null } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } };

export type DeliveryUpdatedVariables = Exact<{
  endpointIds?: Array<string> | string | null | undefined;
  eventId?: string | null | undefined;
  statuses?: Array<DeliveryStatus> | DeliveryStatus | null | undefined;
  after?: string | null | undefined;
}>;


export type DeliveryUpdated = { deliveryUpdated: { cursor: string, kind: UpdateKind, delivery: { id: string, status: DeliveryStatus, eventType: string, attemptCount: number, nextAttemptAt: string | null, createdAt: string, completedAt: string | null, version: number, endpoint: { id: string }, event: { id: string }, lastAttempt: { number: number, outcome: AttemptOutcome, responseStatusCode: number | null, responseTimeMs: number, error: string | null } | null } | null } };

export type EndpointUpdatedVariables = Exact<{
  endpointIds?: Array<string> | string | null | undefined;
}>;


export type EndpointUpdated = { endpointUpdated: { kind: UpdateKind, deletedEndpointId: string | null, endpoint: { id: string, url: string, description: string | null, allEvents: boolean, eventTypes: Array<string>, status: EndpointStatus, disabledReason: DisabledReason | null, successRate: number | null, lastDeliveryAt: string | null, heldCount: number, version: number } | null } };

export type EventPublishedVariables = Exact<{
  types?: Array<string> | string | null | undefined;
  after?: string | null | undefined;
}>;


export type EventPublished = { eventPublished: { cursor: string, kind: UpdateKind, event: { id: string, type: string, body: string, createdAt: string } | null } };

export const Endpoint = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Endpoint"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WebhookEndpoint"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"allEvents"}},{"kind":"Field","name":{"kind":"Name","value":"eventTypes"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"disabledReason"}},{"kind":"Field","name":{"kind":"Name","value":"successRate"}},{"kind":"Field","name":{"kind":"Name","value":"lastDeliveryAt"}},{"kind":"Field","name":{"kind":"Name","value":"heldCount"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}}]} as unknown as DocumentNode<Endpoint, unknown>;
export const Delivery = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Delivery"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Delivery"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"eventType"}},{"kind":"Field","name":{"kind":"Name","value":"attemptCount"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"completedAt"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"endpoint"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lastAttempt"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"responseStatusCode"}},{"kind":"Field","name":{"kind":"Name","value":"responseTimeMs"}},{"kind":"Field","name":{"kind":"Name","value":"error"}}]}}]}}]} as unknown as DocumentNode<Delivery, unknown>;
export const EndpointsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Endpoints"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"EndpointFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"endpoints"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Endpoint"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Endpoint"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WebhookEndpoint"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"allEvents"}},{"kind":"Field","name":{"kind":"Name","value":"eventTypes"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"disabledReason"}},{"kind":"Field","name":{"kind":"Name","value":"successRate"}},{"kind":"Field","name":{"kind":"Name","value":"lastDeliveryAt"}},{"kind":"Field","name":{"kind":"Name","value":"heldCount"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}}]} as unknown as DocumentNode<Endpoints, EndpointsVariables>;
export const DeliveriesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Deliveries"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"DeliveryFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deliveries"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Delivery"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Delivery"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Delivery"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"eventType"}},{"kind":"Field","name":{"kind":"Name","value":"attemptCount"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"completedAt"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"endpoint"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lastAttempt"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"responseStatusCode"}},{"kind":"Field","name":{"kind":"Name","value":"responseTimeMs"}},{"kind":"Field","name":{"kind":"Name","value":"error"}}]}}]}}]} as unknown as DocumentNode<Deliveries, DeliveriesVariables>;
export const CreateEndpointDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateEndpoint"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateEndpointInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createEndpoint"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"endpoint"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Endpoint"}}]}},{"kind":"Field","name":{"kind":"Name","value":"signingSecret"}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Endpoint"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WebhookEndpoint"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"allEvents"}},{"kind":"Field","name":{"kind":"Name","value":"eventTypes"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"disabledReason"}},{"kind":"Field","name":{"kind":"Name","value":"successRate"}},{"kind":"Field","name":{"kind":"Name","value":"lastDeliveryAt"}},{"kind":"Field","name":{"kind":"Name","value":"heldCount"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}}]} as unknown as DocumentNode<CreateEndpoint, CreateEndpointVariables>;
export const UpdateEndpointDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UpdateEndpoint"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpdateEndpointInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"updateEndpoint"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"endpoint"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Endpoint"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Endpoint"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WebhookEndpoint"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"allEvents"}},{"kind":"Field","name":{"kind":"Name","value":"eventTypes"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"disabledReason"}},{"kind":"Field","name":{"kind":"Name","value":"successRate"}},{"kind":"Field","name":{"kind":"Name","value":"lastDeliveryAt"}},{"kind":"Field","name":{"kind":"Name","value":"heldCount"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}}]} as unknown as DocumentNode<UpdateEndpoint, UpdateEndpointVariables>;
export const PublishEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PublishEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"PublishEventInput"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"publishEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"results"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deliveryCount"}},{"kind":"Field","name":{"kind":"Name","value":"duplicate"}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<PublishEvents, PublishEventsVariables>;
export const RegisterEventTypeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RegisterEventType"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RegisterEventTypeInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"registerEventType"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"eventType"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<RegisterEventType, RegisterEventTypeVariables>;
export const SendTestEventDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SendTestEvent"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"SendTestEventInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sendTestEvent"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"delivery"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Delivery"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Delivery"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Delivery"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"eventType"}},{"kind":"Field","name":{"kind":"Name","value":"attemptCount"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"completedAt"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"endpoint"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lastAttempt"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"responseStatusCode"}},{"kind":"Field","name":{"kind":"Name","value":"responseTimeMs"}},{"kind":"Field","name":{"kind":"Name","value":"error"}}]}}]}}]} as unknown as DocumentNode<SendTestEvent, SendTestEventVariables>;
export const RetryDeliveryDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RetryDelivery"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryDelivery"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"delivery"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Delivery"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Delivery"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Delivery"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"eventType"}},{"kind":"Field","name":{"kind":"Name","value":"attemptCount"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"completedAt"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"endpoint"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lastAttempt"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"responseStatusCode"}},{"kind":"Field","name":{"kind":"Name","value":"responseTimeMs"}},{"kind":"Field","name":{"kind":"Name","value":"error"}}]}}]}}]} as unknown as DocumentNode<RetryDelivery, RetryDeliveryVariables>;
export const DeliveryUpdatedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"DeliveryUpdated"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"endpointIds"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"eventId"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"statuses"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeliveryStatus"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deliveryUpdated"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"endpointIds"},"value":{"kind":"Variable","name":{"kind":"Name","value":"endpointIds"}}},{"kind":"Argument","name":{"kind":"Name","value":"eventId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"eventId"}}},{"kind":"Argument","name":{"kind":"Name","value":"statuses"},"value":{"kind":"Variable","name":{"kind":"Name","value":"statuses"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"delivery"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Delivery"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Delivery"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Delivery"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"eventType"}},{"kind":"Field","name":{"kind":"Name","value":"attemptCount"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"completedAt"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"endpoint"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lastAttempt"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"responseStatusCode"}},{"kind":"Field","name":{"kind":"Name","value":"responseTimeMs"}},{"kind":"Field","name":{"kind":"Name","value":"error"}}]}}]}}]} as unknown as DocumentNode<DeliveryUpdated, DeliveryUpdatedVariables>;
export const EndpointUpdatedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"EndpointUpdated"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"endpointIds"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"endpointUpdated"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"endpointIds"},"value":{"kind":"Variable","name":{"kind":"Name","value":"endpointIds"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"deletedEndpointId"}},{"kind":"Field","name":{"kind":"Name","value":"endpoint"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Endpoint"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Endpoint"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WebhookEndpoint"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"allEvents"}},{"kind":"Field","name":{"kind":"Name","value":"eventTypes"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"disabledReason"}},{"kind":"Field","name":{"kind":"Name","value":"successRate"}},{"kind":"Field","name":{"kind":"Name","value":"lastDeliveryAt"}},{"kind":"Field","name":{"kind":"Name","value":"heldCount"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}}]} as unknown as DocumentNode<EndpointUpdated, EndpointUpdatedVariables>;
export const EventPublishedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"EventPublished"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"types"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"eventPublished"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"types"},"value":{"kind":"Variable","name":{"kind":"Name","value":"types"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"body"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}}]}}]}}]}}]} as unknown as DocumentNode<EventPublished, EventPublishedVariables>;
