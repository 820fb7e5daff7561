/** That a configuration becomes variables of an environment, each place its own. */
import { execFileSync } from 'node:child_process';
import { toEnv } from '../../src/index.js';

describe('toEnv', () => {
  it('names each leaf by the way to it', () => {
    const value = {
      server: { port: 80, maxOpenFiles: 5 },
      'log-level': 'info',
      list: [1, 'a'],
      off: false,
      none: null,
    };
    expect(toEnv({ ...value, empty: {} }, { prefix: 'APP_' })).toEqual({
      APP_SERVER_PORT: '80',
      APP_SERVER_MAX_OPEN_FILES: '5',
      APP_LOG_LEVEL: 'info',
      APP_LIST: '[1,"a"]',
      APP_OFF: 'false',
      APP_NONE: '',
      APP_EMPTY: '{}',
    });
  });

  it('gives what a process can be started with', () => {
    const env = { PATH: process.env.PATH, ...toEnv({ a: { b: 'x y=z\n"q"' } }) };
    const printed = execFileSync(process.execPath, ['-p', 'JSON.stringify(process.env.A_B)'], { env }).toString();
    expect(JSON.parse(printed)).toBe('x y=z\n"q"');
  });

  it.each([
    ['two places with one name', { 'a-b': 1, a: { b: 2 } }],
    ['a key without a letter', { '--': 1 }],
    ['a NUL', { a: 'x\0y' }],
    ['a root that is no object', 7],
    ['what is no configuration', { a: () => 1 }],
  ])('refuses %s', (_what, value) => {
    expect(() => toEnv(value)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_CONFIGURATION_DATA' }) as Error);
  });
});
