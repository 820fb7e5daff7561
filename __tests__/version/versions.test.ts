/** The history, comparison and rollback of versions, through the module on a real file system. */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { VersionInfo } from '../../interfaces/versions.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { moduleScript, startProcess } from '../support/otherProcess.js';
import {
  journalFile,
  listing,
  startModule,
  systemError,
  temporaryFolder,
  until,
  walk,
} from '../support/moduleFixture.js';

const { MAX_CHANGES, MAX_DIFFERENCES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;
const { COMPACT_ABOVE_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.JOURNAL;
const EXTENSIONS = ['json', 'yaml', 'toml', 'ini', 'xml', 'properties'] as const;

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

/** Saves the values one after the other. */
async function saveAll(module: ConfigPersistenceModule, values: readonly unknown[]): Promise<void> {
  for (const value of values) await module.saveConfiguration(value);
}

/** A module, and the bytes of the versions that it has saved, oldest first. */
async function startWithVersions(values: readonly unknown[], options: object = {}) {
  const module = await startModule(folder, options);
  const contents: Buffer[] = [];
  for (const value of values) {
    await module.saveConfiguration(value);
    // Stores in memory have no file to compare with.
    if (existsSync(path)) contents.push(readFileSync(path));
  }
  return { module, contents, history: await module.getVersionHistory() };
}

/** Everything but the locks, whose numbers go up with every use. */
function stateOf(): string[] {
  return listing(folder).filter((line) => !line.startsWith('locks/'));
}

/** Files that hold kept contents, manifests left out. */
function keptFiles(ending = ''): string[] {
  return walk(join(folder, 'backups')).filter(
    (file) => /\.(?:backup|version|corrupt)(?:\.gz)?(?:\.enc)?$/u.test(file) && file.includes(ending),
  );
}

function checksumOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Checksums of all kept contents, sorted. */
function keptChecksums(): string[] {
  return keptFiles()
    .map((file) => checksumOf(file.endsWith('.gz') ? gunzipSync(readFileSync(file)) : readFileSync(file)))
    .sort();
}

function numberOf({ id }: VersionInfo): number {
  return Number(/\.r(\d+)(?:\.|$)/u.exec(id)?.[1]);
}

describe('the version history', () => {
  it('is empty for a file that does not exist, and for one that the module never saved', async () => {
    const module = await startModule(folder);
    expect(await module.getVersionHistory()).toEqual([]);
    writeFileSync(path, '{"a":1}');
    expect(await module.getVersionHistory()).toEqual([]);
    expect(existsSync(join(folder, 'metadata'))).toBe(false);
  });

  it('tells author, description, tags, parent and content of each version, newest first', async () => {
    const before = Date.now();
    const module = await startModule(folder, { user: 'ops' });
    await module.saveConfiguration({ a: 1 }, undefined, { user: 'ann', description: 'first', tags: ['x', 'y'] });
    const first = readFileSync(path);
    await module.saveConfiguration({ a: 2 });
    const second = readFileSync(path);
    const [newer, older, ...others] = await module.getVersionHistory();
    expect(others).toEqual([]);
    expect(older).toEqual({
      id: expect.stringMatching(/^app\.json-[0-9a-f]{16}\.r1(?:\.|$)/u) as string,
      timestamp: expect.any(Number) as number,
      checksum: checksumOf(first),
      filePath: path,
      fileSize: first.length,
      createdBy: 'ann',
      description: 'first',
      tags: ['x', 'y'],
      isSnapshot: true,
      changes: [expect.objectContaining({ type: 'added', path: '(root)' })],
    });
    expect(newer).toEqual({
      id: expect.stringMatching(/\.r2(?:\.|$)/u) as string,
      timestamp: expect.any(Number) as number,
      checksum: checksumOf(second),
      filePath: path,
      fileSize: second.length,
      createdBy: 'ops',
      isSnapshot: true,
      parentVersion: older?.id,
      changes: [expect.objectContaining({ type: 'modified', path: 'a', oldValue: 1, newValue: 2 })],
    });
    expect(older!.timestamp).toBeGreaterThanOrEqual(before);
    expect(newer!.timestamp).toBeGreaterThanOrEqual(older!.timestamp);
  });

  it('tells additions, modifications, deletions and renames apart', async () => {
    const module = await startModule(folder);
    await saveAll(module, [
      { port: 1, old: 'x', server: { address: 'a rather long address' } },
      { port: 2, fresh: true, server: { hostAddress: 'a rather long address' } },
    ]);
    const [newest] = await module.getVersionHistory();
    const changes = newest?.changes?.map(({ type, path: place }) => `${type} ${place}`).sort();
    expect(changes).toEqual(['added fresh', 'deleted old', 'modified port', 'renamed server.hostAddress']);
  });

  it('counts a save of the same value in other words as a version without changes, and one of the same words not at all', async () => {
    const module = await startModule(folder);
    await saveAll(module, [{ a: 1 }, { a: 1 }]);
    expect(await module.getVersionHistory()).toHaveLength(1);
    writeFileSync(path, '{ "a": 2 }');
    await saveAll(module, [{ a: 3 }]);
    await module.saveConfiguration({ a: 3 }, path, { preserveFormatting: 'off' });
    const history = await module.getVersionHistory();
    expect(history.map(({ changes }) => changes?.length)).toEqual([0, undefined, undefined]);
  });

  it('hands out copies: changing them changes no later answer', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ list: [1] }, undefined, { tags: ['x'] });
    await module.saveConfiguration({ list: [2] });
    const [newest, oldest] = await module.getVersionHistory();
    oldest?.tags?.push('y');
    newest?.changes?.pop();
    const again = await module.getVersionHistory();
    expect(again[1]?.tags).toEqual(['x']);
    expect(again[0]?.changes).toHaveLength(1);
  });

  it('does not count metadata as a version', async () => {
    const module = await startModule(folder, { maxVersionHistory: 2 });
    await module.saveConfiguration({ a: 1 });
    for (let turn = 0; turn < 5; turn++) {
      await module.setConfigurationMetadata({ description: `about ${turn}`, tags: ['m'] });
    }
    await module.saveConfiguration({ a: 2 });
    for (let turn = 0; turn < 5; turn++) await module.setConfigurationMetadata({ description: `again ${turn}` });
    const history = await module.getVersionHistory();
    expect(history.map(({ fileSize, description }) => [fileSize > 0, description])).toEqual([
      [true, undefined],
      [true, undefined],
    ]);
    expect(history[0]?.parentVersion).toBe(history[1]?.id);
    await module.rollbackToVersion(history[1]!.id);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('ends at maxVersionHistory, and every version in it can be gone back to although few backups stay', async () => {
    const values = Array.from({ length: 15 }, (_, turn) => ({ turn, text: 'x'.repeat(turn) }));
    const { module, contents } = await startWithVersions(values, { maxVersionHistory: 10, retentionCount: 3 });
    await module.destroy();
    const later = await startModule(folder, { maxVersionHistory: 30, retentionCount: 3 });
    expect(await later.listBackups(path)).toHaveLength(3);
    const history = (await later.getVersionHistory()).slice(0, 10);
    expect(history.map(numberOf)).toEqual([15, 14, 13, 12, 11, 10, 9, 8, 7, 6]);
    expect(history.every(({ isSnapshot }) => isSnapshot)).toBe(true);
    for (const version of history.toReversed()) {
      await later.rollbackToVersion(version.id);
      expect(readFileSync(path)).toEqual(contents[numberOf(version) - 1]);
    }
  });

  it('keeps every version through saves, rollbacks and maintenance by turns', async () => {
    for (let round = 0; round < 4; round++) {
      const module = await startModule(folder, { maxVersionHistory: 6, retentionCount: 1 });
      await saveAll(module, [{ round, a: 1 }, { round, a: 2 }, { same: true }]);
      const [, parent] = await module.getVersionHistory();
      await module.rollbackToVersion(parent!.id);
      for (const { isSnapshot } of await module.getVersionHistory()) expect(isSnapshot).toBe(true);
      await module.destroy();
    }
    const module = await startModule(folder, { maxVersionHistory: 12, retentionCount: 1 });
    for (const { id, checksum } of (await module.getVersionHistory()).slice(0, 6)) {
      await module.rollbackToVersion(id);
      expect(checksumOf(readFileSync(path))).toBe(checksum);
    }
  });

  it('is bounded: no content of a version that left it stays as a version', async () => {
    const values = Array.from({ length: 12 }, (_, turn) => ({ turn }));
    const { module } = await startWithVersions(values, { maxVersionHistory: 4, retentionCount: 1 });
    await module.destroy();
    expect(keptFiles('.backup')).toHaveLength(1);
    const later = await startModule(folder, { maxVersionHistory: 4 });
    const history = await later.getVersionHistory();
    expect(keptChecksums()).toEqual(history.map(({ checksum }) => checksum).sort());
  });

  it.each([{ enableBackup: false }, { enableBackup: false, maxVersionHistory: 1 }])(
    'keeps no content but the present with %j, and tells of the versions all the same',
    async (options) => {
      const { module } = await startWithVersions([{ a: 1 }, { a: 2 }, { a: 3 }], options);
      await module.destroy();
      const later = await startModule(folder, options);
      expect(keptFiles()).toEqual([]);
      expect(await later.listBackups(path)).toEqual([]);
      const [newest, ...others] = await later.getVersionHistory();
      expect(newest).toMatchObject({ isSnapshot: true });
      expect(others.every(({ isSnapshot }) => !isSnapshot)).toBe(true);
      expect(others).toHaveLength(options.maxVersionHistory === 1 ? 0 : 2);
    },
  );

  it('keeps backups and no versions with a history of 0, also of contents that were kept before', async () => {
    const options = { maxVersionHistory: 0, retentionCount: 1 };
    const { module } = await startWithVersions([{ a: 1 }, { a: 2 }, { a: 3 }], { retentionCount: 1 });
    await module.destroy();
    expect(keptFiles('.version')).not.toEqual([]);
    const later = await startModule(folder, options);
    await later.saveConfiguration({ a: 4 });
    await later.destroy();
    expect(keptFiles('.version')).toEqual([]);
    expect(keptFiles('.backup')).toHaveLength(1);
    const last = await startModule(folder, options);
    expect(await last.getVersionHistory()).toHaveLength(1);
    expect((await last.loadConfiguration()).data).toEqual({ a: 4 });
  });

  it('goes on behind a delete: the next version has no parent, and the older ones can be gone back to', async () => {
    const { module, contents } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    await module.deleteConfiguration(path);
    const gone = await module.getVersionHistory();
    expect(gone.map(({ isSnapshot }) => isSnapshot)).toEqual([true, true]);
    await module.saveConfiguration({ a: 3 });
    const history = await module.getVersionHistory();
    expect(history.map(numberOf)).toEqual([4, 2, 1]);
    expect(history[0]).not.toHaveProperty('parentVersion');
    expect(history[0]?.changes).toMatchObject([{ type: 'added', path: '(root)' }]);
    expect(history[1]?.parentVersion).toBe(history[2]?.id);
    await module.rollbackToVersion(history[1]!.id);
    expect(readFileSync(path)).toEqual(contents[1]);
  });

  it('keeps the last content of a deleted file for the history, whichever backups the policy removes', async () => {
    const retentionPolicy = { retentionStrategy: 'lifo', maxCount: 1 } as const;
    const { module } = await startWithVersions([{ a: 1 }, { a: 2 }, { a: 3 }], { retentionPolicy });
    await module.deleteConfiguration(path);
    await module.cleanupOldBackups();
    const [newest] = await module.getVersionHistory();
    await expect(module.rollbackToVersion(newest!.id)).resolves.toMatchObject({ success: true });
  });

  it('keeps the last saved content for the history while the file is edited outside', async () => {
    const module = await startModule(folder, { retentionCount: 1 });
    await module.saveConfiguration({ a: 1 });
    await module.createBackup();
    writeFileSync(path, '{"a":9}');
    await module.createBackup();
    const [version] = await module.getVersionHistory();
    expect(version?.isSnapshot).toBe(true);
    await module.cleanupOldBackups();
    await expect(module.rollbackToVersion(version!.id)).resolves.toMatchObject({ success: true });
  });

  it('can go back to the last saved version after an outside edit', async () => {
    const { module, history, contents } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    await module.destroy();
    writeFileSync(path, '{"a":9}');
    const later = await startModule(folder);
    await later.rollbackToVersion(history[0]!.id);
    expect(readFileSync(path)).toEqual(contents[1]);
  });

  it('keeps the contents of versions whose backups a rule archives', async () => {
    const rule = { condition: 'automatic', priority: 1, action: 'archive', description: 'all' } as const;
    const retentionPolicy = { retentionStrategy: 'priority-based' as const, priorityRules: [rule] };
    const { module } = await startWithVersions([{ a: 1 }, { a: 2 }, { a: 3 }], { retentionPolicy });
    await module.cleanupOldBackups();
    const history = await module.getVersionHistory();
    expect(history.map(({ isSnapshot }) => isSnapshot)).toEqual([true, true, true]);
  });

  it('says of a version whose content is gone that it is no snapshot', async () => {
    const { module } = await startWithVersions([{ a: 1 }, { a: 2 }, { a: 3 }]);
    for (const file of keptFiles('.r1.')) rmSync(file);
    const history = await module.getVersionHistory();
    expect(history.map(({ isSnapshot }) => isSnapshot)).toEqual([true, true, false]);
    expect(history[1]).not.toHaveProperty('changes');
    expect(history[2]).not.toHaveProperty('changes');
    await expect(module.rollbackToVersion(history[2]!.id)).rejects.toMatchObject({ code: 'ERR_VERSION_NOT_FOUND' });
  });

  it('says of a version whose content is damaged that it is no snapshot', async () => {
    const { module } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    writeFileSync(keptFiles('.r1.')[0]!, '');
    const history = await module.getVersionHistory();
    expect(history.map(({ isSnapshot }) => isSnapshot)).toEqual([true, false]);
  });

  it('leaves out what the disk cannot read, and shows the rest', async () => {
    let unreadable = '';
    const module = await startModule(folder, {}, (real) => ({
      open: (file, flags, mode) =>
        file === unreadable ? Promise.reject(systemError('EIO')) : real.open(file, flags, mode),
    }));
    await saveAll(module, [{ a: 1 }, { a: 2 }, { a: 3 }]);
    unreadable = keptFiles('.r2.')[0]!;
    expect((await module.getVersionHistory()).map(numberOf)).toEqual([3, 2, 1]);
  });

  it('starts anew behind a file that another program had made, and keeps what stood there', async () => {
    const module = await startModule(folder);
    writeFileSync(path, '{"by":"hand"}');
    await module.saveConfiguration({ by: 'module' });
    const [version, ...others] = await module.getVersionHistory();
    expect(others).toEqual([]);
    expect(version).not.toHaveProperty('parentVersion');
    expect(version).not.toHaveProperty('changes');
    expect(keptFiles('.r0.').map((file) => readFileSync(file, 'utf8'))).toEqual(['{"by":"hand"}']);
  });

  it('does not call a version the first one that has a parent', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const [first] = await module.getVersionHistory();
    rmSync(path);
    await module.saveConfiguration({ a: 2 });
    const [newest] = await module.getVersionHistory();
    expect(newest?.parentVersion).toBe(first!.id);
    expect(newest?.changes ?? []).not.toContainEqual(expect.objectContaining({ type: 'added', path: '(root)' }));
  });

  it('survives the compaction of the journal, with its contents', async () => {
    const text = 'd'.repeat(4096);
    const module = await startModule(folder, { retentionCount: 2 });
    const rounds = Math.ceil(COMPACT_ABOVE_BYTES / text.length) + 2;
    for (let turn = 0; turn < rounds; turn++) {
      await module.saveConfiguration({ turn }, undefined, { description: `${turn} ${text}`, user: `user-${turn}` });
    }
    expect(Number(/journal\.(\d+)\./u.exec(journalFile(folder))?.[1])).toBeGreaterThan(1);
    await module.destroy();
    const later = await startModule(folder);
    const history = await later.getVersionHistory();
    expect(history).toHaveLength(10);
    expect(history.map(({ createdBy }) => createdBy)).toEqual(
      Array.from({ length: 10 }, (_, index) => `user-${rounds - 1 - index}`),
    );
    for (const [index, version] of history.slice(0, -1).entries()) {
      expect(version.parentVersion).toBe(history[index + 1]?.id);
      expect(version.changes).toMatchObject([{ type: 'modified', path: 'turn' }]);
    }
    await later.rollbackToVersion(history[9]!.id);
    expect((await later.loadConfiguration()).data).toEqual({ turn: rounds - 10 });
  });

  it('reports success once the old content is back, whatever the system refuses after that', async () => {
    let isArmed = false;
    let isBroken = false;
    const module = await startModule(folder, {}, (real) => ({
      async rename(from, to) {
        await real.rename(from, to);
        isBroken ||= isArmed && to === path;
      },
      realpathNow(looked) {
        if (isBroken) throw systemError('EIO', 'realpath');
        return real.realpathNow(looked);
      },
    }));
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    const [newest, oldest] = await module.getVersionHistory();
    isArmed = true;
    const result = await module.rollbackToVersion(oldest!.id);
    isBroken = false;
    isArmed = false;
    expect(result).toMatchObject({ success: true, fromVersion: newest!.id, toVersion: oldest!.id });
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('is the same for every instance, and shows what other processes have saved', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const other = startProcess(`${moduleScript(folder, { user: 'other' })}
      await module.saveConfiguration({ a: 2 }, undefined, { description: 'from outside' });
      const [, first] = await module.getVersionHistory();
      await module.rollbackToVersion(first.id, { description: 'back' });
      console.log(JSON.stringify((await module.getVersionHistory()).map(({ id }) => id)));
      await module.destroy();
    `);
    const ids = JSON.parse(await other.nextLine()) as string[];
    await other.ended();
    const history = await module.getVersionHistory();
    expect(history.map(({ id }) => id)).toEqual(ids);
    expect(history.map(({ createdBy, description }) => [createdBy, description])).toEqual([
      ['other', 'back'],
      ['other', 'from outside'],
      [undefined, undefined],
    ]);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
    await module.rollbackToVersion(ids[1]!);
    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
  });
});

describe('an id', () => {
  const notIds: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['an object', { id: 1 }],
    ['a list', ['app.json-0123456789abcdef.r1']],
    ['an empty text', ''],
    ['a bare revision', 'r1'],
    ['a path', '../../etc/passwd'],
    ['a path with the form of an id', '../app.json-0123456789abcdef.r1'],
    ['a path with backslashes', '..\\app.json-0123456789abcdef.r1'],
    ['dots as the name', '..-0123456789abcdef.r1'],
    ['a line feed', 'app.json-0123456789abcdef.r1\n'],
    ['an unknown configuration', 'app.json-0123456789abcdef.r1'],
    ['a lone surrogate', '\ud800-0123456789abcdef.r1'],
  ];

  it.each(notIds)('that is %s names no version, and nothing changes', async (_name, id) => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    const before = stateOf();
    const refused = { code: 'ERR_VERSION_NOT_FOUND' };
    await expect(module.rollbackToVersion(id as string)).rejects.toMatchObject(refused);
    await expect(module.compareVersions(id as string, history[0]!.id)).rejects.toMatchObject(refused);
    await expect(module.compareVersions(history[0]!.id, id as string)).rejects.toMatchObject(refused);
    expect(stateOf()).toEqual(before);
  });

  it.each([
    ['a NUL byte', 'a\0b-0123456789abcdef.r1'],
    ['five thousand characters', `${'a'.repeat(5000)}-0123456789abcdef.r1`],
  ])('with %s names no version', async (_name, id) => {
    const { module } = await startWithVersions([{ a: 1 }]);
    await expect(module.rollbackToVersion(id)).rejects.toMatchObject({ code: 'ERR_VERSION_NOT_FOUND' });
  });

  it('of a revision that is a change of metadata, a delete or none yet names no version', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await module.setConfigurationMetadata({ description: 'x' });
    await module.deleteConfiguration(path);
    const [first] = await module.getVersionHistory();
    for (const revision of ['r0', 'r2', 'r3', 'r4', 'r9999999999999999']) {
      const id = first!.id.replace(/r1(?=\.|$)/u, revision);
      await expect(module.rollbackToVersion(id)).rejects.toMatchObject({ code: 'ERR_VERSION_NOT_FOUND' });
    }
    expect(existsSync(path)).toBe(false);
  });

  it('of a version that has left the history names no version any more', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }], { maxVersionHistory: 2 });
    await module.saveConfiguration({ a: 3 });
    await expect(module.rollbackToVersion(history[1]!.id)).rejects.toMatchObject({ code: 'ERR_VERSION_NOT_FOUND' });
    expect((await module.loadConfiguration()).data).toEqual({ a: 3 });
  });

  it('never names another content later, not even when the journal was lost', async () => {
    const { history, module } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    await module.destroy();
    rmSync(join(folder, 'metadata'), { recursive: true });
    const later = await startModule(folder);
    await later.saveConfiguration({ other: true });
    await expect(later.rollbackToVersion(history[1]!.id)).rejects.toMatchObject({ code: 'ERR_VERSION_NOT_FOUND' });
  });
});

