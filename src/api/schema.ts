import 'reflect-metadata';
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { DateTimeScalar } from '../scalars.js';
import { DeliveryAttemptResolver, DeliveryResolver } from './delivery.resolver.js';
import { DeliveryStatsResolver } from './delivery-stats.resolver.js';
import { EndpointResolver } from './endpoint.resolver.js';
import { EndpointMutationsResolver } from './endpoint-mutations.resolver.js';
import { EventResolver } from './event.resolver.js';
import { NodeResolver } from './node.resolver.js';
import { PublishingResolver } from './publishing.resolver.js';

/** The API, as the classes describe it. */
export function buildSchema(): GraphQLSchema {
  return buildSchemaSync({
    resolvers: [
      NodeResolver,
      EndpointResolver,
      EndpointMutationsResolver,
      EventResolver,
      DeliveryResolver,
      DeliveryAttemptResolver,
      DeliveryStatsResolver,
      PublishingResolver,
    ],
    scalarsMap: [{ type: Date, scalar: DateTimeScalar }],
    // What callers send is checked in the domain, whose errors never quote values.
    validate: false,
  });
}

/** The API as text, in alphabetical order, as committed in `schema.graphql`. */
export function printApi(): string {
  return `${printSchema(lexicographicSortSchema(buildSchema()))}\n`;
}
