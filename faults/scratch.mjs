// @ts-check
// Folders to work in, removed again whatever happens, and child processes that do not outlive the suite.
import { fork, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @import { ChildProcess, ForkOptions } from 'node:child_process' */

const MEMORY = '/dev/shm';

/** With the signal that each is ended by. @type {Map<ChildProcess, NodeJS.Signals>} */
const children = new Map();
/** @type {(() => void)[]} */
const cleanUps = [];
/** @type {Map<string, string>} */
const roots = new Map();
let folders = 0;

/** A new, empty folder on the disk. */
export function folderOnDisk() {
  return newFolder(tmpdir());
}

/**
 * A new, empty folder in memory where the system has such a place: for scenarios that do not depend on what a flush does.
 */
export function folderInMemory() {
  return newFolder(hasMemoryFolder() ? MEMORY : tmpdir());
}

/** @param {string} folder */
export function discard(folder) {
  return rm(folder, { recursive: true, force: true });
}

/**
 * Runs a program of `children/` that ends with the suite.
 *
 * @param {string} name @param {readonly string[]} args
 * @param {ForkOptions & { endedBy?: NodeJS.Signals }} [options] a signal that lets it clean up, where it has to
 */
export function forkChild(name, args, { endedBy, ...options } = {}) {
  const path = new URL(`children/${name}.mjs`, import.meta.url);
  return adopt(fork(path, [...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], ...options }), endedBy);
}

/** Runs another program that ends with the suite. @param {string} command @param {readonly string[]} args @param {import('node:child_process').SpawnOptions} options */
export function spawnChild(command, args, options) {
  return adopt(spawn(command, args, options));
}

/** Resolves when a process has ended and all it said was heard. @param {ChildProcess} child @returns {Promise<{ code: number | null, signal: string | null }>} */
export function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

/** Also done when the suite is interrupted; the last one first. @param {() => void} cleanUp synchronous */
export function atTheEnd(cleanUp) {
  cleanUps.push(cleanUp);
}

/** Ends all children and removes all folders. */
export function cleanUp() {
  for (const [child, signal] of children) child.kill(signal);
  children.clear();
  for (const one of cleanUps.splice(0).reverse()) {
    try {
      one();
    } catch (error) {
      console.error('could not clean up:', error);
    }
  }
  for (const root of roots.values()) rmSync(root, { recursive: true, force: true });
  roots.clear();
}

/** Cleans up at a normal end, at an interruption and after an error. */
export function cleanUpOnExit() {
  process.once('exit', cleanUp);
  // Every child that runs has its own listener.
  process.setMaxListeners(0);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => process.exit(130));
  }
}

/** @param {ChildProcess} child @param {NodeJS.Signals} [endedBy] */
function adopt(child, endedBy = 'SIGKILL') {
  children.set(child, endedBy);
  child.once('exit', () => children.delete(child));
  return child;
}

/** @param {string} place */
async function newFolder(place) {
  let root = roots.get(place);
  if (root === undefined) {
    root = mkdtempSync(join(place, 'config-faults-'));
    roots.set(place, root);
  }
  folders += 1;
  const folder = join(root, String(folders));
  await mkdir(folder);
  return folder;
}

function hasMemoryFolder() {
  try {
    accessSync(MEMORY, constants.W_OK);
    return process.platform === 'linux';
  } catch {
    return false;
  }
}
