import { describe, expect, it } from '@jest/globals';
import { readServiceUrl } from '../../../src/cli/arguments.js';

describe('where the service is', () => {
  it.each([
    'http://127.0.0.1:4000',
    'http://127.0.0.1:4000/',
    'http://127.0.0.1:4000/graphql',
    'http://127.0.0.1:4000/graphql/',
  ])('may be told as %s', (told) => {
    expect(readServiceUrl(told)).toBe('http://127.0.0.1:4000');
  });

  it('keeps the path below which a proxy serves it', () => {
    expect(readServiceUrl('https://example.com/webhooks/graphql')).toBe('https://example.com/webhooks');
  });

  it.each(['127.0.0.1:4000', 'ws://127.0.0.1:4000', 'graphql'])('is not %s', (told) => {
    expect(() => readServiceUrl(told)).toThrow('Give a URL such as http://127.0.0.1:4000.');
  });
});
