// @ts-check
// The faults that can be put in at a call, as rules for the faulty file operations, and which of them a call can meet.
import { constants } from 'node:os';

/** @import { Call, CallKind, Rule } from './FaultyFileOperations.mjs' */

/**
 * A system error code, or one of the ways in which a read or write goes wrong without an error of its own:
 * `partial` writes half and fails with ENOSPC afterwards, `short` moves half and says so, `lying` writes half and says all.
 *
 * @typedef {'EIO' | 'ENOSPC' | 'EACCES' | 'EROFS' | 'EMFILE' | 'EBUSY' | 'EXDEV' | 'partial' | 'short' | 'lying'} Fault
 */

/** Whether only one call fails, or all like it from then on. @typedef {'once' | 'permanent'} Scope */

/** @type {Partial<Record<CallKind, readonly Fault[]>>} */
const FAULTS_OF_KIND = {
  open: ['EIO', 'EACCES', 'EMFILE'],
  close: ['EIO'],
  read: ['EIO', 'short'],
  write: ['EIO', 'ENOSPC', 'partial', 'short', 'lying'],
  fstat: ['EIO'],
  fsync: ['EIO', 'ENOSPC'],
  fchmod: ['EIO', 'EROFS'],
  fchown: ['EIO', 'EROFS'],
  stat: ['EIO', 'EACCES'],
  lstat: ['EIO', 'EACCES'],
  realpath: ['EIO', 'EACCES'],
  readlink: ['EIO'],
  readdir: ['EIO', 'EACCES', 'EMFILE'],
  opendir: ['EIO', 'EACCES', 'EMFILE'],
  statfs: ['EIO', 'EACCES'],
  chmod: ['EIO', 'EACCES', 'EROFS'],
  mkdir: ['EIO', 'ENOSPC', 'EACCES', 'EROFS'],
  rmdir: ['EIO', 'EACCES', 'EROFS'],
  rename: ['EIO', 'ENOSPC', 'EACCES', 'EROFS', 'EBUSY', 'EXDEV'],
  link: ['EIO', 'ENOSPC', 'EACCES', 'EROFS'],
  unlink: ['EIO', 'EACCES', 'EROFS'],
  ftruncate: ['EIO', 'ENOSPC'],
  renameNow: ['EIO', 'EACCES', 'EROFS'],
  unlinkNow: ['EIO', 'EACCES', 'EROFS'],
  statNow: ['EIO'],
  lstatNow: ['EIO'],
  realpathNow: ['EIO'],
  readdirNow: ['EIO'],
  readFileNow: ['EIO', 'EACCES'],
};

/** The faults that a call of this kind can meet. @param {Call} call @returns {readonly Fault[]} */
export function faultsFor(call) {
  const faults = FAULTS_OF_KIND[call.kind] ?? [];
  return call.kind === 'open' && call.creates === true ? [...faults, 'ENOSPC', 'EROFS'] : faults;
}

/** Lets one fault happen at the numbered call, and with `permanent` at all calls after it that it can hit. @param {number} at @param {Fault} fault @param {Scope} scope @returns {Rule} */
export function faultAt(at, fault, scope) {
  /** @type {CallKind | undefined} */
  let kind;
  let isFull = false;
  /** @param {Call} call */
  const isHit = (call) => {
    if (call.number === at) kind = call.kind;
    if (call.number === at) return true;
    return scope === 'permanent' && call.number > at && canHit(call, fault, kind);
  };
  if (fault === 'short' || fault === 'lying') {
    return {
      transfer(call) {
        if (!isHit(call) || call.length === undefined) return undefined;
        const half = Math.max(1, Math.floor(call.length / 2));
        return { actual: half, reported: fault === 'short' ? half : call.length };
      },
    };
  }
  if (fault === 'partial') {
    return {
      before(call) {
        if (!isFull || call.kind !== 'write') return;
        if (scope === 'once') isFull = false;
        throw systemError('ENOSPC', call);
      },
      transfer(call) {
        if (call.number !== at || call.length === undefined) return undefined;
        isFull = true;
        const half = Math.max(1, Math.floor(call.length / 2));
        return { actual: half, reported: half };
      },
    };
  }
  /** @param {Call} call */
  const fail = (call) => {
    if (isHit(call)) throw systemError(fault, call);
  };
  return {
    before: (call) => call.kind === 'close' || fail(call),
    // A close that reports an error has closed the descriptor all the same.
    after: (call) => call.kind === 'close' && fail(call),
  };
}

/** What Node throws for a failed call. @param {Fault | 'ENOENT'} code @param {Pick<Call, 'kind' | 'path'>} call */
export function systemError(code, { kind, path }) {
  const numbers = /** @type {Record<string, number>} */ (constants.errno);
  const error = new Error(`${code}: put in by the fault suite, ${kind} '${path}'`);
  return Object.assign(error, { code, errno: -(numbers[code] ?? 1), syscall: kind, path });
}

/**
 * Stops the world at a call as a kill does, but inside this process: from there on no call has any effect any more.
 *
 * @param {number} at
 * @param {'before' | 'after'} when
 * @returns {Rule}
 */
export function freezeAt(at, when) {
  let isFrozen = false;
  return {
    before(call) {
      if (when === 'before' && call.number >= at) isFrozen = true;
      if (isFrozen) throw systemError('EIO', call);
    },
    after(call) {
      if (when === 'after' && call.number >= at) isFrozen = true;
      if (isFrozen) throw systemError('EIO', call);
    },
  };
}

/** Kills this process at a call. @param {number} at @param {'before' | 'after'} when @returns {Rule} */
export function killAt(at, when) {
  /** @param {Call} call */
  const kill = (call) => {
    if (call.number === at) process.kill(process.pid, 'SIGKILL');
  };
  return when === 'before' ? { before: kill } : { after: kill };
}

/** A broken disk breaks everything, a full one everything that needs room, the rest only its own kind of call. @param {Call} call @param {Fault} fault @param {CallKind | undefined} kind */
function canHit(call, fault, kind) {
  if (fault === 'EIO' || fault === 'ENOSPC' || fault === 'EROFS') return faultsFor(call).includes(fault);
  return call.kind === kind;
}
