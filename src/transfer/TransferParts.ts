/** What all parts of the transfer work with; the composition root hands it in. */
import type { Formats } from '../codec/Formats.js';
import type { Clock } from '../engine/Clock.js';
import type { ContentCommitter } from '../engine/ContentCommitter.js';
import type { LayoutRules } from '../engine/layoutKeeping.js';
import type { NewValues } from '../engine/NewValues.js';
import type { Operations } from '../engine/Operations.js';
import type { RecoveringReads } from '../engine/RecoveringReads.js';
import type { KeyRing } from '../packing/KeyRing.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { ExchangeFiles } from '../storage/port/ExchangeFiles.js';
import type { Snapshot, SnapshotManifest, SnapshotPacking, SnapshotSet } from '../storage/port/Snapshot.js';
import type { Location, Work } from '../storage/port/Work.js';

/** The contents that are kept of a configuration, opened and verified. */
export interface KeptContents {
  /** The content with this checksum; undefined where it is not kept, or cannot be opened. */
  contentOf(location: Location, checksum: string, work: Work): Promise<Uint8Array | undefined>;
  kept(location: Location, work: Work): Promise<readonly Snapshot[]>;
  openDescribed(
    snapshot: Snapshot,
    set: SnapshotSet,
    work: Work,
  ): Promise<{
    readonly opened: { readonly content: Uint8Array; readonly checksum: string };
    readonly manifest: SnapshotManifest;
  }>;
  describe(
    identity: Pick<Snapshot, 'id' | 'sequence' | 'createdAt'>,
    opened: { readonly content: Uint8Array; readonly checksum: string },
    set: SnapshotSet,
    work: Work,
  ): Promise<SnapshotManifest>;
  pack(content: Uint8Array, packing: SnapshotPacking, id: string): Promise<Uint8Array>;
}

export interface TransferSettings {
  /** Absolute; what relative paths are relative to. */
  readonly workingDirectory: string;
  /** The folders of the module itself. */
  readonly ownDirectories: readonly string[];
  /** Where exports land that name no path. */
  readonly archiveDirectory: string;
  /** Where imports are staged. */
  readonly tempDirectory: string;
  readonly maxConcurrent: number;
  readonly defaultPath: () => string;
}

export interface TransferParts {
  readonly store: ConfigStore;
  readonly operations: Operations;
  readonly reads: RecoveringReads;
  readonly committer: ContentCommitter;
  readonly formats: Formats;
  readonly clock: Clock;
  readonly exchange: ExchangeFiles;
  readonly contents: KeptContents;
  /** How new snapshots are packed. */
  readonly packing: () => SnapshotPacking;
  /** The module's keys. */
  readonly keys: KeyRing;
  readonly values: NewValues;
  /** As the options of the module say. */
  readonly layout: Omit<LayoutRules, 'maxBytes'>;
  /** Told what a function of the caller threw that only listens. */
  readonly onListenerFailure: (error: unknown) => void;
  readonly settings: TransferSettings;
}
