import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { BulkRetry } from '../deliveries/bulk-retry.js';
import { cancelBulkRetry } from '../deliveries/cancel-bulk-retry.js';
import { startBulkRetry } from '../deliveries/start-bulk-retry.js';
import { readRunningBulkRetries } from '../deliveries/stored-bulk-retries.js';
import { fromTypeId } from '../storage/ids.js';
import type { ApiContext } from './context.js';
import { badUserInput, rateLimited } from './errors.js';
import { toSelection } from './filters.js';
import { RetryDeliveriesInput } from './inputs.js';
import { CancelBulkRetryPayload, RetryDeliveriesPayload, toPayload } from './payloads.js';

const BULK_RETRY_ID = 'The ID of the bulk retry, `blk_…`.';
const TOO_MANY = 'Many bulk retries are being selected at this moment. Ask again when one of them has answered.';
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

  @Query(() => [BulkRetry], { description: 'The bulk retries that are running, newest first; 100 at most.' })
  async runningBulkRetries(@Ctx() { accountId, services }: ApiContext): Promise<BulkRetry[]> {
    return readRunningBulkRetries(services.database, accountId);
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
    const selection = toSelection(filter, services.catalog.current);
    const turn = services.selecting.take(accountId, () => startBulkRetry(services, accountId, selection, { dryRun }));
    if (!turn) throw rateLimited(TOO_MANY);
    const matched = await turn;
    if (!matched) throw badUserInput(TOO_SLOW);
    return { ...matched, userErrors: [] };
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
