/** What the history says that a version changed. */
import fc from 'fast-check';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ChangeType } from '../../interfaces/enums.js';
import type { ChangeDescription } from '../../interfaces/versions.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { compareValues } from '../../src/comparison/compareValues.js';
import { describeChanges } from '../../src/comparison/describeChanges.js';
import { anyValue, listOf, placesOf, withReversedKeys } from './comparedValues.js';
import { runs } from '../support/runs.js';

const { MAX_CHANGES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

function changesOf(parent: ConfigurationValue | undefined, value: ConfigurationValue): ChangeDescription[] {
  return describeChanges(parent, value).changes;
}

/** Each change as its type and path. */
function told(parent: ConfigurationValue, value: ConfigurationValue): string[] {
  return changesOf(parent, value).map(({ type, path }) => `${type} ${path}`);
}

describe('plain changes', () => {
  it('are one addition at the root, without values, for the first version', () => {
    expect(changesOf(undefined, { password: 'secret' })).toEqual([
      { type: 'added', path: '(root)', description: 'first version' },
    ]);
  });

  it('are none between equal values', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(changesOf(value, withReversedKeys(value))).toEqual([]);
      }),
    );
  });

  it('name what was modified, deleted and added, with the values of each side that has one', () => {
    expect(changesOf({ a: 1, b: [1], c: { d: true } }, { a: 'x', c: { e: null } })).toEqual([
      { type: 'modified', path: 'a', oldValue: 1, newValue: 'x', description: 'number became string' },
      { type: 'deleted', path: 'c.d', oldValue: true, description: 'member removed' },
      { type: 'added', path: 'c.e', newValue: null, description: 'member added' },
      { type: 'deleted', path: 'b', oldValue: [1], description: 'member removed' },
    ]);
  });

  it('name the root where the whole value became another one', () => {
    expect(told({ a: 1 }, [1])).toEqual(['modified (root)']);
  });

  it('are listed up to the limit only, which is told', () => {
    const parent = { list: listOf(MAX_CHANGES + 1, (index) => index), gone: 1 };
    const value = { list: listOf(MAX_CHANGES + 1, (index) => -index - 1) };
    expect(told(parent, value)).toEqual(listOf(MAX_CHANGES, (index) => `modified list[${index}]`));
    expect(describeChanges(parent, value).isComplete).toBe(false);
    expect(describeChanges(parent.list.slice(1), value.list.slice(1)).isComplete).toBe(true);
  });
});

describe('a key that was renamed', () => {
  it('is told as such at its new path, with the old one in words and without values', () => {
    const parent = { db: { main: { host: 'a', port: 1 }, other: 1 } };
    const value = { db: { other: 1, primary: { port: 1, host: 'a' } } };
    expect(changesOf(parent, value)).toEqual([
      { type: 'renamed', path: 'db.primary', description: 'renamed from db.main' },
    ]);
  });

  it('is recognised by a list or a longer string too', () => {
    expect(told({ a: [1] }, { b: [1] })).toEqual(['renamed b']);
    expect(told({ a: 'postgres://db.example.org' }, { b: 'postgres://db.example.org' })).toEqual(['renamed b']);
  });

  it.each([[1], [true], [null], ['localhost'], [{}], [[]]])(
    'is not concluded from so common a value as %j',
    (value) => {
      expect(told({ a: value }, { b: value })).toEqual(['deleted a', 'added b']);
    },
  );

  it('is not concluded where two keys went or came with the same value', () => {
    expect(told({ a: [1], b: [1] }, { c: [1] })).toEqual(['deleted a', 'deleted b', 'added c']);
    expect(told({ a: [1] }, { c: [1], d: [1], e: [1] })).toEqual(['deleted a', 'added c', 'added d', 'added e']);
  });

  it('is not concluded across objects, nor where the value changed too', () => {
    expect(told({ a: { x: [1] }, b: {} }, { a: {}, b: { x: [1] } })).toEqual(['deleted a.x', 'added b.x']);
    expect(told({ a: [1] }, { b: [2] })).toEqual(['deleted a', 'added b']);
  });

  it('stands beside other changes of the same object', () => {
    const parent = { a: ['renamed'], b: ['gone'], c: 1 };
    expect(told(parent, { c: 2, d: ['renamed'], e: ['new'] })).toEqual([
      'modified c',
      'renamed d',
      'deleted b',
      'added e',
    ]);
  });
});

describe('an item that was moved', () => {
  it('is told as such, back or ahead, with the old place in words', () => {
    expect(changesOf({ a: ['x', 'y', 'z'] }, { a: ['y', 'z', 'x'] })).toEqual([
      { type: 'moved', path: 'a[2]', description: 'moved from a[0]' },
    ]);
    expect(changesOf({ a: ['x', 'y', 'z', 'end'] }, { a: ['z', 'x', 'y', 'end'] })).toEqual([
      { type: 'moved', path: 'a[0]', description: 'moved from a[2]' },
    ]);
  });

  it('is told beside what changed inside identified items', () => {
    const parent = [
      { id: 'a', v: 1 },
      { id: 'b', v: 1 },
      { id: 'c', v: 1 },
      { id: 'd', v: 1 },
    ];
    const value = [
      { id: 'new', v: 1 },
      { id: 'b', v: 1 },
      { id: 'd', v: 1 },
      { id: 'a', v: 2 },
    ];
    expect(changesOf(parent, value)).toMatchObject([
      { type: 'moved', path: '[3]', description: 'moved from [0]' },
      { type: 'modified', path: '[3].v' },
      { type: 'deleted', path: '[2]' },
      { type: 'added', path: '[0]' },
    ]);
  });

  it('is told where other items came or went', () => {
    expect(told(['x', 'y', 'z', 'end'], ['y', 'z', 'end', 'x', 'new'])).toEqual(['moved [3]', 'added [4]']);
  });

  it('is not guessed where neighbours changed places or several items moved', () => {
    const orders = { oldValue: ['x', 'y'], newValue: ['y', 'x'], description: 'order of items changed' };
    expect(changesOf({ a: ['x', 'y'] }, { a: ['y', 'x'] })).toEqual([{ type: 'modified', path: 'a', ...orders }]);
    expect(told([1, 2, 3, 4], [4, 3, 2, 1])).toEqual(['modified (root)']);
    expect(told([1, 2, 3, 4, 5, 6], [2, 1, 3, 4, 6, 5])).toEqual(['modified (root)']);
  });

  it('is not taken for removed and added where several equal items were moved, and others came or went', () => {
    const changes = told(['x', 'x', 'b', 'c', 'd'], ['b', 'c', 'd', 'x', 'x', 'e']);
    expect(changes).toEqual(['modified (root)', 'added [5]']);
    expect(told([1, 2, 3, 4, 5], [5, 4, 3, 2, 9])).toEqual(['modified (root)', 'deleted [0]', 'added [4]']);
  });
});

describe('any change', () => {
  it('is told exactly where the comparison finds a difference', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (parent, value) => {
        const changes = changesOf(parent, value);
        expect(changes.length === 0).toBe(compareValues(parent, value).differences.length === 0);
        for (const { type, path } of changes) {
          expect(placesOf(type === ChangeType.DELETED ? parent : value).has(path)).toBe(true);
        }
      }),
      { numRuns: runs(500) },
    );
  });

  it('is told without a value in words', () => {
    const secret = 'hunter2-planted-secret';
    const parent = { a: secret, list: [secret, 1, 2], c: secret, d: 1 };
    const value = { b: secret, list: [1, 2, secret], c: 1, d: secret };
    for (const { description } of changesOf(parent, value)) expect(description).not.toContain(secret);
  });
});
