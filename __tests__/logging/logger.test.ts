/** The options `logger` and `redact`: which lines an application's logger gets, and that it can do no harm. */
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { DebugModule, DebugOptions } from '../../interfaces/framework.js';
import type { Logger } from '../../interfaces/logging.js';
import { BaseModule, ConfigPersistence, ConfigPersistenceModule, withConfigPersistence } from '../../src/index.js';
import { ManualClock } from '../support/ManualClock.js';
import { destroyAfterTest, newModule, startModule, temporaryFolder, until } from '../support/moduleFixture.js';

/** So many saves a logger asks for that asks for one at each line. */
const MAX_SAVES = 20;

interface Line {
  level: string;
  details: Record<string, unknown>;
  message: string;
}

let folder: string;
let lines: Line[];
let logger: Logger;
let printed: jest.SpiedFunction<typeof process.stderr.write>;

beforeEach(() => {
  folder = temporaryFolder();
  lines = [];
  logger = loggerBy((level, details, message) => void lines.push({ level, details: { ...details }, message }));
  printed = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});

afterEach(() => {
  const { calls } = printed.mock;
  printed.mockRestore();
  expect(calls).toEqual([]);
});

function loggerBy(write: (level: string, details: object, message: string) => unknown): Logger {
  const method = (level: string) => (details: object, message: string) => write(level, details, message);
  return { debug: method('debug'), info: method('info'), warn: method('warn'), error: method('error') };
}

/** The lines of a module that saves, and fails to load. */
async function linesOf(debug?: boolean | DebugOptions, given = logger): Promise<Line[]> {
  const surroundings = { clock: new ManualClock() };
  const module = newModule(folder, { logger: given, ...(debug === undefined ? {} : { debug }) }, surroundings);
  await module.initialize();
  await module.saveConfiguration({ a: 1 });
  await module.loadConfiguration(join(folder, 'none.json')).catch(() => undefined);
  await module.destroy();
  return lines;
}

