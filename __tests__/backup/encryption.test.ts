/** Encrypted backups through the module: nothing readable stays, and what is wrong with a file is told apart. */
import { copyFileSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import { listing, newModule, startModule, temporaryFolder } from '../support/moduleFixture.js';
import {
  fileOf,
  filesWith,
  garbling,
  keptId,
  keyFolder,
  keyOf,
  saveAll,
  saveAndMaintain,
  snapshotNames,
} from './backupFixture.js';

const SECRET = 'open sesame, said nobody';
const PASSPHRASE = 'correct horse battery staple';
const KEY = keyOf(0xa7);

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

function withKey(key: Uint8Array, previous: Uint8Array[] = []): ConfigPersistenceOptions {
  return { encryption: { key, ...(previous.length === 0 ? {} : { previous: previous.map((old) => ({ key: old })) }) } };
}

describe('encrypted backups', () => {
  it.each<[string, ConfigPersistenceOptions]>([
    ['a key', withKey(KEY)],
    ['a passphrase', { encryption: { passphrase: PASSPHRASE } }],
    ['a key, and compression off', { ...withKey(KEY), compressionEnabled: false }],
    ['a key, and backups off', { ...withKey(KEY), enableBackup: false }],
  ])('leave the secret nowhere but in the configuration: with %s', async (_title, options) => {
    const module = await startModule(folder, { ...options, retentionCount: 2 });
    await saveAll(module, [
      { token: SECRET, a: 1 },
      { token: SECRET, a: 2 },
    ]);
    writeFileSync(path, `{"damaged": "${SECRET}`);
    await saveAll(
      module,
      [3, 4, 5, 6].map((a) => ({ token: SECRET, a })),
    );
    await module.createBackup(path, 'named');
    await module.destroy();
    expect(filesWith(folder, SECRET)).toEqual(['app.json']);
    // Without backups only what an editor wrote, damaged here, and what was asked for.
    expect(snapshotNames(folder).length).toBeGreaterThan(options.enableBackup === false ? 1 : 3);
    expect(snapshotNames(folder).every((name) => name.endsWith('.enc'))).toBe(true);
    const hexadecimal = Buffer.from(KEY).toString('hex');
    expect(filesWith(folder, KEY, hexadecimal, Buffer.from(KEY).toString('base64'), PASSPHRASE)).toEqual([]);
    if (options.enableBackup === false) return;
    const later = await startModule(folder, options);
    const [, second] = await later.getVersionHistory();
    await later.rollbackToVersion(second!.id);
    expect((await later.loadConfiguration()).data).toEqual({ token: SECRET, a: 5 });
  });

  it('of users are encrypted from the first byte on the disk', async () => {
    const module = await startModule(folder, { ...withKey(KEY), compressionEnabled: false }, (real) => ({
      write(descriptor, buffer, ...others) {
        if (isWatching) written.push(Buffer.from(buffer).toString('latin1'));
        return real.write(descriptor, buffer, ...others);
      },
    }));
    const written: string[] = [];
    let isWatching = false;
    await module.saveConfiguration({ token: SECRET });
    isWatching = true;
    const result = await module.createBackup();
    isWatching = false;
    expect(written.some((text) => text.startsWith('rcc-encrypted-backup'))).toBe(true);
    expect(written.filter((text) => text.includes(SECRET))).toEqual([]);
    expect(result.backupPath).toMatch(/\.manual\.backup\.enc$/u);
    expect((await module.listBackups(path))[0]).toMatchObject({ isEncrypted: true });
  });

  it('can be restored by another module with the key, and listed and deleted without it', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }, { a: 3 }], withKey(KEY));
    const keyless = await startModule(folder);
    const [newer, older] = await keyless.listBackups(path);
    expect(newer).toMatchObject({ isEncrypted: true, fileSize: 13, metadata: { format: 'json' } });
    await expect(keyless.restoreFromBackup(older!.id)).rejects.toMatchObject({ code: 'ERR_KEY_REQUIRED' });
    await keyless.deleteBackup(newer!.id);
    const keyed = await startModule(folder, withKey(KEY));
    await keyed.restoreFromBackup(older!.id);
    expect((await keyed.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('tell a wrong key from a damaged file, a swapped one, and something plain in their place', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }, { a: 3 }], withKey(KEY));
    const wrong = await startModule(folder, withKey(keyOf(1)));
    const right = await startModule(folder, withKey(KEY));
    const [newer, older] = await right.listBackups(path);
    const whole = readFileSync(newer!.backupPath);
    const codeWith = async (change: () => void): Promise<unknown> => {
      change();
      const [outcome] = await Promise.allSettled([right.restoreFromBackup(newer!.id)]);
      writeFileSync(newer!.backupPath, whole);
      return outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : 'none';
    };
    await expect(wrong.restoreFromBackup(newer!.id)).rejects.toMatchObject({ code: 'ERR_WRONG_KEY' });
    const passphrase = await startModule(folder, { encryption: { passphrase: PASSPHRASE } });
    await expect(passphrase.restoreFromBackup(newer!.id)).rejects.toMatchObject({ code: 'ERR_WRONG_KEY' });
    expect(await codeWith(() => truncateSync(newer!.backupPath, whole.length - 1))).toBe('ERR_BACKUP_DAMAGED');
    expect(await codeWith(() => truncateSync(newer!.backupPath, 10))).toBe('ERR_BACKUP_DAMAGED');
    expect(await codeWith(() => truncateSync(newer!.backupPath, 0))).toBe('ERR_BACKUP_DAMAGED');
    expect(
      await codeWith(() => {
        const changed = Buffer.from(whole);
        changed[whole.length - 20]! ^= 1;
        writeFileSync(newer!.backupPath, changed);
      }),
    ).toBe('ERR_BACKUP_DAMAGED');
    expect(await codeWith(() => copyFileSync(older!.backupPath, newer!.backupPath))).toBe('ERR_BACKUP_MISMATCH');
    expect(await codeWith(() => writeFileSync(newer!.backupPath, '{"planted": true}'))).toBe('ERR_NOT_ENCRYPTED');
    expect(await codeWith(() => undefined)).toBe('none');
    expect((await right.loadConfiguration()).data).toEqual({ a: 2 });
  });

  it('that were renamed to a plain name are not taken for configurations', async () => {
    const module = await startModule(folder, withKey(KEY));
    await module.saveConfiguration({ a: 1 });
    const id = keptId(await module.saveConfiguration({ a: 2 }));
    await module.destroy();
    const file = fileOf(keyFolder(folder), id);
    renameSync(file, file.replace(/\.gz\.enc$/u, ''));
    const later = await startModule(folder, withKey(KEY));
    await expect(later.restoreFromBackup(id)).rejects.toMatchObject({ code: 'ERR_BACKUP_MISMATCH' });
  });

  it('stay readable where encryption is switched off, as long as the key is known', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }], withKey(KEY));
    await saveAndMaintain(folder, [{ a: 3 }]);
    const module = await startModule(folder, withKey(KEY));
    const [, oldest] = await module.listBackups(path);
    expect(oldest?.isEncrypted).toBe(true);
    await module.restoreFromBackup(oldest!.id);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('follow at the next change for what is still plain when encryption is switched on', async () => {
    await saveAndMaintain(folder, [{ token: SECRET }, { a: 2 }]);
    await saveAndMaintain(folder, [{ a: 3 }], withKey(KEY));
    expect(snapshotNames(folder).every((name) => name.endsWith('.gz.enc'))).toBe(true);
  });

  it('use the key as it was configured, whatever the caller does with his copy', async () => {
    const key = Uint8Array.from(KEY);
    const module = newModule(folder, withKey(key));
    key.fill(0);
    await module.initialize();
    await module.saveConfiguration({ a: 1 });
    const { backupId } = await module.createBackup();
    const other = await startModule(folder, withKey(KEY));
    await expect(other.restoreFromBackup(backupId)).resolves.toMatchObject({ success: true });
  });
});

