/** The port to kept contents, where something shows only there: atomic steps, crashes between them, other roles. */
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nodeFileOperations, type FileOperations } from '../../src/storage/local/io/FileOperations.js';
import type { Location, Work } from '../../src/storage/port/ConfigStore.js';
import { ConfigurationRecords } from '../../src/storage/local/journal/ConfigurationRecords.js';
import { LocalSnapshots } from '../../src/storage/local/snapshots/LocalSnapshots.js';
import { parseSnapshotFileName, snapshotFileName } from '../../src/storage/local/snapshots/SnapshotName.js';
import type {
  Snapshot,
  SnapshotDraft,
  SnapshotManifest,
  SnapshotPlace,
  SnapshotRole,
} from '../../src/storage/port/SnapshotStore.js';
import { checksumOf } from '../../src/storage/local/io/durableFile.js';
import { systemError, temporaryFolder } from '../support/moduleFixture.js';

const NOW = Date.parse('2026-11-24T10:15:30.123Z');

let folder: string;
let location: Location;

beforeEach(() => {
  folder = temporaryFolder();
  const path = join(folder, 'app.json');
  location = { given: path, absolute: path, real: path };
});

function newWork(): Work {
  return {
    diskIO: { bytesRead: 0, bytesWritten: 0, readOperations: 0, writeOperations: 0, fsyncOperations: 0 },
    checkpoint: () => undefined,
  };
}

function newSnapshots(interference: (real: FileOperations) => Partial<FileOperations> = () => ({})) {
  const io = { ...nodeFileOperations, ...interference(nodeFileOperations) };
  const snapshots = new LocalSnapshots(io, {
    folder: join(folder, 'backups'),
    archiveFolder: join(folder, 'archive'),
    maxBytes: 10_000,
    fileMode: 0o600,
    folderMode: 0o700,
    records: new ConfigurationRecords({
      metadataDirectory: join(folder, 'metadata'),
      fileMode: 0o600,
      folderMode: 0o700,
    }),
  });
  return { snapshots, place: snapshots.placeOf(location), work: newWork() };
}

function draftOf(content: string, facts: Partial<SnapshotDraft> = {}): SnapshotDraft {
  const checksum = checksumOf(Buffer.from(content));
  const packing = { isCompressed: false, isEncrypted: false };
  return { createdAt: NOW, revision: 1, checksum, isAutomatic: false, role: 'backup', ...packing, ...facts };
}

async function add(
  { snapshots, place, work }: { snapshots: LocalSnapshots; place: SnapshotPlace; work: Work },
  content: string,
  facts: Partial<SnapshotDraft> = {},
): Promise<Snapshot> {
  const draft = draftOf(content, facts);
  const manifest: SnapshotManifest = {
    id: snapshots.draftId(place, draft),
    checksum: draft.checksum,
    size: content.length,
    isReadable: true,
    verifiedAt: NOW,
  };
  return snapshots.add(place, draft, Buffer.from(content), manifest, work);
}

