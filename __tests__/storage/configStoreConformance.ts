/**
 * What every `ConfigStore` must do, whatever keeps its data.
 *
 * Call `describeConfigStore` with a factory for fresh data. What a store is asked for follows from its capabilities; all
 * locks are its own, and of revisions only their order counts.
 */
import { describeConditions } from './conformance/conditions.js';
import { describeContents } from './conformance/contents.js';
import { describeHistories } from './conformance/histories.js';
import { describeKept } from './conformance/kept.js';
import { describeLocks } from './conformance/locks.js';
import { describeOutsideChanges } from './conformance/outsideChanges.js';
import { describeRaces } from './conformance/races.js';
import { StoreFixture, type StoreSubject } from './conformance/storeFixture.js';
import { describeWatching } from './conformance/watching.js';

export type { StoreSubject } from './conformance/storeFixture.js';

export function describeConfigStore(name: string, createSubject: () => StoreSubject): void {
  describe(`${name} as a ConfigStore`, () => {
    const fixture = new StoreFixture(createSubject);
    const { outsideChanges, watches } = fixture.capabilities;

    it('tells what it can do, and has a watch only where it says so', () => {
      expect(fixture.store.capabilities).toEqual(fixture.capabilities);
      expect(fixture.store.watch !== undefined).toBe(watches);
    });

    describeContents(fixture);
    describeConditions(fixture);
    describeHistories(fixture);
    describeLocks(fixture);
    describeRaces(fixture);
    describeKept(fixture);
    if (watches) describeWatching(fixture);
    if (outsideChanges) describeOutsideChanges(fixture);
  });
}
