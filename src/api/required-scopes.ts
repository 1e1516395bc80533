import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  GraphQLID,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getVariableValues,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromAST,
} from 'graphql';
import type { Caller, Scope } from '../access/account.js';
import type { IdPrefix } from '../storage/ids.js';
import { forbidden } from './errors.js';
import { SCOPE_OF_FIELD, SCOPE_OF_ID, SCOPE_OF_OPERATION, SCOPE_OF_TYPE } from './scope-tables.js';

/** Refuses an operation of a valid document for which the caller lacks a scope; null otherwise. Variables are as sent. */
export type RequireScopes = (
  caller: Caller,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
) => GraphQLError | null;

/** What an operation needs, whatever its variables: each scope with the first field for which it is needed. */
interface Needs {
  readonly scopes: ReadonlyMap<Scope, string>;
  /** Where it asks for objects of whatever kind, by id. */
  readonly byId: readonly FieldNode[];
}

const NODE_FIELD = 'Query.node';

/**
 * Checks operations before they run, over HTTP as over a socket. What an operation mentions it needs, also where
 * `@skip` or `@include` would leave it out this time: so what a document needs does not change from one call to the next,
 * and is found out once.
 *
 * @throws when the schema has an operation, type or interface of which the tables say nothing.
 */
export function createRequireScopes(schema: GraphQLSchema): RequireScopes {
  const unknown = findUndeclared(schema);
  if (unknown.length > 0)
    throw new Error(`api/scope-tables.ts does not say which scope is needed for ${unknown.join(', ')}`);
  const known = new WeakMap<OperationDefinitionNode, Needs>();
  return (caller, document, operation, variables) => {
    const needs = known.get(operation) ?? findNeeds(schema, document, operation);
    known.set(operation, needs);
    for (const [scope, field] of needs.scopes) if (!caller.scopes.includes(scope)) return forbidden(scope, field);
    if (needs.byId.length === 0) return null;
    const scope = scopesOfIds(schema, operation, needs.byId, variables).find((one) => !caller.scopes.includes(one));
    return scope === undefined ? null : forbidden(scope, NODE_FIELD);
  };
}

/**
 * Operations and object types of the schema that the tables leave out, what the tables name that does not exist, and fields
 * whose type leaves open what they answer.
 */
export function findUndeclared(schema: GraphQLSchema): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const types = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('__'));
  const fields = types.flatMap((type) =>
    Object.values(type.getFields()).map((field) => ({ type, path: `${type.name}.${field.name}`, field })),
  );
  return [
    ...differences(
      fields.filter(({ type }) => roots.includes(type)).map(({ path }) => path),
      Object.keys(SCOPE_OF_OPERATION),
    ),
    ...differences(
      types.filter((type) => !roots.includes(type)).map(({ name }) => name),
      Object.keys(SCOPE_OF_TYPE),
    ),
    ...Object.keys(SCOPE_OF_FIELD).filter((name) => !fields.some(({ path }) => path === name)),
    ...fields
      .filter(({ path, field }) => path !== NODE_FIELD && isAbstractType(getNamedType(field.type)))
      .map(({ path }) => path),
  ];
}

function differences(some: readonly string[], others: readonly string[]): string[] {
  return [...new Set(some).symmetricDifference(new Set(others))];
}

function findNeeds(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Needs {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const scopes = new Map<Scope, string>();
  const byId: FieldNode[] = [];
  const need = (scope: Scope | null | undefined, field: string) => {
    if (scope && !scopes.has(scope)) scopes.set(scope, field);
  };

  const visitField = (parent: GraphQLNamedType, node: FieldNode) => {
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
    // `__typename` and the schema itself say nothing of anybody.
    if (!field) return;
    const path = `${parent.name}.${field.name}`;
    const type = getNamedType(field.type);
    if (path === NODE_FIELD) byId.push(node);
    need(SCOPE_OF_OPERATION[path], path);
    need(path in SCOPE_OF_FIELD ? SCOPE_OF_FIELD[path] : SCOPE_OF_TYPE[type.name], path);
    if (node.selectionSet) visit(type, node.selectionSet);
  };

  const visit = (parent: GraphQLNamedType, { selections }: SelectionSetNode) => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) visitField(parent, selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        visit(condition === undefined ? parent : schema.getType(condition)!, selection.selectionSet);
      } else {
        const fragment = fragments.get(selection.name.value);
        // It needs the same wherever it is spread.
        fragments.delete(selection.name.value);
        if (fragment) visit(schema.getType(fragment.typeCondition.name.value)!, fragment.selectionSet);
      }
    }
  };

  visit(schema.getRootType(operation.operation)!, operation.selectionSet);
  return { scopes, byId };
}

/** The scopes for reading whatever has these ids. Ids of which none is known belong to nothing. */
function scopesOfIds(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  fields: readonly FieldNode[],
  variables: Readonly<Record<string, unknown>>,
): Scope[] {
  // Variables that do not fit are refused by the execution, which then asks for nothing.
  const { coerced } = getVariableValues(schema, variableDefinitions, variables);
  return fields.flatMap(({ arguments: given = [] }) => {
    const argument = given.find(({ name }) => name.value === 'id');
    const id = argument && valueFromAST(argument.value, GraphQLID, coerced);
    return typeof id === 'string' ? scopeOfId(id) : [];
  });
}

function scopeOfId(id: string): Scope | [] {
  const prefix = id.split('_', 1)[0]!;
  return Object.hasOwn(SCOPE_OF_ID, prefix) ? SCOPE_OF_ID[prefix as IdPrefix] : [];
}
