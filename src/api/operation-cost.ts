import {
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type ValueNode,
} from 'graphql';
import { lengthOf, PRICES, type Price, pageSize, type ReadArgument, USUAL_PRICES } from './prices.js';
import type { AskedField, Selected, Selections } from './selections.js';

/** With defaults, as they are inside. */
type Variables = Readonly<Record<string, unknown>>;

/** A field of the answer, with what is asked of it. */
interface PricedField {
  readonly name: string;
  /** What it may cost, what is below it included. */
  readonly cost: (variables: Variables) => number;
  /** What it costs by itself. */
  readonly own: (variables: Variables) => number;
  /** For each item when it is a list, before what is asked of it. */
  readonly perItem: number;
  readonly fields: readonly PricedField[];
  readonly hasVariables: boolean;
}

/**
 * What an operation of a valid document costs: priced once, and added up for each request with its variables: before it runs
 * as if its pages were full and nothing left out by `@skip` and `@include`; afterwards by what its answer has.
 */
export class OperationCost {
  readonly #fields: readonly PricedField[];

  constructor(schema: GraphQLSchema, { operation }: OperationDefinitionNode, selections: Selections) {
    this.#fields = new Pricing(schema).priceAll(schema.getRootType(operation)!, selections);
  }

  /** At most. */
  of(variables: Variables): number {
    return sum(this.#fields, variables);
  }

  /** By what the answer has. */
  ofAnswer(variables: Variables, data: unknown): number {
    return sumOfAnswer(this.#fields, variables, data);
  }

  /** Where most of it comes from, such as `endpoints.nodes.deliveries`. */
  heaviest(variables: Variables): string {
    const path: string[] = [];
    for (let fields = this.#fields; fields.length > 0; ) {
      const heaviest = fields.reduce((one, other) => (other.cost(variables) > one.cost(variables) ? other : one));
      if (path.length > 0 && heaviest.cost(variables) * 2 < sum(fields, variables)) break;
      path.push(heaviest.name);
      fields = heaviest.fields;
    }
    return path.join('.');
  }
}

function sum(fields: readonly PricedField[], variables: Variables): number {
  return fields.reduce((total, { cost }) => total + cost(variables), 0);
}

function sumOfAnswer(fields: readonly PricedField[], variables: Variables, value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let total = 0;
  for (const field of fields) {
    const part = (value as Record<string, unknown>)[field.name];
    if (part === undefined) continue;
    total += field.own(variables);
    if (field.fields.length === 0) continue;
    for (const item of Array.isArray(part) ? part : [part]) {
      total += (Array.isArray(part) ? field.perItem : 0) + sumOfAnswer(field.fields, variables, item);
    }
  }
  return total;
}

/** Brings the selections of a document and the schema together. */
class Pricing {
  /** Of each field that was asked for: its type. */
  readonly #types = new Map<AskedField, GraphQLNamedType>();

  constructor(private readonly schema: GraphQLSchema) {}

  priceAll(root: GraphQLNamedType, selections: Selections): PricedField[] {
    return [...selections].flatMap(([name, selected]) => this.#price(root, name, selected) ?? []);
  }

  #price(root: GraphQLNamedType, name: string, { asked, fields: selections }: Selected): PricedField | null {
    // Fields of several types may share a name: an answer has one of them, and they cost about the same.
    const [first] = asked.map((one) => this.#find(root, one)).filter((one) => one !== null);
    if (!first) return null;
    const { node, outer } = first;
    const { items, perItem } = first.price;
    const fields = this.priceAll(root, selections);
    const own = (variables: Variables) => first.price.own(reader(node, variables));
    const costOf = (variables: Variables) => {
      const read = reader(node, variables);
      const each = sum(fields, variables);
      return own(variables) + (items ? items(read, outer ? reader(outer, variables) : read) * (perItem + each) : each);
    };
    const hasVariables = [node, outer].some(mentionsVariables) || fields.some((field) => field.hasVariables);
    const fixed = hasVariables ? null : costOf({});
    return { name, cost: fixed === null ? costOf : () => fixed, own, perItem, fields, hasVariables };
  }

  #find(root: GraphQLNamedType, asked: AskedField) {
    const { node, within, typeCondition } = asked;
    const around = within ? this.#types.get(within) : root;
    const type = typeCondition === null ? around : this.schema.getType(typeCondition);
    const field = type && fieldOf(type, node.name.value);
    // Such as `__typename`, which costs nothing.
    if (!field) return null;
    this.#types.set(asked, getNamedType(field.type));
    return { node, outer: within?.node ?? null, price: priceOf(this.schema, type, field) };
  }
}

function fieldOf(type: GraphQLNamedType, name: string): GraphQLField<unknown, unknown> | undefined {
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

function priceOf(
  schema: GraphQLSchema,
  type: GraphQLNamedType,
  { name, type: fieldType }: GraphQLField<unknown, unknown>,
) {
  const price: Price = PRICES[`${type.name}.${name}`] ?? {};
  const of = getNamedType(fieldType);
  const isIntrospection = of.name.startsWith('__') || type.name.startsWith('__');
  const isList = isCompositeType(of) && isListType(getNullableType(fieldType));
  const usual = () => {
    if (isIntrospection) return USUAL_PRICES.introspection;
    if (type === schema.getMutationType() || type === schema.getSubscriptionType()) return USUAL_PRICES.change;
    if (of.name.endsWith('Connection')) return USUAL_PRICES.page;
    return isCompositeType(of) ? USUAL_PRICES.object : USUAL_PRICES.plain;
  };
  const { cost = usual(), costPerInput, items = USUAL_PRICES.items } = price;
  const count = (own: ReadArgument, outer: ReadArgument) => {
    if (typeof items === 'function') return items(own, outer);
    return type.name.endsWith('Connection') ? pageSize(outer) : items;
  };
  return {
    own: (read: ReadArgument) => cost + (costPerInput ? costPerInput * lengthOf(read('input')) : 0),
    items: isList ? count : null,
    perItem: isIntrospection ? USUAL_PRICES.introspection : USUAL_PRICES.item,
  };
}

function reader({ arguments: given = [] }: FieldNode, variables: Variables): ReadArgument {
  return (name) => {
    const argument = given.find((one) => one.name.value === name);
    return argument && valueIn(argument.value, variables);
  };
}

/** As far as prices depend on it: numbers, names, and the lengths of lists. */
function valueIn(value: ValueNode, variables: Variables): unknown {
  switch (value.kind) {
    case Kind.VARIABLE:
      return variables[value.name.value];
    case Kind.INT:
      return Number(value.value);
    case Kind.LIST:
      return value.values;
    case Kind.NULL:
      return null;
    case Kind.OBJECT:
      return value;
    default:
      return value.value;
  }
}

function mentionsVariables(field: FieldNode | null): boolean {
  return field?.arguments?.some(({ value }) => value.kind === Kind.VARIABLE) ?? false;
}
