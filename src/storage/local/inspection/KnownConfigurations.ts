/**
 * Which configuration each folder of records or snapshots is of, remembered: a key is made from the way to its
 * configuration, so what it means changes only when its parent folder leads elsewhere.
 */
import { isSystemError } from '../../../errors/StorageError.js';
import { PersistenceError } from '../../../errors/PersistenceError.js';
import type { Work } from '../../port/Work.js';
import type { FileOperations } from '../io/FileOperations.js';
import type { Journals } from '../journal/Journals.js';
import type { LocalSnapshots } from '../snapshots/LocalSnapshots.js';

interface Known {
  readonly path: string;
  readonly snapshotKey: string;
}

export class KnownConfigurations {
  readonly #parts: { readonly journals: Journals; readonly snapshots: LocalSnapshots };
  readonly #byJournal = new Map<string, Known>();
  readonly #bySnapshotKey = new Map<string, string>();
  /** Of folders whose snapshots tell no configuration, the state in which they do not. */
  readonly #nameless = new Map<string, string>();
  #folder = '';

  constructor(parts: { readonly journals: Journals; readonly snapshots: LocalSnapshots }) {
    this.#parts = parts;
  }

  /** Before a pass. @param folder of the journals, links followed. */
  begin(folder: string): void {
    if (folder === this.#folder) return;
    this.#folder = folder;
    this.#byJournal.clear();
    this.#bySnapshotKey.clear();
    this.#nameless.clear();
  }

  /** Of a folder of records; undefined where these tell none. */
  async ofJournal(key: string, io: FileOperations): Promise<string | undefined> {
    const known = this.#byJournal.get(key);
    if (known !== undefined) return known.path;
    const path = await ifReadable(() => this.#parts.journals.pathOf(key, io));
    if (path === undefined) return undefined;
    const { key: snapshotKey } = this.#parts.snapshots.setOf({ given: path, name: path, id: path });
    this.#byJournal.set(key, { path, snapshotKey });
    this.#bySnapshotKey.set(snapshotKey, path);
    return path;
  }

  /** Of a folder of snapshots in the given state. */
  async ofSnapshots(key: string, state: string, work: Work): Promise<string | undefined> {
    const known = this.#bySnapshotKey.get(key);
    if (known !== undefined || this.#nameless.get(key) === state) return known;
    const path = await ifReadable(() => this.#parts.snapshots.nameOf(key, work));
    if (path === undefined) this.#nameless.set(key, state);
    else this.#bySnapshotKey.set(key, path);
    return path;
  }
}

async function ifReadable<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PersistenceError || isSystemError(error)) return undefined;
    throw error;
  }
}
