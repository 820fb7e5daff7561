/** What two sides made of one configuration that cannot both be kept. */
import fc from 'fast-check';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { compareValues } from '../../../src/version/comparison/compareValues.js';
import { findConflicts } from '../../../src/version/comparison/findConflicts.js';
import { anyValue, listOf, placesOf, similarValue, withReversedKeys } from './comparedValues.js';

const { MAX_DIFFERENCES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

type Maybe = ConfigurationValue | undefined;

/** Each conflict as its type and path. */
function found(base: Maybe, local: Maybe, remote: ConfigurationValue): string[] {
  return findConflicts(base, local, remote).map(({ type, path }) => `${type} ${path}`);
}

/** Whether the only conflict can be resolved by taking one side. */
function isAutoResolvable(base: Maybe, local: Maybe, remote: ConfigurationValue): boolean {
  const conflicts = findConflicts(base, local, remote);
  expect(conflicts).toHaveLength(1);
  return conflicts[0]!.autoResolvable;
}

describe('a conflict', () => {
  it('is a place that both sides modified differently, with copies of all three values', () => {
    const local = { a: { x: [2] }, b: 1 };
    const conflicts = findConflicts({ a: { x: [1, 1] }, b: 1 }, local, { a: { x: [3] }, b: 2 });
    local.a.x.push(9);
    expect(conflicts).toEqual([
      {
        path: 'a.x',
        type: 'modification-conflict',
        localValue: [2],
        remoteValue: [3],
        baseValue: [1, 1],
        autoResolvable: false,
      },
    ]);
  });

  it('is a place that one side removed and the other one changed', () => {
    expect(findConflicts({ a: 1, b: 1 }, { b: 2 }, { a: 2 })).toEqual([
      {
        path: 'b',
        type: 'deletion-conflict',
        localValue: 2,
        remoteValue: undefined,
        baseValue: 1,
        autoResolvable: false,
      },
      {
        path: 'a',
        type: 'deletion-conflict',
        localValue: undefined,
        remoteValue: 2,
        baseValue: 1,
        autoResolvable: false,
      },
    ]);
  });

  it('is a place to which both sides gave values of different kinds', () => {
    expect(found({ a: 1 }, { a: '1' }, { a: 2 })).toEqual(['type-conflict a']);
    expect(found({ a: 1 }, { a: {} }, { a: [] })).toEqual(['type-conflict a']);
    expect(found(1, 2, '2')).toEqual(['type-conflict (root)']);
  });

  it('is a member that both sides added differently, without a base value', () => {
    const conflicts = findConflicts({}, { log: { level: 1, file: 'a' } }, { log: { level: 2, color: true } });
    expect(conflicts).toEqual([
      {
        path: 'log.level',
        type: 'modification-conflict',
        localValue: 1,
        remoteValue: 2,
        autoResolvable: false,
      },
    ]);
  });

  it('is the whole place where both sides made different objects of something else', () => {
    expect(found({ a: 1 }, { a: { b: 1 } }, { a: { c: 1 } })).toEqual(['modification-conflict a']);
  });

  it('is named by ordinary keys, also where built-in members have that name', () => {
    expect(found({}, { constructor: 1 }, { constructor: 2, toString: 1 })).toEqual([
      'modification-conflict constructor',
    ]);
    expect(found({ toString: 1 }, {}, { toString: 2 })).toEqual(['deletion-conflict toString']);
  });
});

describe('no conflict', () => {
  it('is found where only one side changed a place, or both changed it alike', () => {
    const base = { a: 1, b: [1], c: { d: 1 }, e: NaN };
    expect(found(base, { ...base, a: 2, c: {}, f: 1 }, { ...base, a: 2, b: [], c: { d: 1, g: 2 } })).toEqual([]);
    expect(found(base, {}, {})).toEqual([]);
  });

  it('is found where one side is the base or both sides are equal', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (base, other) => {
        const sameBase = withReversedKeys(base);
        expect(findConflicts(base, sameBase, other)).toEqual([]);
        expect(findConflicts(base, other, sameBase)).toEqual([]);
        expect(findConflicts(base, other, withReversedKeys(other))).toEqual([]);
        expect(findConflicts(undefined, other, withReversedKeys(other))).toEqual([]);
      }),
    );
  });
});

