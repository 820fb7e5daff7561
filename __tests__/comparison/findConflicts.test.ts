/** The edits that are lost when another state replaces an edited configuration. */
import fc from 'fast-check';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { compareValues } from '../../src/comparison/compareValues.js';
import { findConflicts } from '../../src/comparison/findConflicts.js';
import { anyValue, listOf, placesOf, similarValue, withReversedKeys } from './comparedValues.js';
import { runs } from '../support/runs.js';

const { MAX_DIFFERENCES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

type Maybe = ConfigurationValue | undefined;

/** Each conflict as its type and path. */
function found(base: Maybe, local: Maybe, remote: ConfigurationValue): string[] {
  return findConflicts(base, local, remote).map(({ type, path }) => `${type} ${path}`);
}

/** Whether the only conflict is one between two sides that mean the same. */
function isAutoResolvable(base: Maybe, local: Maybe, remote: ConfigurationValue): boolean {
  const conflicts = findConflicts(base, local, remote);
  expect(conflicts).toHaveLength(1);
  return conflicts[0]!.autoResolvable;
}

describe('a conflict', () => {
  it('is a place that was edited and is replaced by something else, with copies of all three values', () => {
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

  it('is an edit of what the replacement has as it was before, which a merge would keep', () => {
    expect(found({ a: 1, b: 1 }, { a: 1, b: 2 }, { a: 1, b: 1 })).toEqual(['modification-conflict b']);
    expect(found({ a: 1, b: 1 }, { a: 1, b: 2 }, { a: 3, b: 1 })).toEqual(['modification-conflict b']);
    expect(found({ a: 1 }, { a: 1, b: {} }, { a: 1 })).toEqual(['deletion-conflict b']);
    expect(found({ a: 1, b: [1] }, { a: 1 }, { a: 1, b: [1] })).toEqual(['deletion-conflict b']);
    expect(found([{ v: 1 }, 2], [{ v: 9 }, 2], [{ v: 1 }, 2])).toEqual(['modification-conflict [0].v']);
  });

  it('is an empty object that was added where the replacement has one with members', () => {
    expect(found({}, { a: {} }, { a: { b: 1 } })).toEqual(['modification-conflict a']);
    expect(found({}, { a: {} }, { a: {} })).toEqual([]);
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

  it('is a member that was added and that the replacement has otherwise or not at all, without a base value', () => {
    const conflicts = findConflicts({}, { log: { level: 1, file: 'a' } }, { log: { level: 2, color: true } });
    expect(conflicts).toEqual([
      {
        path: 'log.level',
        type: 'modification-conflict',
        localValue: 1,
        remoteValue: 2,
        autoResolvable: false,
      },
      {
        path: 'log.file',
        type: 'deletion-conflict',
        localValue: 'a',
        remoteValue: undefined,
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
  it('is found at places that were not edited, or were edited to what the replacement says', () => {
    const base = { a: 1, b: [1], c: { d: 1 }, e: NaN };
    expect(found(base, { ...base, a: 2, c: { d: 5 } }, { a: 2, b: [], c: { d: 5, g: 2 }, h: 1 })).toEqual([]);
    expect(found(base, {}, {})).toEqual([]);
  });

  it('is found where nothing was edited, or both sides are equal', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (base, other) => {
        const sameBase = withReversedKeys(base);
        expect(findConflicts(base, sameBase, other)).toEqual([]);
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
    expect(isAutoResolvable({ a: 1 }, undefined, { a: 1 })).toBe(false);
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

  it('are compared item by item where items were changed in their places', () => {
    const base = [{ v: 1, w: 1 }, { v: 2, w: 2 }, 'x'];
    expect(found(base, [{ v: 5, w: 1 }, { v: 2, w: 6 }, 'x'], [{ v: 5, w: 5 }, { v: 2, w: 7 }, 'y'])).toEqual([
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

describe('a conflict that resolves itself', () => {
  it.each<[string, ConfigurationValue, ConfigurationValue]>([
    ['white space at the ends of a string', 'a b', ' a b\n'],
    ['white space at the ends of strings in a list', ['a', 'b'], ['a ', 'b']],
  ])('is one of %s', (_reason, local, remote) => {
    for (const base of ['c', undefined]) {
      expect(isAutoResolvable(base, local, remote)).toBe(true);
      expect(isAutoResolvable(base, remote, local)).toBe(true);
    }
  });

  it.each<[string, ConfigurationValue, ConfigurationValue, ConfigurationValue]>([
    ['different values', 'a', 'b', 'c'],
    ['different kinds', 'a', { a: 1 }, ['a']],
    ['letter case, which counts in passwords and paths', 'x', 'Hunter2', 'hUNTER2'],
    ['white space inside a string', 'x', 'a b', 'a  b'],
    ['strings of white space only', 'x', '\t', ' '],
    ['the order of plain items', [], ['a', 'b'], ['b', 'a']],
    ['the order of identified items', [], [{ id: 1 }, { id: 2 }], [{ id: 2 }, { id: 1 }]],
    ['items of which one side added more', [1], [1, 2], [1, 2, 3]],
    ['items of which one side removed more', [1, 2, 3], [1], [1, 2]],
    ['a list of which one side added more', {}, { a: [1, 2] }, { a: [1] }],
    ['what one side removed and the other thinned out', { a: { b: 1, c: [1, 2] } }, {}, { a: { c: [2] } }],
    ['a list that one side removed and the other emptied', { a: [1] }, {}, { a: [] }],
  ])('is none of %s', (_reason, base, local, remote) => {
    expect(isAutoResolvable(base, local, remote)).toBe(false);
    expect(isAutoResolvable(base, remote, local)).toBe(false);
  });
});

describe('any three values', () => {
  it('are in conflict where an edit is replaced by what stood there before', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (base, local) => {
        const isEdited = compareValues(base, local).differences.length > 0;
        expect(findConflicts(base, local, withReversedKeys(base)).length > 0).toBe(isEdited);
      }),
      { numRuns: runs(400) },
    );
  });

  it('are in conflict exactly at the members of an object that differ from the base and from the replacement', () => {
    const flat = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(0, 1, 2, '', null));
    fc.assert(
      fc.property(flat, flat, flat, (base, local, remote) => {
        const isLost = (key: string) => local[key] !== base[key] && local[key] !== remote[key];
        const paths = findConflicts(base, local, remote).map(({ path }) => path);
        expect(paths.sort()).toEqual(['a', 'b', 'c', 'd'].filter(isLost));
      }),
      { numRuns: runs(400) },
    );
  });

  it('are in conflict only where the edited one differs from both others', () => {
    fc.assert(
      fc.property(similarValue, similarValue, similarValue, (base, local, remote) => {
        for (const { localValue, remoteValue, baseValue } of findConflicts(base, local, remote)) {
          expect(localValue).not.toEqual(remoteValue);
          expect(localValue).not.toEqual(baseValue);
        }
      }),
      { numRuns: runs(400) },
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
      { numRuns: runs(400) },
    );
  });

  it('have as many conflicts listed as the constant says', () => {
    const side = (offset: number) => ({ list: listOf(MAX_DIFFERENCES + 1, (index) => [index, offset]) });
    expect(found(side(0), side(1), side(2))).toHaveLength(MAX_DIFFERENCES);
  });
});
