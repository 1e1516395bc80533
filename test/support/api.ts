import { eventually } from './eventually.js';

/** A page of a list, with what the test asked for of each node. */
export interface PageView<Node = { id: string }> {
  nodes: Node[];
  edges: { cursor: string; node: Node }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  totalCount?: number | null;
}

export interface GraphqlResponse<Data = Record<string, never>> {
  status: number;
  data: Data | null;
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string } }[];
}

export interface UserError {
  field: string[] | null;
  code: string;
  message: string;
}

export interface EndpointView {
  id: string;
  url: string;
  description: string | null;
  allEvents: boolean;
  eventTypes: string[];
  eventTypeCount: number;
  status: string;
  disabledReason: string | null;
  disabledAt: string | null;
  heldCount: number;
  successRate: number | null;
  lastDeliveryAt: string | null;
  signingSecretHint: string;
  previousSecretExpiresAt: string | null;
  signatureFormat: string;
  headers: { name: string; value: string; secret: boolean }[];
  rateLimitPerSecond: number | null;
  retryScheduleSeconds: number[];
  version: number;
}

export interface AttemptView {
  id: string;
  number: number;
  trigger: string;
  outcome: string;
  requestHeaders: { name: string; value: string; secret: boolean }[];
  requestBody: string;
  responseStatusCode: number | null;
  responseHeaders: { name: string; value: string; secret: boolean }[];
  responseBody: string | null;
  responseBodyTruncated: boolean;
  responseTimeMs: number;
  error: string | null;
  startedAt: string;
}

export interface DeliveryView {
  id: string;
  status: string;
  eventType: string;
  attemptCount: number;
  nextAttemptAt: string | null;
  version: number;
  createdAt: string;
  updatedAt: string;
  completedAt: string | null;
  event: { id: string; type: string; livemode: boolean };
  endpoint: { id: string; url: string };
  attempts: AttemptView[];
}

export interface BulkRetryView {
  id: string;
  status: string;
  total: number;
  queued: number;
  passedOver: number;
  createdAt: string;
  completedAt: string | null;
}

export interface ApiKeyView {
  id: string;
  name: string;
  hint: string;
  scopes: string[];
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

export interface PublishedView {
  event: { id: string; type: string; body: string; livemode: boolean; createdAt: string } | null;
  deliveryCount: number;
  duplicate: boolean;
  userErrors: UserError[];
}

const ENDPOINT = `id url description allEvents eventTypes eventTypeCount status disabledReason disabledAt heldCount successRate lastDeliveryAt
  signingSecretHint previousSecretExpiresAt signatureFormat headers { name value secret } rateLimitPerSecond
  retryScheduleSeconds version`;
const ATTEMPT = `id number trigger outcome requestHeaders { name value secret } requestBody responseStatusCode
  responseHeaders { name value secret } responseBody responseBodyTruncated responseTimeMs error startedAt`;
const DELIVERY = `id status eventType attemptCount nextAttemptAt version createdAt updatedAt completedAt
  event { id type livemode } endpoint { id url } attempts { ${ATTEMPT} }`;
const PUBLISHED = 'event { id type body livemode createdAt } deliveryCount duplicate userErrors { field code message }';
const BULK_RETRY = 'id status total queued passedOver createdAt completedAt';
const API_KEY = 'id name hint scopes createdAt expiresAt lastUsedAt revokedAt';
const ERRORS = 'userErrors { field code message }';

/** The service answered, with errors. */
export class GraphqlFailure extends Error {
  constructor(readonly errors: NonNullable<GraphqlResponse<unknown>['errors']>) {
    super(`The request failed: ${JSON.stringify(errors)}`);
  }
}

/** The API as a customer uses it: over HTTP, with a key. */
export class ApiClient {
  constructor(
    readonly url: string,
    readonly apiKey: string | null,
  ) {}