describe('the option logger', () => {
  it('gets lines from level info up without the option debug, details first, to the end of the module', async () => {
    const got = await linesOf();
    expect(got.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'info initialized',
      'error operation failed',
      'info destroyed',
    ]);
    expect(got[1]?.details).toEqual({
      moduleId: expect.stringContaining('persistence-'),
      operationType: 'load',
      filePath: join(folder, 'none.json'),
      durationMs: expect.any(Number),
      code: 'ERR_FILE_NOT_FOUND',
    });
  });

  it('gets what the option debug asks for instead of the error stream', async () => {
    const got = await linesOf(true);
    expect(got.map(({ message }) => message)).toEqual([
      'configured',
      'initialized',
      'operation ended',
      'operation failed',
      // The upkeep of what was saved.
      'operation ended',
      'destroyed',
    ]);
  });

  it.each([
    [{ logLevel: 'error' as const }, ['operation failed']],
    [{ logLevel: 'info' as const }, ['initialized', 'operation failed', 'destroyed']],
    [false, []],
  ])('gets with debug %j the lines %j', async (debug, expected) => {
    expect((await linesOf(debug)).map(({ message }) => message)).toEqual(expected);
  });

  it('gets requests only where debug asks for them', async () => {
    const module = await startModule(folder, { logger, debug: { enableRequestLogging: true } });
    const transfer = {
      id: 't',
      sourceConnectionId: 'a',
      targetConnectionId: 'b',
      timestamp: 1,
      metadata: { type: 'x' },
    };
    await module.receiveData({ ...transfer, data: {} });
    expect(lines.map(({ message }) => message)).toContain('transfer received');
  });

  it('is asked whether a level is enabled, where it can tell', async () => {
    expect(await linesOf(true, { ...logger, isLevelEnabled: (level: string) => level === 'error' })).toHaveLength(1);
  });

  it('is used as it is: its methods may need it, and it is never shown', async () => {
    class Collector {
      readonly messages: string[] = [];
      debug(): void {
        this.messages.push('debug');
      }
      info(_details: object, message: string): void {
        this.messages.push(message);
      }
      warn(): void {
        this.messages.push('warn');
      }
      error(): void {
        this.messages.push('error');
      }
    }
    const plain = {
      messages: [] as string[],
      debug: () => undefined,
      info(_details: object, message: string) {
        this.messages.push(message);
      },
      warn: () => undefined,
      error: () => undefined,
    };
    for (const collector of [new Collector(), plain]) {
      const module = await startModule(folder, { logger: collector });
      expect(module.getConfig().logger).toBe('[hidden]');
      await module.destroy();
      expect(collector.messages).toEqual(['initialized', 'destroyed']);
    }
  });

  it('may be changed while the module runs, and gets nothing of options that were refused', async () => {
    const module = await startModule(folder);
    expect(() => module.configure({ logger, cacheTTL: -1 })).toThrow();
    expect(() => module.configure({ logger, operationTimeout: 5 })).toThrow();
    await module.loadConfiguration().catch(() => undefined);
    expect(lines).toEqual([]);
    module.configure({ logger });
    await module.loadConfiguration().catch(() => undefined);
    expect(lines.map(({ message }) => message)).toEqual(['operation failed']);
  });

  it('gets the lines beside a debug module, and beside the log of a host that does not know of it', async () => {
    const told: string[] = [];
    const debugModule: DebugModule = { log: (_, message) => told.push(message) };
    const module = newModule(folder, { logger });
    module.setDebugModule(debugModule);
    await module.initialize();
    await module.loadConfiguration().catch(() => undefined);
    await module.destroy();
    class Host extends BaseModule {
      protected override debug(_level: string, message: string): void {
        told.push(`host: ${message}`);
      }
      protected override takeLogging = undefined as never;
    }
    const info = { id: 'of-a-host', name: 'x', version: '1.0.0', description: 'x', type: 'x' };
    const hosted = new (withConfigPersistence(Host))(info);
    destroyAfterTest(hosted);
    hosted.configure({ defaultConfigPath: join(folder, 'app.json'), logger });
    await hosted.initialize();
    await hosted.loadConfiguration().catch(() => undefined);
    const failures = lines.filter(({ message }) => message === 'operation failed');
    expect(failures).toHaveLength(2);
    expect(told).toContain('host: operation failed');
    expect(told.some((message) => message.endsWith(': operation failed') && !message.startsWith('host'))).toBe(true);
  });

  it('works without a host', async () => {
    const settings = await ConfigPersistence.open({ defaultConfigPath: join(folder, 'app.json'), logger });
    await settings.loadConfiguration().catch(() => undefined);
    await settings.close();
    expect(lines).toMatchObject([{ level: 'error', message: 'operation failed' }]);
  });

  it.each([['a string'], [{}], [{ debug: 1, info: 1, warn: 1, error: 1 }], [{ info: () => undefined }]])(
    'is refused where it has not the four methods: %j',
    (wrong) => {
      expect(() => newModule(folder, { logger: wrong as never })).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
      );
    },
  );
});

describe('a bad logger', () => {
  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('of the logger');
      },
    ],
    ['rejects', () => Promise.reject(new Error('of the logger'))],
    ['never settles', () => new Promise(() => undefined)],
    [
      'gives something whose then throws',
      () => ({
        get then() {
          throw new Error('of the logger');
        },
      }),
    ],
  ])('that %s changes nothing for an operation', async (_, write) => {
    const module = await startModule(folder, { debug: true, logger: loggerBy(write) });
    await module.saveConfiguration({ a: 1 });
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
    await module.destroy();
  });

  it('that calls back into the module gets no lines about that call, and does not keep the module from ending', async () => {
    const module = newModule(folder, { enableBackup: false });
    const saves: Promise<unknown>[] = [];
    const write = (level: string, details: object, message: string): void => {
      lines.push({ level, details: { ...details }, message });
      // Makes a line at once, and an operation that would make one later.
      if (message !== 'configured') module.configure({ cacheTTL: 1000 + lines.length });
      if (message !== 'operation ended' || saves.length >= MAX_SAVES) return;
      saves.push(
        module.saveConfiguration({ n: lines.length }).then(
          () => 'saved',
          () => 'refused',
        ),
      );
    };
    module.configure({ debug: true, logger: loggerBy(write) });
    await module.initialize();
    await module.saveConfiguration({ n: 0 });
    await until(() => saves.length > 2);
    await module.destroy();
    expect((await Promise.all(saves)).slice(0, 2)).toEqual(['saved', 'saved']);
    // One when it was configured with the logger, and none of those that the logger itself made.
    expect(lines.filter(({ message }) => message === 'configured')).toHaveLength(1);
  });
});

