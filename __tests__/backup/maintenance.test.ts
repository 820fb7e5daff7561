/** What maintenance does with the backups of a configuration, and that a crash or a failure there costs nothing. */
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { moduleScript, startProcess } from '../support/otherProcess.js';
import { startModule, systemError, temporaryFolder } from '../support/moduleFixture.js';
import {
  backupNames,
  fileOf,
  filesWith,
  keptId,
  keyFolder,
  keyOf,
  manifestNames,
  refusing,
  saveAll,
  saveAndMaintain,
  snapshotNames,
} from './backupFixture.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

describe('maintenance', () => {
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
    expect(backupNames(folder)).toEqual([expect.stringMatching(/\.gz$/u)]);
  });

  it('leaves plain what is not to be compressed', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }], { compressionEnabled: false });
    expect(backupNames(folder)).toEqual([expect.stringMatching(/\.backup$/u)]);
    const other = temporaryFolder();
    const retentionPolicy = { compressionEnabled: false };
    await saveAndMaintain(other, [{ a: 1 }, { a: 2 }], { compressionEnabled: true, retentionPolicy });
    expect(snapshotNames(other).filter((name) => name.endsWith('.gz'))).toEqual([]);
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
    expect(backupNames(folder)).toHaveLength(1);
  });

  it('packs the others where the system refuses to open one', async () => {
    const refusal = refusing('EACCES');
    const module = await startModule(folder, {}, refusal.interference);
    const results = await saveAll(module, [{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }]);
    refusal.path = fileOf(keyFolder(folder), keptId(results[3]!));
    await module.destroy();
    expect(backupNames(folder).map((name) => name.endsWith('.gz'))).toEqual([true, true, false]);
  });

  it('leaves a damaged backup as it is, beside the others', async () => {
    const module = await startModule(folder);
    const results = await saveAll(module, [{ a: 1 }, { a: 2 }, { a: 3 }]);
    const damaged = fileOf(keyFolder(folder), keptId(results[1]!));
    appendFileSync(damaged, 'x');
    const bytes = readFileSync(damaged);
    await module.destroy();
    expect(readFileSync(damaged)).toEqual(bytes);
    expect(backupNames(folder)).toHaveLength(2);
  });

  it('writes a manifest anew that is damaged, or another one', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }, { a: 3 }]);
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
});

describe('maintenance after a crash', () => {
  it('does not keep a process alive, and the next module goes on where that one ended', async () => {
    folder = temporaryFolder({ mayKeepTraces: true });
    const other = startProcess(`${moduleScript(folder)}
      await module.saveConfiguration({ a: 1 });
      await module.saveConfiguration({ a: 2 });`);
    await other.ended();
    expect(backupNames(folder)).toEqual([expect.stringMatching(/\.backup(?:\.gz)?$/u)]);
    await saveAndMaintain(folder, [{ a: 3 }]);
    expect(backupNames(folder)).toHaveLength(2);
    expect(backupNames(folder).every((name) => name.endsWith('.gz'))).toBe(true);
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

  it('prefers a whole plain file to a torn packed one beside it', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const id = keptId(await module.saveConfiguration({ a: 2 }));
    writeFileSync(`${fileOf(keyFolder(folder), id)}.gz`, 'torn');
    await module.destroy();
    const later = await startModule(folder);
    await expect(later.restoreFromBackup(id)).resolves.toMatchObject({ success: true });
  });
});
