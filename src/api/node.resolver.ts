import { Arg, Ctx, Field, ID, ObjectType, Query, Resolver } from 'type-graphql';
import { readAttempt } from '../deliveries/read-deliveries.js';
import { Node } from '../node.js';
import { fromTypeId } from '../storage/ids.js';
import type { ApiContext } from './context.js';

@ObjectType({ description: 'Who the credentials belong to, and what they allow.' })
export class Viewer {
  @Field(() => ID, { description: 'The account that everything in this API belongs to.' })
  accountId: string;

  @Field(() => [String], { description: 'What the credentials allow, such as `endpoints:read`.' })
  scopes: readonly string[];
}

@Resolver()
export class NodeResolver {
  @Query(() => Node, { nullable: true, description: 'Any object by its ID; null when there is none.' })
  async node(
    @Arg('id', () => ID, { description: 'An ID of any kind.' }) id: string,
    @Ctx() { accountId, services: { database, apiKeys }, loaders }: ApiContext,
  ): Promise<Node | null> {
    const [endpoint, event, delivery, attempt, bulkRetry, apiKey] = (
      ['ep', 'evt', 'dlv', 'att', 'blk', 'key'] as const
    ).map((prefix) => fromTypeId(prefix, id));
    if (endpoint) return loaders.endpoint.load(endpoint);
    if (event) return loaders.event.load(event);
    if (delivery) return loaders.delivery.load(delivery);
    if (bulkRetry) return loaders.bulkRetry.load(bulkRetry);
    if (apiKey) return apiKeys.read(accountId, apiKey);
    const found = attempt && (await readAttempt(database, accountId, attempt));
    return found && (await loaders.delivery.load(found.deliveryId)) ? found : null;
  }

  @Query(() => Viewer, { description: 'Who the credentials belong to.' })
  viewer(@Ctx() { caller }: ApiContext): Viewer {
    return caller;
  }
}