describe('compareVersions', () => {
  it('tells what differs, with the values of both, and how alike they are', async () => {
    const { module, history } = await startWithVersions([
      { port: 1, name: 'x', same: true },
      { port: '1', name: 'x', more: [1], same: true },
    ]);
    const [newer, older] = history;
    const result = await module.compareVersions(older!.id, newer!.id);
    expect(result).toMatchObject({ version1: older?.id, version2: newer?.id, hasConflicts: false });
    expect(result).not.toHaveProperty('conflicts');
    expect(result.differences).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'type-change', path: 'port', version1Value: 1, version2Value: '1' }),
        expect.objectContaining({ type: 'addition', path: 'more', version2Value: [1] }),
      ]),
    );
    expect(result.differences).toHaveLength(2);
    expect(result.similarity).toBeGreaterThan(0);
    expect(result.similarity).toBeLessThan(1);
  });

  it('finds no difference between a version and itself, or one of the same value', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }, { a: 1 }]);
    for (const other of [history[0]!, history[2]!]) {
      const result = await module.compareVersions(history[0]!.id, other.id);
      expect(result).toMatchObject({ differences: [], similarity: 1, hasConflicts: false });
    }
  });

  it('tells where it lists less than there is, and so does the history', async () => {
    const many = (count: number, sign: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, sign * (index + 1)]));
    const { module, history } = await startWithVersions([
      many(MAX_DIFFERENCES + 1, 1),
      many(MAX_DIFFERENCES + 1, -1),
      { ...many(MAX_DIFFERENCES + 1, -1), ...many(MAX_CHANGES, 1) },
    ]);
    const [third, second, first] = history;
    expect(third?.changes).toHaveLength(MAX_CHANGES);
    expect(third).not.toHaveProperty('hasMoreChanges');
    expect(second?.changes).toHaveLength(MAX_CHANGES);
    expect(second?.hasMoreChanges).toBe(true);
    expect(await module.compareVersions(second!.id, third!.id)).toMatchObject({ isComplete: true });
    const cut = await module.compareVersions(first!.id, second!.id);
    expect(cut).toMatchObject({ isComplete: false, similarity: 0 });
    expect(cut.differences).toHaveLength(MAX_DIFFERENCES);
  });

  it('compares versions of two files, also of two formats, where every difference is a conflict', async () => {
    const yaml = join(folder, 'other.yaml');
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1, b: 'same', c: [1, 2] });
    await module.saveConfiguration({ a: 2, b: 'same', c: [1, 2] }, yaml);
    const [one] = await module.getVersionHistory();
    const [other] = await module.getVersionHistory(yaml);
    const result = await module.compareVersions(one!.id, other!.id);
    expect(result.differences.map(({ path: place }) => place)).toEqual(['a']);
    expect(result.hasConflicts).toBe(true);
    expect(result.conflicts).toMatchObject([
      { path: 'a', type: 'modification-conflict', localValue: 1, remoteValue: 2 },
    ]);
  });

  it('works on versions of a deleted file and of a damaged one, and changes nothing', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }, { a: 3 }]);
    writeFileSync(path, '{{{');
    const before = stateOf();
    expect((await module.compareVersions(history[2]!.id, history[1]!.id)).differences).toHaveLength(1);
    expect(stateOf()).toEqual(before);
    await module.deleteConfiguration(path);
    expect((await module.compareVersions(history[2]!.id, history[1]!.id)).differences).toHaveLength(1);
  });

  it('is ERR_VERSION_NOT_FOUND where the content of one of the two is gone', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    for (const file of keptFiles()) rmSync(file);
    await expect(module.compareVersions(history[1]!.id, history[0]!.id)).rejects.toMatchObject({
      code: 'ERR_VERSION_NOT_FOUND',
    });
  });
});

