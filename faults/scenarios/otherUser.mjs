// @ts-check
// A user without rights works on what the administrator has saved, and the administrator on a disk that is mounted
// read-only: what may be read is read, what may not be changed is refused with the system's code, and nothing changes.
import { chmod, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { contentOf } from '../content.mjs';
import { describe, codeOf } from '../errors.mjs';
import { ownersIn } from '../fileKinds.mjs';
import { endAllOwners } from '../judge.mjs';
import { LoopDisk, whyNoDisk } from '../LoopDisk.mjs';
import { discard, ended, folderOnDisk, spawnChild } from '../scratch.mjs';
import { configurationIn, openModule, withModule } from '../store.mjs';

/** @import { Report } from '../Report.mjs' */

/** The numbers of `nobody`, who owns nothing. */
const NOBODY = 65534;
const DAY_MS = 24 * 3_600_000;
const PRIVATE = 0o600;
const READABLE = 0o644;
const READABLE_FOLDER = 0o755;
const SHARED_FOLDER = 0o777;

/** Codes for what the user may not do. */
const NO = 'EACCES';
const READ_ONLY = { load: 'success', verify: 'success', acquire: NO, save: NO, annotate: NO, delete: NO };
const NOTHING = { load: NO, verify: NO, acquire: NO, save: NO, annotate: NO, delete: NO };

/**
 * @typedef {object} Case
 * @property {(folder: string) => Promise<(() => Promise<unknown>) | void>} prepare gives what is to be done afterwards
 * @property {Record<string, string>} expected what becomes of each operation
 */

/** @type {Record<string, Case>} */
const CASES = {
  'a readable file that the module never saved': {
    async prepare(folder) {
      await writeFile(configurationIn(folder), JSON.stringify(contentOf(1)), { mode: READABLE });
      await chmod(folder, READABLE_FOLDER);
    },
    expected: READ_ONLY,
  },
  'a readable file with readable records': {
    async prepare(folder) {
      await saveAsRoot(folder);
      await openUp(folder, { folderMode: READABLE_FOLDER, fileMode: READABLE });
    },
    expected: READ_ONLY,
  },
  'a readable file, with the old record of a dead process': {
    async prepare(folder) {
      await saveAsRoot(folder);
      await leaveAnOldRecord(folder);
      await openUp(folder, { folderMode: READABLE_FOLDER, fileMode: READABLE });
    },
    expected: READ_ONLY,
  },
  'a private file': {
    async prepare(folder) {
      await saveAsRoot(folder);
      await chmod(folder, READABLE_FOLDER);
    },
    expected: NOTHING,
  },
  'a private file in a folder that everybody may write to': {
    async prepare(folder) {
      await saveAsRoot(folder);
      await chmod(folder, SHARED_FOLDER);
    },
    expected: NOTHING,
  },
  'a folder that nobody else may enter': {
    async prepare(folder) {
      await saveAsRoot(folder);
      await chmod(folder, 0o700);
    },
    expected: { open: NO },
  },
  'a lock that a process of another user holds': {
    async prepare(folder) {
      await saveAsRoot(folder);
      const holder = await openModule(folder);
      await holder.acquireFileLock(configurationIn(folder));
      await openUp(folder, { folderMode: SHARED_FOLDER, fileMode: 0o666 });
      return () => holder.destroy();
    },
    expected: {
      load: 'success',
      verify: 'success',
      acquire: 'refused',
      save: 'ERR_LOCK_TIMEOUT',
      annotate: 'ERR_LOCK_TIMEOUT',
      delete: 'ERR_LOCK_TIMEOUT',
    },
  },
  'a lock of another user that nobody can judge': {
    async prepare(folder) {
      await saveAsRoot(folder);
      const holder = await openModule(folder);
      await holder.acquireFileLock(configurationIn(folder));
      await openUp(folder, { folderMode: SHARED_FOLDER, fileMode: 0o666 });
      const owners = ownersIn(folder);
      for (const name of await readdir(owners)) await chmod(join(owners, name), PRIVATE);
      return () => holder.destroy();
    },
    expected: {
      load: 'success',
      verify: 'success',
      acquire: 'refused',
      save: 'ERR_LOCK_TIMEOUT',
      annotate: 'ERR_LOCK_TIMEOUT',
      delete: 'ERR_LOCK_TIMEOUT',
    },
  },
};

/** @param {Report} report */
export async function otherUser(report) {
  const reason = await whyNoOtherUser();
  if (reason === undefined) {
    for (const [name, one] of Object.entries(CASES)) await runCase(report, name, one);
    await takeOverFromAnotherUser(report);
  } else report.skip('another user', reason);
  const noDisk = whyNoDisk('tmpfs');
  if (noDisk === undefined) await workOnAReadOnlyDisk(report);
  else report.skip('a disk mounted read-only', noDisk);
}

/** @param {Report} report @param {string} name @param {Case} one */
async function runCase(report, name, { prepare, expected }) {
  const folder = await openFolder();
  const afterwards = await prepare(folder);
  const before = await contentsOf(folder);
  const outcomes = await asNobody(folder);
  for (const [step, outcome] of Object.entries(outcomes)) {
    report.count('operations as another user');
    const wanted = expected[step] ?? 'success';
    if (outcome !== wanted) report.fail(`${step} ends with ${outcome}, expected was ${wanted}`, name);
  }
  if (JSON.stringify(await contentsOf(folder)) !== JSON.stringify(before)) report.fail('something was changed', name);
  await afterwards?.();
  await discard(folder);
}

/** Where modes allow it, the lock of a dead process can be taken over by whoever comes next. @param {Report} report */
async function takeOverFromAnotherUser(report) {
  const folder = await openFolder();
  await saveAsRoot(folder);
  const holder = await openModule(folder);
  await holder.acquireFileLock(configurationIn(folder));
  await endAllOwners(folder);
  await openUp(folder, { folderMode: SHARED_FOLDER, fileMode: 0o666 });
  const outcomes = await asNobody(folder);
  for (const [step, outcome] of Object.entries(outcomes)) {
    report.count('operations as another user');
    if (outcome !== 'success')
      report.fail(`${step} ends with ${outcome}`, 'the lock of a dead process of another user');
  }
  await discard(folder);
}

/** @param {Report} report */
async function workOnAReadOnlyDisk(report) {
  const disk = new LoopDisk('tmpfs');
  try {
    const file = configurationIn(disk.folder);
    await saveAsRoot(disk.folder);
    await leaveAnOldRecord(disk.folder);
    disk.makeReadOnly();
    const module = await openModule(disk.folder).catch((/** @type {unknown} */ error) => {
      report.fail(`the module cannot be opened: ${codeOf(error) ?? describe(error)}`, 'read-only disk');
    });
    if (module === undefined) return;
    /** @type {Record<string, () => Promise<unknown>>} */
    const refused = {
      save: () => module.saveConfiguration(contentOf(2), file),
      update: () => module.updateConfiguration(() => contentOf(2), file),
      delete: () => module.deleteConfiguration(file),
      lock: () => module.acquireFileLock(file),
    };
    for (const [step, run] of Object.entries(refused)) {
      report.count('operations on a read-only disk');
      const outcome = await run().then(
        () => 'success',
        (/** @type {unknown} */ error) => codeOf(error) ?? describe(error),
      );
      if (outcome !== 'EROFS') report.fail(`${step} ends with ${outcome}, expected was EROFS`, 'read-only disk');
    }
    const { data, isValid } = await module.loadConfiguration(file);
    if (data.count !== 1 || !isValid) report.fail('the old content is not loaded', 'read-only disk');
    await module.destroy();
  } finally {
    disk.discard();
  }
}

/** @returns {Promise<string | undefined>} */
async function whyNoOtherUser() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'changing the user takes root on Linux';
  const folder = await openFolder();
  try {
    await asNobody(folder);
    return undefined;
  } catch (error) {
    return `setpriv or the package cannot be used by another user: ${String(error)}`;
  }
}

