/** What a caller does with its arguments after the call has no effect, and nothing gets round the checks. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataTransfer, Message } from '../../interfaces/framework.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { newModule, startModule, temporaryFolder } from '../support/moduleFixture.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

async function codeOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => (error as { code?: unknown }).code,
  );
}

/** Two versions: the checksum of the first is stale. */
async function withStaleChecksum() {
  const module = await startModule(folder);
  const { checksum: stale } = await module.saveConfiguration({ a: 1 });
  const { checksum: fresh } = await module.saveConfiguration({ a: 2 });
  return { module, stale: stale!, fresh: fresh! };
}

describe('options of a method', () => {
  it('that are changed after the call do not turn a stale compare-and-set into a fresh one', async () => {
    const { module, stale, fresh } = await withStaleChecksum();
    const changing: [string, (options: { expectedChecksum?: string }) => void][] = [
      ['set', (options) => (options.expectedChecksum = fresh)],
      ['deleted', (options) => delete options.expectedChecksum],
    ];
    const calls: ((options: object) => Promise<unknown>)[] = [
      (options) => module.saveConfiguration({ a: 3 }, path, options),
      (options) => module.saveConfigurationAtomic({ a: 3 }, path, options),
      (options) => module.updateConfiguration(() => ({ a: 3 }), path, options),
      (options) => module.deleteConfiguration(path, options),
      (options) => module.setConfigurationMetadata({ description: 'x' }, path, options),
      (options) => module.createBackup(path, 'named', options),
    ];
    for (const [, change] of changing) {
      for (const call of calls) {
        const options = { expectedChecksum: stale };
        const called = call(options);
        change(options);
        expect(await codeOf(called)).toBe('ERR_CONFLICT');
      }
    }
    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
  });

  it('may be one object for two files', async () => {
    const module = await startModule(folder);
    const options = { user: 'ann', description: 'first', tags: ['one'] };
    const first = module.saveConfiguration({ a: 1 }, path, options);
    options.user = 'bob';
    options.description = 'second';
    options.tags[0] = 'two';
    options.tags.push('three');
    const second = module.saveConfiguration({ a: 1 }, join(folder, 'other.json'), options);
    options.tags.push(5 as never);
    await Promise.all([first, second]);
    expect(await module.getVersionHistory(path)).toMatchObject([
      { createdBy: 'ann', description: 'first', tags: ['one'] },
    ]);
    expect(await module.getVersionHistory(join(folder, 'other.json'))).toMatchObject([
      { createdBy: 'bob', description: 'second', tags: ['two', 'three'] },
    ]);
  });

  it('of clean-ups count as they were', async () => {
    const module = await startModule(folder);
    for (let a = 0; a < 4; a++) await module.saveConfiguration({ a });
    const options = { dryRun: true };
    const cleaned = module.cleanupOldBackups(1, options);
    options.dryRun = false;
    await cleaned;
    expect(await module.listBackups()).toHaveLength(3);
  });

  it.each<[string, (stale: string) => object]>([
    [
      'a getter',
      (stale) => ({
        get expectedChecksum() {
          return stale;
        },
      }),
    ],
    ['an inherited member', (stale) => Object.create({ expectedChecksum: stale }) as object],
    [
      'a member of a prototype without a prototype',
      (stale) => Object.create(Object.assign(Object.create(null), { expectedChecksum: stale })) as object,
    ],
    ['a hidden member', (stale) => Object.defineProperty({}, 'expectedChecksum', { value: stale })],
    ['a symbol', () => ({ [Symbol('user')]: 'ann' })],
    [
      'a class',
      () =>
        new (class {
          user = 'ann';
        })(),
    ],
    ['a list', () => ['ann']],
    [
      'a proxy that throws',
      () =>
        new Proxy(
          {},
          {
            ownKeys: () => {
              throw new Error('trap');
            },
          },
        ),
    ],
    ['tags with a hole', () => ({ tags: new Array<string>(1) })],
    ['tags with a getter', () => ({ tags: Object.defineProperty([''], 0, { enumerable: true, get: () => 'x' }) })],
  ])('with %s are refused with ERR_INVALID_OPTION, and nothing is written', async (_, make) => {
    const { module, stale } = await withStaleChecksum();
    expect(await codeOf(module.saveConfiguration({ a: 3 }, path, make(stale)))).toBe('ERR_INVALID_OPTION');
    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
  });

  it('behind a proxy are read once, each', async () => {
    const module = await startModule(folder);
    const reads: PropertyKey[] = [];
    const options = new Proxy(
      { user: 'ann' },
      {
        get: () => 'mallory',
        getOwnPropertyDescriptor: (target, key) => {
          reads.push(key);
          return Reflect.getOwnPropertyDescriptor(target, key);
        },
      },
    );
    await module.saveConfiguration({ a: 1 }, path, options);
    expect(reads).toEqual(['user']);
    expect(await module.getConfigurationMetadata()).toMatchObject({ createdBy: 'ann' });
  });

  it('keep the signal itself: it is meant to change', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const controller = new AbortController();
    const updated = module.updateConfiguration(
      async (draft) => {
        controller.abort();
        return Promise.resolve(draft);
      },
      path,
      { signal: controller.signal },
    );
    expect(await codeOf(updated)).toBe('ERR_ABORTED');
  });

  it('that are unknown are refused by a message that names what was meant, or what there is', async () => {
    const module = await startModule(folder);
    await expect(module.saveConfiguration({}, path, { expectedCheksum: 'x' } as never)).rejects.toThrow(
      'Invalid option: expectedCheksum is no option of saveConfiguration; did you mean expectedChecksum?',
    );
    await expect(module.loadConfiguration(path, { pretty: true } as never)).rejects.toThrow(
      'Invalid option: pretty is no option of loadConfiguration; it takes signal, timeout, format, copy',
    );
  });
});