describe('a rollback', () => {
  it.each(EXTENSIONS)('brings back the bytes of a version in %s, and the same value', async (extension) => {
    const file = join(folder, `app.${extension}`);
    const first = { name: 'first', count: 1, nested: { list: ['a', 'b'], flag: true, text: 'größer' } };
    const module = await startModule(folder, { defaultConfigPath: file });
    await module.saveConfiguration(first);
    const bytes = readFileSync(file);
    await module.saveConfiguration({ name: 'second', count: 2 });
    const [, version] = await module.getVersionHistory();
    const result = await module.rollbackToVersion(version!.id);
    expect(readFileSync(file)).toEqual(bytes);
    expect(result).toMatchObject({ checksum: checksumOf(bytes), fileSize: bytes.length, dataIntegrityVerified: true });
    expect(await module.loadConfiguration()).toMatchObject({ data: first, isValid: true });
    await module.destroy();
    const later = await startModule(folder, { defaultConfigPath: file });
    expect(await later.loadConfiguration()).toMatchObject({ data: first, isValid: true });
    expect(await later.verifyConfigurationIntegrity(file)).toMatchObject({ isValid: true });
  });

  it('brings back comments and spellings that an editor had made and a save had taken over', async () => {
    const file = join(folder, 'app.yaml');
    const module = await startModule(folder, { defaultConfigPath: file });
    const text = '# by hand\na: 1 # one\nb:   two\n';
    writeFileSync(file, text);
    const kept = await module.saveConfiguration({ a: 5 });
    await module.restoreFromBackup(kept.metadata!.backupId!);
    await module.saveConfiguration({ a: 6 });
    const [, restored] = await module.getVersionHistory();
    await module.rollbackToVersion(restored!.id);
    expect(readFileSync(file, 'utf8')).toBe(text);
    await module.destroy();
    const later = await startModule(folder, { defaultConfigPath: file });
    expect(await later.loadConfiguration()).toMatchObject({ data: { a: 1, b: 'two' }, isValid: true });
  });

  it('is a new version, tells the way, and leaves the old ones in the list', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    const [second, first] = history;
    const options = { user: 'ann', description: 'undo', tags: ['back'] };
    const result = await module.rollbackToVersion(first!.id, options);
    expect(result).toMatchObject({
      success: true,
      operationType: 'rollback',
      filePath: path,
      fromVersion: second?.id,
      toVersion: first?.id,
      backupCreated: true,
      backupId: expect.stringContaining('.r2.') as string,
      dataIntegrityVerified: true,
      metadata: { revision: 3, atomicOperation: true },
    });
    expect(result).not.toHaveProperty('conflictsDetected');
    expect(result.performanceMetrics?.diskIO.bytesWritten).toBeGreaterThan(0);
    const after = await module.getVersionHistory();
    expect(after.slice(1)).toEqual(history);
    expect(after[0]).toMatchObject({
      checksum: first?.checksum,
      parentVersion: second?.id,
      createdBy: 'ann',
      description: 'undo',
      tags: ['back'],
      changes: [{ type: 'modified', path: 'a', oldValue: 2, newValue: 1 }],
    });
    await module.rollbackToVersion(second!.id);
    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
  });

  it('keeps what it replaced as a backup that can be restored', async () => {
    const { module, history, contents } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    const { backupId } = await module.rollbackToVersion(history[1]!.id);
    expect((await module.listBackups(path)).map(({ id }) => id)).toContain(backupId);
    await module.restoreFromBackup(backupId!);
    expect(readFileSync(path)).toEqual(contents[1]);
  });

  it('to the present version changes nothing but the history', async () => {
    const { module, history, contents } = await startWithVersions([{ a: 1 }]);
    const result = await module.rollbackToVersion(history[0]!.id);
    expect(result).toMatchObject({ fromVersion: history[0]?.id, toVersion: history[0]?.id });
    expect(readFileSync(path)).toEqual(contents[0]);
    expect((await module.getVersionHistory()).map(({ changes }) => changes?.length)).toEqual([0, 1]);
  });

  it('keeps the metadata that users have set', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    await module.setConfigurationMetadata({ environment: 'production' });
    await module.rollbackToVersion(history[1]!.id);
    expect(await module.getConfigurationMetadata()).toMatchObject({ environment: 'production' });
  });

  it('reports the edits that it has overwritten, and keeps the edited content as a backup', async () => {
    const { module, history } = await startWithVersions([
      { a: 1, b: 1 },
      { a: 2, b: 1 },
    ]);
    writeFileSync(path, '{"a":3,"b":1}');
    const result = await module.rollbackToVersion(history[1]!.id);
    expect(result.conflictsDetected).toEqual([
      {
        path: 'a',
        type: 'modification-conflict',
        localValue: 3,
        remoteValue: 1,
        resolution: 'keep-remote',
        autoResolvable: false,
      },
    ]);
    expect(result.backupCreated).toBe(true);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1, b: 1 });
    await module.restoreFromBackup(result.backupId!);
    expect(readFileSync(path, 'utf8')).toBe('{"a":3,"b":1}');
  });

  it('knows what an edit came from where that content is kept, and names all that was edited, and nothing else', async () => {
    const { module, history } = await startWithVersions([
      { a: 1, b: 1, c: 1 },
      { a: 2, b: 1, c: 2 },
    ]);
    await module.createBackup(path, 'base');
    writeFileSync(path, '{"a":2,"b":5,"c":3}');
    const result = await module.rollbackToVersion(history[1]!.id);
    expect(result.conflictsDetected).toMatchObject([
      { path: 'b', localValue: 5, remoteValue: 1, baseValue: 1, resolution: 'keep-remote' },
      { path: 'c', localValue: 3, remoteValue: 1, baseValue: 2, resolution: 'keep-remote' },
    ]);
  });

  it.each([
    ['the present version', 0],
    ['an older one', 1],
  ])('to %s is refused with manual for an edit of what both versions have alike', async (_name, index) => {
    const { module, history } = await startWithVersions([
      { a: 1, b: 1 },
      { a: 2, b: 1 },
    ]);
    await module.createBackup(path, 'base');
    writeFileSync(path, '{"a":2,"b":"by hand"}');
    const { id } = history[index]!;
    await expect(module.rollbackToVersion(id, { onConflict: 'manual' })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
      paths: ['b'],
    });
    expect(readFileSync(path, 'utf8')).toBe('{"a":2,"b":"by hand"}');
    const result = await module.rollbackToVersion(id);
    expect(result.conflictsDetected).toMatchObject([
      { path: 'b', localValue: 'by hand', remoteValue: 1, baseValue: 1 },
    ]);
  });

  it('names an edit whether or not the content that it came from is kept', async () => {
    for (const isKept of [false, true]) {
      const { module, history } = await startWithVersions([
        { a: 1, b: 1 },
        { a: 2, b: 1 },
      ]);
      if (isKept) await module.createBackup(path, 'base');
      writeFileSync(path, '{"a":2,"b":5}');
      const result = await module.rollbackToVersion(history[1]!.id);
      expect(result.conflictsDetected?.map(({ path: place }) => place)).toContain('b');
    }
  });

  it('sees the edit of a file that was saved in another format than the version', async () => {
    const file = join(folder, 'app.conf');
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 }, file, { format: 'json' });
    await module.saveConfiguration({ a: 2 }, file, { format: 'yaml' });
    await module.createBackup(file, 'base');
    writeFileSync(file, 'a: 2\nmine: by hand\n');
    const [, json] = await module.getVersionHistory(file);
    await expect(module.rollbackToVersion(json!.id, { onConflict: 'manual' })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
      paths: ['mine'],
    });
    const result = await module.rollbackToVersion(json!.id);
    expect(result.conflictsDetected).toMatchObject([{ path: 'mine', localValue: 'by hand', remoteValue: undefined }]);
  });

  it('reads a file that was put in the place of a deleted one by its extension', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 }, path, { format: 'yaml' });
    await module.deleteConfiguration(path);
    writeFileSync(path, '{"a":1,"mine":true}');
    const [version] = await module.getVersionHistory();
    await expect(module.rollbackToVersion(version!.id, { onConflict: 'manual' })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
      paths: ['mine'],
    });
  });

  it('is described by the version where the options say nothing, also by undefined', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    const { id } = history[1]!;
    await module.rollbackToVersion(id, { description: undefined } as object);
    await module.rollbackToVersion(id, { description: '' });
    const descriptions = (await module.getVersionHistory()).map(({ description }) => description);
    expect(descriptions.slice(0, 2)).toEqual(['', expect.stringContaining(id)]);
  });

  it('does not take for a conflict what the edit has not touched, once the saved content was kept', async () => {
    const { module, history } = await startWithVersions([
      { a: 1, b: 1 },
      { a: 2, b: 1 },
    ]);
    await module.destroy();
    writeFileSync(path, '{"a":2,\n\n"b":1}');
    const later = await startModule(folder);
    const result = await later.rollbackToVersion(history[1]!.id, { onConflict: 'manual' });
    expect(result).not.toHaveProperty('conflictsDetected');
  });

  it('is refused with the places where onConflict is manual, and nothing has changed', async () => {
    const { module, history } = await startWithVersions([
      { a: 1, b: 1, c: 1 },
      { a: 2, b: 1, c: 1 },
    ]);
    writeFileSync(path, '{"a":3,"b":4,"c":1}');
    const before = stateOf();
    const refused = await module
      .rollbackToVersion(history[1]!.id, { onConflict: 'manual' })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'ERR_CONFLICT', operationType: 'rollback', paths: ['a', 'b'] });
    expect(stateOf()).toEqual(before);
    expect(await module.getVersionHistory()).toHaveLength(2);
  });

  it('names the file in its errors', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    writeFileSync(path, '{"a":3}');
    await expect(module.rollbackToVersion(history[1]!.id, { onConflict: 'manual' })).rejects.toMatchObject({
      filePath: path,
    });
  });

  it('goes on with manual where nobody has edited the file, or only what the version says too', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    await expect(module.rollbackToVersion(history[1]!.id, { onConflict: 'manual' })).resolves.toMatchObject({
      success: true,
    });
    writeFileSync(path, '{"a":     2}');
    await expect(module.rollbackToVersion(history[0]!.id, { onConflict: 'manual' })).resolves.toMatchObject({
      success: true,
    });
  });

  it('takes for a deletion conflict that somebody has removed the file', async () => {
    const { module, history, contents } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    rmSync(path);
    await expect(module.rollbackToVersion(history[1]!.id, { onConflict: 'manual' })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
      paths: ['(root)'],
    });
    expect(existsSync(path)).toBe(false);
    const result = await module.rollbackToVersion(history[1]!.id);
    expect(result.conflictsDetected).toMatchObject([{ path: '(root)', type: 'deletion-conflict' }]);
    expect(result.backupCreated).toBe(false);
    expect(readFileSync(path)).toEqual(contents[0]);
  });

  it('brings a file back that was deleted through the module', async () => {
    const { module, history, contents } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    await module.deleteConfiguration(path);
    for (const [index, version] of history.entries()) {
      const result = await module.rollbackToVersion(version.id, { onConflict: 'manual' });
      expect(result).toMatchObject({ success: true, toVersion: version.id });
      expect(readFileSync(path)).toEqual(contents[1 - index]);
      await module.deleteConfiguration(path);
    }
  });

  it('is refused with manual where another program has put a file in the place of a deleted one', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }]);
    await module.deleteConfiguration(path);
    writeFileSync(path, '{"foreign":true}');
    await expect(module.rollbackToVersion(history[0]!.id, { onConflict: 'manual' })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
  });

  it('brings a damaged file back, which is in quarantine before, and sees no conflict in the damage', async () => {
    const { module, history, contents } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    writeFileSync(path, '{"a":');
    const result = await module.rollbackToVersion(history[1]!.id, { onConflict: 'manual' });
    expect(result).not.toHaveProperty('conflictsDetected');
    expect(readFileSync(path)).toEqual(contents[0]);
    expect(keptFiles('.corrupt').map((file) => readFileSync(file, 'utf8'))).toEqual(['{"a":']);
  });

  it('with expectedChecksum goes back only from the content that is expected, or from none', async () => {
    const { module, history, contents } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    const [second, first] = history;
    for (const expectedChecksum of [first!.checksum, null]) {
      await expect(module.rollbackToVersion(first!.id, { expectedChecksum })).rejects.toMatchObject({
        code: 'ERR_CONFLICT',
      });
    }
    const onConflict = 'manual';
    await expect(module.rollbackToVersion(first!.id, { expectedChecksum: null, onConflict })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
    expect(readFileSync(path)).toEqual(contents[1]);
    await module.rollbackToVersion(first!.id, { expectedChecksum: second!.checksum });
    await module.deleteConfiguration(path);
    await module.rollbackToVersion(second!.id, { expectedChecksum: null });
    expect(readFileSync(path)).toEqual(contents[1]);
  });

  it('to a version whose content is gone is ERR_VERSION_NOT_FOUND and changes nothing', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }, { a: 3 }]);
    rmSync(keptFiles('.r1.')[0]!);
    writeFileSync(keptFiles('.r2.')[0]!, 'damaged');
    const before = stateOf();
    for (const version of history.slice(1)) {
      await expect(module.rollbackToVersion(version.id)).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_(?:VERSION_NOT_FOUND|BACKUP_DAMAGED)$/u),
      });
    }
    expect(stateOf()).toEqual(before);
  });

  it.each<[string, object, string]>([
    ['with another key', { encryption: { key: Buffer.alloc(32, 8) } }, 'ERR_WRONG_KEY'],
    ['without the key', {}, 'ERR_KEY_REQUIRED'],
  ])('%s says so, and not that the version is gone', async (_name, options, code) => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }], {
      encryption: { key: Buffer.alloc(32, 7) },
    });
    await module.destroy();
    const later = await startModule(folder, options);
    await expect(later.rollbackToVersion(history[1]!.id)).rejects.toMatchObject({ code });
  });

  it('opens contents that are compressed and encrypted', async () => {
    const options = { encryption: { key: Buffer.alloc(32, 7) } };
    const { module, history, contents } = await startWithVersions([{ a: 1 }, { a: 2 }], options);
    await module.destroy();
    expect(keptFiles().every((file) => file.endsWith('.gz.enc'))).toBe(true);
    const later = await startModule(folder, options);
    expect((await later.getVersionHistory())[0]?.changes).toMatchObject([{ path: 'a', oldValue: 1, newValue: 2 }]);
    await later.rollbackToVersion(history[1]!.id);
    expect(readFileSync(path)).toEqual(contents[0]);
  });

  it('takes another snapshot of the same content where one of them is damaged', async () => {
    const { module, history, contents } = await startWithVersions([{ a: 1 }, { a: 2 }, { a: 1 }, { a: 3 }]);
    writeFileSync(keptFiles('.r3.')[0]!, 'damaged');
    await module.rollbackToVersion(history[3]!.id);
    expect(readFileSync(path)).toEqual(contents[0]);
  });

  it('still finds a whole copy after a cleanup, where the newer copy of the same content is damaged', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }]);
    await module.createBackup(path, 'whole');
    await module.saveConfiguration({ a: 2 });
    await module.destroy();
    const later = await startModule(folder);
    writeFileSync(keptFiles('.auto.')[0]!, '');
    await later.cleanupOldBackups(1);
    await expect(later.rollbackToVersion(history[0]!.id)).resolves.toMatchObject({ success: true });
  });

  it('finds a content that is being compressed at this moment', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    let isArmed = true;
    const other = await startModule(folder, {}, (real) => ({
      async open(file, flags, mode) {
        if (isArmed && file.endsWith('.backup')) {
          isArmed = false;
          await module.destroy();
        }
        return real.open(file, flags, mode);
      },
    }));
    await expect(other.rollbackToVersion(history[1]!.id)).resolves.toMatchObject({ success: true });
  });

  it('is refused by options that are none, and by an ended signal, and nothing changes', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    const before = stateOf();
    const { id } = history[1]!;
    for (const options of [{ onConflict: 'merge' }, { colour: 'red' }, { dryRun: true }, { user: 5 }]) {
      await expect(module.rollbackToVersion(id, options as object)).rejects.toMatchObject({
        code: 'ERR_INVALID_OPTION',
      });
    }
    await expect(module.rollbackToVersion(id, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
    });
    expect(stateOf()).toEqual(before);
  });

  it('works under a lock of its own module, and waits for that of another', async () => {
    const { module, history } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    const other = await startModule(folder);
    const { lockId } = await module.acquireFileLock(path);
    await expect(other.rollbackToVersion(history[1]!.id, { lockTimeout: 0 })).rejects.toMatchObject({
      code: 'ERR_LOCK_TIMEOUT',
    });
    await expect(module.rollbackToVersion(history[1]!.id)).resolves.toMatchObject({ success: true });
    await module.releaseFileLock(lockId);
    await expect(other.rollbackToVersion(history[0]!.id)).resolves.toMatchObject({ success: true });
  });

  it('that fails leaves the file, the history and the backups as they were', async () => {
    let fails = false;
    const module = await startModule(folder, {}, (real) => ({
      rename: (from, to) => (fails && to === path ? Promise.reject(systemError('EIO')) : real.rename(from, to)),
    }));
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    const history = await module.getVersionHistory();
    const kept = keptFiles();
    fails = true;
    await expect(module.rollbackToVersion(history[1]!.id)).rejects.toMatchObject({ code: 'EIO' });
    fails = false;
    expect(await module.getVersionHistory()).toEqual(history);
    expect(keptFiles()).toEqual(kept);
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 2 }, isValid: true });
  });

  /** A module in whose next change an editor writes to the file, after everything was looked at and before the commit. */
  async function startBeforeEditor(text: string) {
    const state = { isArmed: false };
    const module = await startModule(folder, {}, (real) => ({
      open(file, flags, mode) {
        if (state.isArmed && /app\.json\.[0-9a-f]{16}\.tmp$/u.test(basename(file))) {
          state.isArmed = false;
          writeFileSync(path, text);
        }
        return real.open(file, flags, mode);
      },
    }));
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    return { module, history: await module.getVersionHistory(), state };
  }

  it('with manual is refused for an edit that comes while it is on its way', async () => {
    const { module, history, state } = await startBeforeEditor('{"edited":true}');
    state.isArmed = true;
    await expect(module.rollbackToVersion(history[1]!.id, { onConflict: 'manual' })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
    expect(state.isArmed).toBe(false);
  });

  it('keeps an edit that comes while it is on its way as a backup that can be restored', async () => {
    const { module, history, state } = await startBeforeEditor('{"edited":true}');
    state.isArmed = true;
    const { backupId } = await module.rollbackToVersion(history[1]!.id);
    await module.restoreFromBackup(backupId!);
    expect(readFileSync(path, 'utf8')).toBe('{"edited":true}');
  });

  it('keeps the edited content also where backups are off', async () => {
    const { module } = await startWithVersions([{ a: 1 }, { a: 2 }], { enableBackup: false });
    writeFileSync(path, '{"mine":true}');
    await module.saveConfiguration({ a: 3 });
    await module.destroy();
    expect(keptFiles('.r0.')).toHaveLength(1);
  });
});

