/** Watching configurations: every way in which a file comes to have another content, and every way in which it does not. */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConfigurationChange, ConfigurationWatch } from '../../interfaces/live.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { startModule, systemError, temporaryFolder } from '../support/moduleFixture.js';
import { moduleScript, startProcess } from '../support/otherProcess.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

/** What a watch tells, one after the other. */
interface Told {
  readonly watch: ConfigurationWatch;
  next(): Promise<ConfigurationChange>;
}

async function watching(module: ConfigPersistenceModule, options = {}, filePath = path): Promise<Told> {
  const watch = await module.watchConfiguration(filePath, undefined, { interval: 200, ...options });
  const changes = watch[Symbol.asyncIterator]();
  return {
    watch,
    async next() {
      const { value, done } = await changes.next();
      if (done === true) throw new Error('the watching has ended');
      return value;
    },
  };
}

/** A change that certainly shows, so that everything before it has been told or never will be. */
async function afterwards(told: Told): Promise<ConfigurationChange> {
  writeFileSync(path, JSON.stringify({ marker: true }));
  return told.next();
}

describe('a change by an editor', () => {
  const EDITORS: Readonly<Record<string, (text: string) => void | Promise<void>>> = {
    'that writes in place': (text) => writeFileSync(path, text),
    'that empties the file and writes it a moment later': async (text) => {
      const descriptor = openSync(path, 'w');
      await delay(60);
      writeSync(descriptor, text);
      closeSync(descriptor);
    },
    'that writes in pieces': async (text) => {
      const descriptor = openSync(path, 'w');
      writeSync(descriptor, text.slice(0, 4));
      await delay(60);
      writeSync(descriptor, text.slice(4));
      closeSync(descriptor);
    },
    'that renames a new file over the old one': (text) => {
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    },
    'that moves the old one away and writes a new one': async (text) => {
      renameSync(path, `${path}~`);
      await delay(60);
      writeFileSync(path, text);
    },
    'that removes the file and writes it again': async (text) => {
      unlinkSync(path);
      await delay(60);
      writeFileSync(path, text);
    },
  };

  it.each(Object.entries(EDITORS))('%s is told once, with old and new value', async (_name, edit) => {
    const module = await startModule(folder);
    await module.saveConfiguration({ port: 1 }, path, { user: 'ada' });
    const told = await watching(module);
    await edit('{ "port": 2 }');
    const change = await told.next();
    expect(change).toMatchObject({
      type: 'changed',
      filePath: path,
      data: { port: 2 },
      previousData: { port: 1 },
      isOwn: false,
      isValid: false,
    });
    expect(change.user).toBeUndefined();
    expect(change.revision).toBeUndefined();
    expect(change.previousChecksum).not.toBe(change.checksum);
    expect(await afterwards(told)).toMatchObject({ data: { marker: true }, previousData: { port: 2 } });
  });

  it.each([
    ['vim', ['-u', 'NONE', '-N', '-es', '-c', '%s/1/2/', '-c', 'wq']],
    ['sed', ['-i', 's/1/2/']],
    ['perl', ['-pi', '-e', 's/1/2/']],
  ])('by the real %s is told once', async (editor, parameters) => {
    if (spawnSync(editor, ['--version']).error !== undefined) {
      console.info(`${editor} is not installed, so it was not tried`);
      return;
    }
    const module = await startModule(folder);
    await module.saveConfiguration({ port: 1 }, path);
    const told = await watching(module);
    spawnSync(editor, [...parameters, path], { stdio: 'ignore' });
    expect(await told.next()).toMatchObject({ type: 'changed', data: { port: 2 }, previousData: { port: 1 } });
    expect(await afterwards(told)).toMatchObject({ data: { marker: true }, previousData: { port: 2 } });
  });

  it('that only touches the file, or writes the same again, is not told', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ port: 1 }, path);
    const told = await watching(module);
    utimesSync(path, new Date(), new Date());
    const text = readFileSync(path);
    unlinkSync(path);
    writeFileSync(path, text);
    await delay(80);
    expect(await afterwards(told)).toMatchObject({ data: { marker: true }, previousData: { port: 1 } });
  });
});

