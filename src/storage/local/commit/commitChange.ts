/** A change of one configuration: what is committed before it is settled first, then each kind goes its own way. */
import type { Change } from '../../port/ConfigStore.js';
import type { UserMetadata } from '../../port/RecordedChange.js';
import type { CommitScope, CommittedChange } from './CommitScope.js';
import { prepareCommit, type PreparedCommit } from './prepareCommit.js';
import { removeContent } from './removeContent.js';
import { saveContent } from './saveContent.js';
import { saveMetadata } from './saveMetadata.js';

export interface SettledChange extends CommittedChange {
  /** In force after it. */
  readonly userMetadata?: UserMetadata;
}

/** @throws PersistenceError as `ConfigStore.commit`; nothing has changed then. */
export async function commitChange(scope: CommitScope, change: Change): Promise<SettledChange> {
  const prepared = await prepareCommit(scope, change);
  const committed = await commitPrepared(scope, prepared, change);
  const userMetadata = userMetadataAfter(prepared, change);
  return {
    ...committed,
    ...(userMetadata === undefined ? {} : { userMetadata }),
    warnings: [...prepared.warnings, ...committed.warnings],
  };
}

function commitPrepared(scope: CommitScope, prepared: PreparedCommit, change: Change): Promise<CommittedChange> {
  switch (change.kind) {
    case 'save':
      return saveContent(scope, prepared, change);
    case 'delete':
      return removeContent(scope, prepared, change);
    case 'metadata':
      return saveMetadata(scope, prepared, change);
  }
}

function userMetadataAfter({ state }: PreparedCommit, change: Change): UserMetadata | undefined {
  if (change.kind === 'metadata') return change.fields;
  return change.kind === 'save' ? state.userMetadata : undefined;
}
