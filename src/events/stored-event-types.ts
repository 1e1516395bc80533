import type { Executor, Statement, Transaction } from '../storage/database.js';
import { EventType, type EventTypeColumns } from './event-type.js';

const COLUMNS = `
  name, category, description, sample_data as "sampleData", data_schema::text as "dataSchemaText",
  deprecated_at as "deprecatedAt", deprecation_reason as "deprecationReason"`;

const READ_TYPES: Statement = {
  name: 'read_event_types',
  text: `select ${COLUMNS} from webhooks.event_types order by created_at, name`,
};

const READ_STATE: Statement = {
  name: 'read_state_of_event_types',
  text: `
    select concat_ws(' ', count(*), sum(hashtextextended(name || ' ' || xmin::text, 0))) as state
      from webhooks.event_types`,
};

const READ_NAMED_TYPES: Statement = {
  name: 'read_named_event_types',
  text: `select ${COLUMNS} from webhooks.event_types where name = any ($1)`,
};

const INSERT_TYPE: Statement = {
  name: 'insert_event_type',
  text: `
    insert into webhooks.event_types (name, category, description, sample_data, data_schema, created_at, updated_at)
    values ($1, $2, $3, $4::json, $5::json, $6, $6)
        on conflict (name) do nothing
    returning true as inserted`,
};

const UPDATE_TYPE: Statement = {
  name: 'update_event_type',
  text: `
    update webhooks.event_types
       set category = $2, description = $3, sample_data = $4::json, data_schema = $5::json, deprecated_at = $6,
           deprecation_reason = $7, updated_at = $8
     where name = $1`,
};

/** All types that are stored, in the order in which they were; or those of these names. */
export async function readEventTypes(db: Executor, names?: readonly string[]): Promise<EventType[]> {
  const rows = await (names
    ? db.query<EventTypeColumns>(READ_NAMED_TYPES, [names])
    : db.query<EventTypeColumns>(READ_TYPES));
  return rows.map((row) => new EventType(row));
}

/** A text that is another after each change of a type: samples and schemas may take many megabytes to read. */
export async function readStateOfEventTypes(db: Executor): Promise<string> {
  const [row] = await db.query<{ state: string }>(READ_STATE);
  return row!.state;
}

/** The stored type of this name, which nobody else can change until the transaction ends. */
export async function lockEventType(tx: Transaction, name: string): Promise<EventType | undefined> {
  const [row] = await tx.query<EventTypeColumns>(
    `select ${COLUMNS} from webhooks.event_types where name = $1 for update`,
    [name],
  );
  return row && new EventType(row);
}

/** Answers whether it was written: false when there is a stored type of its name already. */
export async function insertEventType(tx: Transaction, type: EventType, at: Date): Promise<boolean> {
  const { name, category, description, sampleData, dataSchemaText } = type;
  const values = [name, category, description, JSON.stringify(sampleData), dataSchemaText, at];
  return (await tx.query(INSERT_TYPE, values)).length > 0;
}

export async function updateEventType(tx: Transaction, type: EventType, at: Date): Promise<void> {
  const { name, category, description, sampleData, dataSchemaText, deprecatedAt, deprecationReason } = type;
  const text = JSON.stringify(sampleData);
  await tx.query(UPDATE_TYPE, [name, category, description, text, dataSchemaText, deprecatedAt, deprecationReason, at]);
}
