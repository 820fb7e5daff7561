/** What a save and a delete leave behind when something goes wrong at any of their steps. */
import { existsSync, linkSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FileOperations } from '../../src/storage/local/io/FileOperations.js';
import {
  journalFile,
  listing,
  newModule,
  startModule,
  systemError,
  temporaryFolder,
  until,
  walk,
  type Interference,
} from '../support/moduleFixture.js';

const TEMPORARY = /\.app\.json\.[0-9a-f]{16}\.tmp$/u;
const TOMBSTONE = /\.app\.json\.[0-9a-f]{16}\.deleted$/u;
const EDITED = '{"by":"an editor"}';

/** Runs an action once, just before the configuration's temporary file is flushed. */
function beforeFlush(action: () => void | Promise<void>) {
  const switchOn = { armed: false };
  const interference: Interference = (real) => {
    let descriptor: number | undefined;
    return {
      async open(path, flags, mode) {
        const opened = await real.open(path, flags, mode);
        if (TEMPORARY.test(path)) descriptor = opened;
        return opened;
      },
      async fsync(flushed) {
        if (switchOn.armed && flushed === descriptor) {
          switchOn.armed = false;
          await action();
        }
        return real.fsync(flushed);
      },
    };
  };
  return { interference, switchOn };
}

describe('an editor that writes while a change is under way', () => {
  it('keeps its content where the save expects a checksum: the save fails with ERR_CONFLICT', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    const { interference, switchOn } = beforeFlush(() => writeFileSync(path, EDITED));
    const module = await startModule(folder, {}, interference);
    const { checksum } = await module.saveConfiguration({ a: 1 });
    switchOn.armed = true;
    await expect(module.saveConfiguration({ a: 2 }, undefined, { expectedChecksum: checksum! })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
    expect(readFileSync(path, 'utf8')).toBe(EDITED);
  });

  it('keeps its content where an update writes after mutate has ended', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    const { interference, switchOn } = beforeFlush(() => writeFileSync(path, EDITED));
    const module = await startModule(folder, {}, interference);
    await module.saveConfiguration({ count: 1 });
    switchOn.armed = true;
    const update = module.updateConfiguration((value: { count: number }) => {
      value.count += 1;
    });
    await expect(update).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    expect(readFileSync(path, 'utf8')).toBe(EDITED);
  });

  it('keeps its content where a delete would have hit it, and its configuration stays known', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    let armed = false;
    const module = await startModule(folder, {}, (real) => ({
      async rename(from, to) {
        if (armed && TOMBSTONE.test(to)) writeFileSync(path, EDITED);
        return real.rename(from, to);
      },
    }));
    await module.saveConfiguration({ a: 1 });
    const { createdAt } = await module.getConfigurationMetadata();
    armed = true;
    await expect(module.deleteConfiguration(path)).rejects.toMatchObject({ code: 'ERR_LOCK_LOST' });
    expect(readFileSync(path, 'utf8')).toBe(EDITED);
    const loaded = await module.loadConfiguration();
    expect(loaded).toMatchObject({ data: { by: 'an editor' }, isValid: false });
    expect(loaded.metadata.createdAt).toBe(createdAt);
  });

  it('is seen by the next load even when it wrote right after the commit point', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    let wasPublished = false;
    const module = await startModule(folder, {}, (real) => ({
      async rename(from, to) {
        await real.rename(from, to);
        wasPublished = to === path;
      },
      async fsync(descriptor) {
        await real.fsync(descriptor);
        if (!wasPublished) return;
        wasPublished = false;
        writeFileSync(path, EDITED);
        // Longer than the window in which a file's times are not trusted.
        await until(() => Date.now() - statSync(path).ctimeMs > 30);
      },
    }));
    await module.saveConfiguration({ a: 1 });
    expect((await module.loadConfiguration()).data).toEqual({ by: 'an editor' });
  });
});

