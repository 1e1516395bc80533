import { execFileSync } from 'node:child_process';
import { expect, it } from '@jest/globals';
import { curlCommand } from '../../../src/dashboard/deliveries/curl-command.js';

const header = (name: string, value: string, secret = false) => ({ name, value, secret });

it('says all that was sent but what is secret, and what curl knows itself', () => {
  const headers = [header('content-length', '2'), header('x-kind', 'a'), header('authorization', '••••', true)];

  expect(curlCommand('https://example.com/hook?a=1&b=2', headers, '{}')).toBe(
    [
      "curl 'https://example.com/hook?a=1&b=2' \\",
      "  -H 'x-kind: a' \\",
      "  -H 'authorization: <hidden>' \\",
      "  --data-binary '{}'",
    ].join('\n'),
  );
});

it('means to a shell what is in it, whatever that is', () => {
  const body = `it's "$HOME" \`id\` \\ $(id)\nnext`;
  const command = curlCommand('https://example.com', [], body).replace(/^curl/, 'printf %s');

  // The words, one after the other.
  expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe(`https://example.com--data-binary${body}`);
});
