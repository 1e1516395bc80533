import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql/language/printer.js';
import type { Client } from 'graphql-ws';
import { type LiveResult, subscribeResuming } from './resume.js';

/**
 * The updates of a subscription, over as many connections as it takes. Leaving the loop ends it.
 *
 * ```ts
 * for await (const { deliveryUpdated } of follow(client, DeliveryUpdatedDocument, {})) console.log(deliveryUpdated);
 * ```
 *
 * A subscription with `$after` and `cursor` misses nothing while it is away; see `subscribeResuming`. What has come and was not
 * read yet is kept: read on, or leave.
 *
 * @param client made by `createClient` of `graphql-ws`, with `retryAttempts: Infinity` to stay on for ever
 * @throws the errors that it ends with, from the loop
 */
export async function* follow<Data extends Record<string, unknown>, Variables extends Record<string, unknown>>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): AsyncGenerator<Data, void, void> {
  const waiting: Data[] = [];
  let over: { error: unknown } | 'completed' | null = null;
  let wake: () => void = () => {};
  const end = (how: { error: unknown } | 'completed') => {
    over ??= how;
    wake();
  };
  const payload = { query: print(document), variables };
  const sink = {
    next: ({ data, errors }: LiveResult<Data>) => {
      if (errors || !data) return end({ error: errors });
      waiting.push(data);
      wake();
    },
    error: (error: unknown) => end({ error }),
    complete: () => end('completed'),
  };
  const stop = canResume(payload.query)
    ? subscribeResuming<Data>(client, payload, sink)
    : client.subscribe<Data>(payload, sink);
  try {
    for (;;) {
      const next = waiting.shift();
      if (next) yield next;
      else if (over === 'completed') return;
      else if (over) throw (over as { error: unknown }).error;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stop();
  }
}

function canResume(query: string): boolean {
  return /\$after\b/.test(query) && /\bcursor\b/.test(query);
}