describe('the content before, when it is taken away while it is being kept', () => {
  const KEPT = '.auto.backup';
  const keepsACopy = (path: string): void => linkSync(path, `${path}.other`);
  const isEdited = (path: string): void => writeFileSync(path, EDITED);

  it.each<[string, { before?: (path: string) => void; atLink?: (path: string) => void; stands: unknown }]>([
    ['a copy of it, because its file has another name', { before: keepsACopy, stands: { a: 1 } }],
    ['a link to it, which an edit gives another name', { atLink: isEdited, stands: JSON.parse(EDITED) }],
  ])('%s: the save was overtaken, has changed nothing and can be repeated', async (_, { before, atLink, stands }) => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    let armed = false;
    const module = await startModule(folder, {}, (real) => ({
      async link(from, to) {
        if (armed && from === path) atLink?.(path);
        return real.link(from, to);
      },
      async rename(from, to) {
        if (armed && to.endsWith(KEPT)) await real.unlink(from);
        return real.rename(from, to);
      },
    }));
    await module.saveConfiguration({ a: 1 });
    before?.(path);
    armed = true;
    await expect(module.saveConfiguration({ a: 2 })).rejects.toMatchObject({
      code: 'ERR_LOCK_LOST',
      cause: expect.objectContaining({ code: 'ENOENT', syscall: 'rename' }),
    });
    armed = false;
    expect((await module.loadConfiguration()).data).toEqual(stands);
    expect(walk(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await module.saveConfiguration({ a: 3 });
    expect(await module.listBackups()).toHaveLength(1);
  });

  it('its file itself: the save fails with ERR_CONFLICT, and can be repeated', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    let armed = false;
    const module = await startModule(folder, {}, (real) => ({
      async link(from, to) {
        if (from !== path) return real.link(from, to);
        if (armed) await real.unlink(path);
        armed = false;
        return real.link(from, to);
      },
    }));
    await module.saveConfiguration({ a: 1 });
    armed = true;
    await expect(module.saveConfiguration({ a: 2 })).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    expect(existsSync(path)).toBe(false);
    await module.saveConfiguration({ a: 3 });
    expect((await module.loadConfiguration()).data).toEqual({ a: 3 });
  });
});

