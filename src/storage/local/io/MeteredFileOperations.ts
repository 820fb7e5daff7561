/** File operations that count what one operation does, for its performance metrics. */
import type { BigIntStats } from 'node:fs';
import type { PerformanceMetrics } from '../../../../interfaces/results.js';
import type { FileOperations } from './FileOperations.js';

/** The counters of one operation. */
export type DiskCounters = Required<PerformanceMetrics['diskIO']>;

export class MeteredFileOperations implements FileOperations {
  readonly #base: FileOperations;
  readonly #diskIO: DiskCounters;

  /** Adds to `diskIO` what passes through. */
  constructor(base: FileOperations, diskIO: DiskCounters) {
    this.#base = base;
    this.#diskIO = diskIO;
  }

  async read(
    descriptor: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<number> {
    const count = await this.#base.read(descriptor, buffer, offset, length, position);
    this.#diskIO.readOperations += 1;
    this.#diskIO.bytesRead += count;
    return count;
  }

  async write(
    descriptor: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ): Promise<number> {
    const count = await this.#base.write(descriptor, buffer, offset, length, position);
    this.#diskIO.writeOperations += 1;
    this.#diskIO.bytesWritten += count;
    return count;
  }

  fsync(descriptor: number): Promise<void> {
    this.#diskIO.fsyncOperations += 1;
    return this.#base.fsync(descriptor);
  }

  ftruncate(descriptor: number, size: number): Promise<void> {
    return this.#base.ftruncate(descriptor, size);
  }

  open(path: string, flags: number, mode?: number): Promise<number> {
    return this.#base.open(path, flags, mode);
  }

  close(descriptor: number): Promise<void> {
    return this.#base.close(descriptor);
  }

  fstat(descriptor: number): Promise<BigIntStats> {
    return this.#base.fstat(descriptor);
  }

  fchmod(descriptor: number, mode: number): Promise<void> {
    return this.#base.fchmod(descriptor, mode);
  }

  fchown(descriptor: number, userId: number, groupId: number): Promise<void> {
    return this.#base.fchown(descriptor, userId, groupId);
  }

  stat(path: string): Promise<BigIntStats> {
    return this.#base.stat(path);
  }

  lstat(path: string): Promise<BigIntStats> {
    return this.#base.lstat(path);
  }

  realpath(path: string): Promise<string> {
    return this.#base.realpath(path);
  }

  readlink(path: string): Promise<string> {
    return this.#base.readlink(path);
  }

  readdir(path: string): Promise<string[]> {
    return this.#base.readdir(path);
  }

  mkdir(path: string, mode: number): Promise<void> {
    return this.#base.mkdir(path, mode);
  }

  rmdir(path: string): Promise<void> {
    return this.#base.rmdir(path);
  }

  rename(from: string, to: string): Promise<void> {
    return this.#base.rename(from, to);
  }

  link(existing: string, created: string): Promise<void> {
    return this.#base.link(existing, created);
  }

  unlink(path: string): Promise<void> {
    return this.#base.unlink(path);
  }

  statNow(path: string): BigIntStats | undefined {
    return this.#base.statNow(path);
  }

  lstatNow(path: string): BigIntStats | undefined {
    return this.#base.lstatNow(path);
  }

  realpathNow(path: string): string {
    return this.#base.realpathNow(path);
  }

  readdirNow(path: string): string[] {
    return this.#base.readdirNow(path);
  }

  renameNow(from: string, to: string): void {
    this.#base.renameNow(from, to);
  }
}
