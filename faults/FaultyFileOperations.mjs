// @ts-check
// The real file operations with a hook around every call: records the calls, and lets a rule fail, cut, delay or kill at
// any of them. Faults come in here and nowhere else; the shipped code has no branch for them.
import { nodeFileOperations } from '../dist/src/storage/local/io/FileOperations.js';
import { isOfHistory } from './fileKinds.mjs';

/** @import { FileOperations } from '../dist/src/storage/local/io/FileOperations.js' */

/** @typedef {keyof FileOperations} CallKind */

/**
 * One system call that the store is about to make, or has made.
 *
 * @typedef {object} Call
 * @property {number} number counts from 1 since `start`; 0 for a call of the history of operations, which is written at any
 *   time beside what is tried, and is tried with real kills
 * @property {CallKind} kind
 * @property {string} path of the file, also for calls that only have a descriptor
 * @property {string} [to] the second path of a rename or link
 * @property {number} [length] bytes that a read or write was asked for
 * @property {boolean} [creates] whether an open creates its file
 * @property {boolean} isAlone whether no other call was under way when it began
 */

/**
 * What happens around calls. `before` and `after` may throw, which the store sees as the call's failure; in `before` the
 * call is then not made. They may also wait, except around the synchronous calls, whose names
 * end in `Now`.
 *
 * @typedef {object} Rule
 * @property {(call: Call) => unknown} [before]
 * @property {(call: Call) => unknown} [after]
 * @property {(call: Call) => { actual: number, reported: number } | undefined} [transfer] how many bytes a read or write
 *   really moves, and how many it says it has moved
 */

/** @implements {FileOperations} */
export class FaultyFileOperations {
  /** @type {Call[]} */
  calls = [];
  /** @type {FileOperations} */
  #base;
  /** @type {Rule} */
  #rule = {};
  #isRecording = false;
  #underWay = 0;
  /** @type {Map<number, string>} */
  #paths = new Map();

  /** @param {FileOperations} [base] */
  constructor(base = nodeFileOperations) {
    this.#base = base;
  }

  /** Counts and records from here on. @param {Rule} [rule] */
  start(rule = {}) {
    this.calls = [];
    this.#rule = rule;
    this.#isRecording = true;
  }

  /** Lets everything pass again. @returns {readonly Call[]} what was recorded */
  stop() {
    this.#rule = {};
    this.#isRecording = false;
    return this.calls;
  }

  /** @type {FileOperations['open']} */
  async open(path, flags, mode) {
    const creates = mode !== undefined;
    const descriptor = await this.#around({ kind: 'open', path, creates }, () => this.#base.open(path, flags, mode));
    this.#paths.set(descriptor, path);
    return descriptor;
  }

  /** @type {FileOperations['close']} */
  close(descriptor) {
    const path = this.#pathOf(descriptor);
    this.#paths.delete(descriptor);
    return this.#around({ kind: 'close', path }, () => this.#base.close(descriptor));
  }