  /** The same service, asked by somebody else. */
  as(apiKey: string | null): ApiClient {
    return new ApiClient(this.url, apiKey);
  }

  /** Posts a body as it is. */
  async post(body: string | ReadableStream, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.apiKey !== null && { authorization: `Bearer ${this.apiKey}` }),
        ...headers,
      },
      body,
      duplex: 'half',
    } as RequestInit);
  }

  /** Sends a request and answers whatever comes. */
  async send<Data>(query: string, variables: object = {}): Promise<GraphqlResponse<Data>> {
    const response = await this.post(JSON.stringify({ query, variables }));
    return { status: response.status, ...((await response.json()) as Omit<GraphqlResponse<Data>, 'status'>) };
  }

  /** Sends a request that has to succeed, and answers its data. */
  async request<Data>(query: string, variables: object = {}): Promise<Data> {
    const { data, errors } = await this.send<Data>(query, variables);
    if (errors || !data) throw new GraphqlFailure(errors ?? []);
    return data;
  }

  async tryToCreateEndpoint(
    input: object,
  ): Promise<{ endpoint: EndpointView | null; signingSecret: string | null; userErrors: UserError[] }> {
    const { createEndpoint } = await this.request<{ createEndpoint: never }>(
      `mutation ($input: CreateEndpointInput!) {
        createEndpoint(input: $input) { endpoint { ${ENDPOINT} } signingSecret ${ERRORS} } }`,
      { input },
    );
    return createEndpoint;
  }

  async createEndpoint(input: object): Promise<EndpointView & { signingSecret: string }> {
    const { endpoint, signingSecret, userErrors } = await this.tryToCreateEndpoint(input);
    if (!endpoint) throw new Error(`Not created: ${JSON.stringify(userErrors)}`);
    return { ...endpoint, signingSecret: signingSecret! };
  }

  async updateEndpoint(input: object): Promise<{ endpoint: EndpointView | null; userErrors: UserError[] }> {
    const { updateEndpoint } = await this.request<{ updateEndpoint: never }>(
      `mutation ($input: UpdateEndpointInput!) { updateEndpoint(input: $input) { endpoint { ${ENDPOINT} } ${ERRORS} } }`,
      { input },
    );
    return updateEndpoint;
  }

  async deleteEndpoint(id: string): Promise<{ deletedEndpointId: string | null; userErrors: UserError[] }> {
    const { deleteEndpoint } = await this.request<{ deleteEndpoint: never }>(
      `mutation ($id: ID!) { deleteEndpoint(id: $id) { deletedEndpointId ${ERRORS} } }`,
      { id },
    );
    return deleteEndpoint;
  }

  async disableEndpoint(id: string): Promise<{ endpoint: EndpointView | null; userErrors: UserError[] }> {
    const { disableEndpoint } = await this.request<{ disableEndpoint: never }>(
      `mutation ($id: ID!) { disableEndpoint(id: $id) { endpoint { ${ENDPOINT} } ${ERRORS} } }`,
      { id },
    );
    return disableEndpoint;
  }

  async enableEndpoint(id: string): Promise<{ endpoint: EndpointView | null; userErrors: UserError[] }> {
    const { enableEndpoint } = await this.request<{ enableEndpoint: never }>(
      `mutation ($id: ID!) { enableEndpoint(id: $id) { endpoint { ${ENDPOINT} } ${ERRORS} } }`,
      { id },
    );
    return enableEndpoint;
  }

  async rotateSigningSecret(
    input: object,
  ): Promise<{ endpoint: EndpointView | null; signingSecret: string | null; userErrors: UserError[] }> {
    const { rotateSigningSecret } = await this.request<{ rotateSigningSecret: never }>(
      `mutation ($input: RotateSigningSecretInput!) {
        rotateSigningSecret(input: $input) { endpoint { ${ENDPOINT} } signingSecret ${ERRORS} } }`,
      { input },
    );
    return rotateSigningSecret;
  }

  async revealSigningSecret(id: string): Promise<{ signingSecret: string | null; userErrors: UserError[] }> {
    const { revealSigningSecret } = await this.request<{ revealSigningSecret: never }>(
      `mutation ($id: ID!) { revealSigningSecret(id: $id) { signingSecret ${ERRORS} } }`,
      { id },
    );
    return revealSigningSecret;
  }

  async tryToCreateApiKey(
    input: object,
  ): Promise<{ apiKey: ApiKeyView | null; key: string | null; userErrors: UserError[] }> {
    const { createApiKey } = await this.request<{ createApiKey: never }>(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { ${API_KEY} } key ${ERRORS} } }`,
      { input },
    );
    return createApiKey;
  }

  /** A key with these scopes, and the API as whoever has it sees it. */
  async createApiKey(
    scopes: readonly string[],
    rest: { name?: string; expiresAt?: string } = {},
  ): Promise<ApiKeyView & { key: string; api: ApiClient }> {
    const { apiKey, key, userErrors } = await this.tryToCreateApiKey({ name: 'Made by a test', scopes, ...rest });
    if (!apiKey || !key) throw new Error(`Not created: ${JSON.stringify(userErrors)}`);
    return { ...apiKey, key, api: this.as(key) };
  }

  async revokeApiKey(id: string): Promise<{ apiKey: ApiKeyView | null; userErrors: UserError[] }> {
    const { revokeApiKey } = await this.request<{ revokeApiKey: never }>(
      `mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { ${API_KEY} } ${ERRORS} } }`,
      { id },
    );
    return revokeApiKey;
  }

  async endpoint(id: string): Promise<EndpointView | null> {
    const { endpoint } = await this.request<{ endpoint: EndpointView | null }>(
      `query ($id: ID!) { endpoint(id: $id) { ${ENDPOINT} } }`,
      { id },
    );
    return endpoint;
  }

  async tryToPublish(input: object): Promise<PublishedView> {
    const { publishEvent } = await this.request<{ publishEvent: PublishedView }>(
      `mutation ($input: PublishEventInput!) { publishEvent(input: $input) { ${PUBLISHED} } }`,
      { input },
    );
    return publishEvent;
  }

  async publishEvent(type: string, data: unknown = {}): Promise<NonNullable<PublishedView['event']>> {
    const { event, userErrors } = await this.tryToPublish({ type, data });
    if (!event) throw new Error(`Not published: ${JSON.stringify(userErrors)}`);
    return event;
  }

  async publishEvents(input: object[]): Promise<{ results: PublishedView[]; userErrors: UserError[] }> {
    const { publishEvents } = await this.request<{ publishEvents: never }>(
      `mutation ($input: [PublishEventInput!]!) { publishEvents(input: $input) { results { ${PUBLISHED} } ${ERRORS} } }`,
      { input },
    );
    return publishEvents;
  }

  async sendTestEvent(input: object): Promise<{ delivery: DeliveryView | null; userErrors: UserError[] }> {
    const { sendTestEvent } = await this.request<{ sendTestEvent: never }>(
      `mutation ($input: SendTestEventInput!) { sendTestEvent(input: $input) { delivery { ${DELIVERY} } ${ERRORS} } }`,
      { input },
    );
    return sendTestEvent;
  }

  async retryDelivery(id: string): Promise<{ delivery: DeliveryView | null; userErrors: UserError[] }> {
    const { retryDelivery } = await this.request<{ retryDelivery: never }>(
      `mutation ($id: ID!) { retryDelivery(id: $id) { delivery { ${DELIVERY} } ${ERRORS} } }`,
      { id },
    );
    return retryDelivery;
  }

  async retryDeliveries(input: {
    filter: object;
    dryRun?: boolean;
  }): Promise<{ bulkRetry: BulkRetryView | null; matchedCount: number; userErrors: UserError[] }> {
    const { retryDeliveries } = await this.request<{ retryDeliveries: never }>(
      `mutation ($input: RetryDeliveriesInput!) {
        retryDeliveries(input: $input) { bulkRetry { ${BULK_RETRY} } matchedCount ${ERRORS} } }`,
      { input },
    );
    return retryDeliveries;
  }

  async cancelBulkRetry(id: string): Promise<{ bulkRetry: BulkRetryView | null; userErrors: UserError[] }> {
    const { cancelBulkRetry } = await this.request<{ cancelBulkRetry: never }>(
      `mutation ($id: ID!) { cancelBulkRetry(id: $id) { bulkRetry { ${BULK_RETRY} } ${ERRORS} } }`,
      { id },
    );
    return cancelBulkRetry;
  }

  async bulkRetry(id: string): Promise<BulkRetryView | null> {
    const { bulkRetry } = await this.request<{ bulkRetry: BulkRetryView | null }>(
      `query ($id: ID!) { bulkRetry(id: $id) { ${BULK_RETRY} } }`,
      { id },
    );
    return bulkRetry;
  }

  async runningBulkRetries(): Promise<BulkRetryView[]> {
    const { runningBulkRetries } = await this.request<{ runningBulkRetries: BulkRetryView[] }>(
      `{ runningBulkRetries { ${BULK_RETRY} } }`,
    );
    return runningBulkRetries;
  }

  async delivery(id: string): Promise<DeliveryView | null> {
    const { delivery } = await this.request<{ delivery: DeliveryView | null }>(
      `query ($id: ID!) { delivery(id: $id) { ${DELIVERY} } }`,
      { id },
    );
    return delivery;
  }

  /** A page of a list, by Relay's arguments and, where the list has them, its filter's. */
  async page<Node = { id: string }>(
    list: 'endpoints' | 'events' | 'deliveries',
    args: object = {},
    fields = 'id',
  ): Promise<PageView<Node>> {
    const given = Object.entries(args).filter(([, value]) => value !== undefined);
    const types: Record<string, string> = { first: 'Int', last: 'Int', after: 'String', before: 'String' };
    types.filter = list === 'endpoints' ? 'EndpointFilter' : 'DeliveryFilter';
    types.types = '[String!]';
    types.createdAt = 'DateTimeRange';
    const declared = given.map(([name]) => `$${name}: ${types[name]}`).join(', ');
    const passed = given.map(([name]) => `${name}: $${name}`).join(', ');
    const data = await this.request<Record<string, PageView<Node>>>(
      `query ${declared && `(${declared})`} { ${list} ${passed && `(${passed})`} {
        nodes { ${fields} } edges { cursor node { ${fields} } } ${list === 'events' ? '' : 'totalCount'}
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
      Object.fromEntries(given),
    );
    return data[list]!;
  }

  /** The newest deliveries that match. */
  async deliveries(filter: object = {}): Promise<DeliveryView[]> {
    const { deliveries } = await this.request<{ deliveries: { nodes: DeliveryView[] } }>(
      `query ($filter: DeliveryFilter) { deliveries(first: 100, filter: $filter) { nodes { ${DELIVERY} } } }`,
      { filter },
    );
    return deliveries.nodes;
  }

  /** The delivery of an event, to the only endpoint or the one given, once `isAsExpected`. */
  async deliveryOf(
    event: { id: string },
    isAsExpected: (delivery: DeliveryView) => boolean = ({ status }) => status === 'SUCCEEDED',
    endpointId?: string,
    timeoutMs?: number,
  ): Promise<DeliveryView> {
    const filter = { eventId: event.id, ...(endpointId !== undefined && { endpointIds: [endpointId] }) };
    return eventually(
      `the delivery of ${event.id} as expected`,
      async () => {
        const [delivery] = await this.deliveries(filter);
        return delivery && isAsExpected(delivery) && delivery;
      },
      timeoutMs,
    );
  }
}
