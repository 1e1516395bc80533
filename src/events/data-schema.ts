import {
  Ajv2020,
  type ErrorObject,
  type FuncKeywordDefinition,
  type Options,
  type ValidateFunction,
} from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { RE2JS } from 're2js';

/** Where data does not satisfy a schema, as a path of keys within it, and how: a clause such as `must be string`. */
export interface Fault {
  readonly path: readonly string[];
  readonly message: string;
}

/** A schema cannot be used; the message says why. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** Up to so much data is looked through for all of its faults; in more, the first is enough. */
const ALL_FAULTS_UP_TO_LENGTH = 16_384;
const MAX_FAULTS = 10;

/** So much is said of what a schema lists; the schema itself says all of it. */
const MAX_MESSAGE_LENGTH = 300;

const MAX_COMPILED = 1_000;

const OPTIONS: Options = {
  // Unknown keywords and formats are mistakes; what merely could be clearer is not.
  strict: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  logger: false,
  // Data that lacks `constructor` or `toString` has none, whatever objects inherit.
  ownProperties: true,
  // 19.99 is a multiple of 0.01 to people, though not to a processor.
  multipleOfPrecision: 9,
  // Data may hold what strangers typed, and a backtracking pattern could be made to run for hours.
  code: { regExp: Object.assign((pattern: string) => RE2JS.compile(RE2JS.translateRegExp(pattern)), { code: 'RE2' }) },
};

// Ajv compares every item with every other, which takes minutes for an event of the largest size.
const UNIQUE_ITEMS: FuncKeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  validate: (isAsked: boolean, items: unknown[]) => !isAsked || new Set(items.map(canonical)).size === items.length,
  error: { message: 'must not have the same item twice' },
};

/** The same text for values that JSON Schema calls equal, whatever the order of their keys. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const entries = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`);
  return `{${entries.sort().join()}}`;
}

/** Knows what schemas look like, which takes longer to compile than most of them. */
const META = new Ajv2020({ ...OPTIONS, strict: false });

interface Compiled {
  findFirst: ValidateFunction;
  findAll?: ValidateFunction;
}

const compiled = new Map<string, Compiled>();

/**
 * Makes a schema ready for use.
 *
 * @param schemaText a JSON Schema of 2020-12, as JSON
 * @throws {SchemaError} when it is none, or refers to another
 * @see https://json-schema.org/draft/2020-12
 */
export function compileSchema(schemaText: string): void {
  compiledFrom(schemaText);
}

/** What is wrong with data by a schema; nothing when it satisfies it. In data that is long, the first fault only. */
export function findFaults(schemaText: string, dataText: string): Fault[] {
  const validators = compiledFrom(schemaText);
  const data: unknown = JSON.parse(dataText);
  if (validators.findFirst(data)) return [];
  if (dataText.length > ALL_FAULTS_UP_TO_LENGTH) return faultsOf(validators.findFirst);
  validators.findAll ??= compile(schemaText, { allErrors: true });
  validators.findAll(data);
  return faultsOf(validators.findAll);
}

function compiledFrom(schemaText: string): Compiled {
  let found = compiled.get(schemaText);
  if (!found) {
    found = { findFirst: compile(schemaText, { allErrors: false }) };
    const [oldest] = compiled.keys();
    if (compiled.size >= MAX_COMPILED) compiled.delete(oldest!);
    compiled.set(schemaText, found);
  }
  return found;
}

function compile(schemaText: string, { allErrors }: { allErrors: boolean }): ValidateFunction {
  const schema: unknown = JSON.parse(schemaText);
  if (typeof schema !== 'boolean' && (typeof schema !== 'object' || schema === null || Array.isArray(schema))) {
    throw new SchemaError('a schema is an object, true or false');
  }
  const { $schema = DIALECT, $async } = schema as { $schema?: unknown; $async?: unknown };
  if ($schema !== DIALECT) throw new SchemaError(`$schema has to be "${DIALECT}", or left out`);
  if ($async !== undefined) throw new SchemaError('$async is no keyword of JSON Schema');
  if (!META.validateSchema(schema)) throw new SchemaError(META.errorsText(META.errors, { dataVar: 'schema' }));
  // One of its own for each: what others name their schemas does not matter.
  const ajv = new Ajv2020({ ...OPTIONS, allErrors, meta: false, validateSchema: false });
  addFormats.default(ajv);
  ajv.removeKeyword('uniqueItems').addKeyword(UNIQUE_ITEMS);
  try {
    return ajv.compile(schema);
  } catch (error) {
    if (error instanceof RangeError) throw new SchemaError('it is too large or too deep');
    throw new SchemaError((error as Error).message);
  }
}

function faultsOf({ errors }: ValidateFunction): Fault[] {
  return errors!.slice(0, MAX_FAULTS).map(toFault);
}

function toFault(error: ErrorObject): Fault {
  const { path, message } = faultOf(error);
  return { path, message: message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message };
}

function faultOf({ keyword, instancePath, params, message }: ErrorObject): Fault {
  const path = instancePath.split('/').slice(1).map(unescapePointer);
  switch (keyword) {
    case 'required':
      return { path: [...path, params.missingProperty], message: 'is missing' };
    case 'additionalProperties':
      return { path: [...path, params.additionalProperty], message: 'is not in the schema' };
    case 'unevaluatedProperties':
      return { path: [...path, params.unevaluatedProperty], message: 'is not in the schema' };
    case 'enum':
      return { path, message: `must be one of ${JSON.stringify(params.allowedValues)}` };
    case 'const':
      return { path, message: `must be ${JSON.stringify(params.allowedValue)}` };
    default:
      return { path, message: message ?? `fails "${keyword}"` };
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc6901#section-4 */
function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
