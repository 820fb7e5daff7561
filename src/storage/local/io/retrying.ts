/**
 * File operations that try again where the system says that it could not do a thing just now.
 *
 * Only what is known to pass is repeated, a few times with growing pauses. Everything else fails at once: repeating a
 * permanent error only makes the caller wait. `fsync` is never repeated (see `files.ts`), nor is `close`, after
 * whose failure the descriptor may already be somebody else's.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import { nodeFileOperations, type FileOperations } from './FileOperations.js';

const { ATOMIC_OPERATIONS, ERROR_HANDLING } = CONFIG_PERSISTENCE_CONSTANTS;

/** Too many open files, an interrupted call, a resource that is busy for a moment. */
const PASSING = ['EAGAIN', 'EMFILE', 'ENFILE', 'EINTR'];
/** What Windows says while a virus scanner or another reader has a file open (npm/write-file-atomic issue 28). */
const PASSING_ON_WINDOWS = ['EPERM', 'EACCES', 'EBUSY'];

const NEVER_REPEATED: readonly string[] = [
  'fsync',
  'close',
  'statNow',
  'lstatNow',
  'realpathNow',
  'readFileNow',
  'readdirNow',
  'renameNow',
  'unlinkNow',
];

type Method = (...args: unknown[]) => unknown;

/** @param platform for the rules of renaming; the running one unless a test says otherwise. */
export function retryingFileOperations(base: FileOperations, platform = process.platform): FileOperations {
  const names = Object.keys(nodeFileOperations) as (keyof FileOperations)[];
  const methods = names.map((name) => {
    // Bound, because a base may be an instance of a class; a bound function costs no frame of the stack.
    const method = base[name].bind(base) as Method;
    return [name, NEVER_REPEATED.includes(name) ? method : repeating(method, passingCodes(name, platform))];
  });
  return Object.fromEntries(methods) as FileOperations;
}

function passingCodes(name: string, platform: NodeJS.Platform): readonly string[] {
  if (platform === 'win32' && name === 'rename') return [...PASSING, ...PASSING_ON_WINDOWS];
  // Elsewhere a busy rename is a mounted file, and stays busy.
  return name === 'rename' ? PASSING : [...PASSING, 'EBUSY'];
}

function repeating(method: Method, codes: readonly string[]): Method {
  return async (...args): Promise<unknown> => {
    let pauseMs: number = ATOMIC_OPERATIONS.ATOMIC_RETRY_DELAY_MS;
    for (let attempt = 0; ; attempt++) {
      try {
        return await method(...args);
      } catch (error) {
        if (attempt === ATOMIC_OPERATIONS.MAX_ATOMIC_RETRIES || !hasSystemCode(error, ...codes)) throw error;
      }
      await delay(pauseMs);
      pauseMs = Math.min(pauseMs * ERROR_HANDLING.BACKOFF_MULTIPLIER, ERROR_HANDLING.MAX_BACKOFF_DELAY_MS);
    }
  };
}
