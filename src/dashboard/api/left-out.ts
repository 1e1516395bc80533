import { ApolloLink } from '@apollo/client';
import {
  type ASTNode,
  BREAK,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type SelectionNode,
  type ValueNode,
  visit,
} from 'graphql';

type Variables = Readonly<Record<string, unknown>>;

/**
 * Takes out of a document what `@include` and `@skip` leave out, before it is sent: the service asks for the scopes of
 * all that a document mentions, and a key may have fewer.
 */
export function leaveOutLink(): ApolloLink {
  return new ApolloLink((operation, forward) => {
    operation.query = leaveOut(operation.query, operation.variables);
    return forward(operation);
  });
}

/** The document without what is left out, and without the variables and fragments that nothing needs any more. */
export function leaveOut(document: DocumentNode, variables: Variables): DocumentNode {
  if (!mentions(document, (node) => node.kind === Kind.DIRECTIVE)) return document;
  const left = visit(document, {
    enter(node) {
      if (isSelection(node) && !isIncluded(node, variables)) return null;
      return node.kind === Kind.DIRECTIVE && isCondition(node) ? null : undefined;
    },
  });
  return withoutUnused(left);
}

function withoutUnused(document: DocumentNode): DocumentNode {
  const spreads = new Set<string>();
  const spread = (node: ASTNode) =>
    visit(node, {
      FragmentSpread({ name }) {
        if (spreads.has(name.value)) return;
        spreads.add(name.value);
        const fragment = document.definitions.find(
          (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name.value,
        );
        if (fragment) spread(fragment);
      },
    });
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) spread(definition.selectionSet);
  }
  const definitions = document.definitions.filter(
    (one) => one.kind !== Kind.FRAGMENT_DEFINITION || spreads.has(one.name.value),
  );
  const used = { ...document, definitions };
  return visit(used, {
    VariableDefinition({ variable }) {
      const isUsed = definitions.some((definition) =>
        mentions(
          definition.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet : definition,
          (node) => node.kind === Kind.VARIABLE && node.name.value === variable.name.value,
        ),
      );
      return isUsed ? undefined : null;
    },
  });
}

function isSelection(node: ASTNode): node is SelectionNode {
  return node.kind === Kind.FIELD || node.kind === Kind.FRAGMENT_SPREAD || node.kind === Kind.INLINE_FRAGMENT;
}

function isIncluded({ directives = [] }: SelectionNode, variables: Variables): boolean {
  return directives
    .filter(isCondition)
    .every(({ name, arguments: [condition] = [] }) =>
      condition ? isTrue(condition.value, variables) === (name.value === 'include') : true,
    );
}

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === 'include' || name.value === 'skip';
}

function isTrue(value: ValueNode, variables: Variables): boolean {
  if (value.kind === Kind.VARIABLE) return variables[value.name.value] === true;
  return value.kind === Kind.BOOLEAN && value.value;
}

function mentions(node: ASTNode, is: (node: ASTNode) => boolean): boolean {
  let isThere = false;
  visit(node, {
    enter(one) {
      if (!is(one)) return undefined;
      isThere = true;
      return BREAK;
    },
  });
  return isThere;
}