describe('updates and rollbacks of two instances at once', () => {
  it('come one after the other: each starts from the version before it, and none is lost', async () => {
    const first = await startModule(folder, { maxVersionHistory: 100 });
    const second = await startModule(folder, { maxVersionHistory: 100 });
    await first.saveConfiguration({ n: 0 });
    const [origin] = await first.getVersionHistory();
    const update = (module: ConfigPersistenceModule) =>
      module.updateConfiguration(
        (value: { n: number }) => {
          value.n += 1;
        },
        undefined,
        { description: 'update' },
      );
    await Promise.all(
      Array.from({ length: 8 }, () => [
        update(first),
        second.rollbackToVersion(origin!.id, { description: 'rollback' }),
        update(second),
        first.rollbackToVersion(origin!.id, { description: 'rollback' }),
      ]).flat(),
    );
    const history = (await second.getVersionHistory()).toReversed();
    expect(history).toHaveLength(33);
    let n = 0;
    for (const [index, version] of history.entries()) {
      if (index === 0) continue;
      const parent = history[index - 1]!;
      expect(version.parentVersion).toBe(parent.id);
      const next = version.description === 'rollback' ? 0 : n + 1;
      const change = { type: 'modified', path: 'n', oldValue: n, newValue: next };
      expect(version.changes).toMatchObject(next === n ? [] : [change]);
      n = next;
    }
    expect(await first.loadConfiguration()).toMatchObject({ data: { n }, isValid: true });
    expect(await second.loadConfiguration()).toMatchObject({ data: { n }, isValid: true });
  });

  it('of two processes too', async () => {
    const module = await startModule(folder, { maxVersionHistory: 100 });
    await module.saveConfiguration({ n: 0 });
    const [origin] = await module.getVersionHistory();
    const other = startProcess(`${moduleScript(folder, { maxVersionHistory: 100 })}
      for (let turn = 0; turn < 8; turn++) await module.rollbackToVersion(${JSON.stringify(origin!.id)});
      await module.destroy();
      console.log('done');
    `);
    let updates = 0;
    const done = other.nextLine();
    let isDone = false;
    void done.then(() => {
      isDone = true;
    });
    await until(async () => {
      await module.updateConfiguration((value: { n: number }) => ({ n: value.n + 1 }));
      updates += 1;
      return isDone || updates === 60;
    });
    expect(await done).toBe('done');
    await other.ended();
    const history = await module.getVersionHistory();
    expect(history).toHaveLength(Math.min(1 + updates + 8, 100));
    for (const [index, version] of history.slice(0, -1).entries()) {
      expect(version.parentVersion).toBe(history[index + 1]?.id);
    }
    expect((await module.loadConfiguration()).isValid).toBe(true);
  });

  it('shows no half state to somebody who reads the history meanwhile', async () => {
    const writer = await startModule(folder, { maxVersionHistory: 5, retentionCount: 1 });
    const reader = await startModule(folder, { maxVersionHistory: 5, retentionCount: 1 });
    await writer.saveConfiguration({ n: 0 });
    let isDone = false;
    const writing = (async () => {
      for (let n = 1; n <= 20; n++) await writer.saveConfiguration({ n });
      isDone = true;
    })();
    await until(async () => {
      const [newest, ...older] = await reader.getVersionHistory();
      expect(newest?.isSnapshot).toBe(true);
      expect(older.every(({ isSnapshot }) => isSnapshot)).toBe(true);
      return isDone;
    });
    await writing;
  });
});

