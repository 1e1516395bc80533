import { Field, ObjectType } from 'type-graphql';

/** Stands for every secret value where headers are shown: the same for all, so that it tells nothing of any. */
export const SECRET_MASK = '••••••••';

/** A header as it is shown: a secret one is masked. */
@ObjectType({ description: 'An HTTP header.' })
export class HttpHeader {
  @Field(() => String, { description: 'Its name.' })
  name: string;

  @Field(() => String, { description: 'Its value, masked when `secret`.' })
  value: string;

  @Field(() => Boolean, { description: 'Whether the value is hidden.' })
  secret: boolean;
}

/** A header of one request or response, sent or logged; `secret` stands only where it is true. */
export interface MessageHeader {
  readonly name: string;
  readonly value: string;
  readonly secret?: true;
}

/** The headers as they may be logged. */
export function withSecretsMasked(headers: readonly MessageHeader[]): MessageHeader[] {
  return headers.map((header) => (header.secret ? { ...header, value: SECRET_MASK } : header));
}

/** How the columns of an attempt hold headers; those of the request are masked before. */
export const loggedHeaders = {
  from: (logged: readonly MessageHeader[]): HttpHeader[] => logged.map((header) => ({ secret: false, ...header })),
  to: (headers: readonly HttpHeader[]) => headers,
};
