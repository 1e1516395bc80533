import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql';
import type { ApiContext } from './context.js';

type Resolve = GraphQLFieldResolver<unknown, ApiContext>;

/** The length of each body that an answer can hold, by the object that has it and the value of the field. */
const BODIES: Readonly<Record<string, (source: unknown, value: unknown) => number>> = {
  'WebhookEvent.body': lengthOfText,
  // The text that it is read from.
  'WebhookEvent.data': (event) => (event as { body: string }).body.length,
  'DeliveryAttempt.requestBody': lengthOfText,
  'DeliveryAttempt.responseBody': lengthOfText,
};

/** Has answers stop growing where they are refused: no object is read for them any more, and bodies are counted. */
export function guardFields(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const resolve = (field.resolve ?? defaultFieldResolver) as Resolve;
      const lengthOf = BODIES[`${type.name}.${field.name}`];
      if (lengthOf) field.resolve = countingBodies(resolve, lengthOf);
      else if (!isLeafType(getNamedType(field.type))) field.resolve = goingOn(resolve);
    }
  }
}

function goingOn(resolve: Resolve): Resolve {
  return (source, args, context, info) => {
    context.answer.goOn();
    return resolve(source, args, context, info);
  };
}

function countingBodies(resolve: Resolve, lengthOf: (source: unknown, value: unknown) => number): Resolve {
  return (source, args, context, info) => {
    context.answer.goOn();
    const count = (value: unknown) => {
      context.answer.addBody(lengthOf(source, value));
      return value;
    };
    const value = resolve(source, args, context, info);
    return value instanceof Promise ? value.then(count) : count(value);
  };
}

function lengthOfText(_source: unknown, value: unknown): number {
  return typeof value === 'string' ? value.length : 0;
}
