/**
 * Kept contents as files: their names, the order of the steps, what a crash between them leaves, the archive's folder.
 *
 * What every store must do with them is in `snapshotStoreConformance.ts`.
 */
import { createHash } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nodeFileOperations } from '../../src/storage/local/io/FileOperations.js';
import { parseSnapshotFileName, snapshotFileName } from '../../src/storage/local/snapshots/SnapshotName.js';
import type { Snapshot, SnapshotPacking, SnapshotRole } from '../../src/storage/port/Snapshot.js';
import { systemError, temporaryFolder, type Interference } from '../support/moduleFixture.js';
import { draftOf, NOW, SnapshotFixture } from './conformance/snapshotFixture.js';
import { newWork } from './conformance/storeFixture.js';
import { localSubject } from './localStores.js';

const COMPRESSED: SnapshotPacking = { isCompressed: true, isEncrypted: false };

describe('the name of a snapshot', () => {
  const roles: SnapshotRole[] = ['backup', 'version', 'quarantine'];
  const stems = [
    'app.json',
    '.hidden',
    'a b',
    'ü~0123456789abcdef',
    'app.json.20260101T000000000Z.r1.0123456789abcdef.auto.x',
  ];

  it('tells again what it was made from, for every stem, role, label and packing', () => {
    const labels = [undefined, 'a.b', 'x.backup.gz', 'enc', 'auto'];
    const packings = [0, 1, 2, 3].map((bits) => ({ isCompressed: (bits & 1) === 1, isEncrypted: (bits & 2) === 2 }));
    const all = roles.flatMap((role) =>
      labels.flatMap((label) =>
        packings.map((packing) => ({
          createdAt: NOW,
          sequence: 12,
          checksumStart: 'fedcba9876543210',
          isAutomatic: label === undefined,
          role,
          ...packing,
          ...(label === undefined ? {} : { label }),
        })),
      ),
    );
    expect(all).toHaveLength(60);
    for (const stem of stems) {
      expect(all.map((facts) => parseSnapshotFileName(stem, snapshotFileName(stem, facts)))).toEqual(all);
    }
  });

  it('is none for another stem, and for what only nearly fits', () => {
    const name = 'app.json.20261124T101530123Z.r12.fedcba9876543210.auto.backup';
    expect(parseSnapshotFileName('app.json', name)).toBeDefined();
    for (const odd of [
      `Copy of ${name}`,
      `${name}.orig`,
      `${name}.enc.gz`,
      name.replace('.auto', ''),
      name.replace('Z', ''),
      name.replace('r12', 'r99999999999999999'),
      name.replace('fedcba', 'FEDCBA'),
      name.replace('1124T', '1324T'),
    ]) {
      expect([odd, parseSnapshotFileName('app.json', odd)]).toEqual([odd, undefined]);
    }
    expect(parseSnapshotFileName('other.json', name)).toBeUndefined();
  });
});

