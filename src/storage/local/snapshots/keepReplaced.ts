/**
 * Keeps the content that a change is about to replace or remove.
 *
 * A hard link costs nothing at any size: the rename of the commit gives the configuration another file, and the old one
 * lives on under the snapshot's name. Where that is not so, or the system makes no links, the content is copied.
 * Must be durable before the commit point; a change that fails takes it back.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationFormat } from '../../../../interfaces/enums.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode, storageError } from '../../../errors/StorageError.js';
import { checksumOf } from '../../../value/checksum.js';
import type { ChangeFields } from '../../port/ConfigStore.js';
import type { SnapshotFacts, SnapshotRole } from '../../port/Snapshot.js';
import { identityOf, isSameContent, type FileIdentity } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';
import { overtaken, readFileContent, readSmall, removeQuietly, renameOwn, type FileStatus } from '../io/files.js';
import { isWithoutHardLinks } from '../io/publish.js';
import type { SnapshotFolder } from './SnapshotFolder.js';
import { snapshotId } from './SnapshotName.js';

const { KEY_HASH_DIGITS } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;

/** The content that is kept. */
export interface ReplacedContent {
  readonly path: string;
  readonly status: FileStatus;
  /** That it was last saved in, where it was. */
  readonly format?: ConfigurationFormat;
  /** May cost a read of the file. */
  readonly checksum: () => Promise<string>;
  /** Of the version that it is; 0 where it is none. */
  readonly sequence: number;
}

export interface KeptSnapshot {
  readonly id: string;
  readonly path: string;
  readonly role: SnapshotRole;
  /** The content's own file right afterwards: a new name for it moves its change time. */
  readonly original: FileIdentity;
}

/** Whether bytes are a value in this format. */
export type ContentProbe = (bytes: Uint8Array, format: ConfigurationFormat, name: string) => boolean;

export interface KeepScope {
  readonly io: FileOperations;
  readonly snapshots: SnapshotFolder;
  readonly maxBytes: number;
  /** Asked about contents that are not known to be as they were saved. */
  readonly probe: ContentProbe | undefined;
  /** Whether the file may be rewritten after all, so that a link to it would change with it. */
  readonly mayWriteInPlace: boolean;
}

/** Undefined where nothing is to be kept, or a damaged file with the same content is kept already. */
export async function keepReplaced(
  scope: KeepScope,
  content: ReplacedContent | undefined,
  change: ChangeFields,
): Promise<KeptSnapshot | undefined> {
  if (content === undefined) return undefined;
  const role = await roleOf(scope, content, change);
  if (role === undefined) return undefined;
  const { io, snapshots: folder } = scope;
  const checksum = await content.checksum();
  const facts: SnapshotFacts = {
    createdAt: change.time,
    sequence: role === 'quarantine' ? 0 : content.sequence,
    checksumStart: checksum.slice(0, KEY_HASH_DIGITS),
    isAutomatic: true,
    role,
    isCompressed: false,
    isEncrypted: false,
  };
  try {
    if (role === 'quarantine' && (await isQuarantined(scope, facts))) return undefined;
    await folder.make(io);
    const kept = await keepAs(scope, content, freeFacts(scope, facts));
    await folder.sync(io);
    return { ...kept, role, original: stateAfter(io, content) };
  } catch (error) {
    throw storageError(error, { filePath: folder.path });
  }
}

/** A backup that a user made in the same millisecond has a manifest already; its id must stay its own. */
function freeFacts({ io, snapshots: folder }: KeepScope, facts: SnapshotFacts): SnapshotFacts {
  let free = facts;
  while (io.lstatNow(folder.manifestOf(free)) !== undefined) {
    free = { ...free, createdAt: free.createdAt + 1 };
  }
  return free;
}