describe('after the commit point', () => {
  it('a folder that cannot be flushed is a warning, not a failure', async () => {
    const folder = temporaryFolder();
    let wasPublished = false;
    const module = await startModule(folder, {}, (real) => ({
      async rename(from, to) {
        await real.rename(from, to);
        wasPublished = basename(to) === 'app.json';
      },
      fsync(descriptor) {
        if (!wasPublished) return real.fsync(descriptor);
        wasPublished = false;
        return Promise.reject(systemError('EIO', 'fsync'));
      },
    }));
    const result = await module.saveConfiguration({ a: 1 });
    expect(result.success).toBe(true);
    expect(result.warnings).toHaveLength(1);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('a save never fails, whatever the system refuses then', async () => {
    const folder = temporaryFolder();
    let wasPublished = false;
    const module = await startModule(folder, {}, (real) => ({
      async rename(from, to) {
        await real.rename(from, to);
        if (basename(to) === 'app.json') wasPublished = true;
      },
      lstat(path) {
        if (wasPublished && basename(path) === 'app.json') {
          wasPublished = false;
          return Promise.reject(systemError('EIO', 'lstat'));
        }
        return real.lstat(path);
      },
      statNow(path) {
        if (!wasPublished || basename(path) !== 'app.json') return real.statNow(path);
        wasPublished = false;
        throw systemError('EIO', 'stat');
      },
    }));
    await expect(module.saveConfiguration({ a: 1 })).resolves.toMatchObject({ success: true });
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('a delete never fails: what could not be cleared away is a warning', async () => {
    const folder = temporaryFolder({ mayKeepTraces: true });
    const path = join(folder, 'app.json');
    const module = await startModule(folder, {}, (real) => ({
      unlink: (removed) =>
        TOMBSTONE.test(removed) ? Promise.reject(systemError('EIO', 'unlink')) : real.unlink(removed),
    }));
    await module.saveConfiguration({ a: 1 });
    const result = await module.deleteConfiguration(path);
    expect(result).toMatchObject({ success: true });
    expect(result.warnings).toHaveLength(1);
    expect(existsSync(path)).toBe(false);
  });
});

describe('one failing system call', () => {
  const METHODS = [
    'open',
    'write',
    'fsync',
    'fstat',
    'read',
    'close',
    'stat',
    'lstat',
    'realpath',
    'readdir',
    'mkdir',
    'rename',
    'link',
    'unlink',
    'fchmod',
  ] as const satisfies readonly (keyof FileOperations)[];

  /** Fails the call with this number, counted from `start()`, whatever call it is. */
  function failingCall() {
    const state = { remaining: Infinity, failed: '' };
    const interference: Interference = (real) => {
      const wrapped = METHODS.map((name) => {
        const original = (...args: unknown[]): Promise<unknown> =>
          (real as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>)[name]!(...args);
        const call = async (...args: unknown[]): Promise<unknown> => {
          state.remaining -= 1;
          if (state.remaining !== 0) return original(...args);
          state.failed = `${name} ${args.map(String).join(' ')}`;
          // A close that fails has closed: Linux gives the descriptor back in any case.
          if (name === 'close') await original(...args);
          throw systemError('EIO', name);
        };
        return [name, call] as const;
      });
      return Object.fromEntries(wrapped);
    };
    return { state, interference };
  }

  it('leaves the old content or the new one, valid and as reported, and the next save works', async () => {
    const wrong: string[] = [];
    let hasPassed = false;
    for (let number = 1; !hasPassed; number++) {
      const folder = temporaryFolder({ mayKeepTraces: true });
      const { state, interference } = failingCall();
      const module = await startModule(folder, {}, interference);
      const other = await startModule(folder);
      await other.saveConfiguration({ state: 'old' });
      state.remaining = number;
      const [outcome] = await Promise.allSettled([module.saveConfiguration({ state: 'new' })]);
      hasPassed = state.remaining > 0;
      state.remaining = Infinity;
      const expected = outcome.status === 'fulfilled' ? 'new' : 'old';
      const loaded = await other.loadConfiguration();
      if (loaded.data.state !== expected) wrong.push(`${state.failed}: ${outcome.status}, but ${loaded.data.state}`);
      if (!loaded.isValid) wrong.push(`${state.failed}: a false finding`);
      if (outcome.status === 'rejected' && outcome.reason.code !== 'EIO') {
        wrong.push(`${state.failed}: ${String(outcome.reason)}`);
      }
      const [next] = await Promise.allSettled([module.saveConfiguration({ state: 'next' })]);
      if (next.status === 'rejected') wrong.push(`${state.failed}: afterwards ${String(next.reason)}`);
      else if ((await other.loadConfiguration()).data.state !== 'next') wrong.push(`${state.failed}: next was lost`);
      await module.destroy();
      await other.destroy();
      const leftovers = walk(folder).filter((path) => TEMPORARY.test(path) || path.endsWith('.lock'));
      if (leftovers.length > 0) wrong.push(`${state.failed}: left ${leftovers.map((path) => basename(path)).join()}`);
    }
    expect(wrong).toEqual([]);
  });

  it('leaves a deleted configuration deleted or whole, as reported', async () => {
    const wrong: string[] = [];
    let hasPassed = false;
    for (let number = 1; !hasPassed; number++) {
      const folder = temporaryFolder({ mayKeepTraces: true });
      const path = join(folder, 'app.json');
      const { state, interference } = failingCall();
      const module = await startModule(folder, {}, interference);
      const other = await startModule(folder);
      await other.saveConfiguration({ state: 'old' });
      state.remaining = number;
      const [outcome] = await Promise.allSettled([module.deleteConfiguration(path)]);
      hasPassed = state.remaining > 0;
      state.remaining = Infinity;
      if (existsSync(path) !== (outcome.status === 'rejected')) wrong.push(`${state.failed}: ${outcome.status}`);
      if (existsSync(path) && !(await other.loadConfiguration()).isValid)
        wrong.push(`${state.failed}: a false finding`);
      const [next] = await Promise.allSettled([module.saveConfiguration({ state: 'next' })]);
      if (next.status === 'rejected') wrong.push(`${state.failed}: afterwards ${String(next.reason)}`);
      await module.destroy();
      await other.destroy();
    }
    expect(wrong).toEqual([]);
  });

  it.each(['EACCES', 'EROFS', 'EMFILE', 'ENOSPC', 'EDQUOT'])(
    'is a StorageError with the code %s, and the file and folder are as before',
    async (code) => {
      const folder = temporaryFolder();
      let armed = false;
      const module = await startModule(folder, {}, (real) => ({
        open: (path, flags, mode) =>
          armed && TEMPORARY.test(path) ? Promise.reject(systemError(code)) : real.open(path, flags, mode),
      }));
      await module.saveConfiguration({ a: 0 });
      await module.saveConfiguration({ a: 1 });
      const before = listing(folder).filter((line) => !line.startsWith('locks/'));
      armed = true;
      await expect(module.saveConfiguration({ a: 2 })).rejects.toMatchObject({
        name: 'StorageError',
        code,
        operationType: 'save',
        filePath: join(folder, 'app.json'),
      });
      expect(listing(folder).filter((line) => !line.startsWith('locks/'))).toEqual(before);
      armed = false;
      await expect(module.saveConfiguration({ a: 3 })).resolves.toMatchObject({ success: true });
    },
  );

  it('that reports fewer bytes than were given is repeated until every byte is written', async () => {
    const folder = temporaryFolder();
    const module = await startModule(folder, {}, (real) => ({
      write: (descriptor, buffer, offset, length, position) =>
        real.write(descriptor, buffer, offset, Math.min(length, 3), position),
    }));
    const value = { text: 'x'.repeat(100) };
    await module.saveConfiguration(value);
    expect((await (await startModule(folder)).loadConfiguration()).data).toEqual(value);
  });

  it('that gives fewer bytes than were asked for is repeated until every byte is read', async () => {
    const folder = temporaryFolder();
    const module = await startModule(folder, {}, (real) => ({
      read: (descriptor, buffer, offset, length, position) =>
        real.read(descriptor, buffer, offset, Math.min(length, 7), position),
    }));
    await module.saveConfiguration({ text: 'x'.repeat(100) });
    await module.saveConfiguration({ text: 'y'.repeat(100) });
    const reader = await startModule(folder, { enableCaching: false }, (real) => ({
      read: (descriptor, buffer, offset, length, position) =>
        real.read(descriptor, buffer, offset, Math.min(length, 7), position),
    }));
    expect(await reader.loadConfiguration()).toMatchObject({ data: { text: 'y'.repeat(100) }, isValid: true });
  });

  it('that writes nothing and gives no error ends the save with ERR_WRITE_VERIFICATION', async () => {
    const folder = temporaryFolder();
    let armed = false;
    const module = await startModule(folder, {}, (real) => ({
      write: (...args) => (armed ? Promise.resolve(0) : real.write(...args)),
    }));
    await module.saveConfiguration({ a: 1 });
    armed = true;
    await expect(module.saveConfiguration({ a: 2 })).rejects.toMatchObject({ code: 'ERR_WRITE_VERIFICATION' });
    armed = false;
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('that reports success but wrote other bytes is found before the file is replaced', async () => {
    const folder = temporaryFolder();
    let lies = false;
    let temporary = -1;
    const module = await startModule(folder, {}, (real) => ({
      async open(path, flags, mode) {
        const descriptor = await real.open(path, flags, mode);
        if (TEMPORARY.test(path)) temporary = descriptor;
        return descriptor;
      },
      write: (descriptor, buffer, offset, length, position) =>
        real.write(
          descriptor,
          lies && descriptor === temporary ? Buffer.alloc(buffer.length) : buffer,
          offset,
          length,
          position,
        ),
    }));
    await module.saveConfiguration({ a: 1 });
    lies = true;
    await expect(module.saveConfiguration({ a: 2 })).rejects.toMatchObject({ code: 'ERR_WRITE_VERIFICATION' });
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 1 }, isValid: true });
  });

  it.each(['EBUSY', 'EXDEV'])('%s from the rename is refused with ERR_ATOMIC_REPLACE_IMPOSSIBLE', async (code) => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    let armed = false;
    const module = await startModule(folder, {}, (real) => ({
      rename: (from, to) =>
        armed && (to === path || from === path) ? Promise.reject(systemError(code, 'rename')) : real.rename(from, to),
    }));
    await module.saveConfiguration({ a: 1 });
    armed = true;
    const refused = { code: 'ERR_ATOMIC_REPLACE_IMPOSSIBLE' };
    await expect(module.saveConfiguration({ a: 2 })).rejects.toMatchObject(refused);
    await expect(module.deleteConfiguration(path)).rejects.toMatchObject(refused);
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 1 }, isValid: true });
  });
});

