/** What is known of a kept content, from the content itself and the history of its configuration. Looks at nothing. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationMetadata } from '../../interfaces/results.js';
import type { Codec } from '../codec/Codec.js';
import type { Formats } from '../codec/Formats.js';
import { isDecodable } from '../engine/contentText.js';
import { describeMetadata } from '../engine/metadata.js';
import type { RecordedChange, RecordedSave, UserMetadata } from '../storage/port/RecordedChange.js';
import type { Snapshot, SnapshotManifest } from '../storage/port/Snapshot.js';

const { FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;

/** What tells a snapshot's content from the others. */
export type NamedContent = Pick<Snapshot, 'id' | 'sequence' | 'createdAt'>;

/** A content that was taken out of a snapshot, and verified to be what was kept. */
export interface OpenedSnapshot {
  readonly content: Uint8Array;
  readonly checksum: string;
}

export interface DescriptionSources {
  /** Of its configuration, newest first. */
  readonly history: readonly RecordedChange[];
  /** Of its configuration, where it is known. */
  readonly name: string | undefined;
  readonly formats: Formats;
}

export function describeSnapshot(
  { id, sequence, createdAt }: NamedContent,
  { content, checksum }: OpenedSnapshot,
  { history, name, formats }: DescriptionSources,
): SnapshotManifest {
  const recorded = recordOf(history, sequence);
  // After the loss of a journal its numbers start again, and mean other contents.
  const saved = recorded?.record.checksum === checksum ? recorded : undefined;
  const codec =
    saved === undefined ? codecAt(createdAt, { history, name, formats }) : formats.recorded(saved.record.format, name);
  const facts = {
    checksum,
    fileSize: content.length,
    encoding: FILE_SYSTEM.DEFAULT_ENCODING,
    modifiedAt: saved?.record.time ?? Date.now(),
  };
  const metadata: ConfigurationMetadata | undefined =
    codec === undefined
      ? undefined
      : describeMetadata({ ...facts, format: codec.format }, saved?.record, saved?.userMetadata);
  const { user, description, tags } = saved?.record ?? {};
  return {
    id,
    checksum,
    size: content.length,
    ...(codec === undefined ? {} : { format: codec.format }),
    // What the module saved was verified to decode when it was saved.
    isReadable: saved !== undefined || (codec !== undefined && isDecodable(content, codec)),
    verifiedAt: Date.now(),
    ...(metadata === undefined ? {} : { metadata }),
    ...(user === undefined ? {} : { user }),
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags }),
  };
}

/** Of a content that no record tells of: as the file was saved before, otherwise as its name tells. */
function codecAt(createdAt: number, { history, name, formats }: DescriptionSources): Codec | undefined {
  const saves = history.filter((change) => change.kind === 'save');
  const before = saves.find(({ time }) => time < createdAt) ?? saves.at(-1);
  if (before !== undefined) return formats.recorded(before.format, name);
  return name === undefined ? undefined : formats.recognise(name);
}

/** The save that made a version, with the metadata in force when it was replaced. */
function recordOf(
  history: readonly RecordedChange[],
  sequence: number,
): { record: RecordedSave; userMetadata?: UserMetadata } | undefined {
  const index = history.findIndex((change) => change.kind === 'save' && change.sequence === sequence);
  const record = history[index];
  if (record?.kind !== 'save') return undefined;
  const userMetadata = metadataInForce(history, index);
  return userMetadata === undefined ? { record } : { record, userMetadata };
}

/** What the user had set when the version at `index` was replaced. */
function metadataInForce(history: readonly RecordedChange[], index: number): UserMetadata | undefined {
  const replacedAt = history.findLastIndex(({ kind }, position) => position < index && kind !== 'metadata');
  for (const change of history.slice(replacedAt + 1)) {
    if (change.kind === 'metadata') return change.fields;
    if (change.kind === 'delete') return undefined;
  }
  return undefined;
}
