/** Makes a change in the store and notes it in the operation that asked for it, for whoever hears of its end. */
import type { Change, CommitReceipt, ConfigStore } from '../storage/port/ConfigStore.js';
import type { Guard, Location } from '../storage/port/Work.js';
import type { Operation } from './Operation.js';

/** @throws as `ConfigStore.commit`; nothing has changed then. */
export async function commitChange(
  store: ConfigStore,
  location: Location,
  change: Change,
  guard: Guard,
  operation: Operation,
): Promise<CommitReceipt> {
  const receipt = await store.commit(location, change, guard, operation);
  const { sequence, before, earlier } = receipt;
  const kind = change.kind === 'save' ? change.operation : change.kind;
  const after = { save: change.kind === 'save' ? change.checksum : undefined, delete: null, metadata: undefined };
  operation.noteCommit({ location, kind, sequence, before, after: after[change.kind], earlier });
  return receipt;
}