describe('a file system that lacks something', () => {
  it('such as hard links still takes saves, and a second instance sees them', async () => {
    const folder = temporaryFolder();
    const module = await startModule(folder, {}, () => ({ link: () => Promise.reject(systemError('EPERM', 'link')) }));
    await module.saveConfiguration({ a: 1 });
    await module.setConfigurationMetadata({ description: 'd' });
    expect(await (await startModule(folder)).loadConfiguration()).toMatchObject({
      data: { a: 1 },
      isValid: true,
      metadata: { description: 'd' },
    });
  });

  it.each(['EINVAL', 'ENOTSUP'])('such as the flushing of folders (%s) takes saves without a warning', async (code) => {
    const folder = temporaryFolder();
    const module = await startModule(folder, {}, (real) => ({
      async fsync(descriptor) {
        if ((await real.fstat(descriptor)).isDirectory()) throw systemError(code, 'fsync');
        return real.fsync(descriptor);
      },
    }));
    const result = await module.saveConfiguration({ a: 1 });
    expect(result).toMatchObject({ success: true });
    expect(result.warnings).toBeUndefined();
  });
});

describe('a save that was called off after it was announced', () => {
  async function callOff(folder: string, value: object): Promise<void> {
    const controller = new AbortController();
    const { interference, switchOn } = beforeFlush(() => controller.abort());
    const module = await startModule(folder, {}, interference);
    switchOn.armed = true;
    await expect(module.saveConfiguration(value, undefined, { signal: controller.signal })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
    });
    await module.destroy();
  }

  it('leaves the configuration valid', async () => {
    const folder = temporaryFolder();
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await callOff(folder, { a: 2 });
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 1 }, isValid: true });
  });

  it('leaves it valid also when the file is touched or the folder is copied afterwards', async () => {
    const folder = temporaryFolder();
    const copy = temporaryFolder();
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await module.setConfigurationMetadata({ description: 'kept' });
    await module.saveConfiguration({ a: 2 });
    await callOff(folder, { a: 3 });
    await module.destroy();
    await cp(folder, copy, { recursive: true });
    utimesSync(join(folder, 'app.json'), 1, 1);
    for (const place of [folder, copy]) {
      const loaded = await (await startModule(place)).loadConfiguration();
      expect(loaded).toMatchObject({ data: { a: 2 }, isValid: true, metadata: { description: 'kept' } });
    }
  });

  it('says nothing about a file that somebody makes by hand later', async () => {
    const folder = temporaryFolder();
    await callOff(folder, { a: 1 });
    writeFileSync(join(folder, 'app.json'), EDITED);
    const module = await startModule(folder);
    expect(await module.loadConfiguration()).toMatchObject({ data: { by: 'an editor' }, isValid: true });
  });
});

