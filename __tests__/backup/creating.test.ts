/** What `createBackup` makes: an ordinary file that says what and when, proven, and never half of it. */
import { jest } from '@jest/globals';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { listing, startModule, systemError, temporaryFolder } from '../support/moduleFixture.js';
import { garbling, IDENTITY, keyFolder, keyOf, keptId, modeOf, saveAll, snapshotNames } from './backupFixture.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe('createBackup', () => {
  it('makes a gzip file of the present bytes, whose name says what, when, which version and why', async () => {
    const module = await startModule(folder);
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    const before = Date.now();
    const result = await module.createBackup(undefined, 'before upgrade 2.0');
    const name = new RegExp(`^app\\.json\\.${IDENTITY}\\.manual\\.before upgrade 2\\.0\\.backup\\.gz$`, 'u');
    expect(basename(result.backupPath)).toMatch(name);
    expect(gunzipSync(readFileSync(result.backupPath))).toEqual(readFileSync(path));
    const [, date = '', time = '', revision] = /\.(\d{8})T(\d{9})Z\.r(\d+)\./u.exec(result.backupPath) ?? [];
    const [listed] = await module.listBackups(path);
    const iso = new Date(listed!.createdAt).toISOString();
    expect(`${date}T${time}Z`).toBe(iso.replaceAll(/[-:.]/gu, ''));
    expect(listed!.createdAt).toBeGreaterThanOrEqual(before);
    expect(revision).toBe('2');
  });

  it('tells id, checksum, sizes, policy and paths of what it has made', async () => {
    const module = await startModule(folder, { retentionPolicy: { maxCount: 4, maxAgeHours: 24 } });
    await module.saveConfiguration({ text: 'x'.repeat(1000) });
    const bytes = readFileSync(path);
    const result = await module.createBackup();
    expect(result).toMatchObject({
      success: true,
      operationType: 'backup',
      filePath: path,
      originalFilePath: path,
      checksum: createHash('sha256').update(bytes).digest('hex'),
      fileSize: bytes.length,
      compressionRatio: statSync(result.backupPath).size / bytes.length,
      retentionPolicy: { maxCount: 4, maxAgeHours: 24 },
    });
    const [listed] = await module.listBackups(path);
    expect(listed).toMatchObject({
      id: result.backupId,
      backupPath: result.backupPath,
      checksum: result.checksum,
      fileSize: bytes.length,
      compressedSize: statSync(result.backupPath).size,
      isAutomatic: false,
      isEncrypted: false,
      retentionExpiry: listed!.createdAt + 24 * 3_600_000,
    });
    expect(listed).not.toHaveProperty('name');
  });

  it('can be copied back by hand where compression is off', async () => {
    const module = await startModule(folder, { compressionEnabled: false });
    await module.saveConfiguration({ a: 'old' });
    const { backupPath, ...result } = await module.createBackup();
    expect(result).not.toHaveProperty('compressionRatio');
    expect(readFileSync(backupPath)).toEqual(readFileSync(path));
    await module.saveConfiguration({ a: 'new' });
    copyFileSync(backupPath, path);
    expect((await module.loadConfiguration()).data).toEqual({ a: 'old' });
  });

  it('is a file of its own: an editor that writes into the configuration does not reach it', async () => {
    const module = await startModule(folder, { compressionEnabled: false });
    await module.saveConfiguration({ a: 1 });
    const { backupPath, backupId } = await module.createBackup();
    expect(statSync(backupPath).ino).not.toBe(statSync(path).ino);
    writeFileSync(path, '{"by":"an editor"}');
    await module.restoreFromBackup(backupId);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('backs up an outside edit and a file that the module never saved, as versions of no number', async () => {
    writeFileSync(path, '{"by":"hand"}');
    const module = await startModule(folder);
    const untracked = await module.createBackup();
    await module.saveConfiguration({ a: 1 });
    writeFileSync(path, '{"by":"an editor"}');
    const edited = await module.createBackup();
    expect([untracked.backupPath, edited.backupPath].map((made) => basename(made))).toEqual([
      expect.stringMatching(/\.r0\./u),
      expect.stringMatching(/\.r0\./u),
    ]);
    expect(gunzipSync(readFileSync(untracked.backupPath)).toString()).toBe('{"by":"hand"}');
    expect(gunzipSync(readFileSync(edited.backupPath)).toString()).toBe('{"by":"an editor"}');
  });

  it('backs up a damaged file as it is, and warns', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    writeFileSync(path, '{"a":');
    const result = await module.createBackup();
    expect(result.warnings).toHaveLength(1);
    expect(gunzipSync(readFileSync(result.backupPath)).toString()).toBe('{"a":');
    await expect(module.restoreFromBackup(result.backupId)).rejects.toMatchObject({ code: 'ERR_INTEGRITY' });
    writeFileSync(path, '{"a":2}');
    expect(await module.createBackup()).not.toHaveProperty('warnings');
  });

  it('backs up an empty file, which compresses to nothing', async () => {
    writeFileSync(path, '');
    const module = await startModule(folder);
    const result = await module.createBackup();
    expect(result).toMatchObject({ fileSize: 0 });
    expect(result).not.toHaveProperty('compressionRatio');
    expect(gunzipSync(readFileSync(result.backupPath))).toHaveLength(0);
  });

  it('gives backups of one moment different ids and files', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    jest.spyOn(Date, 'now').mockReturnValue(Date.now());
    const results = await Promise.all(Array.from({ length: 5 }, () => module.createBackup(path, 'same')));
    expect(new Set(results.map(({ backupId }) => backupId)).size).toBe(5);
    expect(new Set(results.map(({ backupPath }) => backupPath)).size).toBe(5);
    expect(await module.listBackups(path)).toHaveLength(5);
  });

  it('keeps description and tags with it, and those of the version where none are given', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 }, path, { description: 'of the save', tags: ['save'] });
    await module.createBackup(path, 'a', { description: 'of the backup', tags: ['backup', 'x'] });
    await module.createBackup(path, 'b');
    const [b, a] = await module.listBackups(path);
    expect(a).toMatchObject({ name: 'a', description: 'of the backup', tags: ['backup', 'x'] });
    expect(b).toMatchObject({ name: 'b', description: 'of the save', tags: ['save'] });
    expect(a!.metadata).toMatchObject({ format: 'json', checksum: a!.checksum });
  });

  it('makes private files in private folders, or with the configured modes', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const { backupPath } = await module.createBackup();
    expect(modeOf(join(folder, 'backups'))).toBe(0o700);
    expect(modeOf(dirname(backupPath))).toBe(0o700);
    expect(readdirSync(dirname(backupPath)).map((name) => modeOf(join(dirname(backupPath), name)))).toEqual([
      0o600, 0o600,
    ]);
    const permissions = { backupFile: 0o640, backupDirectory: 0o750 };
    const other = await startModule(folder, { backupDirectory: join(folder, 'shared'), permissions });
    const shared = await other.createBackup();
    expect(modeOf(shared.backupPath)).toBe(0o640);
    expect(modeOf(dirname(shared.backupPath))).toBe(0o750);
  });

  it('refuses a file that is not there, before it makes any folder', async () => {
    const module = await startModule(folder);
    await expect(module.createBackup()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND', operationType: 'backup' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a folder in the place of the file', async () => {
    const module = await startModule(folder);
    mkdirSync(path);
    await expect(module.createBackup()).rejects.toMatchObject({ code: 'ERR_NOT_A_FILE' });
    expect(existsSync(join(folder, 'backups'))).toBe(false);
  });

  it('makes nothing where it was aborted or the lock is held by another', async () => {
    const [module, other] = [await startModule(folder), await startModule(folder)];
    await module.saveConfiguration({ a: 1 });
    await expect(module.createBackup(path, 'x', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
    });
    await other.acquireFileLock(path);
    await expect(module.createBackup(path, 'x', { lockTimeout: 0 })).rejects.toMatchObject({
      code: 'ERR_LOCK_TIMEOUT',
    });
    expect(existsSync(join(folder, 'backups'))).toBe(false);
  });

  it('leaves configuration and journal as they are', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const unrelated = (line: string): boolean => !/^(?:locks|backups)/u.test(line);
    const before = listing(folder).filter(unrelated);
    await module.createBackup();
    expect(listing(folder).filter(unrelated)).toEqual(before);
  });

  it('passes the system refusal on and does not list what was not made', async () => {
    const module = await startModule(folder, {}, (real) => ({
      rename: (from, to) =>
        to.includes('.manual.') ? Promise.reject(systemError('ENOSPC', 'rename')) : real.rename(from, to),
    }));
    await module.saveConfiguration({ a: 1 });
    await expect(module.createBackup()).rejects.toMatchObject({ name: 'StorageError', code: 'ENOSPC' });
    expect(await module.listBackups(path)).toEqual([]);
    expect(snapshotNames(folder)).toEqual([]);
  });

  it('leaves no manifest behind where the disk is full', async () => {
    const module = await startModule(folder, {}, (real) => ({
      rename: (from, to) =>
        to.includes('.manual.') ? Promise.reject(systemError('ENOSPC', 'rename')) : real.rename(from, to),
    }));
    await module.saveConfiguration({ a: 1 });
    await expect(module.createBackup()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(readdirSync(keyFolder(folder))).toEqual([]);
  });

  it('fails where the disk does not give back what was written, and leaves nothing behind', async () => {
    const module = await startModule(folder, {}, garbling(/manual.*\.tmp$/u));
    await module.saveConfiguration({ a: 1 });
    await expect(module.createBackup()).rejects.toMatchObject({ code: 'ERR_WRITE_VERIFICATION' });
    expect(await module.listBackups(path)).toEqual([]);
    expect(readdirSync(keyFolder(folder))).toEqual([]);
  });

  it('refuses where the file has another checksum than expected', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const wrong = { expectedChecksum: '0'.repeat(64) };
    await expect(module.createBackup(path, 'x', wrong)).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
  });

  it('knows the format that a file was saved in where its extension tells another', async () => {
    const module = await startModule(folder);
    const odd = join(folder, 'app.ini');
    await module.saveConfiguration({ a: [1] }, odd, { format: 'json' });
    const { backupId } = await module.createBackup(odd);
    expect((await module.listBackups(odd))[0]?.metadata?.format).toBe('json');
    await expect(module.restoreFromBackup(backupId, odd, { format: 'json' })).resolves.toMatchObject({ success: true });
  });

  it('is followed by the retention, like every other way to make a backup', async () => {
    writeFileSync(path, '{"a":1}');
    const module = await startModule(folder, { retentionCount: 2 });
    for (let index = 0; index < 5; index++) await module.createBackup();
    await module.destroy();
    expect(snapshotNames(folder).filter((name) => name.includes('.backup'))).toHaveLength(2);
  });

  it('is not lost to the automatic backup of a change in the same millisecond', async () => {
    const module = await startModule(folder, { compressionEnabled: false });
    await module.saveConfiguration({ a: 1 });
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 10);
    const { backupId } = await module.createBackup(path, 'precious');
    const automatic = keptId(await module.saveConfiguration({ a: 2 }));
    jest.restoreAllMocks();
    await module.destroy();
    expect(automatic).not.toBe(backupId);
    expect(snapshotNames(folder).filter((name) => name.includes('precious'))).toHaveLength(1);
  });

  it('can be read again at the largest size that is backed up', async () => {
    const module = await startModule(folder, { encryption: { key: keyOf(1) }, compressionEnabled: false });
    writeFileSync(path, `"${'a'.repeat(100 * 1024 * 1024 - 2)}"`);
    await expect(module.createBackup()).resolves.toMatchObject({ success: true });
  });

  it('takes the content that it was asked for, and not that of a save that was asked for afterwards', async () => {
    const module = await startModule(folder, { compressionEnabled: false });
    const { checksum } = await module.saveConfiguration({ a: 1 });
    const [backup] = await Promise.all([module.createBackup(), module.saveConfiguration({ a: 2 })]);
    expect(backup.checksum).toBe(checksum);
  });
});
