import { Refusal, refuse, type UserError, UserErrorCode } from '../refusal.js';
import { compileSchema, findFaults, SchemaError } from './data-schema.js';
import { serialiseData } from './envelope.js';
import { EventType } from './event-type.js';
import { isNotification } from './notification-type.js';
import { isTypeName, NAME_RULE } from './type-pattern.js';

const MAX_CATEGORY_LENGTH = 100;
const MAX_DESCRIPTION_LENGTH = 1_000;
const MAX_REASON_LENGTH = 1_000;
const MAX_JSON_BYTES = 65_536;

/** What somebody says about a type of event. Undefined: not said, which leaves it as it is. */
export interface EventTypeInput {
  category?: string | null;
  description?: string | null;
  sampleData?: unknown;
  /** Null: any data will do. */
  dataSchema?: unknown;
}

/** What is said where the catalog has no type of the name that stands at `field`. */
export function refuseUnknownType(field: string[]): Refusal {
  const message = 'The catalog has no such event type. The query `eventTypes` lists those there are.';
  return refuse(UserErrorCode.UNKNOWN_EVENT_TYPE, message, field);
}

/** Checks the name of a type that is to be registered. */
export function checkName(name: string): Refusal | null {
  return isTypeName(name) ? null : refuse(UserErrorCode.INVALID, `A name is ${NAME_RULE}.`, ['input', 'name']);
}

/**
 * The type as it is after the change; every mistake is found at once. Whatever was said of it, its sample data satisfies
 * its schema.
 */
export function changeEventType(type: EventType, input: EventTypeInput): EventType | Refusal {
  const errors: UserError[] = [];
  const refuse = (field: string[], code: UserErrorCode, message: string) =>
    errors.push({ field: ['input', ...field], code, message });
  checkText('category', input.category, MAX_CATEGORY_LENGTH, refuse);
  checkText('description', input.description, MAX_DESCRIPTION_LENGTH, refuse);
  const sampleText =
    input.sampleData === undefined ? JSON.stringify(type.sampleData) : checkSample(input.sampleData, refuse);
  const dataSchemaText =
    input.dataSchema === undefined ? type.dataSchemaText : checkSchema(type, input.dataSchema, refuse);
  if (sampleText && dataSchemaText) checkSampleBySchema(sampleText, dataSchemaText, refuse);
  if (errors.length > 0) return new Refusal(errors);
  return new EventType({
    ...type,
    category: input.category ?? type.category,
    description: input.description ?? type.description,
    sampleData: JSON.parse(sampleText!),
    dataSchemaText: dataSchemaText ?? null,
  });
}

/** Checks why a type is not to be begun with any more. */
export function checkReason(reason: string | null | undefined): Refusal | null {
  if (!reason) return null;
  if (isUnstorable(reason)) return refuse(UserErrorCode.INVALID, UNSTORABLE, ['reason']);
  if (reason.length <= MAX_REASON_LENGTH) return null;
  return refuse(UserErrorCode.TOO_LONG, `Keep the reason to ${MAX_REASON_LENGTH} characters.`, ['reason']);
}

type Refuse = (field: string[], code: UserErrorCode, message: string) => void;

const UNSTORABLE = 'Leave NUL characters and halves of surrogate pairs out.';

function isUnstorable(text: string): boolean {
  return text.includes('\0') || !text.isWellFormed();
}

function checkText(field: string, text: string | null | undefined, maxLength: number, refuse: Refuse): void {
  if (text === undefined) return;
  if (text === null || text.trim() === '') refuse([field], UserErrorCode.INVALID, 'Say something here, for people.');
  else if (isUnstorable(text)) refuse([field], UserErrorCode.INVALID, UNSTORABLE);
  else if (text.length > maxLength) refuse([field], UserErrorCode.TOO_LONG, `Keep it to ${maxLength} characters.`);
}

function checkSample(sampleData: unknown, refuse: Refuse): string | undefined {
  const text = checkJson('sampleData', sampleData, refuse);
  if (text !== 'null') return text;
  refuse(['sampleData'], UserErrorCode.INVALID, 'Give what `data` looks like; null is no data.');
  return undefined;
}

function checkSchema({ name }: EventType, dataSchema: unknown, refuse: Refuse): string | null | undefined {
  if (dataSchema === null) return null;
  if (isNotification(name)) {
    refuse(['dataSchema'], UserErrorCode.INVALID, 'The service itself publishes this type; there is no data to check.');
    return undefined;
  }
  const text = checkJson('dataSchema', dataSchema, refuse);
  if (text === undefined) return undefined;
  try {
    compileSchema(text);
    return text;
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    refuse(
      ['dataSchema'],
      UserErrorCode.INVALID,
      `This is no JSON Schema of 2020-12 that can be used: ${error.message}.`,
    );
    return undefined;
  }
}

function checkSampleBySchema(sampleText: string, schemaText: string, refuse: Refuse): void {
  try {
    for (const { path, message } of findFaults(schemaText, sampleText)) {
      const field = ['sampleData', ...path];
      refuse(field, UserErrorCode.INVALID, `By the schema, \`${field.join('.')}\` ${message}.`);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    refuse(['dataSchema'], UserErrorCode.INVALID, 'The schema is too large, or refers to itself without end.');
  }
}

function checkJson(field: string, value: unknown, refuse: Refuse): string | undefined {
  const serialised = serialiseData(value, MAX_JSON_BYTES);
  if ('text' in serialised) return serialised.text;
  if (serialised.refused === 'TOO_DEEP') refuse([field], UserErrorCode.INVALID, 'It is nested too deeply. Flatten it.');
  else refuse([field], UserErrorCode.TOO_LONG, `Keep it to ${MAX_JSON_BYTES} bytes as JSON.`);
  return undefined;
}
