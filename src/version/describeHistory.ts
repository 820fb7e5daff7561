/** From the changes of a journal to the versions that callers see. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { VersionInfo } from '../../interfaces/versions.js';
import type { RecordedChange, RecordedSave } from '../storage/port/RecordedChange.js';
import { describeChanges } from './comparison/describeChanges.js';

const { MAX_COMPARED_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

/** A version, and how to get at its value. */
export interface KeptVersion {
  readonly record: RecordedSave;
  readonly isKept: boolean;
  /** Undefined where it cannot be had after all. */
  readonly read: () => Promise<ConfigurationValue | undefined>;
}

export interface HistorySubject {
  readonly idOf: (version: RecordedSave) => string;
  readonly filePath: string;
}

/** `changes` and the result are newest first; each content is read once. */
export async function describeHistory(
  changes: readonly RecordedChange[],
  versions: ReadonlyMap<number, KeptVersion>,
  subject: HistorySubject,
): Promise<VersionInfo[]> {
  const infos: VersionInfo[] = [];
  const values = new Map<number, ConfigurationValue | undefined>();
  const valueOf = async (version: KeptVersion): Promise<ConfigurationValue | undefined> => {
    const { sequence, size } = version.record;
    if (!values.has(sequence)) {
      values.set(sequence, version.isKept && size <= MAX_COMPARED_BYTES ? await version.read() : undefined);
    }
    return values.get(sequence);
  };
  for (const [index, record] of changes.entries()) {
    const version = versions.get(record.sequence);
    if (record.kind !== 'save' || version === undefined) continue;
    const parent = parentOf(changes.slice(index + 1), versions);
    const value = await valueOf(version);
    const before = parent === undefined ? undefined : await valueOf(parent);
    const isFirst = record.isFirst && parent === undefined;
    const isComparable = value !== undefined && (isFirst || before !== undefined);
    infos.push({
      ...infoOf(record, version.isKept && (value !== undefined || record.size > MAX_COMPARED_BYTES), subject),
      ...(parent === undefined ? {} : { parentVersion: subject.idOf(parent.record) }),
      ...(isComparable ? changesOf(isFirst ? undefined : before, value) : {}),
    });
    values.delete(record.sequence);
  }
  return infos;
}

/** The version that the file had before; none for the first one, and after a delete. */
function parentOf(
  older: readonly RecordedChange[],
  versions: ReadonlyMap<number, KeptVersion>,
): KeptVersion | undefined {
  const before = older.find(({ kind }) => kind !== 'metadata');
  return before?.kind === 'save' ? versions.get(before.sequence) : undefined;
}

function changesOf(
  before: ConfigurationValue | undefined,
  value: ConfigurationValue,
): Pick<VersionInfo, 'changes' | 'hasMoreChanges'> {
  const { changes, isComplete } = describeChanges(before, value);
  return isComplete ? { changes } : { changes, hasMoreChanges: true };
}

function infoOf(record: RecordedSave, isSnapshot: boolean, { idOf, filePath }: HistorySubject): VersionInfo {
  return {
    id: idOf(record),
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
