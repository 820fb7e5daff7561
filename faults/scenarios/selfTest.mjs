// @ts-check
// Shows that the suite notices: stores with one safeguard taken away each run through the scenario that has to catch them.
import { FaultyFileOperations } from '../FaultyFileOperations.mjs';
import { keepingNothing, removingPlainFirst, saveWithOneWrite } from '../brokenStores.mjs';
import { faultAt } from '../faultRules.mjs';
import { contentOf } from '../content.mjs';
import { look } from '../judge.mjs';
import { operationNamed } from '../operations.mjs';
import { LoopDisk, whyNoDisk } from '../LoopDisk.mjs';
import { Report } from '../Report.mjs';
import { discard, folderInMemory } from '../scratch.mjs';
import { configurationIn, withModule } from '../store.mjs';
import { Ballast } from './fullDisk.mjs';
import { killAtStep } from './killAtStep.mjs';
import { lostUpdates } from './lostUpdates.mjs';
import { CUT_FILE_SYSTEMS, powerCut } from './powerCut.mjs';

/** @import { FileOperations } from '../../dist/src/storage/local/io/FileOperations.js' */
/** @import { Random } from '../random.mjs' */
/** @import { Broken } from './killAtStep.mjs' */
/** @import { CutFileSystem } from './powerCut.mjs' */

// More than a disk has room for in the end, and more than one block.
const LONG = 100_000;
const ROOM_BYTES = 40_960;

/** Stores that lose backups, and the operation that they do it in. @type {readonly (readonly [string, Broken, string])[]} */
const BROKEN_KEEPERS = [
  ['plain backup removed first', removingPlainFirst, 'tending that prunes and compresses'],
  ['nothing kept', keepingNothing, 'overwriting save'],
];

/**
 * The tests, which are independent of each other.
 *
 * @param {{ cuts: number, random: Random }} size cuts for each file system and variant
 * @returns {((report: Report) => Promise<void>)[]}
 */
export function selfTests({ cuts, random }) {
  const cutVariants = /** @type {const} */ (['no flush', 'no folder flush']);
  return [
    ...cutVariants.map(
      (variant) => (/** @type {Report} */ report) =>
        notice(report, variant, 'power-cut', CUT_FILE_SYSTEMS, async (fileSystem, inner) => {
          const kind = /** @type {CutFileSystem} */ (fileSystem);
          const reason = whyNoDisk(kind, { isToBeCut: true });
          if (reason !== undefined) inner.skip(kind, reason);
          else await powerCut(inner, { cuts, random, fileSystems: [kind], variant });
        }),
    ),
    (report) => notice(report, 'one write call', 'a short write', ['put in'], (_, inner) => saveWithAShortWrite(inner)),
    (report) => notice(report, 'one write call', 'full-disk', ['tmpfs'], (_, inner) => saveOnAFullDisk(inner)),
    (report) =>
      notice(report, 'no lock and no fence', 'lost-updates', ['4 processes'], (_, inner) =>
        lostUpdates(inner, { processes: 4, updates: 25, variant: 'no lock and no fence' }),
      ),
    ...BROKEN_KEEPERS.map(
      ([variant, broken, operation]) =>
        (/** @type {Report} */ report) =>
          notice(report, variant, 'freeze-at-step', [operation], (name, inner) =>
            killAtStep(inner, { kill: 'freeze', stride: 1, operations: [operationNamed(name)], broken }),
          ),
    ),
  ];
}

/**
 * Lets a variant run in several places; one of them has to catch it, unless all are skipped.
 *
 * @param {Report} report
 * @param {string} variant
 * @param {string} scenario
 * @param {readonly string[]} places
 * @param {(place: string, inner: Report) => Promise<void>} run
 */
async function notice(report, variant, scenario, places, run) {
  const verdicts = [];
  let isCaught = false;
  let isSkipped = true;
  for (const place of places) {
    const inner = new Report(variant);
    await run(place, inner);
    isCaught ||= inner.failureCount > 0;
    isSkipped &&= inner.skipped.length > 0;
    const [first = ''] = inner.failures;
    verdicts.push(inner.failureCount > 0 ? `caught, ${place}: ${first}` : `not noticed, ${place}`);
    for (const text of inner.skipped) report.skipped.push(`${variant}, ${text}`);
  }
  if (isSkipped) return;
  report.figure(`${variant}, by ${scenario}`, verdicts.join('; '));
  if (isCaught) report.count('broken stores caught');
  else report.fail('a broken store was not noticed', `${variant}, by ${scenario}`);
}

/** @param {Report} report */
async function saveWithAShortWrite(report) {
  const folder = await folderInMemory();
  const io = new FaultyFileOperations();
  // Its calls are open, write, flush, close and rename.
  io.start(faultAt(2, 'short', 'once'));
  await saveAndLook(report, io, folder);
  await discard(folder);
}

/** @param {Report} report */
async function saveOnAFullDisk(report) {
  const reason = whyNoDisk('tmpfs');
  if (reason !== undefined) {
    report.skip('tmpfs', reason);
    return;
  }
  const disk = new LoopDisk('tmpfs');
  try {
    const ballast = new Ballast(disk.folder);
    ballast.fill();
    ballast.free(ROOM_BYTES);
    await saveAndLook(report, new FaultyFileOperations(), disk.folder);
  } finally {
    disk.discard();
  }
}

/** @param {Report} report @param {FileOperations} io @param {string} folder */
async function saveAndLook(report, io, folder) {
  const file = configurationIn(folder);
  await saveWithOneWrite(io, file, contentOf(1, LONG));
  const { problems } = await withModule(folder, (module) => look(module, file));
  for (const problem of problems)
    report.fail(problem.slice(0, problem.indexOf('(') + 1 || undefined), 'after the save');
}