/** An editor may have written since the content was looked at: then what is kept is its content, and named so. */
async function keepAs(
  scope: KeepScope,
  content: ReplacedContent,
  facts: SnapshotFacts,
): Promise<{ id: string; path: string }> {
  const { io, snapshots: folder, maxBytes } = scope;
  const path = folder.fileOf(facts);
  await linkOrCopy(scope, content, path);
  const stats = io.lstatNow(path);
  if (stats === undefined) throw overtaken();
  const isCopy = stats.ino !== content.status.inode;
  const isAsSeen = !isCopy && isSameContent(identityOf(stats), content.status);
  if (isAsSeen) return { id: snapshotId(folder.key, facts), path };
  const bytes = await readSmall(io, path, maxBytes);
  if (bytes === undefined) throw overtaken();
  const checksumStart = checksumOf(bytes).slice(0, KEY_HASH_DIGITS);
  if (checksumStart === facts.checksumStart) return { id: snapshotId(folder.key, facts), path };
  const actual = { ...facts, sequence: 0, checksumStart };
  await renameOwn(io, path, folder.fileOf(actual));
  return { id: snapshotId(folder.key, actual), path: folder.fileOf(actual) };
}

/** Takes back what was kept for a change that did not happen. A failing clean-up must not hide the first error. */
export async function discardKept(io: FileOperations, kept: KeptSnapshot | undefined): Promise<void> {
  // Where that fails it still shares its file with the configuration, and the next holder of the lock sweeps it.
  if (kept !== undefined) await removeQuietly(io, kept.path);
}

/** What is not known to be as it was saved is looked at: a damaged file is evidence, whatever the options say. */
async function roleOf(
  { io, maxBytes, probe }: KeepScope,
  { path, sequence, format: recorded }: ReplacedContent,
  { keep, format: assumed }: ChangeFields,
): Promise<SnapshotRole | undefined> {
  if (keep === 'quarantine') return keep;
  const format = recorded ?? assumed;
  if (sequence === 0 && probe !== undefined && format !== undefined) {
    const file = await readFileContent(io, path, maxBytes);
    if (file !== undefined && !probe(file.bytes, format, path)) return 'quarantine';
  }
  if (keep === 'edits') return sequence === 0 ? 'backup' : undefined;
  // No version needs a content that is none, so only a backup keeps it.
  return keep === 'version' && sequence === 0 ? 'backup' : keep;
}

async function isQuarantined({ io, snapshots: folder, maxBytes }: KeepScope, facts: SnapshotFacts): Promise<boolean> {
  for (const { role, checksumStart, isCompressed, isEncrypted, path } of await folder.list(io)) {
    if (role !== 'quarantine' || checksumStart !== facts.checksumStart) continue;
    // What is packed was verified when it was packed.
    if (isCompressed || isEncrypted) return true;
    const bytes = await readSmall(io, path, maxBytes);
    if (bytes !== undefined && checksumOf(bytes).startsWith(checksumStart)) return true;
  }
  return false;
}

async function linkOrCopy(scope: KeepScope, { path, status }: ReplacedContent, target: string): Promise<void> {
  const { io, mayWriteInPlace } = scope;
  if (!mayWriteInPlace && status.links === 1) {
    try {
      await io.link(path, target);
      return;
    } catch (error) {
      if (hasSystemCode(error, 'EEXIST')) return;
      // Another device. What has just gone missing the copy finds out.
      if (!isWithoutHardLinks(error) && !hasSystemCode(error, 'EXDEV', 'ENOENT')) throw error;
    }
  }
  await copy(scope, path, target);
}

/** The state of the kept file, unless somebody has written to it meanwhile: then the one before, which is not any more. */
function stateAfter(io: FileOperations, { path, status }: ReplacedContent): FileIdentity {
  const stats = io.lstatNow(path);
  const now = stats === undefined ? undefined : identityOf(stats);
  return now !== undefined && isSameContent(now, status) ? now : status;
}

async function copy({ io, snapshots: folder, maxBytes }: KeepScope, path: string, target: string): Promise<void> {
  const file = await readFileContent(io, path, maxBytes);
  if (file === undefined) throw persistenceError('ERR_CONFLICT', 'the file was removed meanwhile; load it again');
  await folder.write(io, target, file.bytes);
}
