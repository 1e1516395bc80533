import { Field, ObjectType } from 'type-graphql';

/** A header as it is shown: a secret one is stored and shown masked. */
@ObjectType({ description: 'An HTTP header.' })
export class HttpHeader {
  @Field(() => String, { description: 'Its name.' })
  name: string;

  @Field(() => String, { description: 'Its value, masked when `secret`.' })
  value: string;

  @Field(() => Boolean, { description: 'Whether the value is hidden.' })
  secret: boolean;
}

/** Headers are stored with `secret` only where it is true. */
export const storedHeaders = {
  from: (stored: readonly (Omit<HttpHeader, 'secret'> & { secret?: true })[]): HttpHeader[] =>
    stored.map((header) => ({ secret: false, ...header })),
  to: (headers: readonly HttpHeader[]) => headers,
};