describe('a file that comes and goes', () => {
  it('is told as created, deleted, and created again', async () => {
    const module = await startModule(folder);
    const told = await watching(module);
    writeFileSync(path, '{"n":1}');
    expect(await told.next()).toMatchObject({ type: 'created', data: { n: 1 }, isValid: true });
    unlinkSync(path);
    const gone = await told.next();
    expect(gone).toMatchObject({ type: 'deleted', previousData: { n: 1 } });
    expect(gone).not.toHaveProperty('data');
    writeFileSync(path, '{"n":2}');
    expect(await told.next()).toMatchObject({ type: 'created', data: { n: 2 } });
  });

  it('is found in a folder that comes later, and in one that is replaced', async () => {
    const late = join(folder, 'late');
    const file = join(late, 'app.json');
    const module = await startModule(folder);
    const told = await watching(module, {}, file);
    mkdirSync(late);
    writeFileSync(file, '{"n":1}');
    expect(await told.next()).toMatchObject({ type: 'created', data: { n: 1 } });
    renameSync(late, join(folder, 'away'));
    mkdirSync(late);
    writeFileSync(file, '{"n":2}');
    expect(await told.next()).toMatchObject({ data: { n: 2 } });
    writeFileSync(file, '{"n":3}');
    expect(await told.next()).toMatchObject({ data: { n: 3 } });
  });

  it('as a mounted one whose folder link is exchanged, is told with its new content', async () => {
    for (const [name, n] of [
      ['..first', 1],
      ['..second', 2],
    ] as const) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'app.json'), JSON.stringify({ n }));
    }
    symlinkSync('..first', join(folder, '..data'));
    symlinkSync('..data/app.json', path);
    const module = await startModule(join(folder, 'own'), { allowedDirectories: [folder] });
    const told = await watching(module, { interval: 60_000 });
    symlinkSync('..second', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    expect(await told.next()).toMatchObject({ type: 'changed', data: { n: 2 }, previousData: { n: 1 } });
    rmSync(join(folder, '..first'), { recursive: true });
    writeFileSync(join(folder, '..second', 'app.json'), '{"n":3}');
    expect(await told.next()).toMatchObject({ data: { n: 3 } });
  });
});

describe('an unreadable file', () => {
  it('is one state, and what was known stays what counts', async () => {
    const errors: string[] = [];
    const logger = {
      debug: () => 0,
      info: () => 0,
      warn: () => 0,
      error: (line: unknown) => errors.push(String(line)),
    };
    const module = await startModule(folder, { logger });
    await module.saveConfiguration({ n: 1 }, path);
    const good = readFileSync(path);
    const told = await watching(module);
    writeFileSync(path, '{"n":');
    const change = await told.next();
    expect(change).toMatchObject({ type: 'unreadable', data: { n: 1 }, isValid: false });
    expect(change.error).toMatchObject({ code: 'ERR_INTEGRITY' });
    writeFileSync(path, '{"n":2,');
    await delay(50);
    writeFileSync(path, good);
    expect(await told.next()).toMatchObject({ type: 'readable', data: { n: 1 }, isValid: true });
    expect(errors).toEqual([]);
  });

  it('is not brought back from a backup by being watched', async () => {
    const module = await startModule(folder, { autoRecover: true });
    await module.saveConfiguration({ n: 1 }, path);
    const told = await watching(module);
    writeFileSync(path, '{"half');
    expect((await told.next()).type).toBe('unreadable');
    expect(readFileSync(path, 'utf8')).toBe('{"half');
  });
});

