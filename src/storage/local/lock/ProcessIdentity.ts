/**
 * Who holds a lock, and whether that process still lives.
 *
 * A process number alone proves nothing: numbers are used again, and another container or host has its own. So the start
 * time, the boot and the process namespace are recorded too, where the system tells them (Linux; proc(5)). A host name
 * proves nothing either: many hosts have the one that their image came with. So the machine is recorded (machine-id(5)).
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasSystemCode } from '../../../errors/StorageError.js';

const { FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;

/** Place of the start time among the fields of /proc/PID/stat that follow the command's closing bracket. */
const START_TIME_FIELD = 19;

/** The record of a lock's owner, one for each module instance; any process can read it. */
export interface LockOwner {
  /** Random, unique to the instance. */
  readonly id: string;
  readonly pid: number;
  /** In the system's own unit since boot; null where the system does not tell. */
  readonly processStart: string | null;
  readonly bootId: string | null;
  /** Of this installation of the system; null where it has none. Not in the records of early releases. */
  readonly machineId?: string | null;
  readonly pidNamespace: string | null;
  readonly host: string;
  readonly user: string;
  readonly module: string;
}

/** `foreign` means that this process cannot tell: another host, or another container on this one. */
export type Liveness = 'alive' | 'dead' | 'foreign';

/** The record of this process, for a module instance. */
export function currentOwner(moduleId: string): LockOwner {
  return {
    id: randomBytes(FILE_SYSTEM.RANDOM_NAME_BYTES).toString('hex'),
    pid: process.pid,
    processStart: processState(process.pid)?.start ?? null,
    bootId: readText('/proc/sys/kernel/random/boot_id'),
    machineId: machineId(),
    pidNamespace: readLink('/proc/self/ns/pid'),
    host: hostname(),
    user: userName(),
    module: moduleId,
  };
}

/** Whether the owner's process still lives, as far as the observer can know. */
export function livenessOf(owner: LockOwner, observer: LockOwner): Liveness {
  if (owner.host !== observer.host) return 'foreign';
  if (owner.bootId !== observer.bootId && owner.bootId !== null && observer.bootId !== null) {
    // Its host has booted since; or it is another host with the same name, which is as alive as this one.
    return isSameMachine(owner, observer) ? 'dead' : 'foreign';
  }
  if (owner.pidNamespace !== observer.pidNamespace) return 'foreign';
  if (!processExists(owner.pid)) return 'dead';
  const state = processState(owner.pid);
  if (state === undefined || owner.processStart === null) return 'alive';
  return state.isEnded || state.start !== owner.processStart ? 'dead' : 'alive';
}

function isSameMachine({ machineId }: LockOwner, observer: LockOwner): boolean {
  return typeof machineId === 'string' && machineId === observer.machineId;
}

/** The owner in a record's text; undefined where it is not whole. */
export function parseOwner(text: string): LockOwner | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  const texts = [fields.id, fields.host, fields.user, fields.module];
  const optional = [fields.processStart, fields.bootId, fields.machineId ?? null, fields.pidNamespace];
  const isWhole =
    texts.every((field) => typeof field === 'string') &&
    optional.every((field) => field === null || typeof field === 'string') &&
    Number.isSafeInteger(fields.pid) &&
    Number(fields.pid) > 0;
  return isWhole ? (value as LockOwner) : undefined;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists, but belongs to somebody else.
    return !hasSystemCode(error, 'ESRCH');
  }
}

function processState(pid: number): { start: string; isEnded: boolean } | undefined {
  const text = readText(`/proc/${pid}/stat`);
  // The command in brackets may itself hold blanks and brackets; what follows the last bracket is regular.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const start = fields?.[START_TIME_FIELD];
  if (fields === undefined || start === undefined) return undefined;
  return { start, isEnded: fields[0] === 'Z' || fields[0] === 'X' };
}

/** Empty or a word in images that have not been started yet. */
function machineId(): string | null {
  const texts = [readText('/etc/machine-id'), readText('/var/lib/dbus/machine-id')];
  return texts.find((text) => text !== null && /^[0-9a-f]{32}$/u.test(text)) ?? null;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in the user database, as in many containers.
    return String(process.getuid?.() ?? 'unknown');
  }
}
