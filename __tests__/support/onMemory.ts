/**
 * Runs the tests of other files once more with modules on stores in memory.
 *
 * What looks at files, bends system calls, starts processes or damages something has no meaning there: tests whose own code
 * speaks of that are not taken along. Those that are taken must pass as they stand.
 */
import { useMemoryStores } from './moduleFixture.js';

const ABOUT_FILES = new RegExp(
  [
    // Calls and names of the file system
    'Sync\\b|FileSync|readFile\\(|exists|symlink|chmod|fsync|listing\\(|walk\\(|journalFile|backupPath|\\.path\\b',
    // Folders of the module, and paths outside the allowed ones
    "locks'|'backups'|'metadata'|lockFolder|outside|other folder",
    // System calls that are bent, and processes
    '\\(real\\)|nterference|fileOperations|systemError|startProcess|otherProcess|moduleScript|process\\.|Worker',
    // Damage that is done to files
    'quarantine|damage|torn|flipByte|spoil|hurt|harm',
    // Functions of the test files that look at files
    'stateOf|keptFiles|keptChecksums|settle\\(|contents|startCounting|lockedFile|snapshotNames',
    // What only files have: forms of names, things in the place of a lock, refused paths, edits
    '\\.r2\\.|beside the lock|refuses the path|for an edit that',
  ].join('|'),
  'u',
);

type Body = (...parameters: never[]) => unknown;
type Register = (title: string, body?: Body, timeout?: number) => void;

export async function runOnMemory(load: () => Promise<unknown>): Promise<void> {
  useMemoryStores();
  const globals = globalThis as unknown as { it: jest.It };
  const real = globals.it;
  let taken = 0;
  const isTaken = (title: string, body: Body | undefined): body is Body => {
    const isFine = body !== undefined && !ABOUT_FILES.test(`${title} ${String(body)}`);
    if (isFine) taken += 1;
    return isFine;
  };
  const filtered: Register = (title, body, timeout) => {
    if (isTaken(title, body)) real(title, body as jest.ProvidesCallback, timeout);
  };
  const each = (...table: unknown[]): Register => {
    const register = (real.each as (...parameters: unknown[]) => Register)(...table);
    return (title, body, timeout) => {
      if (isTaken(title, body)) register(title, body, timeout);
    };
  };
  globals.it = Object.assign(filtered, { each }) as unknown as jest.It;
  await load();
  globals.it = real;
  if (taken === 0) throw new Error('no test was taken along');
}
