import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { badUserInput, refusedAs } from './errors.js';
import { type CheckLists, createCheckLists } from './list-sizes.js';
import { OperationCost } from './operation-cost.js';
import { DOCUMENT_LIMITS as LIMITS, OPERATION_LIMITS, tooMuch } from './operation-limits.js';
import { type Selections, SelectionWriter } from './selections.js';

/** How many valid documents are kept, and how many characters of them: a program sends few, again and again. */
const KEPT = { documents: 1_000, characters: 500_000 };

/** What an operation is measured by, once its variables are known. */
interface Measures {
  readonly cost: OperationCost;
  readonly checkLists: CheckLists;
}

/** A document that is valid and within the limits. */
export interface ValidDocument {
  readonly document: DocumentNode;
  readonly operations: ReadonlyMap<OperationDefinitionNode, Measures>;
}

export interface DocumentsOptions {
  schema: GraphQLSchema;
  /** Without it, nobody is told what the schema has, nor by what they may have meant. */
  introspection: boolean;
}

/** Reads documents, over HTTP as over a socket, and remembers those that are valid. */
export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #introspection: boolean;
  readonly #rules: readonly ValidationRule[];
  /** The last used last. */
  readonly #known = new Map<string, ValidDocument>();
  #knownCharacters = 0;

  constructor({ schema, introspection }: DocumentsOptions) {
    this.#schema = schema;
    this.#introspection = introspection;
    this.#rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  }

  /** What was read before; null for what is new or was not valid. */
  recall(text: string): ValidDocument | null {
    const known = this.#known.get(text);
    if (!known) return null;
    this.#known.delete(text);
    this.#known.set(text, known);
    return known;
  }

  /** Errors for what is no document, is too large, or not valid: a few of them at most. */
  read(text: string): ValidDocument | readonly GraphQLError[] {
    try {
      const document = parseWithin(text);
      const selections = writeOut(document);
      const { errors: maxErrors } = OPERATION_LIMITS;
      const hideSuggestions = !this.#introspection;
      const invalid = validate(this.#schema, document, this.#rules, { maxErrors, hideSuggestions });
      if (invalid.length > 0) return invalid.map((error) => refusedAs('GRAPHQL_VALIDATION_FAILED', error));
      const measured = [...selections].map(
        ([operation, asked]) => [operation, this.#measure(operation, asked)] as const,
      );
      const valid = { document, operations: new Map(measured) };
      this.#keep(text, valid);
      return valid;
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      throw error;
    }
  }

  #measure(operation: OperationDefinitionNode, asked: Selections): Measures {
    return {
      cost: new OperationCost(this.#schema, operation, asked),
      checkLists: createCheckLists(this.#schema, operation),
    };
  }

  #keep(text: string, valid: ValidDocument): void {
    this.#known.set(text, valid);
    this.#knownCharacters += text.length;
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KEPT.documents && this.#knownCharacters <= KEPT.characters) return;
      this.#known.delete(oldest);
      this.#knownCharacters -= oldest.length;
    }
  }
}

function parseWithin(text: string): DocumentNode {
  const advice = 'Send values as variables, and operations one by one.';
  if (text.length > LIMITS.characters) throw tooMuch(LIMITS.characters, 'characters in the document', advice);
  try {
    return parse(text, { maxTokens: LIMITS.tokens });
  } catch (error) {
    // Whatever else it throws comes of a document so deep that the parser runs out of stack.
    if (!(error instanceof GraphQLError))
      throw badUserInput('The document is nested too deeply. Ask for fewer levels.');
    // The parser tells by its words alone that it has had enough.
    if (/^Syntax Error: Document contains more that/.test(error.message)) {
      throw tooMuch(LIMITS.tokens, 'words and signs in the document', advice);
    }
    throw refusedAs('GRAPHQL_PARSE_FAILED', error);
  }
}

/** What each operation asks for. Fragments that none of them uses are looked at as well: the validation does so too. */
function writeOut(document: DocumentNode): Map<OperationDefinitionNode, Selections> {
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const fragments = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  if (operations.length > LIMITS.operations) {
    throw tooMuch(LIMITS.operations, 'operations in the document', 'Send them one by one.');
  }
  if (fragments.length > LIMITS.fragments) {
    throw tooMuch(LIMITS.fragments, 'fragments in the document', 'Send those that the operation uses.');
  }
  const writer = new SelectionWriter(document);
  const written = new Map(operations.map((operation) => [operation, writer.write(operation)]));
  for (const fragment of fragments) if (writer.isUnused(fragment)) writer.write(fragment);
  for (const selections of written.values()) {
    if (selections.size > LIMITS.rootFields) {
      throw tooMuch(LIMITS.rootFields, 'fields at the top of an operation', 'Ask for them in several requests.');
    }
  }
  return written;
}
