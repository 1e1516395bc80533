import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { sendTestEvent } from '../publishing/send-test-event.js';
import { fromTypeId } from '../storage/ids.js';
import type { ApiContext } from './context.js';
import { PublishEventInput, SendTestEventInput } from './inputs.js';
import { PublishEventPayload, PublishEventsPayload, SendTestEventPayload, toPayload } from './payloads.js';

@Resolver()
export class PublishingResolver {
  @Mutation(() => PublishEventPayload, {
    description: 'Publishes an event. Once this has answered, the event is stored and will be delivered.',
  })
  async publishEvent(
    @Arg('input', () => PublishEventInput, { description: 'The event.' }) input: PublishEventInput,
    @Ctx() { accountId, traceParent, services: { publisher } }: ApiContext,
  ): Promise<PublishEventPayload> {
    const result = await publisher.publish(accountId, [input], { path: () => ['input'], traceParent });
    return toPayload(result, ([published]) => published!, { event: null, deliveryCount: 0, duplicate: false });
  }

  @Mutation(() => PublishEventsPayload, {
    description: 'Publishes up to 1,000 events in one transaction: all or none. Paths of errors start with the index.',
  })
  async publishEvents(
    @Arg('input', () => [PublishEventInput], { description: 'The events.' }) input: PublishEventInput[],
    @Ctx() { accountId, traceParent, services: { publisher } }: ApiContext,
  ): Promise<PublishEventsPayload> {
    const result = await publisher.publish(accountId, input, {
      path: (index) => ['input', String(index)],
      traceParent,
    });
    return toPayload(result, (published) => ({ results: published.map((one) => ({ ...one, userErrors: [] })) }), {
      results: [],
    });
  }

  @Mutation(() => SendTestEventPayload, {
    description:
      'Sends one event to one endpoint now, whatever it is subscribed to, and answers with the result. Never retried, and left out of statistics.',
  })
  async sendTestEvent(
    @Arg('input', () => SendTestEventInput, { description: 'What to send where.' })
    { endpointId, type, data }: SendTestEventInput,
    @Ctx() { accountId, traceParent, services }: ApiContext,
  ): Promise<SendTestEventPayload> {
    const input = { endpointId: fromTypeId('ep', endpointId), type, data };
    const result = await sendTestEvent(services, accountId, input, traceParent);
    return toPayload(result, (delivery) => ({ delivery }), { delivery: null });
  }
}
