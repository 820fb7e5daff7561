/** Makes one change of a plan, or takes it back, under the lock of its configuration. Either can be repeated. */
import { commitChange } from '../../engine/commitChange.js';
import { decodeBytes } from '../../engine/contentText.js';
import type { Operation } from '../../engine/Operation.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import type { Past } from '../../storage/port/RecordedChange.js';
import { hasContent, type Snapshot } from '../../storage/port/Snapshot.js';
import type { Guard, Location } from '../../storage/port/Work.js';
import { checksumOf } from '../../value/checksum.js';
import type { TransferParts } from '../TransferParts.js';
import type { PlannedChange, StagedRange } from './ImportPlan.js';

/** What a change came to. */
export interface Applied {
  /** Of what was replaced. */
  readonly backupId?: string;
  readonly warnings: readonly string[];
}

export type ReadStaged = (range: StagedRange) => Promise<Uint8Array>;

/** @throws PersistenceError `ERR_CONFLICT` where it is another content. */
export async function applyChange(
  parts: TransferParts,
  location: Location,
  change: PlannedChange,
  read: ReadStaged,
  guard: Guard,
  operation: Operation,
): Promise<Applied> {
  const { store } = parts;
  const stored = await store.read(location, operation);
  const present = stored.content?.checksum ?? null;
  let applied: Applied = { warnings: [] };
  if (present !== change.after) {
    if (present !== change.before) throw changedMeanwhile();
    // A killed process may have begun the history already; then it is the one that is planned.
    const { changes: begun } = await store.history(location, operation, 1);
    const past = begun.length === 0 ? change.past : undefined;
    const bytes = await readVerified(read, change);
    applied = await commitContent(parts, location, change, { bytes, past }, guard, operation);
  }
  await addSnapshots(parts, location, change, read, guard, operation);
  const { metadata } = change;
  if (metadata !== undefined) {
    const { fields, time, user } = metadata;
    const common = parts.committer.changeFields(
      user === undefined ? {} : { user },
      parts.formats.recorded(change.format),
    );
    const recorded = { ...common, ...(time === undefined ? {} : { time }) };
    const receipt = await commitChange(store, location, { kind: 'metadata', ...recorded, fields }, guard, operation);
    applied = { ...applied, warnings: [...applied.warnings, ...receipt.warnings] };
    parts.committer.forget(location);
  }
  return applied;
}

/** True where the content is again what it was; false where somebody else has changed it since. */
export async function takeBack(
  { store, committer, clock }: TransferParts,
  location: Location,
  change: PlannedChange,
  read: ReadStaged,
  guard: Guard,
  operation: Operation,
): Promise<boolean> {
  const { snapshots } = store;
  const stored = await store.read(location, operation);
  const present = stored.content?.checksum ?? null;
  if (present !== change.after) return present === change.before;
  const condition = { expectedChecksum: change.after, time: clock.now() };
  const { previous } = change;
  if (previous === undefined) await commitChange(store, location, { kind: 'delete', ...condition }, guard, operation);
  else {
    const bytes = await read(previous);
    const content = { bytes, checksum: checksumOf(bytes), format: previous.format, operation: 'import-undone' };
    await commitChange(store, location, { kind: 'save', ...condition, ...content }, guard, operation);
  }
  committer.forget(location);
  const planned = change.snapshots ?? [];
  const added = (await snapshots.list(snapshots.setOf(location), operation)).filter((one) =>
    planned.some((other) => isSame(one, other)),
  );
  if (added.length > 0) await snapshots.remove(added, guard, operation);
  return true;
}

async function commitContent(
  { committer, formats }: TransferParts,
  location: Location,
  change: Omit<PlannedChange, 'past'>,
  { bytes, past }: { readonly bytes: Uint8Array; readonly past: Past | undefined },
  guard: Guard,
  operation: Operation,
): Promise<Applied> {
  const { format, encoding, before, record } = change;
  const { kind, source, time, user, description, tags } = record;
  const codec = formats.recorded(format, location.name);
  const { metadata, warnings = [] } = await committer.commit(
    location,
    {
      bytes,
      value: codec.decode(decodeBytes(bytes, codec).text),
      codec,
      encoding,
      kind,
      source,
      ...(time === undefined ? {} : { time }),
      options: {
        ...(user === undefined ? {} : { user }),
        ...(description === undefined ? {} : { description }),
        ...(tags === undefined ? {} : { tags: [...tags] }),
      },
      // An editor knows no locks: what was judged must still be what it was.
      expectedChecksum: before,
      keep: 'backup',
      ...(past === undefined ? {} : { past }),
    },
    guard,
    operation,
  );
  const backupId = metadata?.backupId;
  return backupId === undefined ? { warnings } : { warnings, backupId };
}

async function addSnapshots(
  { store, contents, packing }: TransferParts,
  location: Location,
  { snapshots: planned = [] }: PlannedChange,
  read: ReadStaged,
  guard: Guard,
  operation: Operation,
): Promise<void> {
  if (planned.length === 0) return;
  const set = store.snapshots.setOf(location);
  const present = await store.snapshots.list(set, operation);
  for (const snapshot of planned) {
    if (present.some((one) => isSame(one, snapshot))) continue;
    const { content: range, user, description, tags, ...facts } = snapshot;
    const content = await read(range);
    const draft = { ...facts, ...packing() };
    const id = store.snapshots.draftId(set, draft);
    const described = await contents.describe({ id, ...draft }, { content, checksum: facts.checksum }, set, operation);
    const manifest = {
      ...described,
      ...(user === undefined ? {} : { user }),
      ...(description === undefined ? {} : { description }),
      ...(tags === undefined ? {} : { tags }),
    };
    const bytes = await contents.pack(content, draft, id);
    await store.snapshots.add(set, { draft, bytes, manifest }, guard, operation);
  }
}

function isSame(
  one: Snapshot,
  { createdAt, sequence, checksum }: { createdAt: number; sequence: number; checksum: string },
): boolean {
  return one.createdAt === createdAt && one.sequence === sequence && hasContent(one, checksum);
}

async function readVerified(read: ReadStaged, { content, after }: PlannedChange): Promise<Uint8Array> {
  const bytes = await read(content);
  if (checksumOf(bytes) === after) return bytes;
  throw persistenceError('ERR_INTEGRITY', 'what was staged for it reads back as something else; check the disk');
}

function changedMeanwhile(): Error {
  const reason =
    'it was changed by somebody else after the import had looked at it; nothing of the import stays. Repeat it';
  return persistenceError('ERR_CONFLICT', reason);
}
