import {
  type GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import { OPERATION_LIMITS, tooMuch } from './operation-limits.js';

const LIMIT = OPERATION_LIMITS.listItems;

/** Looks for lists that are too long in variables as they are sent: to coerce millions of items takes a while. */
export type CheckLists = (variables: Readonly<Record<string, unknown>>) => GraphQLError | null;

type Check = (value: unknown, name: string) => GraphQLError | null;

export function createCheckLists(schema: GraphQLSchema, operation: OperationDefinitionNode): CheckLists {
  const checks = (operation.variableDefinitions ?? []).flatMap(({ variable, type: node }) => {
    const type = typeFromAST(schema, node);
    const check = isInputType(type) ? checkOf(type) : null;
    return check ? [{ name: variable.name.value, check }] : [];
  });
  return (variables) => first(checks, ({ name, check }) => check(variables[name], `$${name}`));
}

/** Null for types that hold no list. */
function checkOf(type: GraphQLInputType): Check | null {
  if (isNonNullType(type)) return checkOf(type.ofType);
  if (isListType(type)) {
    const checkItem = checkOf(type.ofType);
    return (value, name) => {
      if (!Array.isArray(value)) return checkItem?.(value, name) ?? null;
      if (value.length > LIMIT) return tooMuch(LIMIT, `items in ${name}`, 'Give fewer at a time.');
      return checkItem && first(value, (item) => checkItem(item, name));
    };
  }
  if (!isInputObjectType(type)) return null;
  const checks = Object.values(type.getFields()).flatMap(({ name, type: fieldType }) => {
    const check = checkOf(fieldType);
    return check ? [{ field: name, check }] : [];
  });
  if (checks.length === 0) return null;
  return (value, name) => {
    if (typeof value !== 'object' || value === null) return null;
    return first(checks, ({ field, check }) => check((value as Record<string, unknown>)[field], `${name}.${field}`));
  };
}

function first<Item>(items: readonly Item[], check: (item: Item) => GraphQLError | null): GraphQLError | null {
  for (const item of items) {
    const refusal = check(item);
    if (refusal) return refusal;
  }
  return null;
}