describe('LocalSnapshots', () => {
  let folder: string;
  let io = { ...nodeFileOperations };
  const fixture = new SnapshotFixture(() => {
    folder = temporaryFolder();
    io = { ...nodeFileOperations };
    return localSubject(folder, { io });
  });

  /** From now on these calls go another way. */
  function interfere(interference: Interference): void {
    Object.assign(io, interference(nodeFileOperations));
  }

  function livePath(): string {
    return fixture.location.id;
  }

  /** Of something in the configuration's folder of snapshots. */
  function at(name: string): string {
    return join(folder, 'backups', fixture.setOf().key, name);
  }

  function names(): string[] {
    return readdirSync(at('')).sort();
  }

  function snapshotFiles(): string[] {
    return names().filter((name) => name.includes('.backup') && !name.startsWith('.'));
  }

  function manifestOf({ path }: Snapshot): string {
    return path.replace(/\.manual\.backup(?:\.gz)?(?:\.enc)?$/u, '.meta');
  }

  function repack(snapshot: Snapshot, text: string, packing = COMPRESSED): Promise<Snapshot | undefined> {
    const packed = { bytes: Buffer.from(text), packing };
    return fixture.under((guard) => fixture.snapshots.repack(snapshot, packed, guard, newWork()));
  }

  function demote(...snapshots: Snapshot[]): Promise<void> {
    return fixture.under((guard) => fixture.snapshots.changeRole(snapshots, 'version', guard, newWork()));
  }

  function sweep(): Promise<void> {
    return fixture.under((guard) => fixture.snapshots.sweep(fixture.setOf(), guard, newWork()));
  }

  function archive(snapshot: Snapshot): Promise<void> {
    return fixture.under((guard) => fixture.snapshots.archive(snapshot, guard, newWork()));
  }

  it('removes every file of a snapshot, also those that a crash has left beside it', async () => {
    const snapshot = await fixture.add('content', { label: 'named' });
    for (const ending of ['.gz', '.gz.enc']) writeFileSync(`${snapshot.path}${ending}`, 'packed');
    await fixture.under((guard) => fixture.snapshots.remove([snapshot], guard, newWork()));
    expect(names()).toEqual([]);
  });

  it('shows a name only when everything behind it is complete', async () => {
    const seen: string[][] = [];
    interfere((real) => ({
      async rename(from, to) {
        if (dirname(to) === dirname(at('x'))) seen.push(snapshotFiles());
        await real.rename(from, to);
      },
    }));
    await fixture.add('content');
    expect(seen).toEqual([[], []]);
    expect(snapshotFiles()).toHaveLength(1);
  });

  it('flushes the file and the folder of every name that it adds, changes or removes', async () => {
    const events: string[] = [];
    const opened = new Map<number, string>();
    const isInside = (path: string): boolean => path.startsWith(join(folder, 'backups', 'app.json-'));
    interfere((real) => ({
      async open(path, flags, mode) {
        const descriptor = await real.open(path, flags, mode);
        opened.delete(descriptor);
        if (isInside(path)) opened.set(descriptor, path.endsWith('.tmp') ? 'file' : 'folder');
        return descriptor;
      },
      async fsync(descriptor) {
        await real.fsync(descriptor);
        if (opened.has(descriptor)) events.push(`flush ${opened.get(descriptor)}`);
      },
      async rename(from, to) {
        await real.rename(from, to);
        if (isInside(to)) events.push('rename');
      },
      async unlink(path) {
        await real.unlink(path);
        if (isInside(path)) events.push('unlink');
      },
    }));
    const snapshot = await fixture.add('content');
    const written = ['flush file', 'rename', 'flush folder'];
    expect(events.splice(0)).toEqual([...written, ...written]);
    const packed = await repack(snapshot, 'packed');
    expect(events.splice(0)).toEqual([...written, 'unlink', 'flush folder']);
    await demote(packed!);
    expect(events.splice(0)).toEqual(['rename', 'flush folder']);
  });

  it('exchanges a packing so that one of the two files is there at any time', async () => {
    const snapshot = await fixture.add('content');
    const counts: number[] = [];
    interfere((real) => ({
      async rename(from, to) {
        await real.rename(from, to);
        if (to.includes('.backup')) counts.push(snapshotFiles().length);
      },
      async unlink(path) {
        await real.unlink(path);
        if (path.includes('.backup')) counts.push(snapshotFiles().length);
      },
    }));
    const packed = await repack(snapshot, 'packed', { isCompressed: true, isEncrypted: true });
    expect(packed).toMatchObject({ id: snapshot.id, path: `${snapshot.path}.gz.enc` });
    expect(counts).toEqual([2, 1]);
    expect(snapshotFiles()).toEqual([basename(packed!.path)]);
  });

  it('does not bring back by packing what has changed its role meanwhile', async () => {
    const snapshot = await fixture.add('content');
    await demote(snapshot);
    expect(await repack(snapshot, 'packed')).toBeUndefined();
    expect(await fixture.list()).toMatchObject([{ id: snapshot.id, role: 'version' }]);
  });

  it('leaves the old file where the new one cannot be written, and no temporary file', async () => {
    const snapshot = await fixture.add('content');
    const before = names();
    const descriptors = new Set<number>();
    interfere((real) => ({
      async open(path, flags, mode) {
        const descriptor = await real.open(path, flags, mode);
        descriptors.delete(descriptor);
        if (path.startsWith(at(''))) descriptors.add(descriptor);
        return descriptor;
      },
      write: (descriptor, ...others) =>
        descriptors.has(descriptor)
          ? Promise.reject(systemError('ENOSPC', 'write'))
          : real.write(descriptor, ...others),
    }));
    await expect(repack(snapshot, 'packed')).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(names()).toEqual(before);
  });

  it('counts the file that is packed further where a crash has left several', async () => {
    const snapshot = await fixture.add('content');
    for (const ending of ['.gz', '.enc', '.gz.enc']) writeFileSync(`${snapshot.path}${ending}`, 'packed');
    expect((await fixture.list()).map(({ path }) => path)).toEqual([`${snapshot.path}.gz.enc`]);
  });

  it.each([
    ['the plain file of several while it is whole', 'content', ''],
    ['a packed one beside a plain file that was damaged', 'damaged', '.gz'],
  ])('sweeps all but one: %s', async (_title, plain, ending) => {
    const snapshot = await fixture.add('content');
    writeFileSync(snapshot.path, plain);
    writeFileSync(`${snapshot.path}.gz`, 'packed');
    await sweep();
    expect(snapshotFiles()).toEqual([`${basename(snapshot.path)}${ending}`]);
  });

  it('sweeps temporary files, manifests of nothing and links to the live file, and nothing else', async () => {
    const snapshot = await fixture.add('content');
    writeFileSync(livePath(), 'live');
    linkSync(livePath(), at('app.json.20260101T000000000Z.r9.0123456789abcdef.auto.backup'));
    writeFileSync(at('app.json.20260101T000000000Z.r8.0123456789abcdef.meta'), '');
    writeFileSync(at('.app.json.0123456789abcdef.tmp'), '');
    const kept = ['notes.txt', 'other.json.20260101T000000000Z.r8.0123456789abcdef.meta', '.app.json.tmp'];
    for (const name of kept) writeFileSync(at(name), '');
    mkdirSync(at('app.json.20260101T000000000Z.r7.0123456789abcdef.meta'));
    symlinkSync(livePath(), at('app.json.20260101T000000000Z.r6.0123456789abcdef.meta'));
    await sweep();
    expect(names()).toEqual(
      [
        ...kept,
        basename(snapshot.path),
        basename(manifestOf(snapshot)),
        'app.json.20260101T000000000Z.r7.0123456789abcdef.meta',
        'app.json.20260101T000000000Z.r6.0123456789abcdef.meta',
      ].sort(),
    );
    expect(readFileSync(livePath(), 'utf8')).toBe('live');
  });

  it('sweeps and lists with the same few looks for a link to the live file, however many snapshots there are', async () => {
    await fixture.add('content');
    const count = 300;
    for (let number = 0; number < count; number++) {
      writeFileSync(at(`app.json.20260101T000000${100 + number}Z.r1.0123456789abcdef.auto.backup`), '');
    }
    writeFileSync(livePath(), 'live');
    const link = at('app.json.20261124T101530999Z.r9.0123456789abcdef.auto.backup');
    linkSync(livePath(), link);
    let looks = 0;
    interfere((real) => ({
      lstatNow(path) {
        looks += Number(path.endsWith('.backup'));
        return real.lstatNow(path);
      },
    }));
    const listed = await fixture.list();
    expect(listed).toHaveLength(count + 1);
    expect(listed.map(({ path }) => path)).not.toContain(link);
    // Each once for its size, and the newest once more.
    expect(looks).toBe(count + 2 + 1);
    looks = 0;
    await sweep();
    expect(names()).not.toContain(basename(link));
    expect(snapshotFiles()).toHaveLength(count + 1);
    expect(looks).toBe(2);
    looks = 0;
    await sweep();
    expect(looks).toBe(0);
  });

  it('finds a link to the live file below newer snapshots too, as after a change of the clock', async () => {
    const newer = await fixture.add('content');
    writeFileSync(livePath(), 'live');
    const name = 'app.json.20200101T000000000Z.r9.0123456789abcdef.auto.backup';
    linkSync(livePath(), at(name));
    linkSync(livePath(), join(folder, 'a link of the user'));
    expect((await fixture.list()).map(({ path }) => path)).toEqual([newer.path]);
    await sweep();
    expect(names()).not.toContain(name);
  });

  it('does not follow a link where a snapshot should be, nor open what is no file', async () => {
    const snapshot = await fixture.add('content');
    writeFileSync(join(folder, 'outside'), 'secret of somebody else');
    rmSync(snapshot.path);
    symlinkSync(join(folder, 'outside'), snapshot.path);
    expect(await fixture.list()).toEqual([]);
    await expect(fixture.textOf(snapshot)).rejects.toMatchObject({ code: 'ELOOP' });
    rmSync(snapshot.path);
    mkdirSync(snapshot.path);
    expect(await fixture.list()).toEqual([]);
    await expect(fixture.textOf(snapshot)).rejects.toMatchObject({ code: 'ERR_NOT_A_FILE' });
  });

  describe('a manifest', () => {
    it('is taken only for the snapshot that it names, and never where it is damaged', async () => {
      const [one, other] = [await fixture.add('one'), await fixture.add('other', { sequence: 2 })];
      const read = () => fixture.snapshots.manifest(one, newWork());
      const text = readFileSync(manifestOf(one), 'utf8');
      writeFileSync(manifestOf(one), readFileSync(manifestOf(other)));
      expect(await read()).toBeUndefined();
      for (const damaged of ['', 'garbage', text.slice(0, -3), text.replace('"size":1', '"size":4'), '{}\n']) {
        writeFileSync(manifestOf(one), damaged);
        expect(await read()).toBeUndefined();
      }
      rmSync(manifestOf(one));
      mkdirSync(manifestOf(one));
      expect(await read()).toBeUndefined();
      expect(await fixture.list()).toHaveLength(2);
      rmSync(manifestOf(one), { recursive: true });
      writeFileSync(manifestOf(one), text);
      expect(await read()).toMatchObject({ id: one.id });
    });

    it('of a newer release tells nothing, and is not replaced', async () => {
      const snapshot = await fixture.add('content');
      const line = readFileSync(manifestOf(snapshot), 'utf8').trimEnd();
      const [check = ''] = line.split(' ');
      const newer = line.slice(check.length + 1).replace('"manifest":1', '"manifest":2');
      const text = `${createHash('sha256').update(newer).digest('hex').slice(0, check.length)} ${newer}\n`;
      writeFileSync(manifestOf(snapshot), text);
      expect(await fixture.snapshots.manifest(snapshot, newWork())).toBeUndefined();
      expect(await fixture.snapshots.describedIds(fixture.setOf(), newWork())).toEqual(new Set([snapshot.id]));
      const described = [{ snapshot, manifest: fixture.manifestOf(draftOf('content'), { description: 'older' }) }];
      await fixture.under((guard) => fixture.snapshots.describe(fixture.setOf(), described, guard, newWork()));
      expect(readFileSync(manifestOf(snapshot), 'utf8')).toBe(text);
    });

    it('goes with the file that could not be written after it', async () => {
      interfere((real) => ({
        rename: (from, to) =>
          to.endsWith('.backup') ? Promise.reject(systemError('ENOSPC', 'rename')) : real.rename(from, to),
      }));
      await expect(fixture.add('content')).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(names()).toEqual([]);
    });
  });

  describe('the archive', () => {
    it('has files of the same names, which nobody else may read', async () => {
      const snapshot = await fixture.add('content');
      await archive(snapshot);
      const archived = join(folder, 'archive', fixture.setOf().key);
      expect(readdirSync(archived).sort()).toEqual(names());
      expect(readFileSync(join(archived, basename(snapshot.path)), 'utf8')).toBe('content');
      expect(statSync(archived).mode & 0o777).toBe(0o700);
      expect(statSync(join(archived, basename(snapshot.path))).mode & 0o777).toBe(0o600);
    });

    it('is refused with ERR_INVALID_OPTION where it leads back to the backups', async () => {
      const snapshot = await fixture.add('content');
      symlinkSync(join(folder, 'backups'), join(folder, 'archive'));
      await expect(archive(snapshot)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
      expect(await fixture.textOf(snapshot)).toBe('content');
    });

    it('does not need the manifest of what is archived', async () => {
      const snapshot = await fixture.add('content');
      renameSync(manifestOf(snapshot), join(folder, 'elsewhere'));
      await archive(snapshot);
      expect(readdirSync(join(folder, 'archive', fixture.setOf().key))).toEqual([basename(snapshot.path)]);
    });
  });

  it('takes as keys only folders of their form', async () => {
    const { key } = fixture.setOf();
    const backups = join(folder, 'backups');
    mkdirSync(join(backups, key), { recursive: true });
    mkdirSync(join(backups, 'photos'));
    writeFileSync(join(backups, 'file-0123456789abcdef'), '');
    symlinkSync(folder, join(backups, 'link-0123456789abcdef'));
    expect(await fixture.snapshots.keys(newWork())).toEqual([key]);
  });
});
