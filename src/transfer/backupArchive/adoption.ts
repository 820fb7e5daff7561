/** Whether a configuration takes over the history of an archived one, and what is planned for that. */
import type { Operation } from '../../engine/Operation.js';
import type { ConfigStore } from '../../storage/port/ConfigStore.js';
import type { RecordedChange } from '../../storage/port/RecordedChange.js';
import type { Location } from '../../storage/port/Work.js';
import type { FoundConfiguration } from '../archiveConfigurations.js';
import type { PlannedChange, PlannedMetadata, PlannedRecord } from '../importSet/ImportPlan.js';

export interface Adoption {
  /** Of the save that the history ends with, where that is what is imported. */
  readonly record: PlannedRecord | undefined;
  readonly planned: Pick<PlannedChange, 'past' | 'metadata' | 'snapshots'>;
}

/** Undefined where there is a history here already: two cannot become one. @param checksum of what will be saved. */
export async function adoptionOf(
  store: ConfigStore,
  location: Location,
  { record, contents }: NonNullable<FoundConfiguration['backup']>,
  checksum: string,
  operation: Operation,
): Promise<Adoption | undefined> {
  const { changes: own, isComplete } = await store.history(location, operation, Infinity);
  const kept = await store.snapshots.list(store.snapshots.setOf(location), operation);
  if (own.length > 0 || !isComplete || kept.some(({ sequence }) => sequence > 0)) return undefined;
  const { changes } = record;
  const saveIndex = changes.findLastIndex(({ kind }) => kind === 'save');
  const save = changes[saveIndex];
  const later = changes.slice(saveIndex + 1);
  const isLast = save?.kind === 'save' && save.checksum === checksum && !later.some(({ kind }) => kind === 'delete');
  const past = isLast ? changes.slice(0, saveIndex) : changes;
  const sequence = isLast ? save.sequence : (changes.at(-1)?.sequence ?? 0) + 1;
  const metadata = isLast ? metadataOf(later) : undefined;
  return {
    record: isLast ? recordOf(save) : undefined,
    planned: {
      past: { changes: past, sequence },
      ...(metadata === undefined ? {} : { metadata }),
      snapshots: record.snapshots.map((snapshot, index) => ({
        ...snapshot,
        content: contents[index] ?? { offset: 0, length: 0 },
      })),
    },
  };
}

function recordOf(save: RecordedChange & { readonly kind: 'save' }): PlannedRecord {
  const { operation: kind, source = '', time, user, description, tags } = save;
  return {
    kind,
    source,
    time,
    ...(user === undefined ? {} : { user }),
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags }),
  };
}

/** What the user has set after the newest content. */
function metadataOf(later: readonly RecordedChange[]): PlannedMetadata | undefined {
  const newest = later.findLast(({ kind }) => kind === 'metadata');
  if (newest?.kind !== 'metadata') return undefined;
  const { fields, time, user } = newest;
  return { fields, time, ...(user === undefined ? {} : { user }) };
}
