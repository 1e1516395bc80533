import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  buildSchema as buildContract,
  findBreakingChanges,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { buildSchema, printApi } from '../../src/api/schema.js';

const root = join(import.meta.dirname, '../..');
const schema = buildSchema();
const contract = buildContract(readFileSync(join(import.meta.dirname, 'contract.graphql'), 'utf8'));

/** Members of the contract whose capability is not built yet. Whoever builds one takes it out of here. */
const NOT_YET = ['EventUpdate', 'Subscription.eventPublished'];

describe('the schema', () => {
  it('is the one that is committed', () => {
    // `npm run schema` writes it.
    expect(readFileSync(join(root, 'schema.graphql'), 'utf8')).toBe(printApi());
  });

  it('keeps every promise of the contract whose capability exists', () => {
    const broken = findBreakingChanges(contract, schema).map(({ description }) => description);
    const expected = broken.filter((change) => NOT_YET.some((name) => isAbout(change, name)));
    expect(broken).toEqual(expected);
  });

  it('lists as missing only what is missing', () => {
    expect(NOT_YET.filter((name) => lookUp(name))).toEqual([]);
  });

  it('has the defaults of the contract', () => {
    const defaults = defaultsOf(schema);
    const promised = Object.entries(defaultsOf(contract)).filter(([name]) => name in defaults);
    expect(promised.map(([name]) => [name, defaults[name]])).toEqual(promised);
  });

  it('describes every type, field, argument and value', () => {
    expect(Object.values(schema.getTypeMap()).flatMap(undescribed)).toEqual([]);
  });
});

/** `WebhookEndpoint.headers was removed.` is about `WebhookEndpoint.headers`. */
function isAbout(change: string, name: string): boolean {
  return change.split(/\s/).some((word) => word.replace(/\.$/, '') === name);
}

function lookUp(name: string): unknown {
  const [typeName, member] = name.split('.');
  const type = schema.getType(typeName!);
  if (!member) return type;
  return isObjectType(type) || isInputObjectType(type) ? type.getFields()[member] : undefined;
}

function defaultsOf(of: typeof schema): Record<string, unknown> {
  const defaults: Record<string, unknown> = {};
  for (const type of Object.values(of.getTypeMap())) {
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) defaults[`${type.name}.${field.name}`] = field.defaultValue;
    } else if (isObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        for (const argument of field.args)
          defaults[`${type.name}.${field.name}.${argument.name}`] = argument.defaultValue;
      }
    }
  }
  return defaults;
}

function undescribed(type: GraphQLNamedType): string[] {
  if (type.name.startsWith('__') || ['Boolean', 'Float', 'ID', 'Int', 'String'].includes(type.name)) return [];
  const missing = type.description || ['Query', 'Mutation', 'Subscription'].includes(type.name) ? [] : [type.name];
  const members = isEnumType(type)
    ? type.getValues()
    : isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
      ? Object.values(type.getFields())
      : [];
  for (const member of members) {
    if (!member.description) missing.push(`${type.name}.${member.name}`);
    for (const argument of 'args' in member ? member.args : []) {
      if (!argument.description) missing.push(`${type.name}.${member.name}(${argument.name})`);
    }
  }
  return missing;
}