function namesIn(place: SnapshotPlace): string[] {
  return readdirSync(join(folder, 'backups', place.key)).sort();
}

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
          revision: 12,
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
  it('lists by time, newest first, and by number where the time is the same', async () => {
    const scope = newSnapshots();
    const old = await add(scope, 'old', { createdAt: NOW - 1 });
    const second = await add(scope, 'second', { revision: 2 });
    const third = await add(scope, 'third', { revision: 3 });
    const listed = await scope.snapshots.list(scope.place, scope.work);
    expect(listed.map(({ id }) => id)).toEqual([third.id, second.id, old.id]);
  });

  it('reads back what was added, tells its manifest, and forgets both with it', async () => {
    const scope = newSnapshots();
    const { snapshots, place, work } = scope;
    const snapshot = await add(scope, 'content', { label: 'named' });
    expect(Buffer.from(await snapshots.read(snapshot, work)).toString()).toBe('content');
    expect(await snapshots.manifest(snapshot, work)).toMatchObject({ id: snapshot.id, size: 7 });
    expect(await snapshots.pathOf(place.key, work)).toBe(location.real);
    await snapshots.remove([snapshot], work);
    expect(namesIn(place)).toEqual([]);
    await expect(snapshots.read(snapshot, work)).rejects.toMatchObject({ code: 'ERR_BACKUP_NOT_FOUND' });
    expect(await snapshots.manifest(snapshot, work)).toBeUndefined();
    await expect(snapshots.remove([snapshot], work)).resolves.toBeUndefined();
  });

  it('shows a name only when everything behind it is complete', async () => {
    const seen: string[][] = [];
    const scope = newSnapshots((real) => ({
      async rename(from, to) {
        seen.push(readdirSync(dirname(to)).filter((name) => name.includes('.backup') && !name.startsWith('.')));
        await real.rename(from, to);
      },
    }));
    await add(scope, 'content');
    expect(seen.flat()).toEqual([]);
    expect(namesIn(scope.place).filter((name) => name.endsWith('.backup'))).toHaveLength(1);
  });

  it('flushes the file and the folder of every name that it adds, changes or removes', async () => {
    const events: string[] = [];
    const opened = new Map<number, string>();
    const scope = newSnapshots((real) => ({
      async open(path, flags, mode) {
        const descriptor = await real.open(path, flags, mode);
        opened.set(descriptor, path.endsWith('.tmp') ? 'file' : basename(path).startsWith('app.json-') ? 'folder' : '');
        return descriptor;
      },
      async fsync(descriptor) {
        await real.fsync(descriptor);
        events.push(`flush ${opened.get(descriptor)}`);
      },
      async rename(from, to) {
        await real.rename(from, to);
        events.push('rename');
      },
      async unlink(path) {
        await real.unlink(path);
        events.push('unlink');
      },
    }));
    const snapshot = await add(scope, 'content');
    const added = events.splice(0).filter((event) => event !== 'flush ');
    expect(added).toEqual(['flush file', 'rename', 'flush folder', 'flush file', 'rename', 'flush folder']);
    const packing = { isCompressed: true, isEncrypted: false };
    const packed = await scope.snapshots.repack(snapshot, Buffer.from('packed'), packing, scope.work);
    expect(events.splice(0)).toEqual(['flush file', 'rename', 'flush folder', 'unlink', 'flush folder']);
    await scope.snapshots.changeRole([packed!], 'version', scope.work);
    expect(events.splice(0)).toEqual(['rename', 'flush folder']);
  });

  it('exchanges a packing so that one of the two files is there at any time', async () => {
    const counts: number[] = [];
    const look = (): void => {
      counts.push(namesIn(scope.place).filter((name) => name.includes('.backup') && !name.startsWith('.')).length);
    };
    const scope = newSnapshots((real) => ({
      async rename(from, to) {
        await real.rename(from, to);
        look();
      },
      async unlink(path) {
        await real.unlink(path);
        look();
      },
    }));
    const snapshot = await add(scope, 'content');
    counts.length = 0;
    const packing = { isCompressed: true, isEncrypted: true };
    const packed = await scope.snapshots.repack(snapshot, Buffer.from('packed'), packing, scope.work);
    expect(packed).toMatchObject({ id: snapshot.id, isCompressed: true, isEncrypted: true, storedBytes: 6 });
    expect(counts).toEqual([2, 1]);
    expect((await scope.snapshots.list(scope.place, scope.work)).map(({ path }) => path)).toEqual([packed!.path]);
  });

  it('does not bring back by packing what was removed or has changed its role meanwhile', async () => {
    const scope = newSnapshots();
    const { snapshots, place, work } = scope;
    const [removed, demoted] = [await add(scope, 'one'), await add(scope, 'two', { revision: 2 })];
    await snapshots.remove([removed], work);
    await snapshots.changeRole([demoted], 'version', work);
    const packing = { isCompressed: true, isEncrypted: false };
    expect(await snapshots.repack(removed, Buffer.from('x'), packing, work)).toBeUndefined();
    expect(await snapshots.repack(demoted, Buffer.from('x'), packing, work)).toBeUndefined();
    expect((await snapshots.list(place, work)).map(({ role }) => role)).toEqual(['version']);
  });

  it('leaves the old file where the new one cannot be written, and no temporary file', async () => {
    let isFull = false;
    const scope = newSnapshots((real) => ({
      write: (descriptor, ...others) =>
        isFull ? Promise.reject(systemError('ENOSPC', 'write')) : real.write(descriptor, ...others),
    }));
    const snapshot = await add(scope, 'content');
    const before = namesIn(scope.place);
    isFull = true;
    const packing = { isCompressed: true, isEncrypted: false };
    await expect(scope.snapshots.repack(snapshot, Buffer.from('packed'), packing, scope.work)).rejects.toMatchObject({
      code: 'ENOSPC',
    });
    expect(namesIn(scope.place)).toEqual(before);
  });

  it('counts the file that is packed further where a crash has left several', async () => {
    const scope = newSnapshots();
    const { snapshots, place, work } = scope;
    const snapshot = await add(scope, 'content');
    for (const ending of ['.gz', '.enc', '.gz.enc']) writeFileSync(`${snapshot.path}${ending}`, 'packed');
    expect((await snapshots.list(place, work)).map(({ path }) => path)).toEqual([`${snapshot.path}.gz.enc`]);
  });

  it.each([
    ['the plain file of several while it is whole', 'content', ''],
    ['a packed one beside a plain file that was damaged', 'damaged', '.gz'],
  ])('sweeps all but one: %s', async (_title, plain, ending) => {
    const scope = newSnapshots();
    const { snapshots, place, work } = scope;
    const snapshot = await add(scope, 'content');
    writeFileSync(snapshot.path, plain);
    writeFileSync(`${snapshot.path}.gz`, 'packed');
    await snapshots.sweep(place, work);
    expect(namesIn(place).filter((name) => name.includes('.backup'))).toEqual([`${basename(snapshot.path)}${ending}`]);
  });

  it('sweeps temporary files, manifests of nothing and links to the live file, and nothing else', async () => {
    const scope = newSnapshots();
    const { snapshots, place, work } = scope;
    const snapshot = await add(scope, 'content');
    const at = (name: string): string => join(folder, 'backups', place.key, name);
    writeFileSync(location.real, 'live');
    linkSync(location.real, at('app.json.20260101T000000000Z.r9.0123456789abcdef.auto.backup'));
    writeFileSync(at('app.json.20260101T000000000Z.r8.0123456789abcdef.meta'), '');
    writeFileSync(at('.app.json.0123456789abcdef.tmp'), '');
    const kept = ['notes.txt', 'other.json.20260101T000000000Z.r8.0123456789abcdef.meta', '.app.json.tmp'];
    for (const name of kept) writeFileSync(at(name), '');
    mkdirSync(at('app.json.20260101T000000000Z.r7.0123456789abcdef.meta'));
    symlinkSync(location.real, at('app.json.20260101T000000000Z.r6.0123456789abcdef.meta'));
    await snapshots.sweep(place, work);
    expect(namesIn(place)).toEqual(
      [
        ...kept,
        basename(snapshot.path),
        basename(snapshot.path).replace('.manual.backup', '.meta'),
        'app.json.20260101T000000000Z.r7.0123456789abcdef.meta',
        'app.json.20260101T000000000Z.r6.0123456789abcdef.meta',
      ].sort(),
    );
    expect(readFileSync(location.real, 'utf8')).toBe('live');
  });

  it('sweeps and lists with the same few looks for a link to the live file, however many snapshots there are', async () => {
    let looks = 0;
    const scope = newSnapshots((real) => ({
      lstatNow(path) {
        looks += Number(path.endsWith('.backup'));
        return real.lstatNow(path);
      },
    }));
    const { snapshots, place, work } = scope;
    await add(scope, 'content');
    const at = (name: string): string => join(folder, 'backups', place.key, name);
    const count = 300;
    for (let number = 0; number < count; number++) {
      writeFileSync(at(`app.json.20260101T000000${100 + number}Z.r1.0123456789abcdef.auto.backup`), '');
    }
    writeFileSync(location.real, 'live');
    const link = at('app.json.20261124T101530999Z.r9.0123456789abcdef.auto.backup');
    linkSync(location.real, link);
    looks = 0;
    const listed = await snapshots.list(place, work);
    expect(listed).toHaveLength(count + 1);
    expect(listed.map(({ path }) => path)).not.toContain(link);
    // Each once for its size, and the newest once more.
    expect(looks).toBe(count + 2 + 1);
    looks = 0;
    await snapshots.sweep(place, work);
    expect(namesIn(place)).not.toContain(basename(link));
    expect(namesIn(place).filter((name) => name.endsWith('.backup'))).toHaveLength(count + 1);
    expect(looks).toBe(2);
    looks = 0;
    await snapshots.sweep(place, work);
    expect(looks).toBe(0);
  });

  it('finds a link to the live file below newer snapshots too, as after a change of the clock', async () => {
    const scope = newSnapshots();
    const { snapshots, place, work } = scope;
    const newer = await add(scope, 'content');
    writeFileSync(location.real, 'live');
    const name = 'app.json.20200101T000000000Z.r9.0123456789abcdef.auto.backup';
    linkSync(location.real, join(folder, 'backups', place.key, name));
    linkSync(location.real, join(folder, 'a link of the user'));
    expect((await snapshots.list(place, work)).map(({ path }) => path)).toEqual([newer.path]);
    await snapshots.sweep(place, work);
    expect(namesIn(place)).not.toContain(name);
  });

  it('does not follow a link where a snapshot should be, nor open what is no file', async () => {
    const scope = newSnapshots();
    const { snapshots, place, work } = scope;
    const snapshot = await add(scope, 'content');
    writeFileSync(join(folder, 'outside'), 'secret of somebody else');
    rmSync(snapshot.path);
    symlinkSync(join(folder, 'outside'), snapshot.path);
    expect(await snapshots.list(place, work)).toEqual([]);
    await expect(snapshots.read(snapshot, work)).rejects.toMatchObject({ code: expect.any(String) });
    rmSync(snapshot.path);
    mkdirSync(snapshot.path);
    expect(await snapshots.list(place, work)).toEqual([]);
    await expect(snapshots.read(snapshot, work)).rejects.toMatchObject({ code: 'ERR_NOT_A_FILE' });
  });

  it('takes a manifest only for the snapshot that it names, and of a release that it knows', async () => {
    const scope = newSnapshots();
    const { snapshots, place, work } = scope;
    const [one, other] = [await add(scope, 'one'), await add(scope, 'other', { revision: 2 })];
    const manifestOf = ({ path }: Snapshot): string => path.replace('.manual.backup', '.meta');
    const text = readFileSync(manifestOf(one), 'utf8');
    writeFileSync(manifestOf(one), readFileSync(manifestOf(other)));
    expect(await snapshots.manifest(one, work)).toBeUndefined();
    for (const damaged of ['', 'garbage', text.slice(0, -3), text.replace('"size":3', '"size":4'), '{}\n']) {
      writeFileSync(manifestOf(one), damaged);
      expect(await snapshots.manifest(one, work)).toBeUndefined();
    }
    rmSync(manifestOf(one));
    mkdirSync(manifestOf(one));
    expect(await snapshots.manifest(one, work)).toBeUndefined();
    expect(await snapshots.list(place, work)).toHaveLength(2);
  });

  it('copies a snapshot with its manifest to the archive', async () => {
    const scope = newSnapshots();
    const snapshot = await add(scope, 'content');
    await scope.snapshots.archive(snapshot, scope.work);
    const archived = join(folder, 'archive', scope.place.key);
    expect(readdirSync(archived).sort()).toEqual(namesIn(scope.place));
    expect(readFileSync(join(archived, basename(snapshot.path)), 'utf8')).toBe('content');
    expect(statSync(archived).mode & 0o777).toBe(0o700);
    expect(statSync(join(archived, basename(snapshot.path))).mode & 0o777).toBe(0o600);
  });

  it('takes as keys only folders of their form', async () => {
    const { snapshots, work, place } = newSnapshots();
    expect(await snapshots.keys(work)).toEqual([]);
    const backups = join(folder, 'backups');
    mkdirSync(join(backups, place.key), { recursive: true });
    mkdirSync(join(backups, 'photos'));
    writeFileSync(join(backups, 'file-0123456789abcdef'), '');
    symlinkSync(folder, join(backups, 'link-0123456789abcdef'));
    expect(await snapshots.keys(work)).toEqual([place.key]);
  });
});
