import { Field, ObjectType, registerEnumType } from 'type-graphql';

/** What a caller can put right in the input. */
export enum UserErrorCode {
  INVALID = 'INVALID',
  INVALID_URL = 'INVALID_URL',
  URL_NOT_ALLOWED = 'URL_NOT_ALLOWED',
  TOO_LONG = 'TOO_LONG',
  TOO_MANY = 'TOO_MANY',
  NOT_FOUND = 'NOT_FOUND',
  UNKNOWN_EVENT_TYPE = 'UNKNOWN_EVENT_TYPE',
  PAYLOAD_TOO_LARGE = 'PAYLOAD_TOO_LARGE',
  ENDPOINT_DISABLED = 'ENDPOINT_DISABLED',
  NOT_RETRYABLE = 'NOT_RETRYABLE',
  IDEMPOTENCY_CONFLICT = 'IDEMPOTENCY_CONFLICT',
  STALE_VERSION = 'STALE_VERSION',
}

registerEnumType(UserErrorCode, {
  name: 'UserErrorCode',
  description: 'What is wrong with the input.',
  valuesConfig: {
    INVALID: { description: 'The value is not one that this field takes.' },
    INVALID_URL: { description: 'Not an absolute URL, or too long a one.' },
    URL_NOT_ALLOWED: {
      description: 'A well-formed URL that the service must not call: not HTTPS, or not a public address.',
    },
    TOO_LONG: { description: 'The text is longer than this field takes.' },
    TOO_MANY: { description: 'The list is longer than this field takes.' },
    NOT_FOUND: { description: 'Nothing with this ID exists, or it belongs to another account.' },
    UNKNOWN_EVENT_TYPE: { description: 'The catalog has no such event type.' },
    PAYLOAD_TOO_LARGE: { description: 'The data is larger than the service accepts.' },
    ENDPOINT_DISABLED: { description: 'The endpoint is disabled; enable it first.' },
    NOT_RETRYABLE: { description: 'A delivery of this kind is never retried.' },
    IDEMPOTENCY_CONFLICT: { description: 'The idempotency key was used for something else.' },
    STALE_VERSION: { description: 'Somebody changed the object since it was read; read it again.' },
  },
});

/** One mistake, and where it stands. */
@ObjectType({ description: 'A mistake that the caller can correct. Returned as data, never thrown.' })
export class UserError {
  @Field(() => [String], {
    nullable: true,
    description: 'Path to the input at fault, such as `["input", "url"]`; null when no single field is.',
  })
  field: string[] | null;

  @Field(() => UserErrorCode, { description: 'The kind of mistake, for programs.' })
  code: UserErrorCode;

  @Field(() => String, { description: 'What is wrong and what to do, for people.' })
  message: string;
}

/** The answer to a request that a caller's mistake makes impossible. Nothing was changed. */
export class Refusal {
  constructor(readonly errors: UserError[]) {}
}

/** A refusal with one error, at the path given. */
export function refuse(code: UserErrorCode, message: string, field: string[] | null = null): Refusal {
  return new Refusal([{ code, message, field }]);
}
