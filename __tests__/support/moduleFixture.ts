/**
 * Fresh folders and running modules for the tests, and the check that nothing is left of them.
 *
 * Importing it is enough: after each test every module is destroyed, and the folders are searched for temporary files,
 * files that are being removed, held locks, owner records and open descriptors before they go. Nor may the repository have gained the
 * folder that modules work in by default.
 */
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigPersistenceOptions, StoreOption } from '../../interfaces/options.js';
import { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { memoryStore } from '../../src/memory.js';
import type { Clock } from '../../src/engine/Clock.js';
import type { WatchFolder } from '../../src/storage/local/watch/watchFolder.js';
import { settleClosing } from '../../src/storage/local/io/files.js';
import { nodeFileOperations, type FileOperations } from '../../src/storage/local/io/FileOperations.js';

const { FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;

const TRACE = /\.[0-9a-f]{16}\.(?:tmp|deleted)$|\/\d+\.[0-9a-f-]{36}\.[^/]*\.lock$/u;

const DEFAULT_FOLDER = resolve(FILE_SYSTEM.DEFAULT_CONFIG_DIR);
const wasThere = existsSync(DEFAULT_FOLDER);

let folders: { path: string; mayKeepTraces: boolean }[] = [];
let modules: { destroy(): Promise<void> }[] = [];
let lastNumber = 0;

afterEach(async () => {
  const running = modules;
  const used = folders;
  modules = [];
  folders = [];
  await Promise.all(running.map((module) => module.destroy()));
  // A module does this when it ends; parts that are tested without one do not.
  if (running.length === 0) await settleClosing();
  const checked = used.filter(({ mayKeepTraces }) => !mayKeepTraces);
  const traces = checked.flatMap(({ path }) => tracesIn(path));
  const open = used.flatMap(({ path }) => openDescriptorsIn(path));
  for (const { path } of used) rmSync(path, { recursive: true, force: true });
  const isStray = existsSync(DEFAULT_FOLDER) && !wasThere;
  expect({ traces, open, isStray }).toEqual({ traces: [], open: [], isStray: false });
});

/** An empty folder that goes after the test. `mayKeepTraces`: the test leaves such traces there on purpose. */
export function temporaryFolder({ mayKeepTraces = false } = {}): string {
  const path = mkdtempSync(join(realpathSync(tmpdir()), 'rcc-config-'));
  folders.push({ path, mayKeepTraces });
  return path;
}

/** Ends it after the test, before the search for traces. */
export function destroyAfterTest(subject: { destroy(): Promise<void> }): void {
  modules.push(subject);
}

/** Replaces some of the system calls; the others go on to the real ones, which the function is given. */
export type Interference = (real: FileOperations) => Partial<FileOperations>;

/** What a test puts in the place of the system. */
export interface Surroundings {
  readonly interference?: Interference;
  readonly clock?: Clock;
  readonly watchFolder?: WatchFolder;
}

class SurroundedModule extends ConfigPersistenceModule {
  surroundings: Surroundings = {};

  protected override get fileOperations(): FileOperations {
    const { interference = () => ({}) } = this.surroundings;
    return { ...nodeFileOperations, ...interference(nodeFileOperations) };
  }

  protected override get clock(): Clock | undefined {
    return this.surroundings.clock ?? super.clock;
  }

  protected override get watchFolder(): WatchFolder | undefined {
    return this.surroundings.watchFolder ?? super.watchFolder;
  }
}

let storeOf: ((folder: string) => StoreOption) | undefined;

/** From now on the modules of this test file work on stores in memory, all modules of one folder on the same. */
export function useMemoryStores(): void {
  const stores = new Map<string, StoreOption>();
  storeOf = (folder) => {
    const store = stores.get(folder) ?? memoryStore();
    stores.set(folder, store);
    return store;
  };
}

/** A module that is configured for a folder and not yet initialized. */
export function newModule(
  folder: string,
  options: ConfigPersistenceOptions = {},
  surroundings: Interference | Surroundings = {},
): ConfigPersistenceModule {
  lastNumber += 1;
  const module = new SurroundedModule({
    id: `persistence-${process.pid}-${lastNumber}`,
    name: 'Persistence under test',
    version: '1.0.0',
    description: 'A module of one test',
    type: 'config-persistence',
  });
  module.surroundings = typeof surroundings === 'function' ? { interference: surroundings } : surroundings;
  const store = storeOf === undefined ? {} : { store: storeOf(folder) };
  // Tests make within milliseconds what users make within days, so each of their changes is to count.
  const each = { backupMergeWindow: 0 };
  module.configure({ defaultConfigPath: join(folder, 'app.json'), ...each, ...store, ...options });
  destroyAfterTest(module);
  return module;
}

/** A running module whose default configuration is `app.json` in the folder. It is destroyed after the test. */
export async function startModule(
  folder: string,
  options: ConfigPersistenceOptions = {},
  surroundings: Interference | Surroundings = {},
): Promise<ConfigPersistenceModule> {
  const module = newModule(folder, options, surroundings);
  await module.initialize();
  return module;
}

/** A system error as Node throws it. */
export function systemError(code: string, syscall = 'open'): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made by a test, ${syscall}`), { code, errno: -1, syscall });
}

/**
 * Every entry below a folder with its content, for comparisons before and after. The history of operations is left out: it
 * tells of every attempt.
 */
export function listing(folder: string): string[] {
  return walk(folder)
    .filter((path) => !path.includes(join('metadata', 'operations')))
    .map((path) => {
      const stats = lstatSync(path);
      const name = relative(folder, path);
      if (stats.isSymbolicLink()) return `${name} -> ${readlinkSync(path)}`;
      return stats.isFile() ? `${name}: ${readFileSync(path, 'latin1')}` : `${name}/`;
    });
}

/** Paths of all entries below a folder, links not followed. */
export function walk(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => ({ path: join(folder, entry.name), isFolder: entry.isDirectory() }))
    .sort((left, right) => (left.path < right.path ? -1 : 1))
    .flatMap(({ path, isFolder }) => (isFolder ? [path, ...walk(path)] : [path]));
}

/** The journals of a module's folder; `name` is the configuration's file name. */
export function journalFiles(folder: string, name = 'app.json'): string[] {
  return walk(join(folder, 'metadata')).filter(
    (path) => path.includes(`${name}-`) && /journal\.\d{8}\.meta$/u.test(path),
  );
}

/** The one journal of a configuration. */
export function journalFile(folder: string, name = 'app.json'): string {
  const [path, ...others] = journalFiles(folder, name);
  if (path === undefined || others.length > 0) throw new Error('expected exactly one journal');
  return path;
}

/** Resolves when the condition holds; the test's own timeout is the limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A promise with its ends. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

function tracesIn(folder: string): string[] {
  return walk(folder).filter((path) => TRACE.test(path) || path.includes(`${join('locks', 'owners')}/`));
}

/** Where the system tells (Linux); nothing elsewhere. */
function openDescriptorsIn(folder: string): string[] {
  if (!existsSync('/proc/self/fd')) return [];
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      const target = readlinkSync(join('/proc/self/fd', name));
      return target.startsWith(`${folder}/`) ? [target] : [];
    } catch {
      return [];
    }
  });
}
