/** Adds up what lies in the storage, one file after the other. */
import type { FileStatistic } from '../../../interfaces/health.js';
import type { InspectedEntry, InspectedFolder } from '../../storage/port/StoreInspection.js';

export class StorageTotals {
  configurations = 0;
  backups = 0;
  bytes = 0;
  /** Kept contents of every role. */
  snapshots = 0;
  /** Of configurations and backups. */
  #statisticBytes = 0;
  #largest: FileStatistic | null = null;
  #smallest: FileStatistic | null = null;
  #oldest: FileStatistic | null = null;
  #newest: FileStatistic | null = null;

  add({ area, entries }: Pick<InspectedFolder, 'area' | 'entries'>): void {
    const ids = new Set<string>();
    for (const entry of entries) {
      this.bytes += entry.sizeBytes;
      if (entry.kind === 'configuration') {
        this.configurations += 1;
        this.#addStatistic(entry, 'configuration');
      }
      const { snapshot } = entry;
      if (snapshot === undefined) continue;
      this.snapshots += 1;
      // Two files of one backup are there only after a kill in the middle of a repacking.
      if (area !== 'backups' || snapshot.role !== 'backup' || ids.has(snapshot.id)) continue;
      ids.add(snapshot.id);
      this.backups += 1;
      this.#addStatistic(entry, 'backup');
    }
  }

  get extremes() {
    const count = this.configurations + this.backups;
    return {
      averageFileSize: count === 0 ? 0 : this.#statisticBytes / count,
      largestFile: this.#largest,
      smallestFile: this.#smallest,
      oldestFile: this.#oldest,
      newestFile: this.#newest,
    };
  }

  #addStatistic(
    { path: filePath, sizeBytes: size, modifiedAt: timestamp }: InspectedEntry,
    type: FileStatistic['type'],
  ): void {
    this.#statisticBytes += size;
    const isExtreme =
      this.#largest === null ||
      size > this.#largest.size ||
      size < (this.#smallest?.size ?? 0) ||
      timestamp < (this.#oldest?.timestamp ?? 0) ||
      timestamp > (this.#newest?.timestamp ?? 0);
    if (!isExtreme) return;
    const one: FileStatistic = { filePath, size, timestamp, type };
    if (this.#largest === null || size > this.#largest.size) this.#largest = one;
    if (this.#smallest === null || size < this.#smallest.size) this.#smallest = one;
    if (this.#oldest === null || timestamp < this.#oldest.timestamp) this.#oldest = one;
    if (this.#newest === null || timestamp > this.#newest.timestamp) this.#newest = one;
  }
}
