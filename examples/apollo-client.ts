// Lists endpoints and keeps them up to date, with Apollo Client: queries over HTTP, subscriptions over WebSocket.
//   WEBHOOKS_URL=http://127.0.0.1:4000/graphql WEBHOOKS_KEY=rk_live_… npx node examples/apollo-client.ts
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import { EndpointsDocument, EndpointUpdatedDocument } from 'revkeen-webhooks/client';
import { WebSocket } from 'ws';

const url = process.env.WEBHOOKS_URL!;
const authorization = `Bearer ${process.env.WEBHOOKS_KEY}`;

const socket = createClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { authorization },
  retryAttempts: Number.POSITIVE_INFINITY,
});
const client = new ApolloClient({
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    new HttpLink({ uri: url, headers: { authorization } }),
  ),
  cache: new InMemoryCache(),
});

// What changes is written into the cache by its id: every query that shows it is told.
const endpoints = client.watchQuery({ query: EndpointsDocument, variables: { first: 100 } });
endpoints.subscribe(({ data }) => {
  for (const endpoint of data?.endpoints?.nodes ?? [])
    console.log(endpoint?.url, endpoint?.status, endpoint?.heldCount);
});
client.subscribe({ query: EndpointUpdatedDocument, variables: {} }).subscribe(({ data }) => {
  if (data?.endpointUpdated.kind === 'READY') console.log('following');
});
process.once('SIGTERM', () => void socket.dispose());