describe('values that are given beside the configuration', () => {
  it('are what they were at the call: initial', async () => {
    const module = await startModule(folder);
    const initial = { list: [1], deep: { a: 1 } };
    const updated = module.updateConfiguration(() => undefined, path, { initial });
    initial.list.push(2);
    initial.deep.a = 5;
    await updated;
    expect((await module.loadConfiguration()).data).toEqual({ list: [1], deep: { a: 1 } });
  });

  it.each<[string, unknown]>([
    [
      'a getter',
      {
        get a() {
          return 1;
        },
      },
    ],
    ['a date', { when: new Date() }],
    ['null', null],
  ])('are refused where they are no configuration: initial with %s', async (_, initial) => {
    const module = await startModule(folder);
    const updated = module.updateConfiguration(() => undefined, path, { initial });
    expect(await codeOf(updated)).toBe('ERR_INVALID_CONFIGURATION_DATA');
    expect(existsSync(path)).toBe(false);
  });

  it('are what they were at the call: metadata', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const metadata = { description: 'one', tags: ['one'], customFields: { deep: { a: 1 } } };
    const set = module.setConfigurationMetadata(metadata, path);
    metadata.description = 'two';
    metadata.tags.push(5 as never);
    metadata.customFields.deep.a = 2;
    await set;
    expect(await module.getConfigurationMetadata()).toMatchObject({
      description: 'one',
      tags: ['one'],
      customFields: { deep: { a: 1 } },
    });
  });

  it.each<[string, object]>([
    [
      'a getter',
      {
        get description() {
          return 'x';
        },
      },
    ],
    [
      'a getter in custom fields',
      {
        customFields: {
          get a() {
            return 'x';
          },
        },
      },
    ],
    ['an inherited member', Object.create({ description: 'x' }) as object],
    ['a symbol', { [Symbol('s')]: 1 }],
  ])('are refused where they are no data: metadata with %s', async (_, metadata) => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    expect(await codeOf(module.setConfigurationMetadata(metadata))).toBe('ERR_INVALID_METADATA');
  });
});

