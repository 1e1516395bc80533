import { every, type Repeated } from '../every.js';
import type { Log } from '../log.js';
import type { Database } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { Catalog } from './catalog.js';
import { readEventTypes, readStateOfEventTypes } from './stored-event-types.js';

const LOOK_AGAIN_MS = 5_000;

export interface CatalogCopyOptions {
  database: Database;
  doorbell: Doorbell;
  log: Log;
}

/**
 * The catalog as this process knows it, so that nobody who publishes has to read it. It is read anew when somebody rings
 * that it has changed, and every few seconds; where nothing has changed, that is all that is asked.
 */
export class CatalogCopy {
  readonly #options: CatalogCopyOptions;
  #current = new Catalog([]);
  #state: string | undefined;
  #reading: Promise<Catalog> | undefined;
  #next: Promise<Catalog> | undefined;
  #looking: Repeated | undefined;
  #unsubscribe = () => {};

  private constructor(options: CatalogCopyOptions) {
    this.#options = options;
  }

  static async open(options: CatalogCopyOptions): Promise<CatalogCopy> {
    const copy = new CatalogCopy(options);
    await copy.read();
    const look = async () => void (await copy.read());
    const onError = (error: unknown) => options.log.warn({ err: error }, 'could not read the catalog; trying again');
    copy.#looking = every(LOOK_AGAIN_MS, look, onError);
    copy.#unsubscribe = options.doorbell.on('catalog', () => void look().catch(onError));
    return copy;
  }

  /** As it was read last. */
  get current(): Catalog {
    return this.#current;
  }

  /** The catalog; read anew first if one of these names or prefixes is unknown: it may be somebody's who registered it elsewhere. */
  async including(patterns: Iterable<string>): Promise<Catalog> {
    for (const pattern of patterns) if (this.#current.matching(pattern).length === 0) return this.read();
    return this.#current;
  }

  /** The catalog with all that was committed before this call. Those who ask at the same time share an answer. */
  read(): Promise<Catalog> {
    this.#next ??= this.#readNext();
    return this.#next;
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#looking?.stop();
    await this.#reading?.catch(() => {});
  }

  async #readNext(): Promise<Catalog> {
    // What is being read already may have been asked for before the commit.
    await this.#reading?.catch(() => {});
    this.#next = undefined;
    this.#reading = this.#readChanged();
    return this.#reading;
  }

  async #readChanged(): Promise<Catalog> {
    const { database } = this.#options;
    // First: what changes between the two is read twice, rather than never.
    const state = await readStateOfEventTypes(database);
    if (state !== this.#state) {
      this.#current = new Catalog(await readEventTypes(database));
      this.#state = state;
    }
    return this.#current;
  }
}
