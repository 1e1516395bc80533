import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable } from '@apollo/client';
import { CombinedGraphQLErrors, ServerError } from '@apollo/client/errors';
import { ErrorLink } from '@apollo/client/link/error';
import { RetryLink } from '@apollo/client/link/retry';
import { getMainDefinition } from '@apollo/client/utilities';
import { print } from 'graphql';
import { subscribeResuming } from '../../client/resume.js';
import { Connection } from './connection.js';
import { leaveOutLink } from './left-out.js';
import { LiveWins } from './live-wins.js';
import { endSession } from './session.js';
import { isNetworkTrouble } from './trouble.js';

/** Everything that a session needs of the service. */
export interface Api {
  readonly client: ApolloClient;
  readonly connection: Connection;
  close(): void;
}

/** Queries and mutations go over HTTP, subscriptions over one socket. */
export function openApi(credential: string): Api {
  const onRefused = () => endSession(credential);
  const connection = new Connection(credential, onRefused);
  const liveWins = new LiveWins();
  const correct = new ApolloLink((operation, forward) => forward(operation).pipe(liveWins.correct(operation)));
  const http = ApolloLink.from([
    endWhenRefused(onRefused),
    correct,
    retryQueries(),
    new HttpLink({ uri: '/graphql', headers: { authorization: `Bearer ${credential}` } }),
  ]);
  const socket = subscribeOver(connection, liveWins);
  const client = new ApolloClient({
    link: ApolloLink.from([
      leaveOutLink(),
      ApolloLink.split(({ query }) => operationOf(query) === 'subscription', socket, http),
    ]),
    // Asking again is for what happened since: an answer that is on its way already may be from before.
    queryDeduplication: false,
    cache: new InMemoryCache({
      possibleTypes: {
        Node: ['BulkRetry', 'Delivery', 'DeliveryAttempt', 'WebhookEndpoint', 'WebhookEvent'],
      },
      typePolicies: {
        EventType: { keyFields: ['name'] },
        // Who is asking is known once a session.
        Viewer: { keyFields: [] },
      },
    }),
  });
  return {
    client,
    connection,
    close() {
      connection.close();
      client.stop();
    },
  };
}

function operationOf(query: ApolloLink.Operation['query']): string {
  const definition = getMainDefinition(query);
  return 'operation' in definition ? definition.operation : '';
}

function endWhenRefused(onRefused: () => void): ApolloLink {
  return new ErrorLink(({ error }) => {
    if (ServerError.is(error) && error.statusCode === 401) onRefused();
  });
}

/** Asking again changes nothing; doing again might. */
function retryQueries(): ApolloLink {
  return new RetryLink({
    delay: { initial: 300, max: 5_000, jitter: true },
    attempts: (_count, { query }, error) => operationOf(query) === 'query' && isNetworkTrouble(error),
  });
}

/** A subscription with a cursor goes on where it was after a connection was lost; see `subscribeResuming`. */
function subscribeOver({ socket }: Connection, liveWins: LiveWins): ApolloLink {
  return new ApolloLink(({ query, variables, operationName }) => {
    const payload = { query: print(query), variables, operationName };
    const isResuming = /\$after\b/.test(payload.query);
    return new Observable<ApolloLink.Result>((observer) => {
      const sink = {
        next: (result: unknown) => observer.next(result as ApolloLink.Result),
        error: (error: unknown) =>
          observer.error(Array.isArray(error) ? new CombinedGraphQLErrors({ errors: error }) : error),
        complete: () => observer.complete(),
      };
      return isResuming ? subscribeResuming(socket, payload, sink) : socket.subscribe(payload, sink);
    }).pipe(liveWins.note({ query, variables }));
  });
}
