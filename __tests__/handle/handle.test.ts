/** The handle on one file: typed paths, defaults, live values, the end. */
import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigurationChange } from '../../interfaces/live.js';
import { openConfiguration, type OpenConfigurationOptions } from '../../src/openConfiguration.js';
import type { ConfigurationPlace } from '../../src/handle/applicationFile.js';
import type { Configuration } from '../../src/handle/Configuration.js';
import { memoryStore } from '../../src/memory.js';
import { destroyAfterTest, startModule, temporaryFolder } from '../support/moduleFixture.js';
import { startProcess, PACKAGE_URL } from '../support/otherProcess.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- some configurations have a shape that nobody declared */

interface Settings {
  theme: string;
  server: { port: number; host?: string };
  servers: { name: string }[];
}

const DEFAULTS = { theme: 'dark', server: { port: 8080, host: 'localhost' }, servers: [] };

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'settings.json');
});

async function open<T = Settings>(
  options: OpenConfigurationOptions<T> = {},
  place: ConfigurationPlace = path,
): Promise<Configuration<T>> {
  const handle = await openConfiguration<T>(place, options);
  destroyAfterTest({ destroy: () => handle.close() });
  return handle;
}

function onDisk(file = path): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The next change that is told. */
function nextChange(handle: Configuration): Promise<ConfigurationChange> {
  return new Promise((resolve) => {
    const end = handle.onChange((_value, _previous, change) => {
      end();
      resolve(change);
    });
  });
}

describe('opening', () => {
  it('a file that is not there gives the defaults and writes nothing', async () => {
    const handle = await open({ defaults: DEFAULTS });
    expect(handle.value).toEqual(DEFAULTS);
    expect([handle.exists, handle.error, handle.filePath]).toEqual([false, undefined, path]);
    expect(existsSync(path)).toBe(false);
  });

  it('a file that is there gives its value over the defaults', async () => {
    writeFileSync(path, '{ "server": { "port": 1 } }');
    const handle = await open({ defaults: DEFAULTS });
    expect(handle.value).toEqual({ ...DEFAULTS, server: { port: 1, host: 'localhost' } });
    expect(handle.exists).toBe(true);
  });

  it('by the name of an application, uses the folder that the system has for it', async () => {
    const before = process.env.XDG_CONFIG_HOME;
    process.env.XDG_CONFIG_HOME = folder;
    try {
      const handle = await open({}, { appName: 'editor', fileName: 'window.yaml' });
      await handle.set('theme', 'light');
      expect(handle.filePath).toBe(join(folder, 'editor', 'window.yaml'));
      expect(readFileSync(handle.filePath, 'utf8')).toBe('theme: light\n');
      expect((await open({}, { appName: 'plain' })).filePath).toBe(join(folder, 'plain', 'config.json'));
    } finally {
      if (before === undefined) delete process.env.XDG_CONFIG_HOME;
      else process.env.XDG_CONFIG_HOME = before;
    }
  });

  it.each([
    ['', 'ERR_INVALID_FILE_PATH'],
    [null, 'ERR_INVALID_REQUEST'],
    [{ appName: '../up' }, 'ERR_INVALID_FILE_PATH'],
    [{ appName: '' }, 'ERR_INVALID_FILE_PATH'],
    [{ appName: 'a', fileName: 'b/c.json' }, 'ERR_INVALID_FILE_PATH'],
    [{}, 'ERR_INVALID_FILE_PATH'],
  ])('%j is refused', async (place, code) => {
    await expect(openConfiguration(place as never)).rejects.toMatchObject({ code });
  });

  it('is refused for what cannot be read, and for unknown formats', async () => {
    writeFileSync(path, '{');
    await expect(openConfiguration(path)).rejects.toMatchObject({ code: 'ERR_PARSE' });
    await expect(openConfiguration(join(folder, 'a.bin'))).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED_FORMAT' });
  });
});

