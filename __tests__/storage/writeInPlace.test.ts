/** Files that a rename cannot replace, as a single file mounted into a container. */
import { constants, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileOperations } from '../../src/storage/local/io/FileOperations.js';
import { startModule, systemError, temporaryFolder, walk, type Interference } from '../support/moduleFixture.js';

/** Renaming over the configuration fails as over a mounted file; the n-th write in place may fail too. */
function mountedFile(code: string, failingWrite?: { afterBytes: number }): Interference {
  return (real) => {
    const inPlace = new Set<number>();
    return {
      rename: (from, to) => {
        const isReplacement = to.endsWith('app.json') && from.endsWith('.tmp');
        return isReplacement ? Promise.reject(systemError(code, 'rename')) : real.rename(from, to);
      },
      open: async (...[path, flags, mode]: Parameters<FileOperations['open']>) => {
        const descriptor = await real.open(path, flags, mode);
        // Descriptors are used again: one that only reads must not be taken for an earlier writer.
        if (path.endsWith('app.json') && (flags & constants.O_RDWR) !== 0) inPlace.add(descriptor);
        else inPlace.delete(descriptor);
        return descriptor;
      },
      write: async (descriptor, buffer, offset, length, position) => {
        if (failingWrite === undefined || !inPlace.has(descriptor)) {
          return real.write(descriptor, buffer, offset, length, position);
        }
        await real.write(descriptor, buffer, offset, failingWrite.afterBytes, position);
        throw systemError('EIO', 'write');
      },
    };
  };
}

function leftovers(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.tmp'));
}

describe.each(['EBUSY', 'EXDEV'])('A file whose replacement fails with %s', (code) => {
  it('is refused at once, with nothing changed and nothing left', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'app.json'), '{"a":1}');
    const module = await startModule(folder, {}, mountedFile(code));

    await expect(module.saveConfiguration({ a: 2 })).rejects.toMatchObject({ code: 'ERR_ATOMIC_REPLACE_IMPOSSIBLE' });

    expect(readFileSync(join(folder, 'app.json'), 'utf8')).toBe('{"a":1}');
    expect(leftovers(folder)).toEqual([]);
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 1 }, isValid: true });
  });

  it('is rewritten where the option allows it, and the result says so', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'app.json'), '{"a":"a longer text than the next one"}');
    const module = await startModule(folder, { inPlaceFallback: true }, mountedFile(code));

    const first = await module.saveConfiguration({ a: 2 });
    const second = await module.saveConfiguration({ a: 3 });

    expect(first.warnings).toHaveLength(1);
    expect(second.warnings).toHaveLength(1);
    expect(leftovers(folder)).toEqual([]);
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 3 }, isValid: true });
    const other = await startModule(folder);
    expect(await other.loadConfiguration()).toMatchObject({ data: { a: 3 }, isValid: true });
    expect(await other.verifyConfigurationIntegrity(join(folder, 'app.json'))).toMatchObject({ isValid: true });
  });
});

describe('A rewriting that was interrupted', () => {
  it('leaves a torn file that loads complete and that the next change finishes', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    writeFileSync(path, '[true, true, true]');
    const broken = mountedFile('EBUSY', { afterBytes: 5 });
    const module = await startModule(folder, { inPlaceFallback: true }, broken);

    const result = await module.saveConfiguration({ after: 'complete', list: [1, 2, 3] });

    expect(result.success).toBe(true);
    expect(() => JSON.parse(readFileSync(path, 'utf8')) as unknown).toThrow(SyntaxError);
    const reader = await startModule(folder);
    expect(await reader.loadConfiguration()).toMatchObject({ data: { after: 'complete' }, isValid: true });

    const writer = await startModule(folder, { inPlaceFallback: true }, mountedFile('EBUSY'));
    await writer.updateConfiguration((value: { list: number[] }) => {
      value.list.push(4);
    });

    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ after: 'complete', list: [1, 2, 3, 4] });
    expect(await reader.loadConfiguration()).toMatchObject({ data: { list: [1, 2, 3, 4] }, isValid: true });
    expect(leftovers(folder)).toEqual([]);
  });

  it('keeps what an editor has written meanwhile before it is finished', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    writeFileSync(path, '[true, true, true]');
    const module = await startModule(folder, { inPlaceFallback: true }, mountedFile('EBUSY', { afterBytes: 5 }));
    await module.saveConfiguration({ n: 1 });
    writeFileSync(path, '{"by":"an editor"}');

    const writer = await startModule(folder, { inPlaceFallback: true }, mountedFile('EBUSY'));
    await writer.updateConfiguration((value: { n: number }) => {
      value.n += 1;
    });

    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ n: 2 });
    const kept = walk(join(folder, 'backups')).filter((name) => name.endsWith('.corrupt'));
    expect(kept.map((name) => readFileSync(name, 'utf8'))).toContain('{"by":"an editor"}');
    expect(leftovers(folder)).toEqual([]);
  });

  it('is not finished by a holder that loses its lock just then', async () => {
    const folder = temporaryFolder({ mayKeepTraces: true });
    const path = join(folder, 'app.json');
    writeFileSync(path, '[true, true, true]');
    const module = await startModule(folder, { inPlaceFallback: true }, mountedFile('EBUSY', { afterBytes: 5 }));
    await module.saveConfiguration({ n: 1 });
    const torn = readFileSync(path, 'utf8');

    const writer = await startModule(folder, { inPlaceFallback: true }, (real) => ({
      open: async (...[opened, flags, mode]: Parameters<FileOperations['open']>) => {
        const descriptor = await real.open(opened, flags, mode);
        // The first that is read of the copy: somebody takes the lock over at this moment.
        const held = walk(join(folder, 'locks')).filter((name) => name.endsWith('.lock'));
        if (opened.endsWith('.tmp') && (flags & constants.O_RDWR) === 0) held.forEach((name) => rmSync(name));
        return descriptor;
      },
    }));
    await expect(writer.saveConfiguration({ n: 2 })).rejects.toMatchObject({ code: 'ERR_LOCK_LOST' });

    expect(readFileSync(path, 'utf8')).toBe(torn);
    expect(await writer.loadConfiguration()).toMatchObject({ data: { n: 1 }, isValid: true });
  });
});
