// @ts-check
// Stores with one safeguard taken away each. The suite shows with them that it would notice.
import { constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { nodeFileOperations } from '../dist/src/storage/local/io/FileOperations.js';
import { snapshotNamed, unpackedName } from './fileKinds.mjs';
import { configurationIn, openModule } from './store.mjs';

/** @import { ConfigPersistenceOptions } from '../dist/interfaces/options.js' */
/** @import { FileOperations } from '../dist/src/storage/local/io/FileOperations.js' */

const BETWEEN_READ_AND_WRITE_MS = 5;

/** @typedef {'no flush' | 'no folder flush' | 'no lock and no fence'} Variant */

/**
 * What the updating processes use of a store.
 *
 * @typedef {object} Subject
 * @property {(mutate: (data: any) => unknown, file: string, options: { initial: unknown }) => Promise<{ warnings?: readonly string[] }>} updateConfiguration
 * @property {() => Promise<void>} destroy
 */

/**
 * The module as it is, or a broken one.
 *
 * @param {string} folder
 * @param {ConfigPersistenceOptions} options
 * @param {Variant} [variant]
 * @returns {Promise<Subject>}
 */
export async function openSubject(folder, options, variant) {
  if (variant === 'no lock and no fence') return new UnguardedStore();
  return openModule(folder, { options, io: fileOperationsOf(variant) });
}

/** @param {'no flush' | 'no folder flush' | undefined} variant @returns {FileOperations} */
function fileOperationsOf(variant) {
  if (variant === undefined) return nodeFileOperations;
  const flushes = async (/** @type {number} */ descriptor) => {
    if (variant === 'no flush') return;
    if (!(await nodeFileOperations.fstat(descriptor)).isDirectory()) await nodeFileOperations.fsync(descriptor);
  };
  return { ...nodeFileOperations, fsync: flushes };
}

/** Removes a plain backup before the packed one has its name. @param {FileOperations} io @returns {FileOperations} */
export function removingPlainFirst(io) {
  return {
    ...callsOf(io),
    async rename(from, to) {
      const plain = unpackedName(to);
      if (plain !== to && nodeFileOperations.lstatNow(plain) !== undefined) await io.unlink(plain);
      await io.rename(from, to);
    },
  };
}

/** Keeps what a change replaces, and loses it again right before the change. @param {FileOperations} io @returns {FileOperations} */
export function keepingNothing(io) {
  /** @type {string | undefined} */
  let kept;
  return {
    ...callsOf(io),
    async link(existing, created) {
      await io.link(existing, created);
      if (snapshotNamed(created)?.role === 'backup') kept = created;
    },
    async rename(from, to) {
      const lost = to === configurationIn(dirname(to)) ? kept : undefined;
      if (lost !== undefined) await io.unlink(lost);
      if (lost !== undefined) kept = undefined;
      await io.rename(from, to);
    },
  };
}

/** As an object that some can be replaced in. @param {FileOperations} io @returns {FileOperations} */
function callsOf(io) {
  const calls = Object.keys(nodeFileOperations).map((name) => {
    const call = io[/** @type {keyof FileOperations} */ (name)];
    return [name, call.bind(io)];
  });
  return /** @type {FileOperations} */ (Object.fromEntries(calls));
}

/** Reads, changes and replaces whole files, each step well done; but nothing keeps two processes apart. */
class UnguardedStore {
  /** @type {Subject['updateConfiguration']} */
  async updateConfiguration(mutate, file, { initial }) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    // On a busy machine the processes might otherwise take turns by themselves.
    await pause(BETWEEN_READ_AND_WRITE_MS);
    const data = mutate(text === undefined ? initial : JSON.parse(text));
    await saveWithOneWrite(nodeFileOperations, file, data);
    return {};
  }

  async destroy() {
    // Nothing is held.
  }
}

/**
 * Replaces a file as many programs do: a new file, one write whose count nobody looks at, flush and rename.
 *
 * @param {FileOperations} io
 * @param {string} file
 * @param {unknown} data
 */
export async function saveWithOneWrite(io, file, data) {
  const bytes = Buffer.from(`${JSON.stringify(data)}\n`);
  const temporary = `${file}.${randomUUID()}`;
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
  const descriptor = await io.open(temporary, flags, 0o600);
  await io.write(descriptor, bytes, 0, bytes.length, 0);
  await io.fsync(descriptor);
  await io.close(descriptor);
  await io.rename(temporary, file);
}