describe('a base that is not known', () => {
  it('makes every place where the sides differ a conflict, none of which resolves itself', () => {
    const conflicts = findConflicts(undefined, { a: 1, b: [1], c: 1, same: {} }, { a: 2, b: [1, 2], d: 1, same: {} });
    expect(conflicts.map(({ type, path, autoResolvable }) => [type, path, autoResolvable])).toEqual([
      ['modification-conflict', 'a', false],
      ['modification-conflict', 'b', false],
      ['deletion-conflict', 'c', false],
      ['deletion-conflict', 'd', false],
    ]);
    expect(conflicts.every((conflict) => !('baseValue' in conflict))).toBe(true);
  });

  it('lets items be told apart where they kept their places', () => {
    expect(found(undefined, [1, { a: 1 }], [1, { a: 2 }])).toEqual(['modification-conflict [1].a']);
    expect(found(undefined, [1, 2], [2, 1])).toEqual(['modification-conflict (root)']);
  });

  it('gives a conflict exactly where the comparison gives a difference', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (local, remote) => {
        expect(findConflicts(undefined, local, remote).length === 0).toBe(
          compareValues(local, remote).differences.length === 0,
        );
      }),
    );
  });
});

describe('a file that was removed', () => {
  it('is one deletion conflict at the root', () => {
    expect(findConflicts({ a: 1 }, undefined, { a: 2 })).toEqual([
      {
        path: '(root)',
        type: 'deletion-conflict',
        localValue: undefined,
        remoteValue: { a: 2 },
        baseValue: { a: 1 },
        autoResolvable: false,
      },
    ]);
    expect(isAutoResolvable(undefined, undefined, { a: 2 })).toBe(false);
  });

  it('resolves itself where the other side changed nothing', () => {
    expect(isAutoResolvable({ a: 1 }, undefined, { a: 1 })).toBe(true);
  });
});

describe('arrays', () => {
  it('are one place where a side changed their length or their order', () => {
    expect(found({ a: [1, 2] }, { a: [1, 2, 3] }, { a: [1, 9] })).toEqual(['modification-conflict a']);
    expect(found({ a: [1, 2] }, { a: [1, 9] }, { a: [1, 2, 3] })).toEqual(['modification-conflict a']);
    expect(found([1, 2, 3], [3, 2, 1], [1, 2, 9])).toEqual(['modification-conflict (root)']);
    expect(found([1, 2, 3], [1, 2, 9], [9, 1, 2])).toEqual(['modification-conflict (root)']);
  });

  it('are one place where the base is none or a side is none', () => {
    expect(found({}, { a: [1] }, { a: [2] })).toEqual(['modification-conflict a']);
    expect(found([1], [2], { a: 1 })).toEqual(['type-conflict (root)']);
    expect(found([1], 'text', [2])).toEqual(['type-conflict (root)']);
  });

  it('are compared item by item where both sides changed items in their places', () => {
    const base = [{ v: 1, w: 1 }, { v: 2, w: 2 }, 'x'];
    expect(found(base, [{ v: 5, w: 1 }, { v: 2, w: 6 }, 'y'], [{ v: 1, w: 5 }, { v: 2, w: 7 }, 'x'])).toEqual([
      'modification-conflict [1].w',
    ]);
  });

  it('are compared item by item where a member identifies the items', () => {
    const item = (id: number, port: number) => ({ id, port });
    const base = [item(1, 1), item(2, 2)];
    expect(found(base, [item(1, 3), item(2, 2)], [item(1, 4), item(2, 5)])).toEqual(['modification-conflict [0].port']);
    expect(found(base, [item(2, 3), item(1, 1)], [item(1, 4), item(2, 2)])).toEqual(['modification-conflict (root)']);
  });
});

