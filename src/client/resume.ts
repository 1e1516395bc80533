import type { Client, Sink, SubscribePayload } from 'graphql-ws';

/** A result of a subscription, as `graphql-ws` hands it on. */
export type LiveResult<Data> = { data?: Data | null | undefined; errors?: readonly unknown[] | undefined };

/**
 * Subscribes so that a connection that breaks costs nothing: when the client connects again, the subscription goes on
 * behind the last update received. An update may come twice; none is left out.
 *
 * The operation has to take the cursor as a variable and ask for it in every update:
 *
 * ```graphql
 * subscription ($after: String) { deliveryUpdated(after: $after) { cursor kind delivery { id status version } } }
 * ```
 *
 * To stay on for ever, create the client with `retryAttempts: Infinity`; five is its default. After an update of kind
 * `RESYNC_REQUIRED` too much was missed to be told: query what you show anew, and go on reading.
 *
 * @param client made by `createClient` of `graphql-ws`
 * @param payload is not changed; `variables.after` is where to start, from now on if left out
 * @returns what ends the subscription
 * @throws TypeError when the operation does not use `$after`, or does not ask for the `cursor`
 */
export function subscribeResuming<Data extends Record<string, unknown>>(
  client: Client,
  payload: SubscribePayload,
  sink: Sink<LiveResult<Data>>,
): () => void {
  if (payload.query.split(/\$after\b/).length < 3 || !/\bcursor\b/.test(payload.query)) {
    throw new TypeError(
      'To resume, the operation declares `$after: String`, passes it as `after: $after` and asks for `cursor`.',
    );
  }
  // The client sends the same object again whenever it connects, so what is written into it counts from then on.
  const variables: Record<string, unknown> & { after?: unknown } = { ...payload.variables };
  return client.subscribe<Data>(
    { ...payload, variables },
    {
      next(result) {
        const cursor = cursorOf(result.data);
        if (cursor !== undefined) variables.after = cursor;
        sink.next(result);
      },
      error: (error) => sink.error(error),
      complete: () => sink.complete(),
    },
  );
}

/** Of the one field that a subscription has, whatever it is called. */
function cursorOf(data: Record<string, unknown> | null | undefined): string | undefined {
  for (const update of Object.values(data ?? {})) {
    const { cursor } = (update ?? {}) as { cursor?: unknown };
    if (typeof cursor === 'string') return cursor;
  }
  return undefined;
}
