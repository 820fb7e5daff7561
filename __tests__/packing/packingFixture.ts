/** Keys, contents and small helpers that the tests of packing share. */
import { createHash } from 'node:crypto';
import { createHook } from 'node:async_hooks';
import type { ErrorCode } from '../../src/errors/ErrorCode.js';
import { PersistenceError } from '../../src/errors/PersistenceError.js';
import { KeyRing } from '../../src/packing/KeyRing.js';
import type { SnapshotPacking } from '../../src/storage/port/Snapshot.js';

export const MIB = 1024 * 1024;
export const IDENTITY = 'app.json-0123456789abcdef.20261124T101530123Z.r12.fedcba9876543210';
export const MAGIC = 'rcc-encrypted-backup';
export const TAG_BYTES = 16;

export const PLAIN: SnapshotPacking = { isCompressed: false, isEncrypted: false };
export const COMPRESSED: SnapshotPacking = { isCompressed: true, isEncrypted: false };
export const ENCRYPTED: SnapshotPacking = { isCompressed: false, isEncrypted: true };
export const BOTH: SnapshotPacking = { isCompressed: true, isEncrypted: true };
export const PACKINGS = [PLAIN, COMPRESSED, ENCRYPTED, BOTH];

export const NO_KEYS = new KeyRing(undefined);

/** 32 bytes, each of this number. */
export function keyOf(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

/** The code that a promise is refused with; 'none' where it is not. */
export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | 'none'> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    if (error instanceof PersistenceError) return error.code as ErrorCode;
    throw error;
  }
}

/** Where the header ends, its line feed included. */
export function headerLength(file: Uint8Array): number {
  return Buffer.from(file).indexOf('\n') + 1;
}

export function headerFields(file: Uint8Array): Record<string, unknown> {
  const line = Buffer.from(file).toString('latin1', 0, headerLength(file));
  return JSON.parse(line.slice(line.indexOf('{'))) as Record<string, unknown>;
}

/** A file whose header was changed by somebody who knows the form: its check value is right. */
export function withFields(file: Uint8Array, changes: Record<string, unknown>): Uint8Array {
  return withHeaderText(file, JSON.stringify({ ...headerFields(file), ...changes }));
}

export function withHeaderText(file: Uint8Array, text: string): Uint8Array {
  const check = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return Buffer.concat([Buffer.from(`${MAGIC} ${check} ${text}\n`), file.subarray(headerLength(file))]);
}

/** The file with one bit turned. */
export function withFlippedBit(file: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(file);
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
}

/** How often scrypt was started while `work` ran. */
export async function countDerivations(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === 'SCRYPTREQUEST') count += 1;
    },
  });
  hook.enable();
  try {
    await work();
  } finally {
    hook.disable();
  }
  return count;
}
