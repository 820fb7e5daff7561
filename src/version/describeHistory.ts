/** From the changes of a journal to the versions that callers see. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { VersionInfo } from '../../interfaces/versions.js';
import type { RecordedChange, RecordedSave } from '../storage/port/RecordedChange.js';
import { describeChanges } from './comparison/describeChanges.js';

const { MAX_COMPARED_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

/** What the journal does not tell of the versions. */
export interface VersionSource {
  readonly filePath: string;
  readonly idOf: (version: RecordedSave) => string;
  /** Whether the content is kept. */
  readonly isKept: (version: RecordedSave) => boolean;
  /** The value of a content that is kept; undefined where it cannot be had after all. */
  readonly read: (version: RecordedSave) => Promise<ConfigurationValue | undefined>;
}

/** `changes` and the result are newest first; each content is read once. */
export async function describeHistory(
  changes: readonly RecordedChange[],
  source: VersionSource,
): Promise<VersionInfo[]> {
  const infos: VersionInfo[] = [];
  /** The version that the file had before; none for the first one, and after a delete. */
  let parent: { readonly id: string; readonly value: ConfigurationValue | undefined } | undefined;
  for (const record of changes.toReversed()) {
    if (record.kind === 'delete') parent = undefined;
    if (record.kind !== 'save') continue;
    const id = source.idOf(record);
    const isKept = source.isKept(record);
    const isLarge = record.size > MAX_COMPARED_BYTES;
    const value = isKept && !isLarge ? await source.read(record) : undefined;
    const isFirst = record.isFirst && parent === undefined;
    const isComparable = value !== undefined && (isFirst || parent?.value !== undefined);
    infos.push({
      id,
      timestamp: record.time,
      checksum: record.checksum,
      filePath: source.filePath,
      fileSize: record.size,
      ...(record.user === undefined ? {} : { createdBy: record.user }),
      ...(record.description === undefined ? {} : { description: record.description }),
      ...(record.tags === undefined ? {} : { tags: [...record.tags] }),
      isSnapshot: isKept && (value !== undefined || isLarge),
      ...(parent === undefined ? {} : { parentVersion: parent.id }),
      ...(isComparable ? changesOf(parent?.value, value) : {}),
    });
    parent = { id, value };
  }
  return infos.reverse();
}

function changesOf(
  before: ConfigurationValue | undefined,
  value: ConfigurationValue,
): Pick<VersionInfo, 'changes' | 'hasMoreChanges'> {
  const { changes, isComplete } = describeChanges(before, value);
  return isComplete ? { changes } : { changes, hasMoreChanges: true };
}
