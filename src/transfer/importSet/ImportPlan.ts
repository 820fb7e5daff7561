/**
 * What an import of several configurations is going to change, written down before it changes the first one.
 *
 * The plan is a file in the folder for temporary files. Its appearance is the point from which on an import is finished,
 * or undone, by whoever comes next; the contents that it names by their place lie staged in a file beside it.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationFormat } from '../../../interfaces/enums.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import type { Past, UserMetadata } from '../../storage/port/RecordedChange.js';
import { checkedLine, parseCheckedLine } from '../../value/checkedLine.js';
import type { ArchivedSnapshot } from '../backupArchive/BackupRecord.js';

const { IMPORT_PLAN } = CONFIG_PERSISTENCE_CONSTANTS;

/** Where bytes lie in the staged file. */
export interface StagedRange {
  readonly offset: number;
  readonly length: number;
}

/** What is recorded with the new content. */
export interface PlannedRecord {
  readonly kind: string;
  readonly source: string;
  /** Epoch milliseconds; of the import where it is left out. */
  readonly time?: number;
  readonly user?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
}

export interface PlannedMetadata {
  readonly fields: UserMetadata;
  readonly time?: number;
  readonly user?: string;
}

/** One configuration. */
export interface PlannedChange {
  /** Absolute. */
  readonly filePath: string;
  readonly format: ConfigurationFormat;
  readonly encoding: string;
  readonly content: StagedRange;
  /** Checksums of its content, before and after; null where there is none. */
  readonly before: string | null;
  readonly after: string;
  /** The content before, for taking the change back. */
  readonly previous?: StagedRange & { readonly format: ConfigurationFormat };
  readonly record: PlannedRecord;
  readonly past?: Past;
  readonly metadata?: PlannedMetadata;
  readonly snapshots?: readonly (ArchivedSnapshot & { readonly content: StagedRange })[];
}

export interface ImportPlan {
  readonly kind: typeof IMPORT_PLAN.KIND;
  readonly format: number;
  /** Base name of the file with the contents, beside the plan. */
  readonly staged: string;
  /** The imported file. */
  readonly importedFrom: string;
  /** `undo` where it has failed, so that what was changed goes back. */
  readonly phase: 'finish' | 'undo';
  readonly changes: readonly PlannedChange[];
}

export function formatPlan(plan: ImportPlan): Uint8Array {
  return Buffer.from(checkedLine(JSON.stringify(plan)));
}

/** Only what this module has written is whole by its check value. @throws PersistenceError `ERR_IMPORT_INTERRUPTED` */
export function parsePlan(bytes: Uint8Array, path: string): ImportPlan {
  const plan = parseCheckedLine(Buffer.from(bytes).toString().trimEnd()) as ImportPlan | undefined;
  if (plan?.kind === IMPORT_PLAN.KIND && plan.format === IMPORT_PLAN.FORMAT_VERSION && isStagedName(plan.staged)) {
    return plan;
  }
  const reason =
    'the plan of an interrupted import cannot be read, or is of a newer release; look at the configurations, then remove it';
  throw persistenceError('ERR_IMPORT_INTERRUPTED', reason, { filePath: path });
}

/** The form of the names of staged contents. */
export function isStagedName(name: unknown): boolean {
  return typeof name === 'string' && new RegExp(IMPORT_PLAN.STAGED_NAME, 'u').test(name);
}
