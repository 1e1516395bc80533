import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';

export type Fields = Record<string, unknown>;

/** Told of an object, and of the key of each field that was asked of it: name and arguments, whatever its alias. */
export type Visit = (key: string, object: Fields, fieldKeys: ReadonlyMap<string, string>) => void;

/** Visits everything in an answer that has an identity. */
export function forEachObject(
  { query, variables }: { query: DocumentNode; variables: Fields },
  data: unknown,
  visit: Visit,
): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const roots: SelectionSetNode[] = [];
  for (const definition of query.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) roots.push(definition.selectionSet);
  }
  visitIn(data, roots);

  function visitIn(value: unknown, selections: readonly SelectionSetNode[]): void {
    if (typeof value !== 'object' || value === null || selections.length === 0) return;
    if (Array.isArray(value)) {
      for (const item of value) visitIn(item, selections);
      return;
    }
    const object = value as Fields;
    const asked = Map.groupBy(
      selections.flatMap((set) => fieldsOf(set, fragments)),
      nameInAnswer,
    );
    if (typeof object.id === 'string') {
      const keys = [...asked].map(([name, [field]]) => [name, keyOf(field!, variables)] as const);
      visit(`${object.__typename}:${object.id}`, object, new Map(keys));
    }
    for (const [name, fields] of asked) {
      visitIn(
        object[name],
        fields.flatMap(({ selectionSet }) => selectionSet ?? []),
      );
    }
  }
}

/** Those of fragments included. */
function fieldsOf(set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): FieldNode[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return selection;
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    return fragment ? fieldsOf(fragment.selectionSet, fragments) : [];
  });
}

function nameInAnswer({ alias, name }: FieldNode): string {
  return (alias ?? name).value;
}

function keyOf({ name, arguments: given = [] }: FieldNode, variables: Fields): string {
  const values = given.map((argument) => [argument.name.value, valueFromASTUntyped(argument.value, variables)]);
  return values.length === 0 ? name.value : `${name.value}${JSON.stringify(values)}`;
}
