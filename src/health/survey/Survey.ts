/**
 * One pass over the storage: everything that checks and statistics want to know of names, sizes, modes and times. Of each
 * kind of finding it keeps the first, and how many there are; of the contents, which ones nobody has verified yet.
 */
import type { InspectedEntry, InspectedFolder } from '../../storage/port/StoreInspection.js';
import { FoundList } from '../FoundList.js';
import { StorageTotals } from './StorageTotals.js';

/** Asked about each kept content. */
export interface VerifiedBefore {
  /** Undefined where this state of it was not verified yet. */
  isGood(snapshot: NonNullable<InspectedEntry['snapshot']>, mark: string): boolean | undefined;
}

/** The kept contents of one configuration. */
export interface SurveyedSet {
  readonly key: string;
  readonly configuration: string | undefined;
  readonly area: 'backups' | 'archive';
  /** Not verified in their present state. */
  readonly pending: InspectedEntry[];
  /** When the newest good one was made; 0 where none is known to be good. */
  newestGoodAt: number;
}

export interface WrongMode {
  readonly path: string;
  readonly isFolder: boolean;
  /** What it should be. */
  readonly mode: number;
}

export class Survey {
  readonly totals = new StorageTotals();
  /** Those that have records. */
  readonly configurations = new Set<string>();
  /** Those of them that are there. */
  readonly present = new Set<string>();
  readonly sets: SurveyedSet[] = [];
  readonly excessModes = new FoundList<WrongMode>();
  readonly missingModes = new FoundList<WrongMode>();
  readonly foreignOwners = new FoundList<string>();
  readonly unreadable = new FoundList<{ readonly path: string; readonly code: string }>();
  readonly cut = new FoundList<string>();
  readonly temporaries = new FoundList<InspectedEntry>();
  readonly tombstones = new FoundList<InspectedEntry>();
  readonly orphanedBackups = new FoundList<string>();
  readonly namelessRecords = new FoundList<string>();
  /** Kept contents that can be verified. */
  verifiableSnapshots = 0;
  readonly futureFiles = new FoundList<string>();
  readonly #verified: VerifiedBefore;
  readonly #latest: number;

  /** @param latest times after this one are in the future. */
  constructor(verified: VerifiedBefore, latest: number) {
    this.#verified = verified;
    this.#latest = latest;
  }

  add(folder: InspectedFolder): void {
    const { path, area, configuration, problem, isCut, entries } = folder;
    this.totals.add(folder);
    if (problem !== undefined) this.unreadable.add(() => ({ path, code: problem.code }));
    if (isCut) this.cut.add(() => path);
    for (const entry of entries) this.#addEntry(entry);
    if (area === 'metadata' && configuration !== undefined) this.configurations.add(configuration);
    if (area === 'metadata' && configuration === undefined && entries.some(({ kind }) => kind === 'journal')) {
      this.namelessRecords.add(() => path);
    }
    if (area === 'backups' || area === 'archive') this.#addSet(folder, area);
  }

  #addEntry(entry: InspectedEntry): void {
    const { path, kind, mode, allowedMode, neededMode } = entry;
    const isFolder = kind === 'folder';
    const right = (mode & allowedMode) | neededMode;
    if ((mode & ~allowedMode) !== 0) this.excessModes.add(() => ({ path, isFolder, mode: right }));
    if ((mode & neededMode) !== neededMode) this.missingModes.add(() => ({ path, isFolder, mode: right }));
    if (entry.isForeign) this.foreignOwners.add(() => path);
    if (entry.modifiedAt > this.#latest) this.futureFiles.add(() => path);
    if (kind === 'configuration') this.present.add(path);
    if (kind === 'temporary' || kind === 'staged') this.temporaries.add(() => entry);
    if (kind === 'tombstone') this.tombstones.add(() => entry);
  }

  #addSet({ key, configuration, entries }: InspectedFolder, area: SurveyedSet['area']): void {
    if (key === undefined) return;
    const isOrphaned = area === 'backups' && (configuration === undefined || !this.present.has(configuration));
    const set: SurveyedSet = { key, configuration, area, pending: [], newestGoodAt: 0 };
    for (const entry of entries) {
      const { snapshot, mark, path } = entry;
      if (snapshot === undefined) continue;
      if (isOrphaned && snapshot.role === 'backup') this.orphanedBackups.add(() => path);
      // What is in quarantine is known to be damaged.
      if (snapshot.role === 'quarantine') continue;
      this.verifiableSnapshots += 1;
      const isGood = this.#verified.isGood(snapshot, mark);
      if (isGood === undefined) set.pending.push(entry);
      if (isGood === true) set.newestGoodAt = Math.max(set.newestGoodAt, snapshot.createdAt);
    }
    this.sets.push(set);
  }
}