describe('a file that is reached through a link', () => {
  it('has one history, whichever way it is asked for', async () => {
    const link = join(folder, 'link.json');
    execFileSync('ln', ['-s', 'app.json', link]);
    const { module, history, contents } = await startWithVersions([{ a: 1 }, { a: 2 }]);
    const byLink = await module.getVersionHistory(link);
    expect(byLink.map(({ id }) => id)).toEqual(history.map(({ id }) => id));
    await module.rollbackToVersion(byLink[1]!.id);
    expect(readFileSync(link)).toEqual(contents[0]);
    expect((await module.loadConfiguration(link)).data).toEqual({ a: 1 });
  });
});

describe('a history whose records were damaged', () => {
  it('is ERR_JOURNAL_DAMAGED, and not empty as for a file that was never saved', async () => {
    const { module } = await startWithVersions([1, 2, 3]);
    writeFileSync(journalFile(folder), '\0'.repeat(500));
    await expect(module.getVersionHistory()).rejects.toMatchObject({ code: 'ERR_JOURNAL_DAMAGED' });
    await module.saveConfiguration(4);
    expect(await module.getVersionHistory()).toHaveLength(1);
  });

  it('costs no content of the versions before, while the damaged records lie there', async () => {
    const { module } = await startWithVersions([1, 2, 3, 4, 5, 6], { retentionCount: 1 });
    await module.destroy();
    const before = keptChecksums();
    writeFileSync(journalFile(folder), '\0'.repeat(500));
    const later = await startModule(folder, { retentionCount: 1 });
    await later.saveConfiguration(7);
    await later.destroy();
    expect(keptChecksums()).toEqual(expect.arrayContaining(before));
  });
});