describe('requests', () => {
  const transfer = (data: object): DataTransfer => ({
    id: 'transfer-1',
    sourceConnectionId: 'x',
    targetConnectionId: 'y',
    data,
    timestamp: Date.now(),
    metadata: { type: 'save-request' },
  });
  const message = (payload: object): Message => ({
    id: 'message-1',
    type: 'save-request',
    source: 'x',
    payload,
    timestamp: Date.now(),
  });

  it.each<[string, (module: ConfigPersistenceModule, data: object) => Promise<unknown>]>([
    ['transfer', (module, data) => module.receiveData(transfer(data))],
    ['message', (module, data) => module.handleMessage(message(data))],
  ])('by %s are what they were when they came', async (_, send) => {
    const { module, stale, fresh } = await withStaleChecksum();
    const data = { config: { a: 3 }, filePath: path, options: { expectedChecksum: stale } };
    const sent = send(module, data);
    data.options.expectedChecksum = fresh;
    data.config = { a: 4 };
    await sent;
    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });

    const other = { config: { a: 5 }, filePath: path };
    const next = send(module, other);
    other.config.a = 6;
    other.filePath = join(folder, 'other.json');
    await next;
    expect((await module.loadConfiguration()).data).toEqual({ a: 5 });
  });

  it('are read once', async () => {
    const module = await startModule(folder);
    let reads = 0;
    const given = Object.defineProperty(transfer({}), 'data', {
      enumerable: true,
      get: () => ({ config: { read: ++reads } }),
    });
    await module.receiveData(given);
    expect(reads).toBe(1);
    expect((await module.loadConfiguration()).data).toEqual({ read: 1 });
  });

  it('may be instances of a class of the sender, as long as their fields are data', async () => {
    const module = await startModule(folder);
    class SaveRequest {
      readonly config = { a: 1 };
      readonly filePath = path;
    }
    await module.receiveData(transfer(new SaveRequest()));
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
    class Cheating {
      readonly filePath = path;
      get config() {
        return { a: 2 };
      }
    }
    expect(await module.handleMessage(message(new Cheating()))).toMatchObject({ success: false });
  });
});

describe('options of the module', () => {
  it('are what they were at configure(), with everything in them', async () => {
    const options = {
      allowedDirectories: [folder],
      permissions: { configFile: 0o640 },
      debug: { logLevel: 'error' as const },
      retentionPolicy: { maxCount: 2 },
      user: 'ann',
    };
    const module = newModule(folder, options);
    options.allowedDirectories.push('/etc');
    options.permissions.configFile = 0o777;
    options.retentionPolicy.maxCount = 40;
    options.user = 'bob';
    expect(module.getConfig()).toMatchObject({
      allowedDirectories: [folder],
      permissions: { configFile: 0o640 },
      retentionPolicy: { maxCount: 2 },
      user: 'ann',
    });
    await module.initialize();
    await module.saveConfiguration({ a: 1 });
    expect(await module.getConfigurationMetadata()).toMatchObject({ createdBy: 'ann' });
  });

  it('keep a key that its owner wipes', async () => {
    const key = Buffer.alloc(32, 7);
    const module = await startModule(folder, { encryption: { key } });
    key.fill(0);
    await module.saveConfiguration({ a: 1 });
    await module.saveConfiguration({ a: 2 });
    await module.destroy();
    const other = await startModule(folder, { encryption: { key: Buffer.alloc(32, 7) } });
    const [backup] = await other.listBackups();
    await other.restoreFromBackup(backup!.id);
    expect((await other.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it.each<[string, object]>([
    [
      'a getter',
      {
        get user() {
          return 'ann';
        },
      },
    ],
    [
      'a getter inside',
      {
        permissions: {
          get configFile() {
            return 0o600;
          },
        },
      },
    ],
    ['an inherited member', Object.create({ user: 'ann' }) as object],
    ['a symbol', { [Symbol('user')]: 'ann' }],
    ['a hidden member', Object.defineProperty({}, 'user', { value: 'ann' })],
    [
      'an instance of a class inside',
      {
        permissions: new (class {
          configFile = 0o600;
        })(),
      },
    ],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('trap');
          },
        },
      ),
    ],
  ])('with %s are refused with ERR_INVALID_OPTION, and change nothing', (_, options) => {
    const module = newModule(folder);
    const before = module.getConfig();
    expect(() => module.configure(options)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
    expect(module.getConfig()).toEqual(before);
  });
});
