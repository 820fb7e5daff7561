/** What a new segment of a journal takes over from the one before. */
import type { JournalContent } from './JournalContent.js';
import type { RevisionRecord } from './JournalRecord.js';

/** The newest versions with the removals between them, and the metadata that is in force, oldest first. */
export function recordsToKeep(content: JournalContent, keepCount: number): RevisionRecord[] {
  const kept: RevisionRecord[] = [];
  let versions = 0;
  let hasMetadata = false;
  for (let record = content.newest; record !== undefined; record = content.records.get(record.parent)) {
    if (record.record === 'cancel') continue;
    if (record.record === 'metadata') {
      if (!hasMetadata) kept.push(record);
      hasMetadata = true;
    } else if (versions < keepCount) {
      kept.push(record);
      if (record.record === 'save') versions += 1;
      else hasMetadata = true;
    }
  }
  return relinked(kept.reverse());
}

/** Parents that were left out are skipped, so that the chain stays whole. */
function relinked(records: readonly RevisionRecord[]): RevisionRecord[] {
  return records.map((record, index) => ({ ...record, parent: records[index - 1]?.revision ?? 0 }));
}
