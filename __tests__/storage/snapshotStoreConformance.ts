/**
 * What every `SnapshotStore` must do, whatever keeps its data.
 *
 * Call `describeSnapshotStore` with the factory that the suite of the stores takes. What is changed is changed under locks of
 * the store itself.
 */
import { describeSnapshotChanges } from './conformance/snapshotChanges.js';
import { describeSnapshotContents } from './conformance/snapshotContents.js';
import { SnapshotFixture } from './conformance/snapshotFixture.js';
import { describeSnapshotGuards } from './conformance/snapshotGuards.js';
import { describeSnapshotNames } from './conformance/snapshotNames.js';
import type { StoreSubject } from './conformance/storeFixture.js';

export function describeSnapshotStore(name: string, createSubject: () => StoreSubject): void {
  describe(`${name} as a SnapshotStore`, () => {
    const fixture = new SnapshotFixture(createSubject);
    describeSnapshotContents(fixture);
    describeSnapshotChanges(fixture);
    describeSnapshotNames(fixture);
    describeSnapshotGuards(fixture);
  });
}
