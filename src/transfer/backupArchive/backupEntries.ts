/** The entries of an archive of the kind `backup`: each configuration with its history and its kept contents. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { Operation } from '../../engine/Operation.js';
import { PersistenceError } from '../../errors/PersistenceError.js';
import { checksumOf } from '../../value/checksum.js';
import type { NewEntry } from '../archives/ArchiveFormat.js';
import type { ArchivedConfiguration } from '../exportSource.js';
import type { TransferParts } from '../TransferParts.js';
import type { ArchivedSnapshot, BackupManifest, BackupRecord, ListedEntry } from './BackupRecord.js';

const { BACKUP_ARCHIVE } = CONFIG_PERSISTENCE_CONSTANTS;

/** @param onLeftOut told of each kept content that cannot be opened. */
export async function* backupEntries(
  parts: TransferParts,
  configurations: Iterable<ArchivedConfiguration> | AsyncIterable<ArchivedConfiguration>,
  operation: Operation,
  onLeftOut: (snapshotId: string) => void,
): AsyncGenerator<NewEntry, void> {
  const entries: ListedEntry[] = [];
  const createdAt = parts.clock.now();
  let index = 0;
  for await (const configuration of configurations) {
    for await (const entry of entriesOf(parts, configuration, index, operation, onLeftOut)) {
      entries.push({ name: entry.name, size: entry.bytes.length, checksum: checksumOf(entry.bytes) });
      yield entry;
    }
    index += 1;
  }
  const { KIND: kind, FORMAT_VERSION: format, MANIFEST_NAME } = BACKUP_ARCHIVE;
  const manifest: BackupManifest = { kind, format, createdAt, entries };
  yield { name: MANIFEST_NAME, bytes: jsonOf(manifest), modifiedAt: createdAt };
}

async function* entriesOf(
  { store, contents }: TransferParts,
  { name, source }: ArchivedConfiguration,
  index: number,
  operation: Operation,
  onLeftOut: (snapshotId: string) => void,
): AsyncGenerator<NewEntry, void> {
  const { location, codec, read, metadata } = source;
  const { modifiedAt } = metadata;
  const set = store.snapshots.setOf(location);
  yield { name: `${index}/${BACKUP_ARCHIVE.CONTENT_NAME}`, bytes: read.content.bytes, modifiedAt };
  const snapshots: ArchivedSnapshot[] = [];
  for (const snapshot of await contents.kept(location, operation)) {
    let described;
    try {
      described = await contents.openDescribed(snapshot, set, operation);
    } catch (error) {
      operation.checkpoint();
      if (!(error instanceof PersistenceError)) throw error;
      // Damaged, or under a key that is not at hand: what is whole is better than nothing.
      onLeftOut(snapshot.id);
      continue;
    }
    const { opened, manifest } = described;
    const { createdAt, sequence, isAutomatic, role, label } = snapshot;
    const { user, description, tags } = manifest;
    const entry = `${index}/${BACKUP_ARCHIVE.SNAPSHOT_FOLDER}/${snapshots.length}`;
    snapshots.push({
      ...{ createdAt, sequence, isAutomatic, role, checksum: opened.checksum },
      ...(label === undefined ? {} : { label }),
      ...(user === undefined ? {} : { user }),
      ...(description === undefined ? {} : { description }),
      ...(tags === undefined ? {} : { tags }),
    });
    yield { name: entry, bytes: opened.content, modifiedAt: createdAt };
  }
  const { changes } = await store.history(location, operation);
  const { userMetadata } = read.stored;
  const record: BackupRecord = {
    name,
    format: codec.format,
    checksum: read.content.checksum,
    changes: [...changes].reverse(),
    ...(userMetadata === undefined ? {} : { userMetadata }),
    snapshots,
  };
  yield { name: `${index}/${BACKUP_ARCHIVE.RECORD_NAME}`, bytes: jsonOf(record), modifiedAt };
}

function jsonOf(value: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
}
