/** Which items of two arrays are compared with one another, and where the differences are said to be. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { compareValues } from '../../src/comparison/compareValues.js';
import { listOf } from './comparedValues.js';

const { MAX_EDIT_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

/** Each difference as its type and path. */
function found(first: ConfigurationValue, second: ConfigurationValue): string[] {
  return compareValues(first, second).differences.map(({ type, path }) => `${type} ${path}`);
}

describe('items that their content aligns', () => {
  it('says where an item was put in, and nothing of those that it moved on', () => {
    expect(found(['a', 'b', 'c'], ['a', 'x', 'b', 'c'])).toEqual(['addition [1]']);
    expect(found(['a', 'b', 'c'], ['x', 'a', 'b', 'c', 'y'])).toEqual(['addition [0]', 'addition [4]']);
  });

  it('says where an item was taken out, by its old index', () => {
    expect(found(['a', 'b', 'c', 'd'], ['a', 'd'])).toEqual(['deletion [1]', 'deletion [2]']);
    expect(found([1, 1, 2], [1, 2])).toHaveLength(1);
  });

  it('takes every item as added to an empty array, and as removed where the array was emptied', () => {
    expect(found([], [1, 2])).toEqual(['addition [0]', 'addition [1]']);
    expect(found([1, 2], [])).toEqual(['deletion [0]', 'deletion [1]']);
  });

  it('finds a changed item as a difference inside it, at its new index', () => {
    const first = [
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
      { host: 'c', port: 3 },
    ];
    const second = [{ host: 'z' }, { host: 'a', port: 1 }, { host: 'b', port: 9 }, { host: 'c', port: 3 }];
    expect(found(first, second)).toEqual(['value-change [2].port', 'addition [0]']);
  });

  it('pairs a run of changed items in order and takes the rest as removed or added', () => {
    expect(found(['a', 1, 2, 3, 'z'], ['a', 4, 5, 'z'])).toEqual([
      'value-change [1]',
      'value-change [2]',
      'deletion [3]',
    ]);
    expect(found(['a', 1, 'z'], ['a', 4, 5, 'z'])).toEqual(['value-change [1]', 'addition [2]']);
    expect(found(['a', 1, 'z'], ['a', { b: 1 }, 'z'])).toEqual(['structure-change [1]']);
  });

  it('leads the path of a deletion through the first value and any other path through the second', () => {
    const first = [{ list: ['gone', 'kept', 1], port: 1 }, 'last'];
    const second = ['new', { list: ['kept', 1, 'added'], port: 2 }, 'last', 'end'];
    expect(found([[1], first], [[1], second])).toEqual([
      'structure-change [1][0]',
      'addition [1][1]',
      'addition [1][3]',
    ]);
    expect(found({ a: [0, first[0]!, 0] }, { a: [7, 0, second[1]!, 0] })).toEqual([
      'deletion a[1].list[0]',
      'addition a[2].list[2]',
      'value-change a[2].port',
      'addition a[0]',
    ]);
  });

  it('does not mind the order of keys or the depth of equal items', () => {
    expect(found([{ a: [NaN, { b: 1, c: 2 }], d: 1 }], ['x', { d: 1, a: [NaN, { c: 2, b: 1 }] }])).toEqual([
      'addition [0]',
    ]);
    expect(found([{ a: { b: 1 } }, 1], [2, { a: { c: 1 } }, 1])).not.toEqual(['addition [0]']);
  });

  it('tells apart items that look alike as text', () => {
    expect(compareValues([1, ['1'], [1, 1], 'null'], ['1', [1], [11], null]).similarity).toBe(0);
    expect(found([{ a: 1, b: 2 }], [0, { a: 2, b: 1 }])).not.toEqual(['addition [0]']);
  });
});

describe('the same items in another order', () => {
  it('are one significant change of structure with both orders', () => {
    expect(compareValues({ a: [1, 2, 1, 3] }, { a: [3, 1, 1, 2] }).differences).toEqual([
      {
        type: 'structure-change',
        severity: 'significant',
        path: 'a',
        description: 'order of items changed',
        version1Value: [1, 2, 1, 3],
        version2Value: [3, 1, 1, 2],
      },
    ]);
  });

  it('are told from other items of the same number', () => {
    expect(found([1, 1, 2], [1, 2, 2])).not.toContain('structure-change (root)');
    expect(found([1, 2], [2, 3])).not.toContain('structure-change (root)');
  });
});

