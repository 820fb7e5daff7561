/** Short cuts that the tests of backups share. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BackupRetentionPolicy } from '../../interfaces/backups.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import type { PersistenceResult } from '../../interfaces/results.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { startModule, walk, type Interference } from '../support/moduleFixture.js';

/** What `....Z.r12.<16 digits>` is in names and ids. */
export const IDENTITY = String.raw`\d{8}T\d{9}Z\.r\d+\.[0-9a-f]{16}`;
/** An id as `listBackups` gives them, of a backup that does not exist. */
export const UNKNOWN_ID = 'app.json-0123456789abcdef.20261124T101530123Z.r12.fedcba9876543210';

/** 32 bytes, each of this number. */
export function keyOf(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

export async function saveAll(
  module: ConfigPersistenceModule,
  values: readonly unknown[],
  path?: string,
): Promise<PersistenceResult[]> {
  const results: PersistenceResult[] = [];
  for (const value of values) results.push(await module.saveConfiguration(value, path));
  return results;
}

/** Saves with a module of its own and waits until its backups are maintained. */
export async function saveAndMaintain(
  folder: string,
  values: readonly unknown[],
  options: ConfigPersistenceOptions = {},
  interference: Interference = () => ({}),
): Promise<void> {
  const module = await startModule(folder, options, interference);
  await saveAll(module, values);
  await module.destroy();
}

/** The id of what a change has kept. */
export function keptId({ metadata }: PersistenceResult): string {
  const id = metadata?.backupId;
  if (typeof id !== 'string') throw new Error('nothing was kept');
  return id;
}

/** Where the snapshots of a configuration are. */
export function keyFolder(folder: string, name = 'app.json', backups = 'backups'): string {
  const parent = join(folder, backups);
  const keys = existsSync(parent) ? readdirSync(parent).filter((key) => key.startsWith(`${name}-`)) : [];
  const [key] = keys;
  if (key === undefined || keys.length > 1) throw new Error(`expected one folder of ${name}, found ${keys.length}`);
  return join(parent, key);
}

/** Base names of the snapshots of all configurations, manifests left out, oldest first. */
export function snapshotNames(folder: string, backups = 'backups'): string[] {
  return walk(join(folder, backups))
    .map((path) => basename(path))
    .filter((name) => /\.(?:backup|version|corrupt)(?:\.gz)?(?:\.enc)?$/u.test(name));
}

/** Those of `snapshotNames` that are backups. */
export function backupNames(folder: string): string[] {
  return snapshotNames(folder).filter((name) => name.includes('.backup'));
}

export function manifestNames(folder: string): string[] {
  return walk(join(folder, 'backups'))
    .map((path) => basename(path))
    .filter((name) => name.endsWith('.meta'));
}

/** The one file that an id has below a folder. */
export function fileOf(folder: string, id: string): string {
  const identity = id.slice(id.search(new RegExp(`${IDENTITY}$`, 'u')));
  const files = walk(folder).filter((path) => basename(path).includes(identity) && !path.endsWith('.meta'));
  const [file] = files;
  if (file === undefined || files.length > 1) throw new Error(`expected one file of ${id}, found ${files.length}`);
  return file;
}

/** Files below a folder that contain one of these, paths relative to nothing but their name. */
export function filesWith(folder: string, ...needles: readonly (string | Uint8Array)[]): string[] {
  return walk(folder)
    .filter((path) => statSync(path).isFile())
    .filter((path) => {
      const bytes = readFileSync(path);
      return needles.some((needle) => bytes.includes(Buffer.from(needle)));
    })
    .map((path) => basename(path));
}

export function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

/** A policy of one rule that holds for every automatic backup. */
export function everyAutomatic(action: 'keep' | 'delete' | 'compress' | 'archive'): BackupRetentionPolicy {
  const rule = { condition: 'automatic', priority: 1, action, description: 'a rule of the test' };
  return { retentionStrategy: 'priority-based', priorityRules: [rule] };
}

/** Lets the system refuse to open a file that is told later. */
export function refusing(code: string): { interference: Interference; path: string | undefined } {
  const refusal: { interference: Interference; path: string | undefined } = {
    path: undefined,
    interference: (real) => ({
      open: (path, flags, mode) =>
        path === refusal.path
          ? Promise.reject(Object.assign(new Error(code), { code, errno: -1, syscall: 'open' }))
          : real.open(path, flags, mode),
    }),
  };
  return refusal;
}

/** Turns a bit in what is written to new files whose name fits, as a failing disk does. */
export function garbling(pattern: RegExp): Interference {
  const descriptors = new Set<number>();
  return (real) => ({
    async open(path, flags, mode) {
      const descriptor = await real.open(path, flags, mode);
      descriptors.delete(descriptor);
      if (pattern.test(path)) descriptors.add(descriptor);
      return descriptor;
    },
    write(descriptor, buffer, offset, length, position) {
      if (!descriptors.has(descriptor)) return real.write(descriptor, buffer, offset, length, position);
      const garbled = Uint8Array.from(buffer);
      garbled[garbled.length - 1]! ^= 1;
      return real.write(descriptor, garbled, offset, length, position);
    },
  });
}
