/**
 * What is read of a configuration: its content, whether that is still the newest, and its history. Takes no lock.
 *
 * File and journal are read side by side. While the file is torn or was taken away by mistake, what counts is the redo copy
 * or the orphaned tombstone beside it.
 */
import { persistenceError } from '../../errors/PersistenceError.js';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { checksumOf } from '../../value/checksum.js';
import type { StoredConfiguration, StoredState } from '../port/ConfigStore.js';
import type { History, RecordedChange } from '../port/RecordedChange.js';
import { assertOngoing, type Location, type Work } from '../port/Work.js';
import { findOrphan, readOrphan } from './commit/tombstones.js';
import { readRedoCopy } from './commit/writeInPlace.js';
import { identityOf, isSameState, lastChangeMs, lastModifiedMs, type FileIdentity } from './io/FileIdentity.js';
import type { FileOperations } from './io/FileOperations.js';
import { readFileContent, statusOf, type FileContent } from './io/files.js';
import type { Journal } from './journal/Journal.js';
import type { JournalContent } from './journal/JournalContent.js';
import { recordedChangeOf, recordedSaveOf } from './journal/JournalRecord.js';
import type { Journals } from './journal/Journals.js';
import {
  committedChain,
  committedState,
  factsOfContent,
  factsOfFile,
  type CommittedState,
} from './journal/recovery.js';
import type { LocalEtag } from './LocalEtag.js';

const { CACHE_SETTINGS, ERROR_HANDLING } = CONFIG_PERSISTENCE_CONSTANTS;
const { RACY_WINDOW_MS, MAX_COMPARED_NOW_BYTES } = CACHE_SETTINGS;

export class LocalReader {
  readonly #journals: Journals;
  readonly #maxBytes: number;

  constructor(journals: Journals, maxBytes: number) {
    this.#journals = journals;
    this.#maxBytes = maxBytes;
  }

  async has({ id }: Location, io: FileOperations): Promise<boolean> {
    if (io.statNow(id) !== undefined) return true;
    const content = await this.#journals.of(id).read(io);
    const state = await committedState(content, factsOfContent(io, id, undefined));
    return (await findOrphan(io, id, content, state)) !== undefined;
  }

