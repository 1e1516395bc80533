import 'reflect-metadata';
import { defaultFieldResolver, type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { buildSchemaSync, type PubSub } from 'type-graphql';
import { DateTimeScalar } from '../scalars.js';
import { ApiKeyResolver } from './api-key.resolver.js';
import { BulkRetryResolver } from './bulk-retry.resolver.js';
import { CatalogResolver } from './catalog.resolver.js';
import { type ApiContext, forgetWhatWasRead } from './context.js';
import { DeliveryAttemptResolver, DeliveryResolver } from './delivery.resolver.js';
import { DeliveryStatsResolver } from './delivery-stats.resolver.js';
import { EndpointResolver } from './endpoint.resolver.js';
import { EndpointMutationsResolver } from './endpoint-mutations.resolver.js';
import { EventResolver } from './event.resolver.js';
import { guardFields } from './guard-fields.js';
import { LiveResolver } from './live.resolver.js';
import { NodeResolver } from './node.resolver.js';
import { PublishingResolver } from './publishing.resolver.js';

// The library asks for one as soon as there are subscriptions; ours read the feed of changes, not topics.
const NO_TOPICS: PubSub = {
  publish: () => refuseTopic(),
  subscribe: () => refuseTopic(),
};

function refuseTopic(): never {
  throw new Error('There are no topics: give the subscription a `subscribe` of its own.');
}

/** The API, as the classes describe it. */
export function buildSchema(): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: [
      NodeResolver,
      EndpointResolver,
      EndpointMutationsResolver,
      EventResolver,
      DeliveryResolver,
      DeliveryAttemptResolver,
      DeliveryStatsResolver,
      PublishingResolver,
      BulkRetryResolver,
      CatalogResolver,
      ApiKeyResolver,
      LiveResolver,
    ],
    scalarsMap: [{ type: Date, scalar: DateTimeScalar }],
    // What callers send is checked in the domain, whose errors never quote values.
    validate: false,
    pubSub: NO_TOPICS,
  });
  guardFields(schema);
  forgetBetweenMutations(schema);
  return schema;
}

/** The mutations of one request are done one after the other, and each is answered with what it left behind. */
function forgetBetweenMutations(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()!.getFields())) {
    const { resolve = defaultFieldResolver } = field;
    field.resolve = (source, args, context: ApiContext, info) => {
      forgetWhatWasRead(context);
      return resolve(source, args, context, info);
    };
  }
}

/** The API as text, in alphabetical order, as committed in `schema.graphql`. */
export function printApi(): string {
  return `${printSchema(lexicographicSortSchema(buildSchema()))}\n`;
}
