/** Which policies are accepted, and what is said about the others. */
import { runInNewContext } from 'node:vm';
import { policyProblem } from '../../../src/backup/retention/checkPolicy.js';

const RULE = { condition: 'age > 24h', priority: 1, action: 'keep', description: 'd' };
const NO_COUNTS = [0, -1, 1.5, 1e9, Number.NaN, Infinity, -Infinity, '3', null, [], {}, true, 3n];
const NO_AMOUNTS = NO_COUNTS.filter((value) => value !== 1e9);
const NO_FLAGS = [0, 1, 'true', null, {}, []];
const NO_TEXTS = [5, null, {}, [], true];

const COUNTS = ['keepLast', 'keepHourly', 'keepDaily', 'keepWeekly', 'keepMonthly', 'keepYearly'];

describe('a right policy', () => {
  it.each<[string, unknown]>([
    ['that says nothing', {}],
    ['without a prototype', Object.assign(Object.create(null) as object, { maxCount: 1 })],
    ['of another realm', runInNewContext('({ maxCount: 1, keepTags: ["a"] })')],
    ['with members that are undefined', { maxCount: undefined, keepTags: undefined, priorityRules: undefined }],
    ['with the lowest values', { maxCount: 1, maxAgeHours: 1, maxTotalBytes: 1, keepLast: 1 }],
    ['with the highest counts', { maxCount: 50, ...Object.fromEntries(COUNTS.map((name) => [name, 10_000])) }],
    ['with the highest amounts', { maxAgeHours: Number.MAX_SAFE_INTEGER, maxTotalBytes: Number.MAX_SAFE_INTEGER }],
    ['with flags', { compressionEnabled: true, keepNamed: false }],
    ['with keep rules', { keepWithin: '1y5m7d2h', keepTags: ['release', 'v2'] }],
    ['with a hundred rules', { priorityRules: Array.from({ length: 100 }, () => RULE) }],
    ['with a hundred tags', { keepTags: Array.from({ length: 100 }, (_, index) => `tag-${index}`) }],
    ['with a rule of no words', { priorityRules: [{ ...RULE, description: '', priority: 0 }] }],
  ])('%s', (_title, policy) => {
    expect(policyProblem(policy)).toBeUndefined();
  });

  it.each(['fifo', 'lifo', 'priority-based', 'size-based', 'age-based'])('of strategy %s', (retentionStrategy) => {
    expect(policyProblem({ retentionStrategy })).toBeUndefined();
  });

  it.each(['keep', 'delete', 'compress', 'archive'])('with a rule that decides %s', (action) => {
    expect(policyProblem({ priorityRules: [{ ...RULE, action }] })).toBeUndefined();
  });
});