  /** @type {FileOperations['read']} */
  read(descriptor, buffer, offset, length, position) {
    return this.#around({ kind: 'read', path: this.#pathOf(descriptor), length }, (cut) =>
      this.#base.read(descriptor, buffer, offset, cut?.actual ?? length, position),
    );
  }

  /** @type {FileOperations['write']} */
  write(descriptor, buffer, offset, length, position) {
    return this.#around({ kind: 'write', path: this.#pathOf(descriptor), length }, async (cut) => {
      const actual = cut?.actual ?? length;
      const written = actual === 0 ? 0 : await this.#base.write(descriptor, buffer, offset, actual, position);
      return cut === undefined ? written : cut.reported;
    });
  }

  /** @type {FileOperations['fstat']} */
  fstat(descriptor) {
    return this.#around({ kind: 'fstat', path: this.#pathOf(descriptor) }, () => this.#base.fstat(descriptor));
  }

  /** @type {FileOperations['fsync']} */
  fsync(descriptor) {
    return this.#around({ kind: 'fsync', path: this.#pathOf(descriptor) }, () => this.#base.fsync(descriptor));
  }

  /** @type {FileOperations['ftruncate']} */
  ftruncate(descriptor, length) {
    const path = this.#pathOf(descriptor);
    return this.#around({ kind: 'ftruncate', path }, () => this.#base.ftruncate(descriptor, length));
  }

  /** @type {FileOperations['fchmod']} */
  fchmod(descriptor, mode) {
    return this.#around({ kind: 'fchmod', path: this.#pathOf(descriptor) }, () => this.#base.fchmod(descriptor, mode));
  }

  /** @type {FileOperations['fchown']} */
  fchown(descriptor, userId, groupId) {
    const path = this.#pathOf(descriptor);
    return this.#around({ kind: 'fchown', path }, () => this.#base.fchown(descriptor, userId, groupId));
  }

  /** @type {FileOperations['stat']} */
  stat(path) {
    return this.#around({ kind: 'stat', path }, () => this.#base.stat(path));
  }

  /** @type {FileOperations['lstat']} */
  lstat(path) {
    return this.#around({ kind: 'lstat', path }, () => this.#base.lstat(path));
  }

  /** @type {FileOperations['realpath']} */
  realpath(path) {
    return this.#around({ kind: 'realpath', path }, () => this.#base.realpath(path));
  }

  /** @type {FileOperations['readlink']} */
  readlink(path) {
    return this.#around({ kind: 'readlink', path }, () => this.#base.readlink(path));
  }

  /** @type {FileOperations['readdir']} */
  readdir(path) {
    return this.#around({ kind: 'readdir', path }, () => this.#base.readdir(path));
  }

  /** @type {FileOperations['opendir']} */
  opendir(path) {
    return this.#around({ kind: 'opendir', path }, () => this.#base.opendir(path));
  }

  /** @type {FileOperations['statfs']} */
  statfs(path) {
    return this.#around({ kind: 'statfs', path }, () => this.#base.statfs(path));
  }

  /** @type {FileOperations['chmod']} */
  chmod(path, mode) {
    return this.#around({ kind: 'chmod', path }, () => this.#base.chmod(path, mode));
  }

  /** @type {FileOperations['mkdir']} */
  mkdir(path, mode) {
    return this.#around({ kind: 'mkdir', path }, () => this.#base.mkdir(path, mode));
  }

  /** @type {FileOperations['rmdir']} */
  rmdir(path) {
    return this.#around({ kind: 'rmdir', path }, () => this.#base.rmdir(path));
  }

  /** @type {FileOperations['rename']} */
  rename(from, to) {
    return this.#around({ kind: 'rename', path: from, to }, () => this.#base.rename(from, to));
  }

  /** @type {FileOperations['link']} */
  link(existing, created) {
    return this.#around({ kind: 'link', path: existing, to: created }, () => this.#base.link(existing, created));
  }

  /** @type {FileOperations['unlink']} */
  unlink(path) {
    return this.#around({ kind: 'unlink', path }, () => this.#base.unlink(path));
  }

  /** @type {FileOperations['statNow']} */
  statNow(path) {
    return this.#aroundNow({ kind: 'statNow', path }, () => this.#base.statNow(path));
  }

  /** @type {FileOperations['lstatNow']} */
  lstatNow(path) {
    return this.#aroundNow({ kind: 'lstatNow', path }, () => this.#base.lstatNow(path));
  }

  /** @type {FileOperations['readdirNow']} */
  readdirNow(path) {
    return this.#aroundNow({ kind: 'readdirNow', path }, () => this.#base.readdirNow(path));
  }

  /** @type {FileOperations['readFileNow']} */
  readFileNow(path) {
    return this.#aroundNow({ kind: 'readFileNow', path }, () => this.#base.readFileNow(path));
  }

  /** @type {FileOperations['realpathNow']} */
  realpathNow(path) {
    return this.#aroundNow({ kind: 'realpathNow', path }, () => this.#base.realpathNow(path));
  }

  /** @type {FileOperations['renameNow']} */
  renameNow(from, to) {
    this.#aroundNow({ kind: 'renameNow', path: from, to }, () => this.#base.renameNow(from, to));
  }

  /** @type {FileOperations['unlinkNow']} */
  unlinkNow(path) {
    this.#aroundNow({ kind: 'unlinkNow', path }, () => this.#base.unlinkNow(path));
  }

  /**
   * @template T
   * @param {Omit<Call, 'number' | 'isAlone'>} about
   * @param {() => T} make
   * @returns {T}
   */
  #aroundNow(about, make) {
    const call = this.#note(about);
    const rule = this.#rule;
    void rule.before?.(call);
    const outcome = make();
    void rule.after?.(call);
    return outcome;
  }

  /**
   * @template T
   * @param {Omit<Call, 'number' | 'isAlone'>} about
   * @param {(cut: { actual: number, reported: number } | undefined) => Promise<T>} make
   * @returns {Promise<T>}
   */
  async #around(about, make) {
    const call = this.#note(about);
    const rule = this.#rule;
    const weight = call.number === 0 ? 0 : 1;
    this.#underWay += weight;
    try {
      await rule.before?.(call);
      const outcome = await make(rule.transfer?.(call));
      await rule.after?.(call);
      return outcome;
    } finally {
      this.#underWay -= weight;
    }
  }

  /** @param {Omit<Call, 'number' | 'isAlone'>} about @returns {Call} */
  #note(about) {
    const isCounted = !isOfHistory(about.path);
    const call = { ...about, number: isCounted ? this.calls.length + 1 : 0, isAlone: this.#underWay === 0 };
    if (this.#isRecording && isCounted) this.calls.push(call);
    return call;
  }

  /** @param {number} descriptor */
  #pathOf(descriptor) {
    return this.#paths.get(descriptor) ?? `descriptor ${descriptor}`;
  }
}
