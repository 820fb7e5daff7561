/** What is kept of a configuration goes for good when it is told to, and what stays is told. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { systemClock } from '../../src/engine/Clock.js';
import { startModule, systemError, temporaryFolder, walk } from '../support/moduleFixture.js';
import { saveAll } from './backupFixture.js';

const SECRETS = [{ key: 'first-secret' }, { key: 'second-secret' }, { key: 'third-secret' }];
const NOTHING_KEPT = { autoBackupEnabled: false };

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

/** Everything below the folder that has this text in it, whatever it is. */
function filesWith(text: string): string[] {
  return walk(folder).filter((file) => {
    try {
      return readFileSync(file).includes(text);
    } catch {
      return false;
    }
  });
}

async function start(options = {}): Promise<ConfigPersistenceModule> {
  return startModule(folder, { compressionEnabled: false, retentionCount: 10, ...options });
}

it('removes backups, contents of versions, damaged files and archived backups, and says which', async () => {
  let module = await start({ retentionCount: 1 });
  await saveAll(module, SECRETS);
  await module.createBackup(undefined, 'release');
  await module.destroy();
  writeFileSync(path, '{"key":"third-secret"');
  module = await start();
  await module.saveConfiguration({ key: 'new' });
  expect(filesWith('-secret').length).toBeGreaterThan(3);

  const result = await module.forgetHistory(path);
  expect(result).toMatchObject({ success: true, filePath: path, operationType: 'cleanup', unreached: [] });
  expect(result.removedBackups.length).toBeGreaterThanOrEqual(1);
  expect(result.removedVersions.length).toBeGreaterThanOrEqual(1);
  expect(result.removedDamaged).toHaveLength(1);
  expect(result.reclaimedSpaceBytes).toBeGreaterThan(0);
  expect(filesWith('-secret')).toEqual([]);
  expect(await module.listBackups()).toEqual([]);
  await module.destroy();
  const later = await start();
  expect((await later.loadConfiguration()).data).toEqual({ key: 'new' });
  const [newest, ...others] = await later.getVersionHistory();
  expect(newest!.isSnapshot).toBe(true);
  expect(others.some(({ isSnapshot }) => isSnapshot)).toBe(false);
});

it('leaves what was kept since a moment', async () => {
  let aheadMs = 0;
  const clock = { ...systemClock, now: () => Date.now() + aheadMs };
  const module = await startModule(folder, { compressionEnabled: false, retentionCount: 10 }, { clock });
  await saveAll(module, SECRETS);
  aheadMs += 60_000;
  const before = Date.now() + 30_000;
  await saveAll(module, [{ key: 4 }, { key: 5 }]);
  const { removedBackups } = await module.forgetHistory(path, { before });
  expect(removedBackups).toHaveLength(2);
  expect(await module.listBackups()).toHaveLength(2);
  expect(filesWith('first-secret')).toEqual([]);
  expect(filesWith('third-secret')).toHaveLength(1);
});

it('is of one configuration alone', async () => {
  const module = await start();
  const other = join(folder, 'other.json');
  await saveAll(module, SECRETS, other);
  await saveAll(module, [{ a: 1 }, { a: 2 }]);
  await module.forgetHistory(path);
  expect(await module.listBackups(path)).toEqual([]);
  expect(await module.listBackups(other)).toHaveLength(2);
});

it('tells of exports in the archive folder, which stay', async () => {
  const module = await start(NOTHING_KEPT);
  await saveAll(module, SECRETS);
  const { exportPath } = await module.exportConfiguration('yaml');
  const { unreached, success, warnings } = await module.forgetHistory(path);
  expect(success).toBe(true);
  expect(unreached).toEqual([{ path: exportPath, reason: expect.stringContaining('export') as string }]);
  expect(warnings).toHaveLength(1);
});

it('tells what the system does not let go', async () => {
  let fails = false;
  const module = await startModule(folder, { retentionCount: 10, compressionEnabled: false }, (real) => ({
    unlink: (file) =>
      fails && file.includes('.backup') ? Promise.reject(systemError('EACCES', 'unlink')) : real.unlink(file),
  }));
  await saveAll(module, SECRETS);
  fails = true;
  const result = await module.forgetHistory(path);
  fails = false;
  expect(result).toMatchObject({ success: false, removedBackups: [] });
  expect(result.unreached.map(({ reason }) => reason)).toEqual(['EACCES', 'EACCES']);
  expect(await module.forgetHistory(path)).toMatchObject({ success: true, unreached: [] });
});

it('refuses while the file is damaged or gone, for what is kept may be all that is left; not after a delete', async () => {
  const module = await start();
  await saveAll(module, SECRETS);
  writeFileSync(path, '{"key":');
  await expect(module.forgetHistory(path)).rejects.toMatchObject({ code: 'ERR_INTEGRITY' });
  expect(await module.listBackups()).toHaveLength(2);
  await module.saveConfiguration({ key: 'new' });
  await module.deleteConfiguration(path);
  expect((await module.forgetHistory(path)).success).toBe(true);
  expect(filesWith('-secret')).toEqual([]);
});

it('does nothing where nothing is kept, and refuses what is no moment', async () => {
  const module = await start();
  expect(await module.forgetHistory(join(folder, 'none.json'))).toMatchObject({ success: true, removedBackups: [] });
  await expect(module.forgetHistory(path, { before: 'now' as never })).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
  });
});

it.each([NOTHING_KEPT, { maxVersionHistory: 0, autoBackupEnabled: false }])(
  'nothing has to be forgotten with %j, but for what an editor wrote',
  async (options) => {
    const module = await start(options);
    await saveAll(module, SECRETS);
    writeFileSync(path, '{"key":"edited-secret"}');
    await module.saveConfiguration({ key: 'new' });
    await module.destroy();
    expect(filesWith('third-secret')).toEqual([]);
    expect(filesWith('edited-secret')).toHaveLength(1);
  },
);
