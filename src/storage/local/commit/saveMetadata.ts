/** Replaces the user's metadata. The commit point is the append of the record: nothing but the journal changes. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { notFound } from '../../port/conditions.js';
import type { MetadataChange } from '../../port/ConfigStore.js';
import type { MetadataRecord } from '../journal/JournalRecord.js';
import type { CommitScope, CommittedChange } from './CommitScope.js';
import { recordFields } from './intent.js';
import type { PreparedCommit } from './prepareCommit.js';

const { WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

/** @throws PersistenceError `ERR_FILE_NOT_FOUND`, `ERR_CONFLICT`, `ERR_LOCK_LOST`; nothing has changed then. */
export async function saveMetadata(
  scope: CommitScope,
  prepared: PreparedCommit,
  change: MetadataChange,
): Promise<CommittedChange> {
  if (prepared.file === undefined) throw notFound();
  const record: MetadataRecord = {
    record: 'metadata',
    ...recordFields(scope, prepared, change),
    fields: change.fields,
  };
  scope.assertMayCommit();
  const { content, flushFailure } = await scope.journal.append(record, scope.io, scope.keptVersions);
  const { saved } = prepared.state;
  return {
    record,
    ...(saved === undefined ? {} : { saved }),
    content,
    warnings: flushFailure === undefined ? [] : [WARNING_MESSAGES.DURABILITY_NOT_CONFIRMED],
  };
}
