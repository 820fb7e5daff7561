/**
 * The port to the operating system: the calls that the storage layer makes, and nothing else does.
 *
 * Each method is one system call and throws what the system reports. Faults are injected and work is counted by wrapping
 * this interface, so no shipped code has a branch for tests.
 */
import * as fs from 'node:fs';
import type { BigIntStats } from 'node:fs';

// A named pipe would hang the process. Windows knows neither flag.
const READ_WITHOUT_WAITING =
  fs.constants.O_RDONLY |
  ((fs.constants.O_NOFOLLOW as number | undefined) ?? 0) |
  ((fs.constants.O_NONBLOCK as number | undefined) ?? 0);

/** Names that one call brings. */
const NAMES_AT_ONCE = 1024;

/** The names in a folder, one after the other, so that a folder of any size fits. */
export interface FolderStream {
  /** Null at the end. */
  read(): Promise<string | null>;
  close(): Promise<void>;
}

/** What the system tells of the file system that a path lies on. */
export interface VolumeStats {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  /** Free for whoever is not root. */
  readonly bavail: number;
  /** 0 where the file system does not count files. */
  readonly files: number;
  readonly ffree: number;
}

export interface FileOperations {
  open(path: string, flags: number, mode?: number): Promise<number>;
  close(descriptor: number): Promise<void>;
  /** Bytes read; 0 at the end of the file. May be fewer than asked for. */
  read(descriptor: number, buffer: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  /** Bytes written, which may be fewer than given. `position` null appends where the descriptor stands. */
  write(
    descriptor: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ): Promise<number>;
  fstat(descriptor: number): Promise<BigIntStats>;
  fsync(descriptor: number): Promise<void>;
  ftruncate(descriptor: number, size: number): Promise<void>;
  fchmod(descriptor: number, mode: number): Promise<void>;
  fchown(descriptor: number, userId: number, groupId: number): Promise<void>;
  stat(path: string): Promise<BigIntStats>;
  lstat(path: string): Promise<BigIntStats>;
  realpath(path: string): Promise<string>;
  readlink(path: string): Promise<string>;
  readdir(path: string): Promise<string[]>;
  opendir(path: string): Promise<FolderStream>;
  statfs(path: string): Promise<VolumeStats>;
  /** Follows links: only for what was looked at right before. */
  chmod(path: string, mode: number): Promise<void>;
  mkdir(path: string, mode: number): Promise<void>;
  rmdir(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  link(existing: string, created: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /**
   * What stands at a path now, links followed, or undefined. Synchronous on purpose: a cached load makes only this call,
   * and a round trip through the thread pool costs thirty times as much.
   */
  statNow(path: string): BigIntStats | undefined;
  /** As `statNow`, links not followed. */
  lstatNow(path: string): BigIntStats | undefined;
  /** Synchronous, because it costs no more than a look: it goes into the name of every file that belongs to a configuration. */
  realpathNow(path: string): string;
  /** A whole file, for a small one; links not followed. Synchronous for the same reason as `statNow`. */
  readFileNow(path: string): Uint8Array;
  /** The names in a folder of a few files. Synchronous for the same reason as `statNow`. */
  readdirNow(path: string): string[];
  /** Synchronous, because at the exit of a process nothing else is possible. */
  renameNow(from: string, to: string): void;
  /** Synchronous for the same reason. */
  unlinkNow(path: string): void;
}

type Callback<T> = (error: NodeJS.ErrnoException | null, value: T) => void;

function call<T>(start: (callback: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error) reject(error);
      else resolve(value);
    });
  });
}

function run(start: (callback: (error: NodeJS.ErrnoException | null) => void) => void): Promise<void> {
  return call<undefined>((callback) => {
    start((error) => {
      callback(error, undefined);
    });
  });
}

function namesOf(folder: fs.Dir): FolderStream {
  return {
    read: () => call<fs.Dirent | null>((done) => folder.read(done)).then((entry) => entry?.name ?? null),
    close: () => run((done) => folder.close(done)),
  };
}

/** The real file system, through Node's callback calls: half the overhead of `fs.promises` file handles. */
export const nodeFileOperations: FileOperations = {
  open: (path, flags, mode) => call((done) => fs.open(path, flags, mode, done)),
  close: (descriptor) => run((done) => fs.close(descriptor, done)),
  read: (descriptor, buffer, offset, length, position) =>
    call((done) => fs.read(descriptor, buffer, offset, length, position, done)),
  write: (descriptor, buffer, offset, length, position) =>
    call((done) => fs.write(descriptor, buffer, offset, length, position, done)),
  fstat: (descriptor) => call((done) => fs.fstat(descriptor, { bigint: true }, done)),
  fsync: (descriptor) => run((done) => fs.fsync(descriptor, done)),
  ftruncate: (descriptor, size) => run((done) => fs.ftruncate(descriptor, size, done)),
  fchmod: (descriptor, mode) => run((done) => fs.fchmod(descriptor, mode, done)),
  fchown: (descriptor, userId, groupId) => run((done) => fs.fchown(descriptor, userId, groupId, done)),
  stat: (path) => call((done) => fs.stat(path, { bigint: true }, done)),
  lstat: (path) => call((done) => fs.lstat(path, { bigint: true }, done)),
  realpath: (path) => call((done) => fs.realpath.native(path, done)),
  readlink: (path) => call((done) => fs.readlink(path, done)),
  readdir: (path) => call((done) => fs.readdir(path, done)),
  opendir: (path) => call<fs.Dir>((done) => fs.opendir(path, { bufferSize: NAMES_AT_ONCE }, done)).then(namesOf),
  statfs: (path) => call((done) => fs.statfs(path, done)),
  chmod: (path, mode) => run((done) => fs.chmod(path, mode, done)),
  mkdir: (path, mode) => run((done) => fs.mkdir(path, mode, done)),
  rmdir: (path) => run((done) => fs.rmdir(path, done)),
  rename: (from, to) => run((done) => fs.rename(from, to, done)),
  link: (existing, created) => run((done) => fs.link(existing, created, done)),
  unlink: (path) => run((done) => fs.unlink(path, done)),
  statNow: (path) => fs.statSync(path, { bigint: true, throwIfNoEntry: false }),
  lstatNow: (path) => fs.lstatSync(path, { bigint: true, throwIfNoEntry: false }),
  realpathNow: (path) => fs.realpathSync.native(path),
  readFileNow: (path) => {
    const descriptor = fs.openSync(path, READ_WITHOUT_WAITING);
    try {
      return fs.readFileSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  },
  readdirNow: (path) => fs.readdirSync(path),
  renameNow: (from, to) => {
    fs.renameSync(from, to);
  },
  unlinkNow: (path) => {
    fs.unlinkSync(path);
  },
};