describe('a delete that was called off after it was announced', () => {
  it('leaves the configuration, its metadata and its validity, also when the folder is copied afterwards', async () => {
    const folder = temporaryFolder();
    const copy = temporaryFolder();
    const path = join(folder, 'app.json');
    let armed = false;
    const module = await startModule(folder, {}, (real) => ({
      rename: (from, to) =>
        armed && TOMBSTONE.test(to) ? Promise.reject(systemError('EACCES', 'rename')) : real.rename(from, to),
    }));
    await module.saveConfiguration({ a: 1 });
    await module.setConfigurationMetadata({ description: 'kept' });
    armed = true;
    await expect(module.deleteConfiguration(path)).rejects.toMatchObject({ code: 'EACCES' });
    await module.destroy();
    await cp(folder, copy, { recursive: true });
    for (const place of [folder, copy]) {
      const loaded = await (await startModule(place)).loadConfiguration();
      expect(loaded).toMatchObject({ data: { a: 1 }, isValid: true, metadata: { description: 'kept' } });
    }
  });
});

describe('what a killed writer left beside the configuration', () => {
  it('goes with the next save that takes its lock over, and nothing of another configuration goes with it', async () => {
    const folder = temporaryFolder();
    const neighbour = join(folder, '.app.json.yaml.0123456789abcdef.tmp');
    const deleted = join(folder, '.app.json.toml.0123456789abcdef.deleted');
    const own = join(folder, '.app.json.0123456789abcdef.tmp');
    const module = await startModule(folder, { staleLockThreshold: 100 });
    const holder = await startModule(folder, { staleLockThreshold: 100 });
    await module.saveConfiguration({ a: 1 });
    await holder.acquireFileLock(join(folder, 'app.json'));
    for (const path of [neighbour, deleted, own]) writeFileSync(path, 'left');
    await until(async () => (await module.checkFileLock(join(folder, 'app.json'))).canBreakLock);
    await module.saveConfiguration({ a: 2 });
    const names = await readdir(folder);
    expect(names).not.toContain(basename(own));
    expect(names).toEqual(expect.arrayContaining([basename(neighbour), basename(deleted)]));
    for (const path of [neighbour, deleted]) writeFileSync(path, '');
    await rm(neighbour);
    await rm(deleted);
  });

  it('goes also where the one who took the lock over did not save', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    const left = join(folder, '.app.json.0123456789abcdef.tmp');
    const module = await startModule(folder, { staleLockThreshold: 100 });
    const holder = await startModule(folder, { staleLockThreshold: 100 });
    await holder.acquireFileLock(path);
    writeFileSync(left, 'left');
    await until(async () => (await module.checkFileLock(path)).canBreakLock);
    const { lockId } = await module.acquireFileLock(path);
    await module.releaseFileLock(lockId);
    await module.saveConfiguration({ a: 1 });
    expect(existsSync(left)).toBe(false);
  });

  it('never brings back a content that was deleted before', async () => {
    const folder = temporaryFolder({ mayKeepTraces: true });
    const path = join(folder, 'app.json');
    let fails = false;
    const options = { staleLockThreshold: 100 };
    let refuses = false;
    const module = await startModule(folder, options, (real) => ({
      unlink: (removed) =>
        fails && TOMBSTONE.test(removed) ? Promise.reject(systemError('EIO', 'unlink')) : real.unlink(removed),
      rename: (from, to) =>
        refuses && to === path ? Promise.reject(systemError('EACCES', 'rename')) : real.rename(from, to),
    }));
    await module.saveConfiguration({ secret: 'ancient' });
    fails = true;
    await Promise.allSettled([module.deleteConfiguration(path)]);
    fails = false;
    await module.saveConfiguration({ secret: 'newer' });
    await module.deleteConfiguration(path);
    const holder = await startModule(folder, options);
    await holder.acquireFileLock(path);
    await until(async () => (await module.checkFileLock(path)).canBreakLock);
    refuses = true;
    await expect(module.saveConfiguration({ a: 1 })).rejects.toMatchObject({ code: 'EACCES' });
    expect(existsSync(path)).toBe(false);
  });

  it('of a delete goes with the next save that takes its lock over', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    let fails = true;
    const options = { staleLockThreshold: 100 };
    const module = await startModule(folder, options, (real) => ({
      unlink: (removed) =>
        fails && TOMBSTONE.test(removed) ? Promise.reject(systemError('EIO', 'unlink')) : real.unlink(removed),
    }));
    await module.saveConfiguration({ a: 1 });
    await module.deleteConfiguration(path);
    fails = false;
    expect((await readdir(folder)).filter((name) => TOMBSTONE.test(`/${name}`))).toHaveLength(1);
    const holder = await startModule(folder, options);
    await holder.acquireFileLock(path);
    await until(async () => (await module.checkFileLock(path)).canBreakLock);
    await module.saveConfiguration({ a: 2 }, undefined, { expectedChecksum: null });
    expect((await readdir(folder)).filter((name) => TOMBSTONE.test(`/${name}`))).toEqual([]);
    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
  });

  it('of a delete that had caught what an editor wrote is put back', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    let crashes = false;
    const options = { staleLockThreshold: 100 };
    const module = await startModule(folder, options, (real) => ({
      rename(from, to) {
        if (crashes && TOMBSTONE.test(to)) writeFileSync(path, EDITED);
        return real.rename(from, to);
      },
      lstat: (looked) =>
        crashes && TOMBSTONE.test(looked) ? Promise.reject(systemError('EIO', 'lstat')) : real.lstat(looked),
    }));
    await module.saveConfiguration({ a: 1 });
    crashes = true;
    await Promise.allSettled([module.deleteConfiguration(path)]);
    crashes = false;
    const holder = await startModule(folder, options);
    await holder.acquireFileLock(path);
    await until(async () => (await module.checkFileLock(path)).canBreakLock);
    await Promise.allSettled([module.saveConfiguration({ a: 2 }, undefined, { expectedChecksum: 'a'.repeat(64) })]);
    expect(readFileSync(path, 'utf8')).toBe(EDITED);
  });
});