describe('keys', () => {
  it('are hidden by getConfig and inspect, and told by no error and no log line, nor are values', async () => {
    const lines: string[] = [];
    const encryption = { key: KEY, previous: [{ passphrase: PASSPHRASE }, { key: keyOf(0xb3) }] };
    const module = newModule(folder, { encryption });
    module.setDebugModule({ log: (...line) => void lines.push(inspect(line, { depth: 9 })) });
    await module.initialize();
    await saveAll(module, [{ token: SECRET }, { token: SECRET, a: 2 }]);
    const { backupId, backupPath } = await module.createBackup();
    writeFileSync(backupPath, `{"planted": "${SECRET}"}`);
    const failures = await Promise.allSettled([
      module.restoreFromBackup(backupId),
      module.restoreFromBackup(SECRET),
      module.createBackup(path, `../${SECRET}`),
      module.cleanupOldBackups(-1),
    ]);
    expect(failures.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
    const shown = [inspect(module.getConfig(), { depth: 9 }), inspect(module, { depth: 9, showHidden: true })];
    const errors = failures.flatMap((failure) => (failure.status === 'rejected' ? [inspect(failure.reason)] : []));
    await module.destroy();
    expect(lines.length).toBeGreaterThan(3);
    const hexadecimal = Buffer.from(KEY).toString('hex');
    for (const needle of [SECRET, PASSPHRASE, hexadecimal, 'a7 a7', '167, 167', '179, 179', 'b3 b3']) {
      expect([...lines, ...shown, ...errors].filter((text) => text.includes(needle))).toEqual([]);
    }
    expect(shown[0]).toContain('[hidden]');
  });

  it.each<[string, unknown]>([
    ['too short', { key: new Uint8Array(31) }],
    ['too long', { key: new Uint8Array(33) }],
    ['as text', { key: 'k'.repeat(32) }],
    ['empty', { passphrase: '' }],
    ['both', { key: KEY, passphrase: PASSPHRASE }],
    ['none', {}],
    ['only previous', { previous: [{ key: KEY }] }],
    ['misspelt', { Key: KEY }],
  ])('are refused by configure where they are %s, without being shown', (_title, encryption) => {
    const attempt = (): unknown => newModule(folder, { encryption: encryption as never });
    expect(attempt).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
    expect(attempt).not.toThrow(PASSPHRASE);
  });

  it('cannot be changed while the module runs', async () => {
    const module = await startModule(folder, withKey(KEY));
    expect(() => module.configure(withKey(keyOf(1)))).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  });
});

describe('rotateBackupEncryption', () => {
  it('brings everything under the new key, after which the old one opens nothing', async () => {
    const old = await startModule(folder, { ...withKey(KEY), retentionCount: 1 });
    await saveAll(old, [{ a: 1 }, { a: 2 }, { a: 3 }]);
    await old.createBackup(path, 'named');
    await old.destroy();
    const files = snapshotNames(folder);
    const rotating = await startModule(folder, withKey(keyOf(2), [KEY]));
    const backups = (await rotating.listBackups()).map(({ id }) => id);
    const first = await rotating.rotateBackupEncryption();
    expect(first).toMatchObject({ success: true, unchanged: [] });
    expect(first.rotated).toEqual(expect.arrayContaining(backups));
    expect(snapshotNames(folder)).toEqual(files);
    const second = await rotating.rotateBackupEncryption();
    expect(second).toMatchObject({ success: true, rotated: [] });
    expect([...second.unchanged].sort()).toEqual([...first.rotated].sort());
    const renewed = await startModule(folder, withKey(keyOf(2)));
    const outdated = await startModule(folder, withKey(KEY));
    for (const id of backups) {
      await expect(outdated.restoreFromBackup(id)).rejects.toMatchObject({ code: 'ERR_WRONG_KEY' });
      await expect(renewed.restoreFromBackup(id)).resolves.toMatchObject({ dataIntegrityVerified: true });
    }
  });

  it('goes from passphrase to key and back, and takes plain ones along', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }], { encryption: { passphrase: PASSPHRASE } });
    await saveAndMaintain(folder, [{ a: 3 }], { enableBackup: true });
    const options = { encryption: { key: KEY, previous: [{ passphrase: PASSPHRASE }] } };
    const module = await startModule(folder, options);
    expect(await module.rotateBackupEncryption(path)).toMatchObject({ success: true, unchanged: [] });
    expect(snapshotNames(folder).every((name) => name.endsWith('.enc'))).toBe(true);
    const back = await startModule(folder, { encryption: { passphrase: 'another one', previous: [{ key: KEY }] } });
    expect(await back.rotateBackupEncryption()).toMatchObject({ success: true, unchanged: [] });
    const keyed = await startModule(folder, { encryption: { passphrase: 'another one' } });
    for (const { id } of await keyed.listBackups(path)) await keyed.restoreFromBackup(id, join(folder, 'shown.json'));
    expect((await keyed.loadConfiguration(join(folder, 'shown.json'))).data).toEqual({ a: 1 });
  });

  it('tells those that it cannot open, leaves them as they are, and does the others', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }], { ...withKey(keyOf(9)), maxVersionHistory: 1 });
    await saveAndMaintain(folder, [{ a: 3 }, { a: 4 }], { ...withKey(KEY), maxVersionHistory: 1 });
    const module = await startModule(folder, withKey(keyOf(2), [KEY]));
    const backups = await module.listBackups(path);
    const lost = backups.at(-1)!;
    const before = readFileSync(lost.backupPath);
    const result = await module.rotateBackupEncryption();
    expect(result.success).toBe(false);
    expect(result.errors?.some((error) => error.includes(lost.id))).toBe(true);
    expect(result.rotated).not.toContain(lost.id);
    expect(result.rotated).toContain(backups[0]!.id);
    expect(readFileSync(lost.backupPath)).toEqual(before);
  });

  it('is about one configuration with a path', async () => {
    const other = join(folder, 'other.json');
    const old = await startModule(folder, withKey(KEY));
    await saveAll(old, [{ a: 1 }, { a: 2 }]);
    await saveAll(old, [{ a: 1 }, { a: 2 }], other);
    await old.destroy();
    const module = await startModule(folder, withKey(keyOf(2), [KEY]));
    const [own] = await module.listBackups(path);
    const [others] = await module.listBackups(other);
    const { rotated } = await module.rotateBackupEncryption(path);
    expect(rotated).toContain(own!.id);
    expect(rotated).not.toContain(others!.id);
  });

  it('leaves each file whole where it fails in between, and goes on when it is called again', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }], withKey(KEY));
    let remaining = 1;
    const options = withKey(keyOf(2), [KEY]);
    const module = await startModule(folder, options, (real) => ({
      rename(from, to) {
        if (to.endsWith('.enc')) remaining -= 1;
        const isFull = to.endsWith('.enc') && remaining < 0;
        return isFull
          ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC', errno: -28, syscall: 'rename' }))
          : real.rename(from, to);
      },
    }));
    const [outcome] = await Promise.allSettled([module.rotateBackupEncryption()]);
    expect(outcome.status === 'rejected' || !outcome.value.success).toBe(true);
    remaining = Infinity;
    const { rotated, unchanged } = await module.rotateBackupEncryption();
    expect(unchanged).toHaveLength(1);
    expect(rotated.length).toBeGreaterThanOrEqual(2);
    for (const { id } of await module.listBackups(path)) {
      await expect(module.restoreFromBackup(id, join(folder, 'shown.json'))).resolves.toMatchObject({ success: true });
    }
  });

  it('is refused where no key is configured, before it changes anything', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }], withKey(KEY));
    const before = listing(join(folder, 'backups'));
    const module = await startModule(folder);
    await expect(module.rotateBackupEncryption()).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    expect(listing(join(folder, 'backups'))).toEqual(before);
  });

  it('keeps a backup under its old key where the disk does not give back what was written', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }], { ...withKey(keyOf(1)), maxVersionHistory: 1 });
    const [name] = snapshotNames(folder);
    const before = readFileSync(join(keyFolder(folder), name!));
    const module = await startModule(folder, withKey(keyOf(2), [keyOf(1)]), garbling(/\.auto\.backup.*\.tmp$/u));
    expect(await module.rotateBackupEncryption(path)).toMatchObject({ success: false });
    expect(readFileSync(join(keyFolder(folder), name!))).toEqual(before);
  });

  it('waits for locks as long as lockTimeout says', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }], { ...withKey(keyOf(1)), maxVersionHistory: 1 });
    const holder = await startModule(folder);
    const module = await startModule(folder, withKey(keyOf(2), [keyOf(1)]));
    await holder.acquireFileLock(path);
    const { errors = [] } = await module.rotateBackupEncryption(path, { lockTimeout: 0 });
    const waitedMs = errors.map((error) => Number(/waited (\d+) ms/u.exec(error)?.[1]));
    expect(Math.max(...waitedMs)).toBeLessThan(1000);
  });
});
