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
});

function setup({ level = 'info', pretty = false } = {}) {
  const lines: string[] = [];
  return { lines, log: createLog({ level, pretty, destination: { write: (line) => void lines.push(line) } }) };
}
