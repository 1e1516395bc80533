import { describe, expect, it } from '@jest/globals';
import { createLog } from '../../src/log.js';
import { Secret } from '../../src/secret.js';

describe('the log', () => {
  it('writes a line of JSON per step', () => {
    const { log, lines } = setup();

    log.info({ deliveryId: 'dlv_1', attempt: 2 }, 'attempt settled');

    expect(JSON.parse(lines[0]!)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      deliveryId: 'dlv_1',
      attempt: 2,
      msg: 'attempt settled',
    });
  });

  it('shows no secret, at the top of a line or one level down', () => {
    const { log, lines } = setup();

    log.info({ authorization: 'hush', headers: { authorization: 'hush' }, endpoint: { signingSecret: 'hush' } });
    log.info({ apiKey: 'hush', config: { databaseUrl: 'hush', secretKeys: ['hush'] }, value: new Secret('hush') });

    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain('hush');
    expect(lines.join()).toContain('[secret]');
  });

  it('says of an error what happened and where, not what the library hung on it', () => {
    const { log, lines } = setup();
    const cause = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    const error = Object.assign(new Error('lost', { cause }), { parameters: ['hush'] });

    log.error({ err: error }, 'settling failed');

    expect(JSON.parse(lines[0]!).err).toEqual({
      type: 'Error',
      message: 'lost',
      stack: expect.stringContaining('log.test'),
      cause: { type: 'Error', message: 'reset', code: 'ECONNRESET', stack: expect.any(String) },
    });
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = setup({ level: 'warn' });

    log.info('unheard');

    expect(lines).toEqual([]);
  });

  it('can be for people', () => {
    const { log, lines } = setup({ pretty: true });

    log.info({ deliveryId: 'dlv_1' }, 'attempt settled');
    log.error({ err: new Error('lost') }, 'settling failed');

    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO attempt settled deliveryId="dlv_1"\n$/);
    expect(lines[1]).toMatch(/ERROR settling failed\nError: lost\n {4}at /);
  });

  describe.each([false, true])('obeyed by a terminal, for people: %s', (pretty) => {
    it.each([
      ['an escape sequence', '\u001b[2J\u001b]0;owned\u0007'],
      ['a carriage return and a backspace', 'ok\r\b\b'],
      ['NUL and DEL', 'a\u0000b\u007f'],
      ['the one-character escapes of C1', '\u009b31m\u0090\u009d'],
      ['marks of direction', '\u202eexe.invoice\u202c\u2066\u2069\u200f\u061c'],
      ['separators of lines', 'a\u2028b\u2029c\u0085'],
      ['a line break', 'a\n20:00:00.000 INFO all is well'],
    ])('is nothing of %s, in a message, a field or an error', (_what, text) => {
      const { log, lines } = setup({ pretty });

      log.warn({ eventType: text, receiver: { [text]: [text] }, err: new Error(text, { cause: text }) }, text);

      expect(lines).toHaveLength(1);
      // The lines of a stack are the only ones there are.
      const below = lines[0]!.trimEnd().split('\n').slice(1);
      expect(below.filter((line) => !/^(Error: | {4})/.test(line))).toEqual([]);
      expect(lines[0]!.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
      if (!pretty)
        expect(JSON.parse(lines[0]!)).toMatchObject({ eventType: text, receiver: { [text]: [text] }, msg: text });
    });
  });

  it('shows HTML and other scripts as they are: it is no page', () => {
    const { log, lines } = setup({ pretty: true });

    log.info({ body: '<script>alert(1)</script> Zoë 請求書 🧾' }, 'seen');

    expect(lines[0]).toContain('"<script>alert(1)</script> Zoë 請求書 🧾"');
  });
});

function setup({ level = 'info', pretty = false } = {}) {
  const lines: string[] = [];
  return { lines, log: createLog({ level, pretty, destination: { write: (line) => void lines.push(line) } }) };
}