describe('a folder that is in the way', () => {
  it('of the configuration is ERR_NOT_A_FILE for every operation, and stays', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    const module = await startModule(folder);
    await mkdir(join(path, 'inside'), { recursive: true });
    const refused = { code: 'ERR_NOT_A_FILE' };
    await expect(module.saveConfiguration({ a: 1 })).rejects.toMatchObject(refused);
    await expect(module.loadConfiguration()).rejects.toMatchObject(refused);
    await expect(module.deleteConfiguration(path)).rejects.toMatchObject(refused);
    await expect(module.verifyConfigurationIntegrity(path)).rejects.toMatchObject(refused);
    await expect(module.updateConfiguration(() => ({}), undefined, { initial: {} })).rejects.toMatchObject(refused);
    expect(await readdir(path)).toEqual(['inside']);
  });
});

describe('a file where a folder is needed', () => {
  it('is refused with a coded error that names the configuration', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const module = await startModule(folder);
    const path = join(folder, 'file', 'app.json');
    await expect(module.saveConfiguration({ a: 1 }, path)).rejects.toMatchObject({ code: 'ENOTDIR', filePath: path });
    await expect(module.loadConfiguration(path)).rejects.toMatchObject({ name: 'StorageError', code: 'ENOTDIR' });
  });

  it('refuses to initialize as a StorageError or with ERR_NOT_A_FILE, and can be tried again', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const below = newModule(folder, { metadataDirectory: join(folder, 'file', 'metadata') });
    await expect(below.initialize()).rejects.toMatchObject({ name: 'StorageError', code: 'ENOTDIR' });
    const at = newModule(folder, { metadataDirectory: join(folder, 'file') });
    await expect(at.initialize()).rejects.toMatchObject({ code: 'ERR_NOT_A_FILE' });
  });
});