describe('removals', () => {
  it('use up none of the versions that are kept', async () => {
    const { module } = await startWithVersions([], { maxVersionHistory: 4 });
    for (const value of [1, 2, 3, 4]) {
      await module.saveConfiguration(value);
      await module.deleteConfiguration(path);
    }
    expect(await module.getVersionHistory()).toHaveLength(4);
  });
});

describe('a save in another format', () => {
  it('keeps a sound edit in the format before as a backup', async () => {
    const module = await startModule(folder);
    const file = join(folder, 'app.conf');
    await module.saveConfiguration({ a: 1 }, file, { format: 'yaml' });
    writeFileSync(file, 'by: an editor\n');
    const { metadata } = await module.saveConfiguration({ a: 2 }, file, { format: 'json' });
    expect(metadata).toMatchObject({ backupCreated: true });
  });

  it('keeps a damaged file in the format before, also where everything can be read in the new one', async () => {
    const module = await startModule(folder, { enableBackup: false, maxVersionHistory: 1 });
    const file = join(folder, 'app.conf');
    await module.saveConfiguration({ a: 1 }, file, { format: 'json' });
    writeFileSync(file, '{"a": 1, "b"');
    await module.saveConfiguration({ a: 2 }, file, { format: 'properties' });
    expect(keptFiles('.corrupt')).toHaveLength(1);
  });
});

describe('a load in another format than the file was saved in', () => {
  it('is ERR_PARSE and restores nothing: the file is not damaged', async () => {
    const module = await startModule(folder, { autoRecover: true });
    await module.saveConfiguration({ a: 1 });
    await module.saveConfiguration({ a: 2 }, path, { format: 'yaml' });
    writeFileSync(path, 'by: an editor\n');
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_PARSE' });
    expect(readFileSync(path, 'utf8')).toBe('by: an editor\n');
  });
});
