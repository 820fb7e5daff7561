/** That an archive of the kind `backup` becomes the same versions and the same backups somewhere else. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { memoryStore } from '../../src/memory.js';
import type { BackupInfo } from '../../interfaces/backups.js';
import type { VersionInfo } from '../../interfaces/versions.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';

let folder: string;
let elsewhere: string;

beforeEach(() => {
  folder = temporaryFolder();
  elsewhere = temporaryFolder();
});

/** What does not depend on the place. */
function tellingVersions(versions: readonly VersionInfo[]): unknown[] {
  return versions.map(({ id, filePath, parentVersion, ...version }) => ({
    ...version,
    id: id.slice(id.indexOf('.r')),
    parent: parentVersion?.slice(parentVersion.indexOf('.r')),
  }));
}

function tellingBackups(backups: readonly BackupInfo[]): unknown[] {
  return backups.map(({ createdAt, checksum, isAutomatic, description, fileSize, metadata }) => ({
    ...{ createdAt, checksum, isAutomatic, description, fileSize },
    metadata: { version: metadata?.version, tags: metadata?.tags, description: metadata?.description },
  }));
}

async function withHistory(module: ConfigPersistenceModule): Promise<void> {
  await module.saveConfiguration({ n: 1 }, undefined, { user: 'ada', description: 'first', tags: ['x'] });
  await module.saveConfiguration({ n: 2 }, undefined, { user: 'bob' });
  await module.setConfigurationMetadata({ description: 'of the file', tags: ['m'], customFields: { team: 'x' } });
  await module.createBackup(undefined, 'before-three', { description: 'by hand' });
  await module.saveConfiguration({ n: 3 });
  await module.setConfigurationMetadata({ description: 'newer', tags: ['m2'] });
}

describe('a backup archive', () => {
  it.each([true, false])('restores versions, backups, contents and metadata (compressed: %s)', async (compression) => {
    const source = await startModule(folder, { maxVersionHistory: 5 });
    await withHistory(source);
    await source.destroy();
    const again = await startModule(folder, { maxVersionHistory: 5 });
    const { exportPath } = await again.exportConfiguration('backup', undefined, { compression });
    const [versions, backups] = [await again.getVersionHistory(), await again.listBackups(join(folder, 'app.json'))];
    const moved = join(elsewhere, 'moved.backup');
    writeFileSync(moved, readFileSync(exportPath));

    const target = await startModule(elsewhere, { maxVersionHistory: 5 });
    const result = await target.importConfiguration(moved, 'backup');
    expect(result).toMatchObject({ targetFilePath: join(elsewhere, 'app.json'), changed: true });
    expect(result).not.toHaveProperty('warnings');
    expect(readFileSync(join(elsewhere, 'app.json'))).toEqual(readFileSync(join(folder, 'app.json')));
    const restored = await target.getVersionHistory();
    expect(tellingVersions(restored)).toEqual(tellingVersions(versions));
    expect(tellingBackups(await target.listBackups(join(elsewhere, 'app.json')))).toEqual(tellingBackups(backups));
    expect(await target.getConfigurationMetadata()).toMatchObject({ description: 'newer', tags: ['m2'] });
    expect(await target.verifyConfigurationIntegrity(join(elsewhere, 'app.json'))).toMatchObject({ isValid: true });
    // What is restored can be worked with.
    await target.rollbackToVersion(restored.at(-1)!.id);
    expect((await target.loadConfiguration()).data).toEqual({ n: 1 });
    expect(await target.getVersionHistory()).toHaveLength(Math.min(versions.length + 1, 5));
  });

  it('goes into another store as it goes into files', async () => {
    const source = await startModule(folder);
    await withHistory(source);
    const { exportPath } = await source.exportConfiguration('backup');
    const versions = await source.getVersionHistory();
    const target = await startModule(folder, { store: memoryStore() });
    await target.importConfiguration(exportPath, 'backup');
    const told = (list: readonly VersionInfo[]) =>
      list.map(({ checksum, timestamp, createdBy }) => ({ checksum, timestamp, createdBy }));
    expect(told(await target.getVersionHistory())).toEqual(told(versions));
    expect((await target.loadConfiguration()).data).toEqual({ n: 3 });
  });

  it('brings only its content where there is a history already, and says so', async () => {
    const source = await startModule(folder);
    await withHistory(source);
    const { exportPath } = await source.exportConfiguration('backup');
    await source.saveConfiguration({ n: 4 });
    const { warnings } = await source.importConfiguration(exportPath, 'backup');
    expect(warnings).toEqual([expect.stringContaining('history of its own')]);
    expect((await source.loadConfiguration()).data).toEqual({ n: 3 });
    const [newest] = await source.getVersionHistory();
    expect(newest!.isSnapshot).toBe(true);
  });

  it('of a file that was edited outside the module carries the edit, too', async () => {
    const source = await startModule(folder);
    await withHistory(source);
    writeFileSync(join(folder, 'app.json'), '{"n":"edited"}');
    const { exportPath } = await source.exportConfiguration('backup');
    const target = await startModule(elsewhere, { allowedDirectories: [folder] });
    await target.importConfiguration(exportPath, 'backup');
    expect((await target.loadConfiguration()).data).toEqual({ n: 'edited' });
    expect(await target.getVersionHistory()).toHaveLength(4);
  });

  it('is refused as a whole where a byte of it is another', async () => {
    const source = await startModule(folder);
    await withHistory(source);
    const { exportPath } = await source.exportConfiguration('backup');
    const plain = gunzipSync(readFileSync(exportPath));
    const forged = Buffer.from(
      plain.toString('latin1').replace('"n": 3', '"n": 9').replace('"n":3', '"n":9'),
      'latin1',
    );
    expect(forged.equals(plain)).toBe(false);
    const path = join(elsewhere, 'forged.backup');
    writeFileSync(path, gzipSync(forged));
    const target = await startModule(elsewhere);
    await expect(target.importConfiguration(path, 'backup')).rejects.toMatchObject({ code: 'ERR_ARCHIVE_REFUSED' });
    expect(existsSync(join(elsewhere, 'app.json'))).toBe(false);
  });

  it('of a plain archive is refused as what it is not', async () => {
    const source = await startModule(folder);
    await source.saveConfiguration({ n: 1 });
    const { exportPath } = await source.exportConfiguration('tar.gz');
    await expect(source.importConfiguration(exportPath, 'backup')).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_REFUSED',
    });
  });

  it('stages and keeps nothing in plain text where backups are encrypted', async () => {
    const options = { encryption: { key: new Uint8Array(32).fill(9) } };
    const source = await startModule(folder, options);
    await source.saveConfiguration({ secret: 'first-secret-first-secret' });
    await source.saveConfiguration({ secret: 'second-secret-second' });
    const { exportPath } = await source.exportConfiguration('backup');
    const seen: string[] = [];
    const target = await startModule(elsewhere, { ...options, allowedDirectories: [folder] }, (real) => ({
      async write(descriptor, buffer, offset, length, position) {
        seen.push(
          Buffer.from(buffer)
            .subarray(offset, offset + length)
            .toString('latin1'),
        );
        return real.write(descriptor, buffer, offset, length, position);
      },
    }));
    await target.importConfiguration(exportPath, 'backup');
    expect(seen.filter((text) => text.includes('first-secret'))).toEqual([]);
    const [, first] = await target.getVersionHistory();
    await target.rollbackToVersion(first!.id);
    expect((await target.loadConfiguration()).data).toEqual({ secret: 'first-secret-first-secret' });
  });
});
