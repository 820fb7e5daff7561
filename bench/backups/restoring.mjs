// @ts-check
// Makes and restores backups of a large file: plain, compressed, and encrypted with a key.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { floor, plainSave } from '../contenders/floor.mjs';
import { measure } from '../measure.mjs';
import { rate, ratedTable } from '../table.mjs';
import { makeValue } from '../values.mjs';

/** @import { Entry } from '../measure.mjs' */
/** @import { BenchValue } from '../values.mjs' */
/** @import { BackupBench } from '../backups.mjs' */

const BYTES = 5_242_880;
const FULL = { rounds: 8, samples: 2 };
const SHORT = { rounds: 1, samples: 1 };
const KEY_BYTES = 32;

/** @type {{ name: string, options: Record<string, unknown> }[]} */
const PACKINGS = [
  { name: 'plain', options: { compressionEnabled: false } },
  { name: 'compressed (default)', options: {} },
  { name: 'encrypted', options: { compressionEnabled: false, encryption: { key: randomBytes(KEY_BYTES) } } },
  { name: 'compressed and encrypted', options: { encryption: { key: randomBytes(KEY_BYTES) } } },
];

/** @param {BackupBench} context */
export async function runRestoring({ folder, short, openModule, print }) {
  const plan = short ? SHORT : FULL;
  const value = makeValue(BYTES);
  const own = join(folder, 'restore');
  await mkdir(own, { recursive: true });
  const subjects = [];
  for (const [index, { name, options }] of PACKINGS.entries()) {
    subjects.push(await makeSubject(name, join(own, String(index)), options, value, openModule));
  }
  const settle = () => plainSave(join(folder, 'settle'), '');
  /** @type {Entry} */
  const reference = {
    name: floor.name,
    before: () => (value.revision += 1),
    run: async () => (await floor.open(own)).save(join(own, 'config.json'), value),
  };
  /** @param {string} title @param {Entry[]} entries */
  const compare = async (title, entries) => {
    const rows = rate(await measure([reference, ...entries], plan, settle), floor.name);
    print(ratedTable(title, 'C', rows));
    return rows;
  };
  return {
    create: await compare(
      'Make a backup of 5 MB (verified from the disk)',
      subjects.map((subject) => subject.creation),
    ),
    restore: await compare(
      'Restore a backup of 5 MB',
      subjects.map((subject) => subject.restoration),
    ),
  };
}

/**
 * A file with one named backup. Each turn has an instance of its own, whose tending ends before the next turn begins.
 *
 * @param {string} name
 * @param {string} folder
 * @param {Record<string, unknown>} options
 * @param {BenchValue} value
 * @param {BackupBench['openModule']} openModule
 */
async function makeSubject(name, folder, options, value, openModule) {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'config.json');
  const open = () => openModule(folder, { ...options, retentionPolicy: { keepNamed: true } });
  let module = await open();
  await module.saveConfiguration(value, file);
  const { backupId: restored } = await module.createBackup(file, 'restored');
  await module.destroy();
  /** @type {string | undefined} */
  let made;
  const removeMade = async () => {
    if (made !== undefined) await module.deleteBackup(made);
    made = undefined;
  };
  const close = async () => {
    await removeMade();
    await module.destroy();
  };
  const reopen = async () => {
    module = await open();
  };
  return {
    creation: {
      name,
      beforeTurn: reopen,
      before: removeMade,
      run: async () => {
        made = (await module.createBackup(file)).backupId;
      },
      afterTurn: close,
    },
    restoration: {
      name,
      beforeTurn: reopen,
      // Something else, so that the restoring changes the file.
      before: () => {
        value.revision += 1;
        return module.saveConfiguration(value, file);
      },
      run: () => module.restoreFromBackup(restored),
      afterTurn: close,
    },
  };
}
