import { expect, it } from '@jest/globals';
import { isTransient, isUnreachable } from '../../../src/storage/database.js';

const withCode = (code: string) => Object.assign(new Error('something'), { code });

it.each(['EPIPE', 'ECONNREFUSED', 'ECONNRESET', 'ENOENT', '08006', '57P01', '57P03', '53300', '25006'])(
  'takes %s for a database that is away',
  (code) => {
    expect(isUnreachable(withCode(code))).toBe(true);
    expect(isTransient(withCode(code))).toBe(true);
  },
);

it('takes a connection that the driver lost for one, though it has no code', () => {
  expect(isUnreachable(new Error('Connection terminated unexpectedly'))).toBe(true);
  expect(isUnreachable(new Error('timeout exceeded when trying to connect'))).toBe(true);
});

it.each(['40001', '40P01', '55P03'])('takes %s for two transactions in each other’s way', (code) => {
  expect(isUnreachable(withCode(code))).toBe(false);
  expect(isTransient(withCode(code))).toBe(true);
});

it.each(['23505', '22P02', '42601', '08P01'])('takes %s for a fault of the statement', (code) => {
  expect(isTransient(withCode(code))).toBe(false);
});

it('takes an error of our own for nothing of the kind', () => {
  expect(isTransient(new Error('A delivery cannot move from SUCCEEDED to PENDING'))).toBe(false);
});
