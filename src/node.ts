import { Field, ID, InterfaceType } from 'type-graphql';
import { type IdPrefix, toTypeId } from './storage/ids.js';

/** What has an id that the world outside sees: a UUID inside, a TypeID at the edges. */
@InterfaceType({
  description:
    'Anything with a global, opaque and stable ID, such as `ep_…`, `evt_…`, `dlv_…`, `att_…`, `blk_…` or `key_…`.',
})
export abstract class Node {
  abstract id: string;

  /** Says in every ID of this kind what it is of. */
  protected abstract get idPrefix(): IdPrefix;

  @Field(() => ID, { name: 'id', description: 'Names this object and no other, for ever.' })
  get globalId(): string {
    return toTypeId(this.idPrefix, this.id);
  }
}
