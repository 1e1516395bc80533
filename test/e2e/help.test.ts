import { expect, it } from '@jest/globals';
import { ENVIRONMENT } from '../../src/cli/environment.js';
import { FILE_VARIABLES } from '../../src/config/files.js';
import { Variables } from '../../src/config/variables.js';
import { runProgram } from '../support/processes.js';

async function helpOf(...command: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram([...command, '--help']);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

it('lists its commands, each with what it does, and where to read on', async () => {
  const help = await helpOf();

  for (const command of [
    'serve',
    'demo',
    'migrate',
    'keys',
    'listen',
    'receive',
    'trigger',
    'verify',
    'doctor',
    'schema',
  ]) {
    expect(help).toMatch(new RegExp(`^ {2}${command}\\b.* {2}\\w+`, 'm'));
  }
  expect(help).toMatch(/^ {2}\$ revkeen-webhooks serve --help$/m);
});

it('tells of every variable that the service reads, and of no other', async () => {
  const help = await helpOf('serve');

  const asTold = Object.keys(Variables.shape).map((name) => name.replace(/^OTEL_.*/, 'OTEL_*'));
  const names = [...new Set([...asTold, ...FILE_VARIABLES.map((name) => `${name}_FILE`)])].sort();
  expect(
    Object.values(ENVIRONMENT)
      .flat()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(names);
  for (const name of names) expect(help).toMatch(new RegExp(`^ {2}${name.replace('*', '\\*')} +\\S`, 'm'));
});

it.each([
  [['serve'], /SIGTERM/],
  [['migrate'], /^ {2}DATABASE_URL +a PostgreSQL of 15 to 18/m],
  [['doctor'], /changes\s+nothing[\s\S]*^ {2}SECRET_KEYS/m],
  [['listen'], /--forward-to <url>/],
  [['receive'], /--as <url>/],
  [['keys', 'create'], /--expires <when>[\s\S]*^ {2}DATA_DIR/m],
  [['keys', 'revoke'], /<id>[\s\S]*key_/],
  [['keys', 'rotate-encryption'], /first of\s+SECRET_KEYS/],
])('explains %j with an example, and fits a terminal', async (command, essential) => {
  const help = await helpOf(...command);

  expect(help).toMatch(new RegExp(`^Usage: revkeen-webhooks ${command.join(' ')} \\[options\\]`));
  expect(help).toMatch(essential);
  expect(help).toMatch(new RegExp(`^Examples:\\n {2}\\$ .*revkeen-webhooks ${command.join(' ')}`, 'm'));
  expect(help.split('\n').filter((line) => line.length > 110)).toEqual([]);
});

it.each([
  [['sreve'], /unknown command 'sreve'\n\(Did you mean serve\?\)/],
  [['keys', 'list', '--acount', 'x'], /unknown option '--acount'\n\(Did you mean --account\?\)/],
])('says what may have been meant by %j, and where help is', async (args, message) => {
  const { code, stdout, stderr } = await runProgram(args);

  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/revkeen-webhooks --help/);
});