/** @param {string} folder @returns {Promise<Record<string, string>>} */
async function asNobody(folder) {
  const program = new URL('../children/otherUser.mjs', import.meta.url).pathname;
  const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  const child = spawnChild('setpriv', [...user, process.execPath, program, folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', error: '' };
  child.stdout?.on('data', (data) => (said.out += String(data)));
  child.stderr?.on('data', (data) => (said.error += String(data)));
  const { code } = await ended(child);
  if (code !== 0) throw new Error(said.error);
  return JSON.parse(said.out);
}

/** A new folder to which everybody finds the way. */
async function openFolder() {
  const outer = await folderOnDisk();
  await chmod(dirname(outer), READABLE_FOLDER);
  await chmod(outer, READABLE_FOLDER);
  const folder = join(outer, 'settings');
  await mkdir(folder, { mode: READABLE_FOLDER });
  return folder;
}

/** By a module that is closed again: the upkeep of a running one would go on while another user works. @param {string} folder */
async function saveAsRoot(folder) {
  await withModule(folder, (module) => module.saveConfiguration(contentOf(1), configurationIn(folder)));
}

/** What the next module to open would like to sweep: the record of a process that ended a day ago. @param {string} folder */
async function leaveAnOldRecord(folder) {
  const module = await openModule(folder);
  await module.acquireFileLock(configurationIn(folder));
  const owners = ownersIn(folder);
  const [name = ''] = await readdir(owners);
  const text = await readFile(join(owners, name), 'utf8');
  await module.destroy();
  await writeFile(join(owners, name), text);
  await endAllOwners(folder);
  const longAgo = new Date(Date.now() - DAY_MS);
  await utimes(join(owners, name), longAgo, longAgo);
}

/** Gives everything below the folder, and the folder, these modes. @param {string} folder @param {{ folderMode: number, fileMode: number }} modes */
async function openUp(folder, modes) {
  await chmod(folder, modes.folderMode);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openUp(path, modes);
    else await chmod(path, modes.fileMode);
  }
}

/** Every file below the folder with its text. @param {string} folder */
async function contentsOf(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  // The history of operations tells of attempts too.
  const paths = files.filter((path) => !path.includes(join('metadata', 'operations')));
  return Promise.all(paths.sort().map(async (path) => [path, await readFile(path, 'utf8')]));
}