it('the metadata folder holds one readable line for each change', async () => {
  const folder = temporaryFolder();
  const module = await startModule(folder, { user: 'ann' });
  await module.saveConfiguration({ a: 1 }, undefined, { description: 'first' });
  const lines = readFileSync(journalFile(folder), 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(JSON.parse(lines[1]!.slice(17))).toMatchObject({ record: 'save', user: 'ann', description: 'first' });
  expect(dirname(journalFile(folder))).toMatch(/app\.json-[0-9a-f]{16}$/u);
});

describe('a first save whose rename fails', () => {
  /** The rename fails, and from then on nothing can be appended to the journal. */
  const fullDisk = (): Interference => {
    let isFull = false;
    return (real) => ({
      rename(from, to) {
        if (!to.endsWith('app.json')) return real.rename(from, to);
        isFull = true;
        return Promise.reject(systemError('ENOSPC', 'rename'));
      },
      write: (...parameters) => (isFull ? Promise.reject(systemError('ENOSPC', 'write')) : real.write(...parameters)),
    });
  };

  it('leaves no version behind that never was, also where that cannot be recorded', async () => {
    const folder = temporaryFolder({ mayKeepTraces: true });
    const path = join(folder, 'app.json');
    const broken = await startModule(folder, {}, fullDisk());
    await expect(broken.saveConfiguration({ a: 1 })).rejects.toMatchObject({ code: 'ENOSPC' });
    const module = await startModule(folder);
    expect(await module.getVersionHistory()).toEqual([]);
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    await module.saveConfiguration({ a: 2 });
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 2 }, isValid: true });
    expect(walk(dirname(path)).filter((name) => TEMPORARY.test(name))).toEqual([]);
    await broken.destroy().catch(() => undefined);
  });
});

describe('a lock folder that cannot be made', () => {
  it('fails with the code of the call that failed', async () => {
    const folder = temporaryFolder({ mayKeepTraces: true });
    const module = await startModule(folder, {}, (real) => ({
      open: (path, flags, mode) =>
        path.endsWith('0.free') ? Promise.reject(systemError('EACCES')) : real.open(path, flags, mode),
    }));
    await expect(module.saveConfiguration({ a: 1 })).rejects.toMatchObject({ code: 'EACCES' });
  });
});
