/** What counts as the content of a configuration while its own file is torn, or was taken away by mistake. */
import { findMissed, readMissed } from './commit/claimed.js';
import { readRedoCopy } from './commit/writeInPlace.js';
import type { Location, StoredConfiguration } from '../port/ConfigStore.js';
import { describeStored } from './describeStored.js';
import { evidenceOf } from './evidence.js';
import { lastModifiedMs } from './io/FileIdentity.js';
import type { FileOperations } from './io/FileOperations.js';
import type { Journal } from './journal/Journal.js';
import type { JournalContent } from './journal/JournalContent.js';
import { judge, type Judgement } from './journal/judgement.js';

/** Instead of a file that is being rewritten, or whose rewriting was interrupted. */
export async function redoneInstead(
  io: FileOperations,
  { real }: Location,
  stored: StoredConfiguration,
  maxBytes: number,
): Promise<StoredConfiguration | undefined> {
  const { saved } = stored;
  if (saved === undefined) return undefined;
  const copy = await readRedoCopy(io, real, saved, maxBytes);
  if (copy === undefined) return undefined;
  const { bytes, checksum, identity } = copy;
  const content = { bytes, checksum, modifiedAt: lastModifiedMs(identity) };
  return { ...stored, state: 'as-saved', content, stamp: undefined };
}

/** Instead of a file that a late delete has taken away. It counts only where the place is still empty afterwards. */
export async function missedInstead(
  io: FileOperations,
  location: Location,
  content: JournalContent | undefined,
  judgement: Judgement,
  maxBytes: number,
): Promise<StoredConfiguration | undefined> {
  const file = await readMissed(io, location.real, content, judgement, maxBytes);
  if (file === undefined) return undefined;
  return describeStored(file, content, await judge(content, evidenceOf(io, location, file)), undefined);
}

/** Whether there is such a file. */
export async function isOnlyMissed(io: FileOperations, location: Location, journal: Journal): Promise<boolean> {
  const content = await journal.read(io);
  const judgement = await judge(content, evidenceOf(io, location, undefined));
  return (await findMissed(io, location.real, content, judgement)) !== undefined;
}
