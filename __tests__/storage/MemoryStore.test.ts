import { memoryStore, type MemoryStoreOptions } from '../../src/memory.js';
import { describeConfigStore, type StoreSubject } from './configStoreConformance.js';
import { describeSnapshotStore } from './snapshotStoreConformance.js';

const VARIANTS: readonly (readonly [string, MemoryStoreOptions])[] = [
  ['a revision for each configuration', { revisions: 'per-configuration', guard: 'before-commit' }],
  ['store-wide revisions with gaps', { revisions: 'store-wide', guard: 'before-commit' }],
  ['a guard compared in the commit', { revisions: 'per-configuration', guard: 'in-commit' }],
];
const CONTEXT = { moduleId: 'tests', maxBytes: 1024, keptVersions: 40, probe: () => true };

for (const [name, options] of VARIANTS) {
  const createSubject = (): StoreSubject => {
    const provider = memoryStore(options);
    return {
      createStore: () => provider.createStore(CONTEXT),
      nameOf: (short) => short,
      keptVersions: CONTEXT.keptVersions,
      changesUntilTidy: 2 * CONTEXT.keptVersions,
      shortestLeaseMs: 5,
    };
  };
  describeConfigStore(`MemoryStore with ${name}`, createSubject);
  describeSnapshotStore(`MemoryStore with ${name}`, createSubject);
}
