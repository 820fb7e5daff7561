// @ts-check
// One file's backups listed and cleaned up beside the backups of many other files, which should make no difference.
import { mkdirSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { plainSave } from '../contenders/floor.mjs';
import { measure } from '../measure.mjs';
import { rate, ratedTable } from '../table.mjs';
import { makeValue } from '../values.mjs';

/** @import { Entry, Plan } from '../measure.mjs' */
/** @import { BackupBench } from '../backups.mjs' */

const FULL = { others: 100_000, list: { rounds: 20, samples: 10, batch: 10 }, cleanup: { rounds: 20, samples: 8 } };
const SHORT = { others: 1000, list: { rounds: 2, samples: 2, batch: 5 }, cleanup: { rounds: 2, samples: 2 } };

/** Independent is a ratio of 1; this is that, and a tenth for the noise of clock and disk. */
const INDEPENDENT = 1.1;
const RETAINED = 3;
/** Made before each cleaning, so that there is something to clean. */
const SURPLUS = 2;
const VALUE_BYTES = 1024;

/** @param {BackupBench} context */
export async function runNeighbours({ folder, short, openModule, print }) {
  const { others, list, cleanup } = short ? SHORT : FULL;
  const crowd = join(folder, 'neighbours', 'many');
  const alone = await openSubject(join(folder, 'neighbours', 'none'), openModule);
  const crowded = await openSubject(crowd, openModule);
  const settle = () => plainSave(join(folder, 'settle'), '');
  const start = performance.now();
  makeOthers(join(crowd, 'backups'), others);
  try {
    await settle();
    print(`\nMade the backups of ${others} other files in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    const names = { alone: 'no other file', crowded: `${others} other files` };
    /** @param {string} title @param {Plan} plan @param {(subject: Subject) => Omit<Entry, 'name'>} entryOf */
    const compare = async (title, plan, entryOf) => {
      const entries = [
        { name: names.alone, ...entryOf(alone) },
        { name: names.crowded, ...entryOf(crowded) },
      ];
      const rows = rate(await measure(entries, plan, settle), names.alone, { [names.crowded]: INDEPENDENT });
      print(ratedTable(title, 'alone', rows));
      return rows;
    };
    return {
      others,
      list: await compare("List one file's backups beside those of others (independent: 1)", list, (subject) => ({
        run: () => subject.list(),
      })),
      cleanup: await compare(
        "Clean up one file's backups beside those of others (independent: 1)",
        cleanup,
        (subject) => ({
          before: () => subject.addSurplus(),
          run: () => subject.cleanUp(),
        }),
      ),
    };
  } finally {
    await alone.close();
    await crowded.close();
    removeOthers(join(crowd, 'backups'), others);
  }
}

/** So that the upkeep in the background takes nothing away from the clean-up that is timed. */
const KEEP_ALL = { retentionCount: 50 };

/** @typedef {Awaited<ReturnType<typeof openSubject>>} Subject */

/** A file whose backups are tended, and a fresh instance. @param {string} folder @param {BackupBench['openModule']} openModule */
async function openSubject(folder, openModule) {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'config.json');
  const value = makeValue(VALUE_BYTES);
  const first = await openModule(folder, KEEP_ALL);
  for (let save = 0; save <= RETAINED; save += 1) {
    value.revision += 1;
    await first.saveConfiguration(value, file);
  }
  await first.destroy();
  const module = await openModule(folder, KEEP_ALL);
  return {
    async list() {
      const { length } = await module.listBackups(file);
      if (length !== RETAINED) throw new Error(`${length} backups are listed instead of ${RETAINED}.`);
    },
    async addSurplus() {
      for (let backup = 0; backup < SURPLUS; backup += 1) await module.createBackup(file);
    },
    async cleanUp() {
      const { deletedBackupsCount } = await module.cleanupOldBackups(RETAINED, { filePath: file });
      if (deletedBackupsCount !== SURPLUS)
        throw new Error(`${deletedBackupsCount} backups went instead of ${SURPLUS}.`);
    },
    close: () => module.destroy(),
  };
}

/** One backup for each, under names as this package gives them; in plain calls, which take seconds and not minutes. @param {string} backups @param {number} count */
function makeOthers(backups, count) {
  const content = JSON.stringify({ revision: 0 });
  for (let index = 0; index < count; index += 1) {
    const { folder, path } = otherBackup(backups, index);
    mkdirSync(folder);
    writeFileSync(path, content);
  }
}

/** By name, because a recursive removal would look at each of them first. @param {string} backups @param {number} count */
function removeOthers(backups, count) {
  for (let index = 0; index < count; index += 1) {
    const { folder, path } = otherBackup(backups, index);
    unlinkSync(path);
    rmdirSync(folder);
  }
}

/** @param {string} backups @param {number} index */
function otherBackup(backups, index) {
  const stem = `service-${index}.json`;
  const digits = index.toString(16).padStart(16, '0');
  const folder = join(backups, `${stem}-${digits}`);
  return { folder, path: join(folder, `${stem}.20260214T101530123Z.r1.${digits}.auto.backup`) };
}
