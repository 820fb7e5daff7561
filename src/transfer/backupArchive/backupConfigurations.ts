/** Reads an archive of the kind `backup`: believes nothing in it before its checksum was compared. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { checksumOf } from '../../value/checksum.js';
import { bytesOf, type FoundConfiguration } from '../archiveConfigurations.js';
import type { ArchiveEntry } from '../archives/ArchiveFormat.js';
import type { StagedRange } from '../importSet/ImportPlan.js';
import { parseManifest, parseRecord, refused, type ListedEntry } from './BackupRecord.js';

const { BACKUP_ARCHIVE } = CONFIG_PERSISTENCE_CONSTANTS;
const { CONTENT_NAME, MANIFEST_NAME, RECORD_NAME, SNAPSHOT_FOLDER } = BACKUP_ARCHIVE;

/** What was read of one configuration, until its record comes. */
interface Pending {
  readonly content: Uint8Array;
  readonly snapshots: { readonly range: StagedRange; readonly checksum: string }[];
}

/** @param stage keeps a content for later. @throws PersistenceError `ERR_ARCHIVE_REFUSED` where anything is missing or altered. */
export async function* backupConfigurations(
  entries: AsyncIterable<ArchiveEntry>,
  stage: (bytes: Uint8Array) => Promise<StagedRange>,
): AsyncGenerator<FoundConfiguration, void> {
  const found: ListedEntry[] = [];
  let isListed = false;
  let count = 0;
  let pending: Pending | undefined;
  for await (const entry of entries) {
    if (isListed) throw refused('something follows its manifest');
    const { name } = entry;
    const bytes = await bytesOf(entry);
    if (name === MANIFEST_NAME) {
      assertListed(parseManifest(bytes).entries, found);
      isListed = true;
      continue;
    }
    const checksum = checksumOf(bytes);
    found.push({ name, size: bytes.length, checksum });
    if (pending === undefined) {
      if (name !== `${count}/${CONTENT_NAME}`) throw refused('its entries are not in their order');
      pending = { content: bytes, snapshots: [] };
    } else if (name === `${count}/${SNAPSHOT_FOLDER}/${pending.snapshots.length}`) {
      pending.snapshots.push({ range: await stage(bytes), checksum });
    } else if (name === `${count}/${RECORD_NAME}`) {
      yield configurationOf(bytes, pending);
      pending = undefined;
      count += 1;
    } else throw refused('its entries are not in their order');
  }
  if (!isListed || pending !== undefined) throw refused('it ends too early');
}

function configurationOf(recordBytes: Uint8Array, { content, snapshots }: Pending): FoundConfiguration {
  const record = parseRecord(recordBytes);
  const isWhole =
    record.checksum === checksumOf(content) &&
    record.snapshots.length === snapshots.length &&
    record.snapshots.every(({ checksum }, index) => checksum === snapshots[index]?.checksum);
  if (!isWhole) throw refused('a content in it is not the one that its record tells of');
  const contents = snapshots.map(({ range }) => range);
  return { name: record.name, bytes: content, backup: { record, contents } };
}

function assertListed(listed: readonly ListedEntry[], found: readonly ListedEntry[]): void {
  const isSame =
    listed.length === found.length &&
    found.every(({ name, size, checksum }, index) => {
      const entry = listed[index];
      return entry?.name === name && entry.size === size && entry.checksum === checksum;
    });
  if (!isSame) throw refused('its entries are not those that its manifest lists');
}
