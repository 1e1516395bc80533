import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { BulkRetry } from '../deliveries/bulk-retry.js';
import { cancelBulkRetry } from '../deliveries/cancel-bulk-retry.js';
import { startBulkRetry } from '../deliveries/start-bulk-retry.js';
import { fromTypeId } from '../storage/ids.js';
import type { ApiContext } from './context.js';
import { badUserInput, rateLimited } from './errors.js';
import { toSelection } from './filters.js';
import { RetryDeliveriesInput } from './inputs.js';
import { CancelBulkRetryPayload, RetryDeliveriesPayload, toPayload } from './payloads.js';

const BULK_RETRY_ID = 'The ID of the bulk retry, `blk_…`.';
/** Each may take long, and needs a connection of its own. */
const MAX_SELECTING = 3;
const ONE_AT_A_TIME = 'Another bulk retry is being selected at this moment. Ask again when it has answered.';
const TOO_SLOW = 'Finding what matches takes too long. Narrow the filter, for example by `createdAt` or `endpointIds`.';

@Resolver()
export class BulkRetryResolver {
  @Query(() => BulkRetry, { nullable: true, description: 'A bulk retry; null when there is none with this ID.' })
  async bulkRetry(
    @Arg('id', () => ID, { description: BULK_RETRY_ID }) id: string,
    @Ctx() { loaders }: ApiContext,
  ): Promise<BulkRetry | null> {
    const uuid = fromTypeId('blk', id);
    return uuid === null ? null : loaders.bulkRetry.load(uuid);
  }

  @Mutation(() => RetryDeliveriesPayload, {
    description:
      'Makes one more attempt for every delivery that matches at this moment, also after success, in the background.',
  })
  async retryDeliveries(
    @Arg('input', () => RetryDeliveriesInput, { description: 'Which deliveries.' })
    { filter, dryRun }: RetryDeliveriesInput,
    @Ctx() { accountId, services }: ApiContext,
  ): Promise<RetryDeliveriesPayload> {
    const { selecting } = services;
    if (selecting.has(accountId) || selecting.size >= MAX_SELECTING) throw rateLimited(ONE_AT_A_TIME);
    selecting.add(accountId);
    try {
      const matched = await startBulkRetry(services, accountId, toSelection(filter), { dryRun });
      if (!matched) throw badUserInput(TOO_SLOW);
      return { ...matched, userErrors: [] };
    } finally {
      selecting.delete(accountId);
    }
  }

  @Mutation(() => CancelBulkRetryPayload, {
    description: 'Ends a bulk retry: no more are queued. What was queued is attempted all the same.',
  })
  async cancelBulkRetry(
    @Arg('id', () => ID, { description: BULK_RETRY_ID }) id: string,
    @Ctx() { accountId, services }: ApiContext,
  ): Promise<CancelBulkRetryPayload> {
    const result = await cancelBulkRetry(services, accountId, fromTypeId('blk', id));
    return toPayload(result, (bulkRetry) => ({ bulkRetry }), { bulkRetry: null });
  }
}
