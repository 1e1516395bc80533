import { Field, ObjectType } from 'type-graphql';
import { Node } from '../node.js';
import { DateTimeScalar } from '../scalars.js';
import type { Scope } from './account.js';

/** A key that lets a program act for an account. What it is presented as is not kept, only a hash of it. */
@ObjectType({
  implements: Node,
  description: 'A key that lets a program act for the account, within its scopes. The key itself is shown once only.',
})
export class ApiKey extends Node {
  accountId: string;

  id: string;

  /** Which secret key the pepper of its hash is derived from; null: hashed without one, by an earlier version. */
  pepperId: string | null;

  @Field(() => String, { description: 'What it is for, as whoever made it says.' })
  name: string;

  @Field(() => String, { description: 'The last characters of the key.' })
  hint: string;

  @Field(() => [String], { description: 'What it allows, such as `events:write`.' })
  scopes: Scope[];

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ceases to be valid; null for never.' })
  expiresAt: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it was last presented, to within a minute or two; null before the first time.',
  })
  lastUsedAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was revoked; null while it is not.' })
  revokedAt: Date | null;

  protected override get idPrefix() {
    return 'key' as const;
  }
}
