/** From the changes of a journal to the versions that callers see. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { VersionInfo } from '../../interfaces/versions.js';
import type { RevisionRecord, SaveRecord } from '../storage/local/journal/JournalRecord.js';
import { describeChanges } from './comparison/describeChanges.js';
import { versionId } from './versionId.js';

const { MAX_COMPARED_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

/** A version, and how to get at its value. */
export interface KeptVersion {
  readonly record: SaveRecord;
  readonly isKept: boolean;
  /** Undefined where it cannot be had after all. */
  readonly read: () => Promise<ConfigurationValue | undefined>;
}

export interface HistorySubject {
  readonly key: string;
  readonly filePath: string;
}

/** `changes` and the result are newest first; each content is read once. */
export async function describeHistory(
  changes: readonly RevisionRecord[],
  versions: ReadonlyMap<number, KeptVersion>,
  subject: HistorySubject,
): Promise<VersionInfo[]> {
  const infos: VersionInfo[] = [];
  const values = new Map<number, ConfigurationValue | undefined>();
  const valueOf = async (version: KeptVersion): Promise<ConfigurationValue | undefined> => {
    const { revision, size } = version.record;
    if (!values.has(revision)) {
      values.set(revision, version.isKept && size <= MAX_COMPARED_BYTES ? await version.read() : undefined);
    }
    return values.get(revision);
  };
  for (const [index, record] of changes.entries()) {
    const version = versions.get(record.revision);
    if (record.record !== 'save' || version === undefined) continue;
    const parent = parentOf(changes.slice(index + 1), versions);
    const value = await valueOf(version);
    const before = parent === undefined ? undefined : await valueOf(parent);
    const isFirst = record.base === null && parent === undefined;
    const isComparable = value !== undefined && (isFirst || before !== undefined);
    infos.push({
      ...infoOf(record, version.isKept && (value !== undefined || record.size > MAX_COMPARED_BYTES), subject),
      ...(parent === undefined ? {} : { parentVersion: versionId(subject.key, parent.record) }),
      ...(isComparable ? changesOf(isFirst ? undefined : before, value) : {}),
    });
    values.delete(record.revision);
  }
  return infos;
}

/** The version that the file had before; none for the first one, and after a delete. */
function parentOf(
  older: readonly RevisionRecord[],
  versions: ReadonlyMap<number, KeptVersion>,
): KeptVersion | undefined {
  const before = older.find(({ record }) => record === 'save' || record === 'delete');
  return before?.record === 'save' ? versions.get(before.revision) : undefined;
}

function changesOf(
  before: ConfigurationValue | undefined,
  value: ConfigurationValue,
): Pick<VersionInfo, 'changes' | 'hasMoreChanges'> {
  const { changes, isComplete } = describeChanges(before, value);
  return isComplete ? { changes } : { changes, hasMoreChanges: true };
}

function infoOf(record: SaveRecord, isSnapshot: boolean, { key, filePath }: HistorySubject): VersionInfo {
  return {
    id: versionId(key, record),
    timestamp: record.time,
    checksum: record.checksum,
    filePath,
    fileSize: record.size,
    ...(record.user === undefined ? {} : { createdBy: record.user }),
    ...(record.description === undefined ? {} : { description: record.description }),
    ...(record.tags === undefined ? {} : { tags: [...record.tags] }),
    isSnapshot,
  };
}
