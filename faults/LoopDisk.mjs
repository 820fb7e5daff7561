// @ts-check
// A small disk of its own for a scenario: mounted, filled, or cut from power without harming the machine's.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atTheEnd } from './scratch.mjs';

/** @typedef {'ext4' | 'xfs' | 'tmpfs'} FileSystem */

/** Sizes in MiB: xfs takes nothing smaller than this. @type {Record<FileSystem, number>} */
const SIZES = { ext4: 16, xfs: 320, tmpfs: 1 };

/** @type {Record<FileSystem, readonly string[]>} */
const MAKE = {
  ext4: ['mkfs.ext4', '-q', '-F', '-m', '0'],
  xfs: ['mkfs.xfs', '-q', '-f'],
  tmpfs: [],
};

export class LoopDisk {
  /** Where it is mounted. */
  folder;
  #root = mkdtempSync(join(tmpdir(), 'config-faults-disk-'));
  #isMounted = false;

  /** Makes and mounts it. @param {FileSystem} kind */
  constructor(kind) {
    this.kind = kind;
    this.folder = join(this.#root, 'mounted');
    atTheEnd(() => this.discard());
    run('mkdir', this.folder);
    this.format();
  }

  /** An empty, mounted disk. */
  format() {
    this.#unmount();
    const [command, ...options] = MAKE[this.kind];
    if (command !== undefined) {
      rmSync(this.#image, { force: true });
      run('truncate', '-s', `${SIZES[this.kind]}M`, this.#image);
      run(command, ...options, this.#image);
    }
    this.#mount();
  }

  /** Nothing can be changed on it any more. */
  makeReadOnly() {
    run('mount', '-o', 'remount,ro', this.folder);
  }

  /** Ends all traffic at once and forgets what was not flushed, as a power cut does. Programs that use it get errors. */
  cut() {
    run('xfs_io', '-x', '-c', 'shutdown', this.folder);
  }

  /** As after a boot: the file system recovers from what the disk holds. Nobody may use it meanwhile. */
  restart() {
    this.#unmount();
    this.#mount();
  }

  /** Unmounts it and removes everything, also under a process that is just being killed. */
  discard() {
    this.#unmount('--lazy');
    rmSync(this.#root, { recursive: true, force: true });
  }

  get #image() {
    return join(this.#root, 'image');
  }

  #mount() {
    if (this.kind === 'tmpfs') run('mount', '-t', 'tmpfs', '-o', `size=${SIZES.tmpfs}m`, 'tmpfs', this.folder);
    else run('mount', '-o', 'loop', this.#image, this.folder);
    this.#isMounted = true;
  }

  /** @param {readonly string[]} how */
  #unmount(...how) {
    if (!this.#isMounted) return;
    run('umount', ...how, this.folder);
    this.#isMounted = false;
  }
}

/**
 * Why such disks cannot be used here; undefined where they can.
 *
 * @param {FileSystem} kind
 * @param {{ isToBeCut?: boolean }} [use]
 * @returns {string | undefined}
 */
export function whyNoDisk(kind, { isToBeCut = false } = {}) {
  if (process.platform !== 'linux') return 'small disks are mounted on Linux only';
  if (process.getuid?.() !== 0) return 'mounting takes root';
  const tools = [...MAKE[kind].slice(0, 1), ...(isToBeCut ? ['xfs_io'] : [])];
  const missing = tools.find((tool) => !isInstalled(tool));
  if (missing !== undefined) return `${missing} is not installed`;
  try {
    const disk = new LoopDisk(kind);
    try {
      if (isToBeCut) disk.cut();
    } finally {
      disk.discard();
    }
    return undefined;
  } catch (error) {
    return `this machine refuses it: ${error instanceof Error ? error.message.trim() : String(error)}`;
  }
}

/** @param {string} tool */
function isInstalled(tool) {
  try {
    run('sh', '-c', `command -v ${tool}`);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} command @param {readonly string[]} args */
function run(command, ...args) {
  execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
}