describe('taking one side', () => {
  it.each<[string, ConfigurationValue, ConfigurationValue, ConfigurationValue]>([
    ['the sides differ in letter case and white space only', 'a b', 'A b', 'a  B'],
    ['the sides differ in the order of identified items only', [], [{ id: 1 }, { id: 2 }], [{ id: 2 }, { id: 1 }]],
    ['one side added all items of the other and more', [1], [1, 2], [1, 2, 3]],
    ['one side removed all items that the other removed and more', [1, 2, 3], [1], [1, 2]],
    ['both sides added a list, one of them more of it', {}, { a: [1, 2] }, { a: [1] }],
    ['one side removed what the other thinned out', { a: { b: 1, c: [1, 2], d: 1 } }, {}, { a: { c: [2], d: 1 } }],
    ['one side removed an object that the other emptied', { a: { b: { c: 1 } } }, { a: { b: {} } }, { a: {} }],
    ['one side removed a list that the other emptied', { a: [1] }, {}, { a: [] }],
  ])('loses nothing where %s', (_reason, base, local, remote) => {
    expect(isAutoResolvable(base, local, remote)).toBe(true);
    expect(isAutoResolvable(base, remote, local)).toBe(true);
  });

  it.each<[string, ConfigurationValue, ConfigurationValue, ConfigurationValue]>([
    ['the sides have different values', 'a', 'b', 'c'],
    ['the sides have different kinds', 'a', { a: 1 }, ['a']],
    ['the order of plain items differs', [], ['a', 'b'], ['b', 'a']],
    ['each side added an item of its own', [1], [1, 2], [1, 3]],
    ['one side removed an item and the other added one', [1, 2], [1], [1, 2, 3]],
    ['one side removed the object to which the other added', { a: {} }, {}, { a: { b: 1 } }],
    ['one side removed the object to which the other added an empty one', { a: { b: 1 } }, {}, { a: { c: {} } }],
    ['one side removed the object in which the other changed a value', { a: { b: 1, c: 1 } }, {}, { a: { b: 2 } }],
    ['one side removed the list in which the other changed an item', { a: [1, 2] }, {}, { a: [1, 3] }],
  ])('may lose something where %s', (_reason, base, local, remote) => {
    expect(isAutoResolvable(base, local, remote)).toBe(false);
    expect(isAutoResolvable(base, remote, local)).toBe(false);
  });
});

describe('any three values', () => {
  it('are in conflict at the same places when the sides are exchanged, each in the place of the other', () => {
    fc.assert(
      fc.property(similarValue, similarValue, similarValue, (base, local, remote) => {
        const there = findConflicts(base, local, remote);
        const back = findConflicts(base, remote, local).map(({ localValue, remoteValue, ...conflict }) => ({
          ...conflict,
          localValue: remoteValue,
          remoteValue: localValue,
        }));
        const byPath = (first: { path: string }, second: { path: string }) => (first.path < second.path ? -1 : 1);
        expect(back.sort(byPath)).toEqual(there.sort(byPath));
      }),
      { numRuns: 1000 },
    );
  });

  it('are in conflict only at places of a side, with the values that stand there', () => {
    fc.assert(
      fc.property(anyValue, anyValue, anyValue, (base, local, remote) => {
        const [localPlaces, remotePlaces] = [placesOf(local), placesOf(remote)];
        for (const { path, localValue, remoteValue, resolution } of findConflicts(base, local, remote)) {
          expect(localPlaces.has(path) || remotePlaces.has(path)).toBe(true);
          expect(resolution).toBeUndefined();
          // Long paths are cut and may name several places.
          if (path.endsWith('...')) continue;
          expect(localValue).toEqual(localPlaces.get(path));
          expect(remoteValue).toEqual(remotePlaces.get(path));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('have as many conflicts listed as the constant says', () => {
    const side = (offset: number) => ({ list: listOf(MAX_DIFFERENCES + 1, (index) => [index, offset]) });
    expect(found(side(0), side(1), side(2))).toHaveLength(MAX_DIFFERENCES);
  });
});