  async read({ id }: Location, io: FileOperations, work: Work): Promise<StoredConfiguration> {
    const journal = this.#journals.of(id);
    for (let attempt = 0; attempt < ERROR_HANDLING.MAX_READ_RACES; attempt++) {
      assertOngoing(work);
      const readAt = Date.now();
      const reading = [readFileContent(io, id, this.#maxBytes), journal.read(io)] as const;
      await Promise.allSettled(reading);
      const [file, content] = await Promise.all(reading);
      const state = await committedState(content, factsOfContent(io, id, file));
      const etag = file === undefined ? undefined : etagOf(journal, content, file, readAt);
      const stored = storedOf(file, content, state, etag);
      if (stored.state === 'as-saved') return stored;
      const redone = await this.#redoneInstead(id, stored, state, io);
      if (redone !== undefined) return redone;
      const orphaned = file === undefined ? await this.#orphanInstead(id, content, state, io) : undefined;
      // A save may have come between the two reads. Any other answer counts only if neither has changed since.
      if ((await journal.read(io)) === content && isStillThere(io, id, file)) return orphaned ?? stored;
    }
    throw persistenceError('ERR_CONFLICT', 'other writers kept replacing the file while it was read; try again');
  }

  /** At the cost of two looks; of one more read where the state is so young that a look cannot tell it from the next one. */
  isCurrent({ name, id }: Location, etag: LocalEtag, io: FileOperations): boolean | Promise<boolean> {
    const { identity, journalPath, journal } = etag;
    const stats = io.statNow(name);
    if (stats === undefined || !isSameState(identityOf(stats), identity)) return false;
    const journalNow = io.statNow(journalPath);
    const isSameJournal =
      journalNow === undefined || journal === undefined
        ? journalNow === undefined && journal === undefined
        : journalNow.ino === journal.inode &&
          journalNow.size === BigInt(journal.size) &&
          journalNow.mtimeNs === journal.modifiedNs;
    if (!isSameJournal) return false;
    // Two changes within one tick of the clock look alike (git's "racy" entries), so a young state is compared.
    if (etag.readAt - lastChangeMs(identity) >= RACY_WINDOW_MS) return true;
    // The name may be a link, and files are opened without following any.
    return this.#isSameContent(id, etag, io);
  }

  async history({ id }: Location, io: FileOperations, maxVersions: number): Promise<History> {
    const journal = this.#journals.of(id);
    const content = await journal.read(io);
    const lost = await this.#lostRecords(journal, content, io);
    if (content === undefined) return { changes: [], ...lost };
    const identity = await statusOf(io, id);
    const { head } = await committedState(content, factsOfFile(io, id, identity, this.#maxBytes));
    const changes: RecordedChange[] = [];
    let versions = 0;
    for (const record of committedChain(content, head)) {
      if (record.record === 'save') versions += 1;
      if (versions > maxVersions) break;
      const change = recordedChangeOf(record);
      if (change !== undefined) changes.push(change);
    }
    return { changes, ...lost };
  }

  async #lostRecords(
    journal: Journal,
    content: JournalContent | undefined,
    io: FileOperations,
  ): Promise<Pick<History, 'isComplete' | 'completeSince'>> {
    const isWhole = content === undefined || (content.isReadable && !content.hasDamage && !content.endsInsideLine);
    if (!isWhole) return { isComplete: false };
    const completeSince = await journal.setAsideAt(io);
    return completeSince === undefined ? { isComplete: true } : { isComplete: false, completeSince };
  }

  #isSameContent(path: string, etag: LocalEtag, io: FileOperations): boolean | Promise<boolean> {
    const readAt = Date.now();
    const confirm = (checksum: string | undefined): boolean => {
      if (checksum !== etag.checksum) return false;
      // From now on the state is old enough, if it was read so late.
      etag.readAt = readAt;
      return true;
    };
    if (etag.identity.size > BigInt(MAX_COMPARED_NOW_BYTES)) {
      return readFileContent(io, path, this.#maxBytes).then((file) => confirm(file?.checksum));
    }
    const bytes = io.readFileNow(path);
    const after = io.statNow(path);
    return after !== undefined && isSameState(identityOf(after), etag.identity) && confirm(checksumOf(bytes));
  }

  /** Instead of a file that is being rewritten, or whose rewriting was interrupted. */
  async #redoneInstead(
    path: string,
    stored: StoredConfiguration,
    { saved }: CommittedState,
    io: FileOperations,
  ): Promise<StoredConfiguration | undefined> {
    if (saved === undefined) return undefined;
    const copy = await readRedoCopy(io, path, saved, this.#maxBytes);
    if (copy === undefined) return undefined;
    return { ...stored, state: 'as-saved', content: contentOf(copy), etag: undefined };
  }

  /** Instead of a file that a late delete has taken away. It counts only where the place is still empty afterwards. */
  async #orphanInstead(
    path: string,
    content: JournalContent | undefined,
    state: CommittedState,
    io: FileOperations,
  ): Promise<StoredConfiguration | undefined> {
    const file = await readOrphan(io, path, content, state, this.#maxBytes);
    if (file === undefined) return undefined;
    return storedOf(file, content, await committedState(content, factsOfContent(io, path, file)), undefined);
  }
}

/** The etag of a content that was read, or committed. */
export function etagOf(
  journal: Journal,
  content: JournalContent | undefined,
  file: { readonly checksum: string; readonly identity: FileIdentity },
  readAt: number,
): LocalEtag {
  return {
    checksum: file.checksum,
    identity: file.identity,
    readAt,
    journalPath: journal.watchedPath,
    journal:
      content === undefined ? undefined : { inode: content.inode, size: content.size, modifiedNs: content.modifiedNs },
  };
}

function storedOf(
  file: FileContent | undefined,
  content: JournalContent | undefined,
  state: CommittedState,
  etag: LocalEtag | undefined,
): StoredConfiguration {
  const { saved, userMetadata, revision } = state;
  return {
    state: stateOf(file, content, state),
    revision,
    ...(saved === undefined ? {} : { saved: recordedSaveOf(saved) }),
    ...(userMetadata === undefined ? {} : { userMetadata }),
    ...(file === undefined ? {} : { content: contentOf(file) }),
    etag,
  };
}

function contentOf({ bytes, checksum, identity }: FileContent): NonNullable<StoredConfiguration['content']> {
  return { bytes, checksum, modifiedAt: lastModifiedMs(identity) };
}

function stateOf(
  file: FileContent | undefined,
  content: JournalContent | undefined,
  { saved }: CommittedState,
): StoredState {
  if (file === undefined) return 'absent';
  if (content !== undefined && !content.isReadable) return 'records-damaged';
  if (saved === undefined) return 'untracked';
  return file.checksum === saved.checksum ? 'as-saved' : 'changed-outside';
}

function isStillThere(io: FileOperations, path: string, file: FileContent | undefined): boolean {
  const now = io.statNow(path);
  if (now === undefined || file === undefined) return now === undefined && file === undefined;
  return isSameState(identityOf(now), file.identity);
}