describe('a wrong member is refused by its name', () => {
  const wrong: Record<string, readonly unknown[]> = {
    maxCount: [...NO_COUNTS, 51],
    maxAgeHours: NO_AMOUNTS,
    maxTotalBytes: [...NO_AMOUNTS, 2 ** 53],
    compressionEnabled: NO_FLAGS,
    keepNamed: NO_FLAGS,
    retentionStrategy: ['', 'FIFO', 'random', 'constructor', ...NO_TEXTS],
    ...Object.fromEntries(COUNTS.map((name) => [name, [...NO_COUNTS, 10_001]])),
    keepWithin: ['', '5', '1w', '0d', '1d1d', ...NO_TEXTS],
    keepTags: [[], [''], ['a', 5], [null], 'a', {}, null, new Array(1), Array.from({ length: 101 }, () => 'a')],
    priorityRules: [[], {}, null, 'x', [null], [[]], [5], new Array(1), Array.from({ length: 101 }, () => RULE)],
  };
  const cases = Object.entries(wrong).flatMap(([name, values]) => values.map((value) => [name, value] as const));

  it.each(cases)('%s: %p', (name, value) => {
    expect(policyProblem({ [name]: value })).toMatch(new RegExp(`^\\.${name}[ []`));
  });

  it.each([
    ['condition', ['', 'age', 'age > "x"', 'x'.repeat(1001), ...NO_TEXTS, undefined]],
    ['priority', [-1, 1.5, '1', Number.NaN, Infinity, null, 2 ** 53, undefined]],
    ['action', ['burn', 'KEEP', '', 'toString', ...NO_TEXTS, undefined]],
    ['description', [...NO_TEXTS, undefined]],
  ])('%s of a rule', (name, values) => {
    for (const value of values) {
      const problem = policyProblem({ priorityRules: [RULE, { ...RULE, [name]: value }] });
      expect(problem).toMatch(new RegExp(`^\\.priorityRules\\[1\\]\\.${name} `));
    }
    const incomplete = Object.fromEntries(Object.entries(RULE).filter(([key]) => key !== name));
    expect(policyProblem({ priorityRules: [incomplete] })).toMatch(/^\.priorityRules\[0\]\./);
  });

  it('with the range, or with the place in a condition', () => {
    expect(policyProblem({ maxCount: 0 })).toBe('.maxCount must be a whole number from 1 to 50');
    expect(policyProblem({ keepDaily: 0 })).toBe('.keepDaily must be a whole number from 1 to 10000');
    expect(policyProblem({ priorityRules: [{ ...RULE, condition: 'age > soon' }] })).toContain('character 7');
  });

  it('without showing its value', () => {
    const values = ['maxCount', 'retentionStrategy', 'keepWithin', 'keepTags', 'priorityRules'];
    for (const name of values) expect(policyProblem({ [name]: 'planted-secret' })).not.toContain('planted');
    expect(policyProblem({ priorityRules: [{ ...RULE, condition: 'planted' }] })).not.toContain('planted');
  });
});

describe('what is no plain policy is refused', () => {
  class Policy {
    maxCount = 3;
  }

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['a text', 'fifo'],
    ['a function', () => ({})],
    ['a list', []],
    ['a map', new Map()],
    ['an instance', new Policy()],
    ['an unknown member', { other: 1 }],
    ['an unknown member that is undefined', { other: undefined }],
    ['a symbol', { [Symbol('maxCount')]: 1 }],
    ['a hidden unknown member', Object.defineProperty({}, 'other', { value: 1, enumerable: false })],
    ['an own member __proto__', JSON.parse('{ "__proto__": { "maxCount": 3 } }')],
    ['an own member constructor', { constructor: 1 }],
    ['an own member toString', { toString: () => '' }],
    ['an inherited member', Object.create({ maxCount: 3 })],
    [
      'one inherited from an object without a prototype',
      Object.create(Object.create(null, { maxCount: { value: 3 } })),
    ],
    ['a getter', Object.defineProperty({}, 'maxCount', { get: () => 3, enumerable: true })],
    ['a setter', Object.defineProperty({}, 'maxCount', { set: () => undefined, enumerable: true })],
    ['a getter in a list', { keepTags: Object.defineProperty(['a'], 0, { get: () => 'a' }) }],
    [
      'a getter in a rule',
      {
        priorityRules: [
          {
            ...RULE,
            get condition() {
              return 'named';
            },
          },
        ],
      },
    ],
    ['an unknown member of a rule', { priorityRules: [{ ...RULE, when: 'later' }] }],
    ['a rule that inherits', { priorityRules: [Object.create(RULE)] }],
  ])('%s', (_title, policy) => {
    expect(policyProblem(policy)).toEqual(expect.any(String));
  });

  it('without running any of its code', () => {
    const trap = (): never => {
      throw new Error('ran');
    };
    const names = ['maxCount', 'keepWithin', 'priorityRules', 'other'];
    for (const name of names) {
      expect(policyProblem(Object.defineProperty({}, name, { get: trap, enumerable: true }))).toEqual(
        expect.any(String),
      );
    }
  });
});
