// @ts-check
// What the demo shows with a second module on the same folders: encrypted backups, recovery by itself, a named lock.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, refusal } from './report.mjs';

/** @import { ConfigPersistenceModule } from 'rcc-config-persistence' */
/** @import { Place } from './fileSteps.mjs' */

const NAME = 'tokens.json';
const SECRET = 'a-token-that-must-not-leak';

/** @param {Place} place @param {ConfigPersistenceModule} guard Encrypts its backups and recovers damaged files. */
export async function runGuardSteps({ module, folder, report }, guard) {
  const path = join(folder, NAME);

  await report.step('encrypted backup', NAME, async (time) => {
    await guard.saveConfiguration({ token: SECRET }, path);
    const { backupId, backupPath } = await time.measure(() => guard.createBackup(path, 'sealed'));
    expect(!(await readFile(backupPath, 'latin1')).includes(SECRET), 'the backup shows the secret');
    await guard.saveConfiguration({ token: 'another' }, path);
    await guard.restoreFromBackup(backupId);
    const { data } = await guard.loadConfiguration(path);
    expect(isDeepStrictEqual(data, { token: SECRET }), 'restored something else');
    const code = await refusal(() => module.restoreFromBackup(backupId));
    expect(code === 'ERR_KEY_REQUIRED', `without the key it ended with ${code}`);
    return { checked: `opens again with the key; without: ${code}`, result: code };
  });

  await report.step('recover by itself', NAME, async (time) => {
    await guard.saveConfiguration({ token: 'newest' }, path);
    await writeFile(path, '{ "token": "cut o');
    const loaded = await time.measure(() => guard.loadConfiguration(path));
    expect(isDeepStrictEqual(loaded.data, { token: SECRET }), 'loaded something else than the newest good backup');
    expect(loaded.validationResults?.length === 1, 'does not tell that it has recovered the file');
    return { checked: 'damaged file restored from its newest good backup', result: loaded };
  });

  await report.step('named lock', NAME, async (time) => {
    const { lockId } = await time.measure(() => guard.acquireFileLock(path));
    const code = await refusal(() => module.saveConfiguration({}, path, { lockTimeout: 0 }));
    expect(code === 'ERR_LOCK_TIMEOUT', `the other module ended with ${code}`);
    await guard.saveConfiguration({ token: 'under the lock' }, path);
    await guard.releaseFileLock(lockId);
    expect(!(await module.checkFileLock(path)).isLocked, 'still locked after the release');
    return { checked: `the holder saves; another module: ${code}`, result: code };
  });
}
