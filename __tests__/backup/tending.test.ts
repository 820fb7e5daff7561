/** What happens to kept contents off the save's path, and that a crash or a failure there costs nothing. */
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { PersistenceAlert } from '../../interfaces/messages.js';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { moveClock } from '../support/clock.js';
import { moduleScript, startProcess } from '../support/otherProcess.js';
import { startModule, systemError, temporaryFolder, until, walk } from '../support/moduleFixture.js';
import {
  fileOf,
  filesWith,
  keptId,
  keyFolder,
  keyOf,
  manifestNames,
  refusing,
  saveAll,
  saveAndTend,
  snapshotNames,
} from './backupFixture.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

function backupNames(): string[] {
  return snapshotNames(folder).filter((name) => name.includes('.backup'));
}

describe('tending', () => {
  it('compresses a while after the last change, by itself', async () => {
    const module = await startModule(folder);
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    expect(backupNames()).toEqual([expect.stringMatching(/\.backup$/u)]);
    await until(() => backupNames().every((name) => name.endsWith('.gz')));
    expect(backupNames()).toHaveLength(1);
    expect((await module.listBackups(path))[0]).toMatchObject({ isAutomatic: true });
  });

  it('is done at once by destroy(), with content, id and manifest right', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const bytes = readFileSync(path);
    const id = keptId(await module.saveConfiguration({ a: 2 }));
    await module.destroy();
    const file = fileOf(keyFolder(folder), id);
    expect(file).toMatch(/\.auto\.backup\.gz$/u);
    expect(gunzipSync(readFileSync(file))).toEqual(bytes);
    const later = await startModule(folder);
    expect((await later.listBackups(path))[0]).toMatchObject({
      id,
      checksum: createHash('sha256').update(bytes).digest('hex'),
      fileSize: bytes.length,
    });
  });

  it('waits in destroy() for changes that still run', async () => {
    const module = await startModule(folder);
    const saves = [module.saveConfiguration({ a: 1 }), module.saveConfiguration({ a: 2 })];
    await module.destroy();
    await Promise.all(saves);
    expect(backupNames()).toEqual([expect.stringMatching(/\.gz$/u)]);
  });

  it('leaves plain what is not to be compressed', async () => {
    await saveAndTend(folder, [{ a: 1 }, { a: 2 }], { compressionEnabled: false });
    expect(backupNames()).toEqual([expect.stringMatching(/\.backup$/u)]);
    const other = temporaryFolder();
    const retentionPolicy = { compressionEnabled: false };
    await saveAndTend(other, [{ a: 1 }, { a: 2 }], { compressionEnabled: true, retentionPolicy });
    expect(snapshotNames(other).filter((name) => name.endsWith('.gz'))).toEqual([]);
  });

  it('does not keep a process alive, and the next module goes on where that one ended', async () => {
    folder = temporaryFolder({ mayKeepTraces: true });
    const other = startProcess(`${moduleScript(folder)}
      await module.saveConfiguration({ a: 1 });
      await module.saveConfiguration({ a: 2 });`);
    await other.ended();
    expect(backupNames()).toEqual([expect.stringMatching(/\.backup$/u)]);
    await saveAndTend(folder, [{ a: 3 }]);
    expect(backupNames()).toHaveLength(2);
    expect(backupNames().every((name) => name.endsWith('.gz'))).toBe(true);
  });

  it('finishes what a crash has left between packing and removing', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const id = keptId(await module.saveConfiguration({ a: 2 }));
    const file = fileOf(keyFolder(folder), id);
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)));
    expect((await module.listBackups(path)).map((backup) => [backup.id, backup.backupPath])).toEqual([
      [id, `${file}.gz`],
    ]);
    await module.destroy();
    expect(existsSync(file)).toBe(false);
    const later = await startModule(folder);
    await later.restoreFromBackup(id);
    expect((await later.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('removes what a killed process was still writing there, and manifests of nothing', async () => {
    const module = await startModule(folder);
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    const place = keyFolder(folder);
    writeFileSync(join(place, '.app.json.0123456789abcdef.tmp'), 'half');
    writeFileSync(join(place, 'app.json.20260101T000000000Z.r1.0123456789abcdef.meta'), 'of nothing');
    await module.destroy();
    expect(readdirSync(place).filter((name) => name.includes('0123456789abcdef.'))).toEqual([]);
  });

  it('is reported where it fails, costs nothing, and is made up for by the next change', async () => {
    const alerts: PersistenceAlert[] = [];
    let isFull = true;
    const options = { alerts: (alert: PersistenceAlert) => void alerts.push(alert) };
    const module = await startModule(folder, options, (real) => ({
      rename: (from, to) =>
        isFull && to.endsWith('.gz') ? Promise.reject(systemError('ENOSPC', 'rename')) : real.rename(from, to),
    }));
    await module.saveConfiguration({ a: 1 });
    const id = keptId(await module.saveConfiguration({ a: 2 }));
    await until(() => alerts.length > 0);
    expect(alerts[0]).toMatchObject({ type: 'backup-failure', severity: 'high', filePath: path });
    expect(alerts[0]?.description).not.toContain('"a"');
    await module.restoreFromBackup(id, join(folder, 'shown.json'));
    isFull = false;
    await module.saveConfiguration({ a: 3 });
    await module.destroy();
    expect(backupNames().every((name) => name.endsWith('.gz'))).toBe(true);
    expect(walk(folder).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });

  it('survives an alerts option that throws', async () => {
    const options = {
      alerts: () => {
        throw new Error('of the application');
      },
    };
    const module = await startModule(folder, options, (real) => ({
      rename: (from, to) =>
        to.endsWith('.gz') ? Promise.reject(systemError('ENOSPC', 'rename')) : real.rename(from, to),
    }));
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    await expect(module.destroy()).resolves.toBeUndefined();
    expect(backupNames()).toHaveLength(1);
  });

  it('is left to whoever holds the lock, without an alert', async () => {
    const alerts: PersistenceAlert[] = [];
    const options = { alerts: (alert: PersistenceAlert) => void alerts.push(alert) };
    const [module, holder] = [await startModule(folder, options), await startModule(folder)];
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    await holder.acquireFileLock(path);
    await module.destroy();
    expect(alerts).toEqual([]);
    expect(backupNames()).toEqual([expect.stringMatching(/\.backup$/u)]);
    await holder.saveConfiguration({ a: 3 });
    await holder.destroy();
    expect(backupNames().every((name) => name.endsWith('.gz'))).toBe(true);
  });

  it('packs the others where the system refuses to open one', async () => {
    const refusal = refusing('EACCES');
    const module = await startModule(folder, {}, refusal.interference);
    const results = await saveAll(module, [{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }]);
    refusal.path = fileOf(keyFolder(folder), keptId(results[3]!));
    await module.destroy();
    expect(backupNames().map((name) => name.endsWith('.gz'))).toEqual([true, true, false]);
  });

  it('leaves a damaged backup as it is, beside the others', async () => {
    const module = await startModule(folder);
    const results = await saveAll(module, [{ a: 1 }, { a: 2 }, { a: 3 }]);
    const damaged = fileOf(keyFolder(folder), keptId(results[1]!));
    appendFileSync(damaged, 'x');
    const bytes = readFileSync(damaged);
    await module.destroy();
    expect(readFileSync(damaged)).toEqual(bytes);
    expect(backupNames()).toHaveLength(2);
  });

  it('writes a manifest anew that is damaged, or another one', async () => {
    await saveAndTend(folder, [{ a: 1 }, { a: 2 }, { a: 3 }]);
    const module = await startModule(folder);
    const [newer, older] = await module.listBackups(path);
    const manifest = (backup = newer!): string =>
      join(keyFolder(folder), `${basename(backup.backupPath).split('.auto.')[0]}.meta`);
    copyFileSync(manifest(older), manifest(newer));
    expect((await module.listBackups(path))[0]).toMatchObject({ checksum: newer!.checksum });
    writeFileSync(manifest(older), 'garbage');
    expect((await module.listBackups(path))[1]).toMatchObject({ checksum: older!.checksum });
    await module.cleanupOldBackups();
    for (const backup of [newer!, older!]) expect(readFileSync(manifest(backup), 'utf8')).toContain(backup.checksum);
  });

  it('is not stopped by a folder of somebody else that has the name of a manifest', async () => {
    const module = await startModule(folder, { encryption: { key: keyOf(1) } });
    await saveAll(module, [{ secret: 'open sesame' }, { a: 2 }]);
    mkdirSync(join(keyFolder(folder), 'app.json.20200101T000000000Z.r1.0123456789abcdef.meta'));
    await module.destroy();
    expect(filesWith(folder, 'open sesame')).toEqual([]);
  });

  it('tells of a damaged backup, once', async () => {
    const alerts: PersistenceAlert[] = [];
    const options = { alerts: (alert: PersistenceAlert) => void alerts.push(alert) };
    const module = await startModule(folder, options);
    const id = keptId((await saveAll(module, [{ a: 1 }, { a: 2 }]))[1]!);
    appendFileSync(fileOf(keyFolder(folder), id), 'x');
    await until(() => alerts.length > 0);
    await module.saveConfiguration({ a: 3 });
    await module.destroy();
    expect(alerts).toEqual([expect.objectContaining({ type: 'backup-failure', backupId: id, filePath: path })]);
  });

  it('prefers a whole plain file to a torn packed one beside it', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const id = keptId(await module.saveConfiguration({ a: 2 }));
    writeFileSync(`${fileOf(keyFolder(folder), id)}.gz`, 'torn');
    await module.destroy();
    const later = await startModule(folder);
    await expect(later.restoreFromBackup(id)).resolves.toMatchObject({ success: true });
  });

  it('knows the tags of a version also after more saves at once than the history holds', async () => {
    const module = await startModule(folder, { retentionPolicy: { keepLast: 1, keepTags: ['release'] } });
    const released = await module.saveConfiguration('released', path, { tags: ['release'] });
    await saveAll(module, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    await module.destroy();
    const later = await startModule(folder);
    const backups = await later.listBackups(path);
    expect(backups.map(({ checksum }) => checksum)).toContain(released.checksum);
  });

  it('leaves a manifest of a newer release as it is', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await module.createBackup(path, 'x', { description: 'only in the manifest' });
    const [manifest] = manifestNames(folder);
    const file = join(keyFolder(folder), manifest!);
    const text = readFileSync(file, 'utf8').trimEnd();
    const newer = text.slice(text.indexOf(' ') + 1).replace('"manifest":1', '"manifest":2');
    const check = createHash('sha256').update(newer).digest('hex').slice(0, text.indexOf(' '));
    writeFileSync(file, `${check} ${newer}\n`);
    await module.saveConfiguration({ a: 2 });
    await module.destroy();
    expect(readFileSync(file, 'utf8')).toBe(`${check} ${newer}\n`);
  });

  it('encrypts what an ended process has left plain, as soon as the configuration is used again', async () => {
    folder = temporaryFolder({ mayKeepTraces: true });
    path = join(folder, 'app.json');
    const options = { encryption: { key: keyOf(1) } };
    const other = startProcess(`${moduleScript(folder, { encryption: { key: 'KEY' } }).replace(
      '"KEY"',
      'new Uint8Array(32).fill(1)',
    )}
      await module.saveConfiguration({ secret: 'open sesame' });
      await module.saveConfiguration({ a: 2 });
      console.log('saved');`);
    await other.nextLine();
    await other.kill();
    expect(filesWith(join(folder, 'backups'), 'open sesame')).toHaveLength(1);
    const module = await startModule(folder, options);
    await module.loadConfiguration();
    await until(() => filesWith(join(folder, 'backups'), 'open sesame').length === 0);
    expect(await module.listBackups(path)).toHaveLength(1);
  });

  it('is tried again after a long holder of the lock has gone', async () => {
    const holder = await startModule(folder);
    const module = await startModule(folder);
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    const { lockId } = await holder.acquireFileLock(path);
    let failures = 0;
    module.setDebugModule({ log: (level) => void (failures += Number(level === 'error')) });
    await until(() => failures > 0);
    await holder.releaseFileLock(lockId);
    await until(() => backupNames().every((name) => name.endsWith('.gz')));
    expect(backupNames()).toHaveLength(1);
  });

  it('waits until nobody changes the configuration any more, but not for ever', async () => {
    let looks = 0;
    let opened = 0;
    const module = await startModule(folder, { retentionCount: 50 }, (real) => ({
      readdir(listed) {
        looks += Number(listed.includes('backups'));
        return real.readdir(listed);
      },
      open(file, flags, mode) {
        opened += Number(file.endsWith('.backup'));
        return real.open(file, flags, mode);
      },
    }));
    const busy = await startModule(folder, { retentionCount: 50, compressionEnabled: false });
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    const over = new AbortController();
    const changing = (async () => {
      for (let a = 3; !over.signal.aborted; a++) await busy.saveConfiguration({ a });
    })();
    await until(() => looks >= 2);
    expect(opened).toBe(0);
    moveClock(CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS.MAX_MAINTENANCE_DELAY_MS);
    await until(() => opened > 0);
    over.abort();
    await changing;
  });

  it('comes at once where killed processes have left many, and holds the lock for a part of them at a time', async () => {
    const { MAX_BACKLOG, PRUNED_SHARE, MAX_UNMAINTAINED } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS;
    await saveAndTend(folder, [{ a: 1 }, { a: 2 }]);
    const place = keyFolder(folder);
    for (let count = 0; count < MAX_BACKLOG + 20; count++) {
      const text = `{"left":${count}}`;
      const start = createHash('sha256').update(text).digest('hex').slice(0, 16);
      const time = new Date(Date.UTC(2026, 0, 1) + count).toISOString().replaceAll(/[-:.]/gu, '');
      writeFileSync(join(place, `app.json.${time}.r0.${start}.auto.backup`), text);
    }
    const removedByHold = [0];
    const module = await startModule(folder, { retentionCount: 3 }, (real) => ({
      rename(from, to) {
        if (to.endsWith('.lock')) removedByHold.push(0);
        return real.rename(from, to);
      },
      unlink(file) {
        if (file.endsWith('.auto.backup')) removedByHold[removedByHold.length - 1]! += 1;
        return real.unlink(file);
      },
    }));
    // No time passes after which it would tend a configuration in use anyway.
    moveClock(-CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS.MAX_MAINTENANCE_DELAY_MS * 1000);
    let a = 3;
    await until(async () => {
      await module.saveConfiguration({ a: a++ });
      return backupNames().every((name) => !name.includes('.20260101T'));
    });
    const removed = removedByHold.reduce((sum, count) => sum + count, 0);
    expect(removed).toBeGreaterThan(MAX_BACKLOG);
    // A little more than the share of these, because new ones go with them.
    expect(Math.max(...removedByHold)).toBeLessThan(removed * 2 * PRUNED_SHARE);
    // Nor was it for the number of changes.
    expect(a).toBeLessThan(MAX_UNMAINTAINED);
  });
});
