import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { DOCUMENT_LIMITS as LIMITS, tooMuch } from './operation-limits.js';

/** A field as the document asks for it. */
export interface AskedField {
  readonly node: FieldNode;
  /** What asks for it; null at the top. */
  readonly within: AskedField | null;
  /** The type that the nearest fragment around it is about; null without one. */
  readonly typeCondition: string | null;
}

/** What comes under one name of the answer: a field, from everywhere that the document asks for it, and what is asked of it. */
export interface Selected {
  readonly asked: AskedField[];
  readonly fields: Selections;
}

/** By the names in the answer. */
export type Selections = Map<string, Selected>;

/** Where a selection stands. */
interface Place {
  readonly into: Selections;
  readonly within: AskedField | null;
  readonly typeCondition: string | null;
  readonly depth: number;
  /** The fragments that it is in. */
  readonly fragments: ReadonlySet<string>;
}

/**
 * Writes operations of a document out as they will be executed: fragments in their place, and what is asked for twice brought
 * together. It needs no schema, takes time in proportion to what it writes, and stops at the limits: so it comes before
 * everything that a document made for the purpose could keep busy, validation included.
 */
export class SelectionWriter {
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #used = new Set<string>();
  #selections = 0;
  #aliases = 0;

  constructor({ definitions }: DocumentNode) {
    for (const definition of definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition);
    }
  }

  /** @throws a GraphQLError when that is beyond a limit, all that was written before included. */
  write(definition: OperationDefinitionNode | FragmentDefinitionNode): Selections {
    limitDirectives(definition);
    const into: Selections = new Map();
    this.#add(definition.selectionSet, { into, within: null, typeCondition: null, depth: 1, fragments: new Set() });
    return into;
  }

  /** Whether nothing written so far has a use for the fragment. */
  isUnused({ name }: FragmentDefinitionNode): boolean {
    return !this.#used.has(name.value);
  }

  #add({ selections }: SelectionSetNode, place: Place): void {
    for (const selection of selections) {
      this.#count(selection);
      if (selection.kind === Kind.FIELD) {
        this.#addField(selection, place);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const typeCondition = selection.typeCondition?.name.value ?? place.typeCondition;
        this.#add(selection.selectionSet, { ...place, typeCondition });
      } else {
        this.#addFragment(selection.name.value, place);
      }
    }
  }

  #addFragment(name: string, place: Place): void {
    this.#used.add(name);
    const fragment = this.#fragments.get(name);
    // One that is not there, or within itself, is what the validation looks for.
    if (!fragment || place.fragments.has(name)) return;
    limitDirectives(fragment);
    const fragments = new Set(place.fragments).add(name);
    this.#add(fragment.selectionSet, { ...place, typeCondition: fragment.typeCondition.name.value, fragments });
  }

  #addField(node: FieldNode, { into, within, typeCondition, depth, fragments }: Place): void {
    const name = (node.alias ?? node.name).value;
    const selected: Selected = into.get(name) ?? { asked: [], fields: new Map() };
    into.set(name, selected);
    const asked = { node, within, typeCondition };
    selected.asked.push(asked);
    if (selected.asked.length > LIMITS.repeats) {
      throw tooMuch(LIMITS.repeats, 'mentions of one field at the same place', 'Ask for it once.');
    }
    if (!node.selectionSet) return;
    if (depth === LIMITS.depth) {
      throw tooMuch(LIMITS.depth, 'levels of fields', 'Ask for fewer levels at a time, and for the rest by ID.');
    }
    const { fields } = selected;
    this.#add(node.selectionSet, { into: fields, within: asked, typeCondition: null, depth: depth + 1, fragments });
  }

  #count(selection: SelectionNode): void {
    limitDirectives(selection);
    this.#selections += 1;
    if (this.#selections > LIMITS.selections) {
      throw tooMuch(LIMITS.selections, 'fields with fragments written out', 'Ask for fewer, or in several requests.');
    }
    if (selection.kind !== Kind.FIELD || !selection.alias) return;
    this.#aliases += 1;
    if (this.#aliases > LIMITS.aliases) {
      throw tooMuch(LIMITS.aliases, 'aliases', 'Ask for a list, or in several requests.');
    }
  }
}

function limitDirectives({ directives = [] }: { readonly directives?: readonly DirectiveNode[] }): void {
  if (directives.length > LIMITS.directives) {
    throw tooMuch(LIMITS.directives, 'directives in one place', 'One `@include` or `@skip` is enough.');
  }
}
