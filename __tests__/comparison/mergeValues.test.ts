/** The edits of two sides, brought together. */
import fc from 'fast-check';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { EqualityClasses } from '../../src/comparison/EqualityClasses.js';
import { findConflicts } from '../../src/comparison/findConflicts.js';
import { mergeValues } from '../../src/comparison/mergeValues.js';
import { setMember } from '../../src/value/valueDomain.js';
import { anyValue, counted, listOf, similarValue, withReversedKeys } from './comparedValues.js';
import { runs } from '../support/runs.js';

const { MAX_DIFFERENCES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

type Maybe = ConfigurationValue | undefined;

function merged(base: Maybe, local: ConfigurationValue, remote: ConfigurationValue): ConfigurationValue {
  return mergeValues(base, local, remote).value;
}

function conflictsOf(base: Maybe, local: ConfigurationValue, remote: ConfigurationValue): string[] {
  return mergeValues(base, local, remote).conflicts.map(({ type, path }) => `${type} ${path}`);
}

/** Deeply, the order of keys aside. */
function areEqual(first: unknown, second: unknown): boolean {
  return new EqualityClasses().areEqual(first as Maybe, second as Maybe);
}

describe('a merge', () => {
  it('takes each place from the side that has changed it, removals included', () => {
    const base = { a: 1, b: 1, c: { d: 1, e: 1 }, f: [1], gone: 1, lost: 1 };
    const local = { a: 2, b: 1, c: { d: 2, e: 1 }, f: [1, 2], lost: 1, mine: {} };
    const remote = { a: 1, b: 3, c: { d: 1, e: 3 }, f: [1], gone: 1, yours: null };
    expect(mergeValues(base, local, remote)).toEqual({
      value: { a: 2, b: 3, c: { d: 2, e: 3 }, f: [1, 2], mine: {}, yours: null },
      conflicts: [],
      isComplete: true,
    });
  });

  it('lets remote win where both have changed a place, and lists it', () => {
    const base = { a: [1, 1], b: 1, c: 1, d: 1 };
    const { value, conflicts } = mergeValues(base, { a: [2], b: 2, d: '1' }, { a: [3], c: 3, d: 2 });
    expect(value).toEqual({ a: [3], d: 2, c: 3 });
    expect(conflicts).toEqual([
      {
        path: 'a',
        type: 'modification-conflict',
        localValue: [2],
        remoteValue: [3],
        baseValue: [1, 1],
        autoResolvable: false,
        resolution: 'keep-remote',
      },
      {
        path: 'b',
        type: 'deletion-conflict',
        localValue: 2,
        remoteValue: undefined,
        baseValue: 1,
        autoResolvable: false,
        resolution: 'keep-remote',
      },
      {
        path: 'd',
        type: 'type-conflict',
        localValue: '1',
        remoteValue: 2,
        baseValue: 1,
        autoResolvable: false,
        resolution: 'keep-remote',
      },
      {
        path: 'c',
        type: 'deletion-conflict',
        localValue: undefined,
        remoteValue: 3,
        baseValue: 1,
        autoResolvable: false,
        resolution: 'keep-remote',
      },
    ]);
  });

  it('unites objects that both sides have added, and does not those that replaced something else', () => {
    expect(mergeValues({}, { log: { a: 1, c: {} } }, { log: { b: 1, c: { d: 1 } } })).toMatchObject({
      value: { log: { a: 1, b: 1, c: { d: 1 } } },
      conflicts: [],
    });
    expect(conflictsOf({ log: 1 }, { log: { a: 1 } }, { log: { b: 1 } })).toEqual(['modification-conflict log']);
  });

  it('merges items where all of them kept their places, and takes arrays as one place otherwise', () => {
    const base = [{ v: 1, w: 1 }, 2, 'x'];
    expect(merged(base, [{ v: 9, w: 1 }, 2, 'x'], [{ v: 1, w: 9 }, 2, 'y'])).toEqual([{ v: 9, w: 9 }, 2, 'y']);
    expect(conflictsOf(base, [{ v: 9, w: 1 }, 2, 'x'], [{ v: 8, w: 1 }, 2, 'x'])).toEqual([
      'modification-conflict [0].v',
    ]);
    expect(mergeValues([1, 2], [1, 2, 3], [1, 9])).toMatchObject({ value: [1, 9], conflicts: [{ path: '(root)' }] });
    expect(mergeValues([1, 2, 3], [3, 2, 1], [1, 2, 9])).toMatchObject({ value: [1, 2, 9], conflicts: [{}] });
    expect(mergeValues([1, 2], [1, 2, 3], [1, 2])).toMatchObject({ value: [1, 2, 3], conflicts: [] });
    const port = (id: string, number: number) => ({ id, number });
    const [both, mine, yours] = [
      [port('a', 1), port('b', 1)],
      [port('a', 2), port('b', 1)],
      [port('a', 1), port('b', 3)],
    ];
    expect(merged(both, mine, yours)).toEqual([port('a', 2), port('b', 3)]);
  });

  it('keeps the order of the local keys, with new ones of remote behind them in their order', () => {
    const order = (value: ConfigurationValue) => JSON.stringify(value);
    expect(order(merged({ a: 1, b: 1 }, { b: 1, a: 1 }, { z: 1, a: 2, y: 1, b: 1 }))).toBe('{"b":1,"a":2,"z":1,"y":1}');
    expect(order(merged({}, { o: { b: 1, a: 1 } }, { n: 1, o: { c: 1, a: 1, b: 1 } }))).toBe(
      '{"o":{"b":1,"a":1,"c":1},"n":1}',
    );
    expect(order(merged([{ a: 1, b: 1 }], [{ b: 1, a: 1 }], [{ a: 1, b: 2 }]))).toBe('[{"b":2,"a":1}]');
  });

  it('shares nothing with what was merged', () => {
    fc.assert(
      fc.property(similarValue, similarValue, similarValue, (base, local, remote) => {
        const inputs = new Set([base, local, remote].flatMap(containersOf));
        const { value, conflicts } = mergeValues(base, local, remote);
        const given = [value, ...conflicts.flatMap((each) => [each.localValue, each.remoteValue, each.baseValue])];
        const containers = given.flatMap((each) => containersOf(each as Maybe));
        expect(containers.filter((container) => inputs.has(container))).toEqual([]);
        expect(new Set(containers).size).toBe(containers.length);
      }),
    );
  });

  it('takes keys that built-in members have for ordinary ones', () => {
    const own = (key: string, value: ConfigurationValue) => {
      const object: ConfigurationObject = {};
      setMember(object, key, value);
      return object;
    };
    for (const key of ['__proto__', 'constructor', 'toString']) {
      const value = merged({}, own(key, { polluted: 1 }), own('b', 1)) as ConfigurationObject;
      expect(Object.keys(value)).toEqual([key, 'b']);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(conflictsOf({}, own(key, 1), own(key, 2))).toEqual([`modification-conflict ${key}`]);
      expect(merged(own(key, 1), {}, own(key, 1))).toEqual({});
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('without a base', () => {
  it('unites objects, and lets remote win where the two differ', () => {
    const local = { a: 1, b: { c: 1, d: [1] }, e: {} };
    const remote = { b: { d: [1, 2], f: 1 }, a: 1, e: 1 };
    expect(merged(undefined, local, remote)).toEqual({ a: 1, b: { c: 1, d: [1, 2], f: 1 }, e: 1 });
    expect(conflictsOf(undefined, local, remote)).toEqual(['modification-conflict b.d', 'type-conflict e']);
    expect(merged(undefined, [{ a: 1 }, 2], [{ b: 2 }, 2])).toEqual([{ a: 1, b: 2 }, 2]);
    expect(mergeValues(undefined, 1, 2)).toMatchObject({ value: 2, conflicts: [{ path: '(root)', localValue: 1 }] });
  });

  it('has every member of both sides', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (first, second) => {
        const [local, remote] = [
          { only: first, both: {} },
          { both: {}, other: second },
        ];
        expect(mergeValues(undefined, local, remote)).toMatchObject({ conflicts: [] });
        expect(areEqual(merged(undefined, local, remote), { ...local, ...remote })).toBe(true);
      }),
    );
  });
});

describe('the laws of merging', () => {
  it('give a side that alone was edited, or that both agree on', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (base, edited) => {
        const same = withReversedKeys(base);
        for (const result of [
          mergeValues(base, edited, same),
          mergeValues(base, same, edited),
          mergeValues(base, edited, withReversedKeys(edited)),
          mergeValues(undefined, edited, withReversedKeys(edited)),
        ]) {
          expect(areEqual(result.value, edited)).toBe(true);
          expect(result.conflicts).toEqual([]);
        }
        expect(JSON.stringify(merged(base, edited, same))).toBe(JSON.stringify(edited));
      }),
    );
  });

  it('make no difference between the sides where they do not conflict', () => {
    fc.assert(
      fc.property(fc.option(similarValue, { nil: undefined }), similarValue, similarValue, (base, first, second) => {
        const [one, other] = [mergeValues(base, first, second), mergeValues(base, second, first)];
        expect(one.conflicts.map(({ path }) => path).sort()).toEqual(other.conflicts.map(({ path }) => path).sort());
        if (one.conflicts.length === 0) expect(areEqual(one.value, other.value)).toBe(true);
      }),
      { numRuns: runs(250) },
    );
  });

  it('let all edits of different places survive', () => {
    const edit = fc.constantFrom('none', 'local sets', 'local removes', 'remote sets', 'remote removes');
    const name = fc.constantFrom('a', 'b', 'c', 'id', 'toString', 'constructor');
    const edits = fc.dictionary(name, fc.dictionary(name, fc.tuple(anyValue, anyValue, edit)));
    fc.assert(
      fc.property(edits, (groups) => {
        /** The groups as the sides whose edits count have them. */
        const stateOf = (...sides: string[]): ConfigurationObject =>
          mapMembers(groups, (group) =>
            mapMembers(group, ([before, after, what]) => {
              const [side, how] = what.split(' ');
              if (!sides.includes(side!)) return before;
              return how === 'sets' ? after : undefined;
            }),
          );
        const { value, conflicts } = mergeValues(stateOf(), stateOf('local'), stateOf('remote'));
        expect(conflicts).toEqual([]);
        expect(areEqual(value, stateOf('local', 'remote'))).toBe(true);
      }),
      { numRuns: runs(200) },
    );
  });

  it('give a conflict exactly where both sides lose an edit', () => {
    const part = fc.oneof(
      similarValue,
      fc.array(fc.constantFrom<ConfigurationValue>(1, 2, [1]), { minLength: 2, maxLength: 2 }),
    );
    const sides = fc.oneof(similarValue, fc.dictionary(fc.constantFrom('a', 'b', 'c', 'id'), part));
    fc.assert(
      fc.property(sides, sides, sides, (base, local, remote) => {
        const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
        const lost = findConflicts(base, local, remote).filter(({ localValue, remoteValue, baseValue }) => {
          // An empty object that was added lives on in one with members.
          const isUnited = baseValue === undefined && isObject(localValue) && isObject(remoteValue);
          return !isUnited && !areEqual(remoteValue, baseValue);
        });
        const listed = mergeValues(base, local, remote).conflicts;
        expect(listed).toEqual(lost.map((conflict) => ({ ...conflict, resolution: 'keep-remote' })));
      }),
      { numRuns: runs(250) },
    );
  });
});