describe('places', () => {
  it('are read, set, and removed; defaults show through and are never written', async () => {
    const handle = await open({ defaults: DEFAULTS });
    expect(handle.get('server.port')).toBe(8080);
    expect(handle.has('server.host')).toBe(true);
    const result = await handle.set('server.port', 1, { user: 'ada' });
    expect(result).toMatchObject({ success: true, filePath: path });
    expect(handle.get('server.port')).toBe(1);
    expect(onDisk()).toEqual({ server: { port: 1 } });
    await handle.set('servers', [{ name: 'a' }]);
    await handle.set('servers.1', { name: 'b' });
    await handle.set('servers.0.name', 'A');
    expect(handle.get('servers')).toEqual([{ name: 'A' }, { name: 'b' }]);
    await handle.delete('servers.0');
    expect(handle.get('servers.0.name')).toBe('b');
    await handle.delete('server.port');
    expect(handle.value).toEqual({ ...DEFAULTS, servers: [{ name: 'b' }] });
    expect(onDisk()).toEqual({ server: {}, servers: [{ name: 'b' }] });
    await handle.reset('servers');
    await handle.reset();
    expect([onDisk(), handle.value]).toEqual([{}, DEFAULTS]);
  });

  it('with dots in their keys are lists of keys', async () => {
    const handle = await open<Record<string, any>>();
    await handle.set(['hosts', 'example.org', 'port'], 1);
    expect(onDisk()).toEqual({ hosts: { 'example.org': { port: 1 } } });
    expect(handle.get(['hosts', 'example.org', 'port'])).toBe(1);
    expect(handle.has('hosts.example.org')).toBe(false);
    expect(handle.has(['hosts', 'example.org'])).toBe(true);
  });

  it('where nothing stands are undefined, whatever prototypes have', async () => {
    writeFileSync(path, '{ "list": [1], "text": "abc" }');
    const handle = await open<any>();
    for (const place of [
      'nothing',
      'list.1',
      'list.-1',
      'list.x',
      'list.length',
      'text.0',
      'text.length',
      'toString',
    ]) {
      expect([place, handle.get(place), handle.has(place)]).toEqual([place, undefined, false]);
    }
  });

  it.each(['', 'a..b', '.a', 'a.', '__proto__', 'a.__proto__.b', [], ['a', ''], ['__proto__'], [1.5], [{}], 7, null])(
    '%j is refused, and nothing is written',
    async (place) => {
      const handle = await open<any>();
      for (const ask of [() => handle.get(place as never), () => handle.has(place as never)]) {
        expect(ask).toThrow(expect.objectContaining({ code: 'ERR_INVALID_REQUEST' }));
      }
      await expect(handle.set(place as never, 1)).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
      await expect(handle.delete(place as never)).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
      expect(existsSync(path)).toBe(false);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
  );

  it.each([
    ['list.2', 1],
    ['list.x', 1],
    ['text.a', 1],
    ['list', undefined],
  ])('that cannot be set are refused: %s', async (place, value) => {
    const text = '{ "list": [1], "text": "abc" }';
    writeFileSync(path, text);
    const handle = await open<any>();
    await expect(handle.set(place, value)).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('take the value as it was at the call', async () => {
    const handle = await open<any>();
    const server = { port: 1 };
    const setting = handle.set('server', server);
    server.port = 2;
    await setting;
    expect(onDisk()).toEqual({ server: { port: 1 } });
    await handle.set('nothing', null);
    expect(handle.get('nothing')).toBeNull();
    await handle.set('nothing.more', 1);
    expect(handle.get('nothing')).toEqual({ more: 1 });
    await expect(handle.set('when', new Date())).rejects.toMatchObject({ code: 'ERR_INVALID_CONFIGURATION_DATA' });
  });
});

describe('the value', () => {
  it('is frozen, the same object until something changes, and nobody else’s', async () => {
    writeFileSync(path, '{ "server": { "port": 1 } }');
    const handle = await open();
    const { value } = handle;
    expect(handle.value).toBe(value);
    expect(() => ((value.server as { port: number }).port = 2)).toThrow(TypeError);
    await handle.update((draft) => {
      draft.server.port = 3;
    });
    expect([value.server.port, handle.value.server.port]).toEqual([1, 3]);
    await handle.save({ theme: 'x', server: { port: 4 }, servers: [] });
    expect(handle.value.theme).toBe('x');
  });

  it('is shared by handles and modules of the process, which see each other at once', async () => {
    const [first, second] = [await open(), await open()];
    const module = await startModule(folder);
    await first.set('theme', 'light');
    expect(second.value).toEqual({ theme: 'light' });
    expect(second.value).toBe(first.value);
    await module.saveConfiguration({ theme: 'by the module' }, path);
    expect([first.get('theme'), second.get('theme')]).toEqual(['by the module', 'by the module']);
    await Promise.all(
      [1, 2, 3, 4].map((n) => (n % 2 === 0 ? first : second).update((draft) => void (draft.theme += String(n)))),
    );
    expect(first.get('theme')).toHaveLength('by the module1234'.length);
    expect(second.value).toBe(first.value);
  });

  it('follows other processes, editors, and a file that goes away', async () => {
    const handle = await open({ defaults: DEFAULTS, watch: { interval: 200 } });
    const other = startProcess(`
      import { openConfiguration } from ${JSON.stringify(PACKAGE_URL)};
      const settings = await openConfiguration(${JSON.stringify(path)});
      await settings.set('theme', 'other', { user: 'eve' });
      await settings.close();
    `);
    expect(await nextChange(handle)).toMatchObject({ type: 'created', user: 'eve', isOwn: false });
    expect(handle.get('theme')).toBe('other');
    await other.ended();
    const edited = nextChange(handle);
    writeFileSync(path, '{ "theme": "edited" }');
    expect(await edited).toMatchObject({ type: 'changed', isOwn: false, isValid: false });
    expect(handle.get('theme')).toBe('edited');
    const gone = nextChange(handle);
    unlinkSync(path);
    await gone;
    expect([handle.value, handle.exists]).toEqual([DEFAULTS, false]);
  });

  it('stays while the file is unreadable; the error says why', async () => {
    const handle = await open({ watch: { interval: 50 } });
    await handle.set('theme', 'good');
    const text = readFileSync(path);
    writeFileSync(path, '{ "theme": ');
    await expect(handle.reload()).rejects.toMatchObject({ code: 'ERR_INTEGRITY' });
    while (handle.error === undefined) await new Promise((resolve) => setImmediate(resolve));
    expect([handle.error, handle.get('theme')]).toEqual([expect.objectContaining({ code: 'ERR_INTEGRITY' }), 'good']);
    writeFileSync(path, text);
    expect(await handle.reload()).toEqual({ theme: 'good' });
    expect(handle.error).toBeUndefined();
  });
});

describe('listeners', () => {
  it('are told new and old value; those of a place only when it has changed', async () => {
    const handle = await open({ defaults: DEFAULTS });
    const told: unknown[] = [];
    const end = handle.onChange((value, previous) => told.push([value.server.port, previous.server.port]));
    handle.onChange('server.port', (port, previous) => told.push(`port ${previous} to ${port}`));
    handle.onChange(['theme'], (theme, previous, { isOwn }) => told.push([theme, previous, isOwn]));
    await handle.set('server.port', 1);
    await handle.set('server.port', 1);
    end();
    await handle.set('theme', 'light');
    expect(told).toEqual([[1, 8080], 'port 8080 to 1', ['light', 'dark', true]]);
  });

  it('may throw, reject, or change the configuration again', async () => {
    const handle = await open({ defaults: DEFAULTS });
    const more: Promise<unknown>[] = [];
    handle.onChange(() => {
      throw new Error('of a listener');
    });
    handle.onChange(() => Promise.reject(new Error('later')));
    handle.onChange('theme', () => more.push(handle.set('server.port', 5)));
    await handle.set('theme', 'light');
    await Promise.all(more);
    expect(handle.value).toMatchObject({ theme: 'light', server: { port: 5 } });
    expect(() => handle.onChange('theme', 'no function' as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_REQUEST' }),
    );
  });
});

describe('versions and backups', () => {
  it('are those of the file', async () => {
    const handle = await open<any>();
    await handle.save({ n: 1 });
    await handle.save({ n: 2 });
    const versions = await handle.history();
    expect(versions).toHaveLength(2);
    expect(await handle.backups()).toHaveLength(1);
    await handle.rollback(versions[1]!.id);
    expect(handle.value).toEqual({ n: 1 });
  });
});

describe('options', () => {
  it('schema and store work as in the module', async () => {
    const schema = { type: 'object', properties: { n: { type: 'number' } } };
    const store = memoryStore();
    const [handle, other] = [await open<any>({ schema, store }), await open<any>({ store })];
    await expect(handle.set('n', 'text')).rejects.toMatchObject({ code: 'ERR_VALIDATION' });
    await handle.set('n', 1);
    expect([other.get('n'), existsSync(path)]).toEqual([1, false]);
  });
});

describe('the end', () => {
  it('leaves the last value, ends listeners, and refuses changes', async () => {
    const handle = await open<any>();
    await handle.set('n', 1);
    const told: unknown[] = [];
    handle.onChange((value) => told.push(value));
    await handle[Symbol.asyncDispose]();
    await handle.close();
    const module = await startModule(folder);
    await module.saveConfiguration({ n: 2 }, path);
    expect([handle.get('n'), told]).toEqual([1, []]);
    await expect(handle.set('n', 3)).rejects.toMatchObject({ code: 'ERR_DESTROYED' });
    await expect(handle.reload()).rejects.toMatchObject({ code: 'ERR_DESTROYED' });
    expect(() => handle.onChange(() => 0)).toThrow(expect.objectContaining({ code: 'ERR_DESTROYED' }));
  });
});