describe('secrets in the details of a line', () => {
  class Talkative extends ConfigPersistenceModule {
    say(details: Record<string, unknown>): void {
      this.debug('info', 'said', details);
    }
  }

  /** What the logger got of details that a subclass logs. */
  function shown(details: Record<string, unknown>, redact?: readonly (string | RegExp)[]): Record<string, unknown> {
    const info = { id: 'talkative', name: 'x', version: '1.0.0', description: 'x', type: 'x' };
    const module = new Talkative(info);
    module.configure({
      defaultConfigPath: join(folder, 'app.json'),
      logger,
      ...(redact === undefined ? {} : { redact }),
    });
    module.say(details);
    const { moduleId, ...others } = lines.at(-1)!.details;
    expect(moduleId).toBe('talkative');
    return others;
  }

  it.each([
    'password',
    'dbPassword',
    'passphrase',
    'clientSecret',
    'accessToken',
    'api_key',
    'API-KEY',
    'Authorization',
  ])('are redacted by the key %s', (key) => {
    expect(shown({ kept: 1, [key]: 'planted' })).toEqual({ kept: 1, [key]: '[redacted]' });
  });

  it('are redacted at any depth, in lists, maps, instances and errors, and in circles', () => {
    class Account {
      name = 'ann';
      password = 'planted';
    }
    const circle: Record<string, unknown> = { name: 'circle', token: 'planted' };
    circle.self = circle;
    const error = Object.assign(new TypeError('wrong'), { password: 'planted' });
    const details = {
      list: [{ secret: 'planted' }, new Set([{ secret: 'planted' }])],
      map: new Map([['token', 'planted']]),
      account: new Account(),
      circle,
      error,
    };
    const got = shown(details);
    expect(got).toMatchObject({
      list: [{ secret: '[redacted]' }, { 0: { secret: '[redacted]' } }],
      map: { token: '[redacted]' },
      account: { name: 'ann', password: '[redacted]' },
      circle: { name: 'circle', token: '[redacted]' },
      error: { name: 'TypeError', message: 'wrong', password: '[redacted]' },
    });
    expect((got.circle as { self: unknown }).self).toBe(got.circle);
    expect([details.account.password, circle.token]).toEqual(['planted', 'planted']);
  });

  it('are not looked for deeper than a limit, and what is deeper is not shown', () => {
    let deep: Record<string, unknown> = { password: 'planted' };
    for (let depth = 0; depth < 5000; depth += 1) deep = { deep };
    const text = JSON.stringify(shown({ deep, plain: { a: [1] } }));
    expect(text).toContain('[redacted]');
    expect(text).toContain('"plain":{"a":[1]}');
    expect(text).not.toContain('planted');
  });

  it('leave details without any as they are', () => {
    const date = new Date(0);
    const error = new Error('wrong');
    const got = shown({ date, error });
    expect([got.date, got.error]).toEqual([date, error]);
    expect(got.error).toBe(error);
  });

  it('are redacted by the keys and patterns of the option redact too', () => {
    const redact = ['Street', /^iban/giu];
    const details = { street: 'planted', streets: 1, iban: 'planted', ibanOld: 'planted', token: 'planted' };
    const hidden = '[redacted]';
    expect(shown(details, redact)).toEqual({
      street: hidden,
      streets: 1,
      iban: hidden,
      ibanOld: hidden,
      token: hidden,
    });
    expect(shown(details, redact)).toMatchObject({ iban: hidden, ibanOld: hidden });
  });

  it('are not shown where the details cannot be read', () => {
    const details = {
      name: 'ann',
      get broken() {
        throw new Error('planted');
      },
    };
    expect(shown(details)).toEqual({ details: '[unreadable]' });
  });

  it.each([['password'], [{}], [[1]], [['']]])('the option redact is refused: %j', (redact) => {
    expect(() => newModule(folder, { redact: redact as never })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
    );
  });
});
