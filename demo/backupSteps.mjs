// @ts-check
// What the demo shows of getting data back: versions, a backup, a restore, and a file that is damaged on purpose.
import { stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect } from './report.mjs';

/** @import { Place } from './fileSteps.mjs' */

const NAME = 'limits.toml';
const STATES = [
  { per: 'hour', requests: 100 },
  { per: 'hour', requests: 200, burst: 20 },
  { per: 'hour', requests: 0 },
];

/** @param {Place} place */
export async function runBackupSteps({ module, folder, report }) {
  const path = join(folder, NAME);
  for (const state of STATES) await module.saveConfiguration(state, path);

  await report.step('version history', NAME, async (time) => {
    const versions = await time.measure(() => module.getVersionHistory(path));
    expect(versions.length === STATES.length, `${versions.length} versions`);
    expect(
      versions.every(({ isSnapshot }) => isSnapshot),
      'a version without its content',
    );
    const changes = versions[0]?.changes?.map(({ type, path: place }) => `${type} ${place}`).join(', ');
    return { checked: `${versions.length} versions; ${changes}`, result: versions };
  });

  await report.step('compare versions', NAME, async (time) => {
    const [newest, , oldest] = await module.getVersionHistory(path);
    const result = await time.measure(() => module.compareVersions(oldest?.id ?? '', newest?.id ?? ''));
    const places = result.differences.map(({ type, path: place }) => `${type} of ${place}`).join(', ');
    expect(places === 'value-change of requests', `differ by ${places}`);
    return { checked: `${places}; similarity ${result.similarity.toFixed(2)}`, result };
  });

  await report.step('roll back', NAME, async (time) => {
    const [, , first] = await module.getVersionHistory(path);
    const result = await time.measure(() => module.rollbackToVersion(first?.id ?? ''));
    await expectState(module, path, STATES[0]);
    return { checked: 'the first version is the newest again, byte for byte', result };
  });

  const backup = await report.step('back up, restore', NAME, async (time) => {
    const backup = await module.createBackup(path, 'demo');
    await module.saveConfiguration({ requests: -1 }, path);
    await time.measure(() => module.restoreFromBackup(backup.backupId));
    await expectState(module, path, STATES[0]);
    expect((await stat(backup.backupPath)).isFile(), 'the backup is no file');
    return { checked: 'restored by id; what it replaced is kept', result: backup };
  });
  if (backup !== undefined) report.note(relative(join(folder, '..'), backup.backupPath));

  await report.step('cleanup, dry run', NAME, async (time) => {
    const before = await module.listBackups(path);
    const { decisions } = await time.measure(() => module.cleanupOldBackups(2, { filePath: path, dryRun: true }));
    const going = decisions.filter(({ action }) => action === 'delete');
    expect(decisions.length === before.length && going.length === before.length - 2, `${going.length} would go`);
    expect((await module.listBackups(path)).length === before.length, 'something was deleted');
    const reasons = new Set(going.map(({ reason }) => reason.replace(/ limits\.toml-\S+$/u, ' one')));
    return {
      checked: `would delete ${going.length} of ${before.length}: ${[...reasons].join('; ')}`,
      result: decisions,
    };
  });

  await report.step('damage', NAME, async (time) => {
    await writeFile(path, 'requests = "cut o');
    const error = await time.measure(() =>
      module.loadConfiguration(path).catch((/** @type {unknown} */ cause) => cause),
    );
    const { code, message } = /** @type {{ code?: unknown, message: string }} */ (error);
    expect(code === 'ERR_INTEGRITY', `ended with ${String(code)}`);
    const [, id = ''] = /: (limits\.toml-\S+?)(?:,|$)/u.exec(message) ?? [];
    await module.restoreFromBackup(id);
    return { checked: `${code} names good backups; restored`, result: code };
  });
}

/** @param {Place['module']} module @param {string} path @param {unknown} state */
async function expectState(module, path, state) {
  const { data, isValid } = await module.loadConfiguration(path);
  expect(isValid && isDeepStrictEqual(data, state), 'the file holds something else');
}