describe('items that a member identifies', () => {
  const servers = [
    { id: 1, host: 'a' },
    { id: 2, host: 'b' },
    { id: 3, host: 'c' },
  ] as const;
  const [one, two, three] = servers;

  it('are one minor change of structure where only their order changed, with the order of identities', () => {
    expect(compareValues({ s: [one, two, three] }, { s: [three, one, two] }).differences).toEqual([
      {
        type: 'structure-change',
        severity: 'minor',
        path: 's',
        description: 'order of items changed',
        version1Value: [1, 2, 3],
        version2Value: [3, 1, 2],
      },
    ]);
  });

  it('are compared with their namesakes wherever those stand, at the new index', () => {
    const second = [{ id: 4, host: 'd' }, three, { id: 1, host: 'z' }];
    expect(found([...servers], second)).toEqual([
      'structure-change (root)',
      'value-change [2].host',
      'deletion [1]',
      'addition [0]',
    ]);
  });

  it.each(['id', 'name', 'key'])('are identified by a member called %s', (member) => {
    const item = (identity: string, port: number) => ({ [member]: identity, port });
    expect(found([item('a', 1), item('b', 2)], [item('b', 3), item('c', 1), item('a', 1)])).toEqual([
      'structure-change (root)',
      'value-change [0].port',
      'addition [1]',
    ]);
  });

  it('are removed and added, not changed, where an identity gives way to another one', () => {
    expect(found([one, two], [one, { ...two, id: 9 }])).toEqual(['deletion [1]', 'addition [1]']);
  });

  it('are identified by the next member where one tells nothing', () => {
    const first = [
      { id: 1, name: 'a', v: 1 },
      { id: 1, name: 'b', v: 2 },
    ];
    const second = [
      { id: 1, name: 'b', v: 2 },
      { id: 1, name: 'a', v: 3 },
    ];
    expect(found(first, second)).toEqual(['structure-change (root)', 'value-change [1].v']);
  });

  it.each<[string, ConfigurationValue[], ConfigurationValue[]]>([
    [
      'an identity is there twice',
      [{ id: 1, v: 1 }],
      [
        { id: 1, v: 1 },
        { id: 1, v: 2 },
      ],
    ],
    ['an identity is missing', [{ id: 1 }, { v: 1 }], [{ id: 1 }, { v: 1 }, { id: 2 }]],
    ['an identity is no string or number', [{ id: null }], [{ id: null }, { id: 2 }]],
    ['an item is no object', [{ id: 1 }, 1], [{ id: 1 }, 1, { id: 2 }]],
    ['an item is an array', [[1]], [[1], { id: 2 }]],
  ])('fall back to alignment by content where %s', (_reason, first, second) => {
    expect(found(first, second)).toEqual([`addition [${first.length}]`]);
  });

  it('fall back to alignment by content where the two arrays share no identity', () => {
    expect(found([{ name: 'a', port: 1 }], [{ name: 'b', port: 1 }])).toEqual(['value-change [0].name']);
  });

  it('do not take an inherited member for an identity', () => {
    expect(found([{ v: 1 }], [{ v: 1 }, { v: 2 }])).toEqual(['addition [1]']);
  });
});

describe('reordered items beside others', () => {
  it.each([20, 30, 1000])('of which there are %i are found again where one item is new', (count) => {
    const items = listOf(count, (index) => `item ${index}`);
    const { differences, similarity } = compareValues(items, [...items.toReversed(), 'new']);
    expect(differences.map(({ type, path }) => `${type} ${path}`)).toEqual([
      'structure-change (root)',
      `addition [${count}]`,
    ]);
    // The order and the new item are the only leaves that are not shared.
    expect(similarity).toBe(count / (count + 2));
  });

  it('are found again as often as they are in both arrays', () => {
    const first = [1, 1, 2, 2, 3];
    expect(found(first, [3, 2, 1, 1, 1])).toEqual(['structure-change (root)', 'value-change [4]']);
  });

  it('are what the two orders tell of, and items that changed, came or went are told by themselves', () => {
    const first = [{ a: [1, 2], b: 1 }, 'x', 'y', 'gone', 'z'];
    const second = ['z', { a: [2, 1], b: 1 }, 'y', 'x', 'new'];
    const { differences } = compareValues(first, second);
    expect(differences.map(({ type, path }) => `${type} ${path}`).slice(0, 1)).toEqual(['structure-change (root)']);
    expect(differences[0]).toMatchObject({ version1Value: ['x', 'y', 'z'], version2Value: ['z', 'y', 'x'] });
  });

  it('do not keep a changed item from being compared with what it was', () => {
    const host = (name: string, port: number) => ({ host: name, port });
    const first = [host('a', 1), host('b', 1), host('c', 1), host('d', 1)];
    const second = [host('d', 1), host('a', 1), host('b', 9), host('c', 1)];
    expect(found(first, second)).toEqual(['structure-change (root)', 'value-change [2].port']);
  });
});

describe('arrays beyond the edit limit', () => {
  it('are still aligned where many items changed but few moved, since only moves count', () => {
    const count = 4 * MAX_EDIT_LENGTH;
    const items = listOf(count, (index) => ({ port: index }));
    const changed = listOf(count, (index) => ({ port: index % 2 === 0 ? index : -index }));
    const differences = found(items, [{ port: 'new' }, ...changed]);
    expect(differences).toHaveLength(count / 2 + 1);
    expect(differences.filter((difference) => !difference.startsWith('value-change'))).toEqual(['addition [0]']);
  });

  it('have their equal items found again, and the others compared in order', () => {
    const count = 2 * MAX_EDIT_LENGTH;
    const items = listOf(count, (index) => ({ port: index, host: 'a' }));
    const changed = listOf(count, (index) => ({ port: index, host: index < 3 ? 'b' : 'a' }));
    const differences = found(items, [...changed.slice(0, 3), ...changed.slice(3).reverse()]);
    expect(differences).toEqual([
      'structure-change (root)',
      ...[0, 1, 2].map((index) => `value-change [${index}].host`),
    ]);
  });
});
