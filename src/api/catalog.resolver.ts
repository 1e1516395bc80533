import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { EventType } from '../events/event-type.js';
import type { ApiContext } from './context.js';
import { RegisterEventTypeInput, UpdateEventTypeInput } from './inputs.js';
import {
  DeprecateEventTypePayload,
  RegisterEventTypePayload,
  ReinstateEventTypePayload,
  toPayload,
  UpdateEventTypePayload,
} from './payloads.js';

const NAME = 'The name of the type.';

/** One catalog for all accounts: changing it is for whoever runs the service. */
@Resolver()
export class CatalogResolver {
  @Query(() => [EventType], {
    description: 'The catalog: every event type that endpoints can subscribe to, deprecated ones included.',
  })
  async eventTypes(@Ctx() { services: { catalog } }: ApiContext): Promise<readonly EventType[]> {
    return (await catalog.read()).types;
  }

  @Mutation(() => RegisterEventTypePayload, {
    description:
      'Adds an event type to the catalog, for all accounts. Registering exactly what stands there already changes nothing, so that a program can do it whenever it starts.',
  })
  async registerEventType(
    @Arg('input', () => RegisterEventTypeInput, { description: 'The event type.' }) input: RegisterEventTypeInput,
    @Ctx() { accountId, services: { eventTypes } }: ApiContext,
  ): Promise<RegisterEventTypePayload> {
    const result = await eventTypes.register(accountId, input);
    return toPayload(result, (eventType) => ({ eventType }), { eventType: null });
  }

  @Mutation(() => UpdateEventTypePayload, {
    description: 'Changes what the catalog says of an event type, whether it is built in or registered.',
  })
  async updateEventType(
    @Arg('input', () => UpdateEventTypeInput, { description: 'What is to change.' }) input: UpdateEventTypeInput,
    @Ctx() { accountId, services: { eventTypes } }: ApiContext,
  ): Promise<UpdateEventTypePayload> {
    const result = await eventTypes.update(accountId, input);
    return toPayload(result, (eventType) => ({ eventType }), { eventType: null });
  }

  @Mutation(() => DeprecateEventTypePayload, {
    description:
      'Marks an event type as one that nobody is to begin with: the dashboard no longer offers it. It is published and delivered as before. Doing it again replaces the reason.',
  })
  async deprecateEventType(
    @Arg('name', () => String, { description: NAME }) name: string,
    @Arg('reason', () => String, {
      nullable: true,
      description: 'Why, and what to use instead, in at most 1,000 characters.',
    })
    reason: string | null,
    @Ctx() { accountId, services: { eventTypes } }: ApiContext,
  ): Promise<DeprecateEventTypePayload> {
    const result = await eventTypes.deprecate(accountId, name, reason);
    return toPayload(result, (eventType) => ({ eventType }), { eventType: null });
  }

  @Mutation(() => ReinstateEventTypePayload, { description: 'Takes a deprecation back.' })
  async reinstateEventType(
    @Arg('name', () => String, { description: NAME }) name: string,
    @Ctx() { accountId, services: { eventTypes } }: ApiContext,
  ): Promise<ReinstateEventTypePayload> {
    const result = await eventTypes.reinstate(accountId, name);
    return toPayload(result, (eventType) => ({ eventType }), { eventType: null });
  }
}
