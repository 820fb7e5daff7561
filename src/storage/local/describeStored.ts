/** From a file and its journal to the state of a configuration in the words of the port. */
import type { StoredConfiguration, StoredState } from '../port/ConfigStore.js';
import type { FileContent } from './io/durableFile.js';
import { lastModifiedMs } from './io/FileIdentity.js';
import type { JournalContent } from './journal/JournalContent.js';
import type { Judgement } from './journal/judgement.js';

/** What a read gives, from the file, its records and the judgement of both. */
export function describeStored(
  file: FileContent | undefined,
  content: JournalContent | undefined,
  judgement: Judgement,
  stamp: unknown,
): StoredConfiguration {
  const { saved, userMetadata, head } = judgement;
  return {
    state: stateOf(file, content, judgement),
    revision: head?.revision ?? 0,
    ...(saved === undefined ? {} : { saved }),
    ...(userMetadata === undefined ? {} : { userMetadata }),
    ...(file === undefined
      ? {}
      : { content: { bytes: file.bytes, checksum: file.checksum, modifiedAt: lastModifiedMs(file.identity) } }),
    stamp,
  };
}

function stateOf(
  file: FileContent | undefined,
  content: JournalContent | undefined,
  { saved }: Judgement,
): StoredState {
  if (file === undefined) return 'absent';
  if (content !== undefined && !content.isReadable) return 'records-damaged';
  if (saved === undefined) return 'untracked';
  return file.checksum === saved.checksum ? 'as-saved' : 'changed-outside';
}
