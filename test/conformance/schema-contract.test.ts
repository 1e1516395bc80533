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

describe('the schema', () => {
  it('is the one that is committed', () => {
    // `npm run schema` writes it.
    expect(readFileSync(join(root, 'schema.graphql'), 'utf8')).toBe(printApi());
  });

  it('keeps every promise of the contract', () => {
    expect(findBreakingChanges(contract, schema)).toEqual([]);
  });

  it('has the defaults of the contract', () => {
    const defaults = defaultsOf(schema);
    const promised = Object.entries(defaultsOf(contract));
    expect(promised.map(([name]) => [name, defaults[name]])).toEqual(promised);
  });

  it('describes every type, field, argument and value', () => {
    expect(Object.values(schema.getTypeMap()).flatMap(undescribed)).toEqual([]);
  });
});

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
