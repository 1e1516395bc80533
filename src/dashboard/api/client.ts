import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable } from '@apollo/client';
import { CombinedGraphQLErrors, ServerError } from '@apollo/client/errors';
import { RetryLink } from '@apollo/client/link/retry';
import { getMainDefinition } from '@apollo/client/utilities';
import { print } from 'graphql';
import { tap } from 'rxjs';
import { subscribeResuming } from '../../client/resume.js';
import { Connection } from './connection.js';
import { leaveOutLink } from './left-out.js';
import { LiveWins } from './live-wins.js';
import { currentCredential, endSession } from './session.js';
import { isNetworkTrouble } from './trouble.js';

/** Everything that a session needs of the service. */
export interface Api {
  readonly client: ApolloClient;
  readonly connection: Connection;
  close(): void;
}

/** Queries and mutations go over HTTP, subscriptions over one socket. */
export function openApi(): Api {
  const connection = new Connection();
  const liveWins = new LiveWins();
  const correct = new ApolloLink((operation, forward) => forward(operation).pipe(liveWins.correct(operation)));
  const http = ApolloLink.from([correct, retryQueries(), signedIn(), new HttpLink({ uri: '/graphql' })]);
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

/** Asks as whoever is signed in by then, and ends their session where what they have is refused. */
function signedIn(): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const credential = currentCredential();
    operation.setContext({ headers: { authorization: `Bearer ${credential}` } });
    const onError = (error: unknown) => {
      if (ServerError.is(error) && error.statusCode === 401) endSession(credential);
    };
    return forward(operation).pipe(tap({ error: onError }));
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
