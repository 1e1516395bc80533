import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { checkNewApiKey } from '../access/new-api-key.js';
import { Refusal } from '../refusal.js';
import { fromTypeId } from '../storage/ids.js';
import { connect, PageArgs } from './connection.js';
import { ApiKeyConnection } from './connection-types.js';
import type { ApiContext } from './context.js';
import { CreateApiKeyInput } from './inputs.js';
import { CreateApiKeyPayload, RevokeApiKeyPayload, toPayload } from './payloads.js';

@Resolver()
export class ApiKeyResolver {
  @Query(() => ApiKeyConnection, {
    description: 'All stored API keys, newest first, those that are revoked or expired included.',
  })
  async apiKeys(
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { accountId, services: { apiKeys } }: ApiContext,
  ): Promise<ApiKeyConnection> {
    return connect({ kind: 'apiKeys', accountId }, page, (keyset) => apiKeys.list(accountId, keyset));
  }

  @Mutation(() => CreateApiKeyPayload, { description: 'Makes an API key, and shows it this once.' })
  async createApiKey(
    @Arg('input', () => CreateApiKeyInput, { description: 'What it is to allow, and for how long.' })
    input: CreateApiKeyInput,
    @Ctx() { accountId, caller, services: { apiKeys, clock, log } }: ApiContext,
  ): Promise<CreateApiKeyPayload> {
    const columns = checkNewApiKey(input, caller, clock.now());
    const created = columns instanceof Refusal ? columns : await apiKeys.create(accountId, columns);
    if (!(created instanceof Refusal)) {
      const { globalId: keyId, scopes, expiresAt } = created.apiKey;
      log.info({ accountId, keyId, scopes, expiresAt: expiresAt ?? undefined }, 'API key created');
    }
    return toPayload(created, (one) => one, { apiKey: null, key: null });
  }

  @Mutation(() => RevokeApiKeyPayload, {
    description:
      'Takes an API key out of use for good: within seconds it is refused, and its subscriptions end. Revoking it again changes nothing.',
  })
  async revokeApiKey(
    @Arg('id', () => ID, { description: 'The ID of the API key, `key_…`.' }) id: string,
    @Ctx() { accountId, services: { apiKeys, log } }: ApiContext,
  ): Promise<RevokeApiKeyPayload> {
    const revoked = await apiKeys.revoke(accountId, fromTypeId('key', id));
    if (!(revoked instanceof Refusal)) log.info({ accountId, keyId: revoked.globalId }, 'API key revoked');
    return toPayload(revoked, (apiKey) => ({ apiKey }), { apiKey: null });
  }
}
