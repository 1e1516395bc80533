import type { Log } from '../log.js';
import { Refusal, refuse, UserErrorCode } from '../refusal.js';
import type { Clock } from '../storage/clock.js';
import type { Database, Transaction } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { builtInTypes } from './built-in-types.js';
import { Catalog } from './catalog.js';
import type { CatalogCopy } from './catalog-copy.js';
import { EventType } from './event-type.js';
import { changeEventType, checkName, checkReason, type EventTypeInput, refuseUnknownType } from './event-type-input.js';
import { insertEventType, lockEventType, readEventTypes, updateEventType } from './stored-event-types.js';
import { isTypeName } from './type-pattern.js';

const MAX_TYPES = 1_000;

export interface EventTypeManagerOptions {
  database: Database;
  doorbell: Doorbell;
  catalog: CatalogCopy;
  clock: Clock;
  log: Log;
}

/** What is said of the type of this name. */
type NamedInput = EventTypeInput & { name: string };

/** What operators do with the catalog, which all accounts share. What they have done holds in this process at once. */
export class EventTypeManager {
  readonly #options: EventTypeManagerOptions;

  constructor(options: EventTypeManagerOptions) {
    this.#options = options;
  }

  /** Adds a type to the catalog. Registering exactly what stands there already changes nothing. */
  async register(accountId: string, { name, ...input }: NamedInput): Promise<EventType | Refusal> {
    const unsaid = new EventType({ name, category: '', description: '', sampleData: {} });
    const misnamed = checkName(name);
    const type = changeEventType(unsaid, input);
    if (misnamed || type instanceof Refusal) {
      return new Refusal([...(misnamed?.errors ?? []), ...(type instanceof Refusal ? type.errors : [])]);
    }
    return this.#change({ accountId, name, did: 'event type registered' }, (tx) => this.#insert(tx, type));
  }

  /** Changes what is said of a type, whether it is built in or registered. */
  async update(accountId: string, { name, ...input }: NamedInput): Promise<EventType | Refusal> {
    return this.#change({ accountId, name, did: 'event type changed' }, (tx) =>
      this.#rewrite(tx, { name, field: ['input', 'name'] }, (type) => changeEventType(type, input)),
    );
  }

  /** Nobody is to begin with the type any more. What goes on, goes on. */
  async deprecate(accountId: string, name: string, reason?: string | null): Promise<EventType | Refusal> {
    const refusal = checkReason(reason);
    if (refusal) return refusal;
    return this.#change({ accountId, name, did: 'event type deprecated' }, (tx) =>
      this.#rewrite(tx, { name, field: ['name'] }, (type) => {
        const deprecatedAt = type.deprecatedAt ?? this.#now();
        return new EventType({ ...type, deprecatedAt, deprecationReason: reason || null });
      }),
    );
  }

  /** Takes a deprecation back. */
  async reinstate(accountId: string, name: string): Promise<EventType | Refusal> {
    return this.#change({ accountId, name, did: 'event type reinstated' }, (tx) =>
      this.#rewrite(
        tx,
        { name, field: ['name'] },
        (type) => new EventType({ ...type, deprecatedAt: null, deprecationReason: null }),
      ),
    );
  }

  /** Makes a change, tells everybody, and answers with what the catalog says then. */
  async #change(
    { accountId, name, did }: { accountId: string; name: string; did: string },
    work: (tx: Transaction) => Promise<Refusal | null>,
  ): Promise<EventType | Refusal> {
    const { database, doorbell, catalog, log } = this.#options;
    const refusal = await database.transaction(work);
    if (refusal) return refusal;
    doorbell.ring('catalog');
    const type = (await catalog.read()).named(name)!;
    log.info({ accountId, eventType: name }, did);
    return type;
  }

  async #insert(tx: Transaction, type: EventType): Promise<Refusal | null> {
    const { name } = type;
    const isBuiltIn = builtInTypes.some((one) => one.name === name);
    const isFull = this.#options.catalog.current.types.length >= builtInTypes.length + MAX_TYPES;
    if (!isBuiltIn && !isFull && (await insertEventType(tx, type, this.#now()))) return null;
    const there = new Catalog(await readEventTypes(tx, [name])).named(name);
    if (!there) {
      const message = `There are ${MAX_TYPES} types beside those that are built in. Change one that is deprecated.`;
      return refuse(UserErrorCode.TOO_MANY, message, ['input', 'name']);
    }
    if (isSaidAgain(there, type)) return null;
    const message = `The catalog has \`${name}\` already, with another description. \`updateEventType\` changes it.`;
    return refuse(UserErrorCode.INVALID, message, ['input', 'name']);
  }

  async #rewrite(
    tx: Transaction,
    { name, field }: { name: string; field: string[] },
    change: (type: EventType) => EventType | Refusal,
  ): Promise<Refusal | null> {
    const now = this.#now();
    const builtIn = builtInTypes.find((type) => type.name === name);
    // From its first change on, a built-in type is stored like any other.
    if (builtIn) await insertEventType(tx, builtIn, now);
    const type = isTypeName(name) ? await lockEventType(tx, name) : undefined;
    if (!type) return refuseUnknownType(field);
    const changed = change(type);
    if (changed instanceof Refusal) return changed;
    await updateEventType(tx, changed, now);
    return null;
  }

  #now(): Date {
    return new Date(this.#options.clock.now());
  }
}

function isSaidAgain(there: EventType, type: EventType): boolean {
  const saidOf = ({ category, description, sampleData, dataSchemaText }: EventType) =>
    JSON.stringify([category, description, sampleData, dataSchemaText]);
  return saidOf(there) === saidOf(type);
}