describe('the cost of a merge', () => {
  it('grows with the size of the values', () => {
    const readsFor = (count: number) => {
      const counter = { reads: 0 };
      const side = (edited: number) =>
        counted({ list: listOf(count, (index) => ({ id: index, v: [index % 7 === edited ? -1 : index] })) }, counter);
      mergeValues(side(0), side(1), side(2));
      return counter.reads;
    };
    expect(readsFor(4000)).toBeLessThan(4.5 * readsFor(1000));
  });

  it('is bounded in what is listed, and never in what is merged', () => {
    const side = (value: number) => ({ list: listOf(MAX_DIFFERENCES + 5, () => value) });
    const { value, conflicts, isComplete } = mergeValues(side(0), side(1), side(2));
    expect(conflicts).toHaveLength(MAX_DIFFERENCES);
    expect(isComplete).toBe(false);
    expect(value).toEqual(side(2));
  });
});

function containersOf(value: Maybe): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap((member) => containersOf(member as Maybe))];
}

function mapMembers<Member>(members: Record<string, Member>, map: (member: Member) => Maybe): ConfigurationObject {
  const object: ConfigurationObject = {};
  for (const [name, member] of Object.entries(members)) {
    const value = map(member);
    if (value !== undefined) setMember(object, name, value);
  }
  return object;
}
