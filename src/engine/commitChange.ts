/** Makes a change in the store and notes it in the operation that asked for it, for whoever hears of its end. */
import type { Change, CommitReceipt, ConfigStore } from '../storage/port/ConfigStore.js';
import type { Guard, Location } from '../storage/port/Work.js';
import type { Operation } from './Operation.js';

/** A change that an operation has committed; never a value. */
export interface CommittedChange {
  readonly location: Location;
  /** What made it, such as `save`, `update` or `delete`. */
  readonly kind: string;
  readonly sequence: number;
  /** Checksum of the content before; null where there was none, undefined where nobody had to read it. */
  readonly before: string | null | undefined;
  /** Of the content after; null where it was removed, undefined where it stays as it was. */
  readonly after: string | null | undefined;
}

/** @throws as `ConfigStore.commit`; nothing has changed then. */
export async function commitChange(
  store: ConfigStore,
  location: Location,
  change: Change,
  guard: Guard,
  operation: Operation,
): Promise<CommitReceipt> {
  const receipt = await store.commit(location, change, guard, operation);
  const { sequence, before } = receipt;
  const kind = change.kind === 'save' ? change.operation : change.kind;
  const after = { save: change.kind === 'save' ? change.checksum : undefined, delete: null, metadata: undefined };
  operation.noteCommit({ location, kind, sequence, before, after: after[change.kind] });
  return receipt;
}