describe('a change through modules', () => {
  it('is marked as own, with user and revision', async () => {
    const module = await startModule(folder);
    const told = await watching(module);
    await module.saveConfiguration({ n: 1 }, path, { user: 'ada' });
    expect(await told.next()).toMatchObject({ type: 'created', isOwn: true, user: 'ada', revision: 1, isValid: true });
    await module.updateConfiguration((draft) => void (draft.n = 2), path);
    expect(await told.next()).toMatchObject({ type: 'changed', isOwn: true, revision: 2, data: { n: 2 } });
    await module.deleteConfiguration(path, { user: 'bob' });
    expect(await told.next()).toMatchObject({ type: 'deleted', isOwn: true, user: 'bob', previousData: { n: 2 } });
  });

  it('of the same process is told before it has ended', async () => {
    const [watcher, writer] = [await startModule(folder), await startModule(folder)];
    const changes: ConfigurationChange[] = [];
    await watcher.watchConfiguration(path, (change) => changes.push(change));
    await writer.saveConfiguration({ n: 1 }, path, { user: 'ada' });
    expect(changes).toMatchObject([{ type: 'created', isOwn: false, user: 'ada', revision: 1, data: { n: 1 } }]);
    await Promise.all(
      [1, 2, 3].map(() => writer.updateConfiguration<{ n: number }>((draft) => void (draft.n += 1), path)),
    );
    expect(changes.map(({ data }) => (data as { n: number }).n)).toEqual([1, 2, 3, 4]);
  });

  it('of another process is told with its user and revision', async () => {
    const module = await startModule(folder);
    const told = await watching(module);
    const script = `${moduleScript(folder)}
      await module.saveConfiguration({ n: 7 }, undefined, { user: 'eve' });
      await module.destroy();`;
    const other = startProcess(script);
    expect(await told.next()).toMatchObject({
      type: 'created',
      isOwn: false,
      user: 'eve',
      revision: 1,
      data: { n: 7 },
    });
    await other.ended();
  });

  it('comes with the defaults of whoever watches, and is held against its schema', async () => {
    const schema = { type: 'object', properties: { n: { type: 'number' } } };
    const watcher = await startModule(folder, { defaults: { level: 'info' }, schema });
    const writer = await startModule(folder, { defaults: { other: 1 } });
    const told = await watching(watcher);
    await writer.saveConfiguration({ n: 'wrong' }, path);
    const change = await told.next();
    expect(change).toMatchObject({ data: { n: 'wrong', level: 'info' }, isValid: false });
    expect(change.data).not.toHaveProperty('other');
    expect(change.validationResults).toHaveLength(1);
  });
});

describe('what is told', () => {
  it('is frozen, shared, and not to be confused with what loads hand out', async () => {
    const module = await startModule(folder);
    const changes: ConfigurationChange[] = [];
    await module.watchConfiguration(path, (change) => changes.push(change));
    await module.watchConfiguration(path, (change) => changes.push(change));
    await module.saveConfiguration({ list: [{ n: 1 }] }, path);
    const [first, second] = changes;
    expect(first!.data).toBe(second!.data);
    expect(Object.isFrozen(first!.data.list[0])).toBe(true);
    const { data } = await module.loadConfiguration(path);
    data.list.push(2);
    expect(first!.data).toEqual({ list: [{ n: 1 }] });
    expect((await module.loadConfiguration(path, { copy: 'frozen' })).data).toBe(first!.data);
  });

  it('begins with what has changed since a load, where its checksum is given', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ n: 1 }, path);
    const { checksum } = await module.loadConfiguration(path);
    const unchanged = await watching(module, { since: checksum });
    writeFileSync(path, '{"n":2}');
    expect(await unchanged.next()).toMatchObject({ type: 'changed', data: { n: 2 } });
    const missed = await watching(module, { since: checksum });
    expect(await missed.next()).toMatchObject({ type: 'changed', data: { n: 2 }, previousChecksum: checksum });
    const created = await watching(module, { since: null });
    expect(await created.next()).toMatchObject({ type: 'created', data: { n: 2 } });
  });

  it('goes on when a listener throws, rejects, or never ends', async () => {
    const module = await startModule(folder);
    const told = await watching(module);
    await module.watchConfiguration(path, () => {
      throw new Error('secret of a listener');
    });
    await module.watchConfiguration(path, () => Promise.reject(new Error('later')));
    await module.watchConfiguration(path, () => new Promise(() => undefined));
    await module.saveConfiguration({ n: 1 }, path);
    expect(await told.next()).toMatchObject({ data: { n: 1 } });
  });
});

