// @ts-check
// Prints how large the code is and how far one operation goes through it: `npm run figures [-- ROOT]`, where ROOT is another
// built checkout to compare with.
//
// Each system call of an operation is looked at with the asynchronous stack behind it: which files of `src` stand on it, and
// how often the file changes from one frame to the next.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(process.argv[2] ?? '.');
const POLL_MS = 100;
/** Looks in a row that find nothing left to do. */
const QUIET_LOOKS = 15;

/** @param {string} folder @returns {string[]} */
function sources(folder) {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(root, folder, name));
}

/** @param {readonly string[]} files */
function size(files) {
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').trimEnd().split('\n'));
  const written = lines.filter((line) => line.trim() !== '');
  const comments = written.filter((line) => /^\s*(?:\/\/|\/\*|\*)/u.test(line));
  return { files: files.length, lines: lines.length, notBlank: written.length, comments: comments.length };
}

/** @typedef {Record<string, (...parameters: unknown[]) => unknown>} Operations */

/** @param {string} path @returns {Promise<any>} */
async function load(path) {
  return import(pathToFileURL(join(root, 'dist', path)).href);
}

const operationsPath = readdirSync(join(root, 'dist/src/storage'), { recursive: true, encoding: 'utf8' }).find(
  (name) => name.endsWith('FileOperations.js') && !/metered|retrying/iu.test(name),
);
/** @type {{ nodeFileOperations: Operations }} */
const { nodeFileOperations } = await load(`src/storage/${operationsPath}`);
const { ConfigPersistenceModule } = await load('src/index.js');

/** @type {string[]} */
let stacks = [];
/** @type {Operations} */
const traced = Object.fromEntries(
  Object.entries(nodeFileOperations).map(([name, call]) => [
    name,
    (...parameters) => {
      stacks.push(new Error(name).stack ?? '');
      return call(...parameters);
    },
  ]),
);

class Traced extends ConfigPersistenceModule {
  get fileOperations() {
    return traced;
  }
}

/** The files of one stack, innermost first. @param {string} stack */
function filesOf(stack) {
  return [...stack.matchAll(/dist\/src\/([^:)]+)\.js/gu)].map(([, file = '']) => file);
}

/** @param {string} name @param {() => Promise<unknown>} work */
async function measure(name, work) {
  stacks = [];
  await work();
  const perCall = stacks.map(filesOf);
  const changes = perCall.map((files) => files.filter((file, index) => index > 0 && file !== files[index - 1]).length);
  return {
    operation: name,
    'system calls': stacks.length,
    fsync: stacks.filter((stack) => stack.startsWith('Error: fsync')).length,
    files: new Set(perCall.flat()).size,
    'deepest stack': Math.max(0, ...perCall.map((files) => files.length)),
    'changes of file': Math.max(0, ...changes),
  };
}

const product = sources('src');
console.log(`src of ${root}`);
console.table([
  { what: 'src', ...size(product) },
  {
    what: 'src without storage/port and storage/memory',
    ...size(product.filter((f) => !/storage\/(?:port|memory)/u.test(f))),
  },
]);

Error.stackTraceLimit = Infinity;
const folder = mkdtempSync(join(tmpdir(), 'figures-'));
const file = join(folder, 'config.json');

/** Resolves when maintenance has packed every backup and nothing changes any more. */
async function settled() {
  let before = '';
  for (let quiet = 0; quiet < QUIET_LOOKS; quiet++) {
    await new Promise((done) => setTimeout(done, POLL_MS));
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const isDone = !names.some((name) => name.endsWith('.backup') || name.endsWith('.tmp'));
    const now = names.join();
    if (!isDone || now !== before) quiet = -1;
    before = now;
  }
}

/** @param {string} id @returns {any} */
function newModule(id) {
  /** @type {any} */
  const Class = Traced;
  const module = new Class({ id, name: 'f', version: '1.0.0', description: 'figures', type: 'config-persistence' });
  module.configure({ defaultConfigPath: file });
  return module;
}
const module = newModule('figures');
await module.initialize();
await module.saveConfiguration({ count: 1 });
await module.saveConfiguration({ count: 2 });
await settled();
const rows = [];
rows.push(await measure('save', () => module.saveConfiguration({ count: 3 })));
rows.push(await measure('load after own save', () => module.loadConfiguration()));
await settled();
await module.loadConfiguration();
await module.loadConfiguration();
rows.push(await measure('load, cached', () => module.loadConfiguration()));
const other = newModule('other');
await other.initialize();
rows.push(await measure('load, first', () => other.loadConfiguration()));
await other.destroy();
const [backup] = await module.listBackups(file);
rows.push(await measure('restore', () => module.restoreFromBackup(backup.id)));
await settled();
rows.push(await measure('delete', () => module.deleteConfiguration(file)));
await module.destroy();
rmSync(folder, { recursive: true, force: true });
console.table(rows);
