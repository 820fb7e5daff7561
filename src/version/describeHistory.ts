/** From the changes of a journal to the versions that callers see. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { VersionInfo } from '../../interfaces/versions.js';
import type { RecordedChange } from '../storage/port/RecordedChange.js';
import { hasContent } from '../storage/port/Snapshot.js';
import type { Location, Work } from '../storage/port/Work.js';
import { describeChanges } from '../comparison/describeChanges.js';
import type { VersionParts } from './Rollback.js';
import { valueIfReadable } from './VersionFinder.js';

const { MAX_COMPARED_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

/** `changes` and the result are newest first; each content is read once. */
export async function describeHistory(
  location: Location,
  changes: readonly RecordedChange[],
  { store, contents, formats }: Pick<VersionParts, 'store' | 'contents' | 'formats'>,
  work: Work,
): Promise<VersionInfo[]> {
  const live = (await store.read(location, work)).content;
  const kept = await contents.kept(location, work);
  const infos: VersionInfo[] = [];
  /** The version that the file had before; none for the first one, and after a delete. */
  let parent: { readonly id: string; readonly value: ConfigurationValue | undefined } | undefined;
  for (const record of changes.toReversed()) {
    if (record.kind === 'delete') parent = undefined;
    if (record.kind !== 'save') continue;
    const { checksum } = record;
    const id = store.versionIds.of(location, record);
    const isLive = live?.checksum === checksum;
    const isKept = isLive || kept.some((snapshot) => hasContent(snapshot, checksum));
    const isLarge = record.size > MAX_COMPARED_BYTES;
    let bytes: Uint8Array | undefined;
    if (isKept && !isLarge) bytes = isLive ? live.bytes : await contents.contentOf(location, checksum, work);
    const value =
      bytes === undefined ? undefined : valueIfReadable(bytes, formats.recorded(record.format, location.name));
    const isFirst = record.isFirst && parent === undefined;
    const isComparable = value !== undefined && (isFirst || parent?.value !== undefined);
    infos.push({
      id,
      timestamp: record.time,
      checksum,
      filePath: location.name,
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
