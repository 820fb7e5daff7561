/** Keeps the content before a change while the change is being announced: the flushes of both are one wait. */
import type { ChangeFields } from '../../port/ConfigStore.js';
import { keepReplaced, type KeptSnapshot } from '../snapshots/keepReplaced.js';
import type { CommitScope } from './CommitScope.js';
import type { PreparedCommit } from './prepareCommit.js';

export interface KeepOutcome {
  readonly kept?: KeptSnapshot;
  /** Why what should be kept is not; the change must not be committed then. */
  readonly failure?: Error;
}

/** Resolves when both have ended, so that nothing still runs when the change goes on or fails. */
export async function keepBeside(
  { io, snapshots: folder, maxBytes, mayWriteInPlace }: CommitScope,
  { replaced }: PreparedCommit,
  change: ChangeFields,
  announcing: Promise<unknown>,
): Promise<KeepOutcome> {
  const keeping =
    replaced === undefined ? undefined : keepReplaced({ io, folder, maxBytes, mayWriteInPlace }, replaced, change);
  const [outcome] = await Promise.allSettled([keeping, announcing]);
  if (outcome.status === 'rejected') return { failure: outcome.reason as Error };
  return outcome.value === undefined ? {} : { kept: outcome.value };
}
