/**
 * Begins the journal of a configuration with what happened to it in another store.
 *
 * Before its first save here: should that fail, the journal tells of versions and of no file, as after a removal by hand.
 */
import { basename } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasRecords } from '../../port/conditions.js';
import type { Past, RecordedChange } from '../../port/RecordedChange.js';
import { newToken, transientSibling } from '../io/names.js';
import type { RecordedBase, RevisionRecord } from '../journal/JournalRecord.js';
import type { CommitScope } from './CommitScope.js';

const { FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;

/** Stands for a file in another place: no file here is it. */
export const ELSEWHERE: RecordedBase = { inode: '0', modifiedNs: '0' };

/** @throws PersistenceError `ERR_CONFLICT` where there is a journal already. */
export async function adoptPast(scope: CommitScope, { changes, sequence }: Past): Promise<void> {
  scope.assertMayCommit();
  const records: RevisionRecord[] = [];
  for (const change of changes) records.push(recordOf(scope, change, records.at(-1)?.revision ?? 0));
  const last = records.at(-1)?.revision ?? 0;
  // The next change gets the number after the newest one, so a number that was not used there must be taken here.
  if (sequence - 1 > last) {
    const unused = { revision: sequence - 1, parent: last, time: Date.now() };
    records.push({ record: 'cancel', ...fields(scope, unused) });
  }
  if (!(await scope.journal.begin(scope.io, records))) throw hasRecords();
}

function recordOf(scope: CommitScope, change: RecordedChange, parent: number): RevisionRecord {
  const { sequence: revision, time, user } = change;
  const common = fields(scope, { revision, parent, time, ...(user === undefined ? {} : { user }) });
  switch (change.kind) {
    case 'delete':
      return { record: 'delete', ...common, claimed: nameless(scope), base: ELSEWHERE };
    case 'metadata':
      return { record: 'metadata', ...common, fields: change.fields };
    case 'save': {
      const { kind, sequence, isFirst, ...saved } = change;
      return {
        record: 'save',
        ...saved,
        ...common,
        temporary: nameless(scope),
        file: ELSEWHERE,
        base: isFirst ? null : ELSEWHERE,
      };
    }
  }
}

function fields<F extends { readonly revision: number }>({ process }: CommitScope, own: F) {
  return { ...own, token: newToken(), process };
}

/** A name that nothing has, in the form that records ask for. */
function nameless({ path }: CommitScope): string {
  return basename(transientSibling(path, FILE_SYSTEM.TEMP_EXTENSION));
}