describe('the end', () => {
  it('comes with close, the signal and the module; iterations end', async () => {
    const module = await startModule(folder);
    const changes: unknown[] = [];
    const listener = (change: unknown): number => changes.push(change);
    const controller = new AbortController();
    const closed = await module.watchConfiguration(path, listener);
    await module.watchConfiguration(path, listener, { signal: controller.signal });
    const kept = await module.watchConfiguration(path);
    const ending = (async () => {
      const seen: unknown[] = [];
      for await (const { type } of kept) seen.push(type);
      return seen;
    })();
    await closed.close();
    controller.abort();
    await module.watchConfiguration(path, listener, { signal: AbortSignal.abort() });
    await module.saveConfiguration({ n: 1 }, path);
    await module.destroy();
    writeFileSync(path, '{"n":2}');
    expect(await ending).toEqual(['created']);
    expect(changes).toEqual([]);
    await expect(module.watchConfiguration(path)).rejects.toMatchObject({ code: 'ERR_DESTROYED' });
  });

  it('does not come while an iteration waits', async () => {
    const script = `${moduleScript(folder)}
      const watch = await module.watchConfiguration();
      console.log('watching');
      for await (const { data } of watch) { console.log(data.n); break; }
      await module.destroy();`;
    const other = startProcess(script);
    expect(await other.nextLine()).toBe('watching');
    writeFileSync(path, '{"n":6}');
    expect(await other.nextLine()).toBe('6');
    await other.ended();
    expect(other.child.exitCode).toBe(0);
  });

  it('is not needed for a process to end, unless it was asked to stay', async () => {
    const script = `${moduleScript(folder)}
      await module.watchConfiguration(undefined, () => {});
      console.log('watching');`;
    const other = startProcess(script);
    expect(await other.nextLine()).toBe('watching');
    await other.ended();
    expect(other.child.exitCode).toBe(0);
    const staying = startProcess(
      script.replace('() => {}', '({ data }) => { console.log(data.n); process.exit(0); }, { persistent: true }'),
    );
    expect(await staying.nextLine()).toBe('watching');
    writeFileSync(path, '{"n":5}');
    expect(await staying.nextLine()).toBe('5');
  });
});

describe('where the system gives no notices', () => {
  it('files are looked at from time to time, with one warning', async () => {
    const alerts: { type: string }[] = [];
    const module = await startModule(
      folder,
      { alerts: (alert) => void alerts.push(alert) },
      {
        watchFolder: () => {
          throw systemError('ENOSPC', 'watch');
        },
      },
    );
    const told = await watching(module, { interval: 20 });
    writeFileSync(path, '{"n":1}');
    expect(await told.next()).toMatchObject({ type: 'created', data: { n: 1 } });
    expect(alerts.map(({ type }) => type)).toEqual(['watching-by-polling']);
  });

  it('or they are not wanted, the same changes are told', async () => {
    const module = await startModule(folder);
    const told = await watching(module, { polling: true, interval: 20 });
    writeFileSync(path, '{"n":1}');
    expect(await told.next()).toMatchObject({ type: 'created' });
    writeFileSync(path, '{"n":2}');
    expect(await told.next()).toMatchObject({ type: 'changed', data: { n: 2 } });
    unlinkSync(path);
    expect(await told.next()).toMatchObject({ type: 'deleted' });
  });
});

describe('bad input', () => {
  it('is refused at the call', async () => {
    const module = await startModule(folder);
    await expect(module.watchConfiguration('/etc/passwd.json')).rejects.toMatchObject({
      code: 'ERR_INVALID_FILE_PATH',
    });
    await expect(module.watchConfiguration(join(folder, 'a.bin'))).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED_FORMAT',
    });
    await expect(module.watchConfiguration(path, 'no function' as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_REQUEST',
    });
    await expect(module.watchConfiguration(path, () => 0, { interval: 0 })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
    });
  });
});
