import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { disableEndpoint, enableEndpoint } from '../deliveries/switch-endpoint.js';
import { fromTypeId, toTypeId } from '../storage/ids.js';
import type { ApiContext } from './context.js';
import { CreateEndpointInput, RotateSigningSecretInput, UpdateEndpointInput } from './endpoint-inputs.js';
import {
  CreateEndpointPayload,
  DeleteEndpointPayload,
  DisableEndpointPayload,
  EnableEndpointPayload,
  RevealSigningSecretPayload,
  RotateSigningSecretPayload,
  toPayload,
  UpdateEndpointPayload,
} from './payloads.js';

const ENDPOINT_ID = 'The ID of the endpoint, `ep_…`.';

@Resolver()
export class EndpointMutationsResolver {
  @Mutation(() => CreateEndpointPayload, {
    description: 'Registers an endpoint and generates its signing secret, which is shown this once.',
  })
  async createEndpoint(
    @Arg('input', () => CreateEndpointInput, { description: 'The endpoint.' }) input: CreateEndpointInput,
    @Ctx() { accountId, services: { endpoints } }: ApiContext,
  ): Promise<CreateEndpointPayload> {
    const result = await endpoints.create(accountId, { ...input });
    return toPayload(result, (created) => created, { endpoint: null, signingSecret: null });
  }

  @Mutation(() => UpdateEndpointPayload, {
    description: 'Changes an endpoint. Deliveries under way are not disturbed.',
  })
  async updateEndpoint(
    @Arg('input', () => UpdateEndpointInput, { description: 'What to change.' }) { id, ...input }: UpdateEndpointInput,
    @Ctx() { accountId, services: { endpoints } }: ApiContext,
  ): Promise<UpdateEndpointPayload> {
    const result = await endpoints.update(accountId, fromTypeId('ep', id), input);
    return toPayload(result, (endpoint) => ({ endpoint }), { endpoint: null });
  }

  @Mutation(() => EnableEndpointPayload, {
    description: 'Resumes deliveries: what was held is delivered, the longest due first.',
  })
  async enableEndpoint(
    @Arg('id', () => ID, { description: ENDPOINT_ID }) id: string,
    @Ctx() { accountId, services }: ApiContext,
  ): Promise<EnableEndpointPayload> {
    const result = await enableEndpoint(services, accountId, fromTypeId('ep', id));
    return toPayload(result, (endpoint) => ({ endpoint }), { endpoint: null });
  }

  @Mutation(() => DisableEndpointPayload, {
    description: 'Stops deliveries without losing any: events go on being queued, and are held until it is enabled.',
  })
  async disableEndpoint(
    @Arg('id', () => ID, { description: ENDPOINT_ID }) id: string,
    @Ctx() { accountId, services }: ApiContext,
  ): Promise<DisableEndpointPayload> {
    const result = await disableEndpoint(services, accountId, fromTypeId('ep', id));
    return toPayload(result, (endpoint) => ({ endpoint }), { endpoint: null });
  }

  @Mutation(() => DeleteEndpointPayload, {
    description: 'Removes an endpoint for good, with its deliveries and its log.',
  })
  async deleteEndpoint(
    @Arg('id', () => ID, { description: ENDPOINT_ID }) id: string,
    @Ctx() { accountId, services: { endpoints } }: ApiContext,
  ): Promise<DeleteEndpointPayload> {
    const result = await endpoints.delete(accountId, fromTypeId('ep', id));
    return toPayload(result, ({ id }) => ({ deletedEndpointId: toTypeId('ep', id) }), { deletedEndpointId: null });
  }

  @Mutation(() => RotateSigningSecretPayload, {
    description: 'Replaces the signing secret. For a while both sign, so that receivers can change over one by one.',
  })
  async rotateSigningSecret(
    @Arg('input', () => RotateSigningSecretInput, { description: 'Which, and how soon.' })
    { id, overlapHours }: RotateSigningSecretInput,
    @Ctx() { accountId, services: { endpoints } }: ApiContext,
  ): Promise<RotateSigningSecretPayload> {
    const result = await endpoints.rotateSecret(accountId, fromTypeId('ep', id), overlapHours);
    return toPayload(result, (rotated) => rotated, { endpoint: null, signingSecret: null });
  }

  @Mutation(() => RevealSigningSecretPayload, { description: 'Shows the signing secret again.' })
  async revealSigningSecret(
    @Arg('id', () => ID, { description: ENDPOINT_ID }) id: string,
    @Ctx() { accountId, services: { endpoints } }: ApiContext,
  ): Promise<RevealSigningSecretPayload> {
    const result = await endpoints.revealSecret(accountId, fromTypeId('ep', id));
    return toPayload(result, (revealed) => revealed, { signingSecret: null });
  }
}
