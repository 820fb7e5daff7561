/** The conditions of priority rules: what they mean, and what they refuse. */
import fc from 'fast-check';
import { PersistenceError } from '../../../src/errors/PersistenceError.js';
import type { RetentionCandidate } from '../../../src/backup/retention/planRetention.js';
import { conditionProblem, parseCondition } from '../../../src/backup/retention/ruleCondition.js';
import { anyCandidates, candidate, DAY, HOUR, NOW } from './candidates.js';
import { runs } from '../../support/runs.js';

const BACKUP = candidate('b', {
  createdAt: NOW - 25 * HOUR,
  size: 2048,
  name: 'before-update',
  description: 'it\'s "quoted"',
  tags: ['release', 'v2'],
});

function holds(condition: string, facts: Partial<RetentionCandidate> = {}): boolean {
  return parseCondition(condition)({ ...BACKUP, ...facts }, NOW);
}

function refusal(condition: string): PersistenceError {
  try {
    parseCondition(condition);
  } catch (error) {
    if (error instanceof PersistenceError) return error;
    throw error;
  }
  throw new Error(`accepted ${condition}`);
}

describe('a condition that holds', () => {
  it.each([
    ...['age > 24h', 'age >= 25h', 'age = 25h', 'age <= 25h', 'age != 24h', 'age < 2d', 'age > 1d', 'age < 1w'],
    ...['age >= 1500m', 'age > 1.04d', 'age>24h', 'age  >\t24h', '\n age\n>24h '],
    ...['size = 2048B', 'size = 2KB', 'size = 2KiB', 'size < 1MB', 'size < 1MiB', 'size < 1GB', 'size < 0.5GiB'],
    ...['size > 1.5KB', 'size > 0B', 'size != 2000B'],
    ...['name = "before-update"', "name = 'before-update'", 'name != "x"', 'name startsWith "before"', 'name != ""'],
    ...['name contains "-up"', 'name contains ""'],
    ...['description contains "it\'s"', 'description contains \'"quoted"\'', 'description startsWith "it"'],
    ...['tag = "release"', 'tags = "v2"', 'tag != "old"', 'tag contains "leas"', 'tags startsWith "v"'],
    ...['automatic', 'automatic = true', 'automatic != false', 'named', 'verified', 'verified = true'],
    ...['not age > 3d', 'not not automatic', 'not (named and age < 1h)', 'not named = false', 'not automatic = false'],
    ...['(automatic)', '((automatic) and (((named))))', 'automatic and named and verified', 'age < 1h or named'],
    // `and` binds closer than `or`, and `not` closer than both.
    ...['automatic or automatic and age < 1h', 'age < 1h and automatic or automatic', 'not age < 1h and automatic'],
    ...['(automatic or named) and verified', 'age > 24h and not (tag = "nightly" or size >= 1MB)'],
    ...['name != "and" and tag != "or"', 'name != "(" and name != ")"', 'tag != "age > 1h"'],
  ])('%s', (condition) => {
    expect(conditionProblem(condition)).toBeUndefined();
    expect(holds(condition)).toBe(true);
  });
});

describe('a condition that does not hold', () => {
  it.each([
    ...['age > 25h', 'age < 25h', 'age = 1d', 'size > 2KB', 'size = 2000B', 'name = "Before-update"', 'name = ""'],
    ...['name startsWith "update"', 'name contains "x"', 'description = ""', 'tag = "rel"', 'tag != "release"'],
    ...['tag = ""', 'automatic = false', 'named != true', 'not verified', 'not not not automatic'],
    ...['automatic and age < 1h', 'age < 1h or size < 1B', '(automatic or named) and age < 1h'],
    ...['not (automatic)', 'not automatic or age < 1h', 'not automatic and automatic'],
  ])('%s', (condition) => {
    expect(holds(condition)).toBe(false);
  });
});

describe('an absent fact', () => {
  it('is the empty text, and no tag', () => {
    const bare = candidate('bare', { isAutomatic: false, isVerified: false });
    const holding = ['name = ""', 'description = ""', 'not named', 'tag != "a"', 'not tag = ""', 'not tag contains ""'];
    for (const condition of holding) expect(parseCondition(condition)(bare, NOW)).toBe(true);
    expect(parseCondition('automatic or verified or named')(bare, NOW)).toBe(false);
  });

  it('in a backup from the future is an age below nothing', () => {
    expect(holds('age < 0h', { createdAt: NOW + 1 })).toBe(true);
  });
});

describe('a wrong condition is refused with the place', () => {
  it.each([
    ['', 1],
    ['   ', 4],
    ['agee > 24h', 1],
    ['Age > 24h', 1],
    ['AGE > 24h', 1],
    ['constructor', 1],
    ['__proto__', 1],
    ['toString = "x"', 1],
    ['24h < age', 1],
    ['"age" > 24h', 1],
    ['age', 4],
    ['age 24h', 5],
    ['age >', 6],
    ['age == 24h', 6],
    ['age => 24h', 6],
    ['age > 24', 7],
    ['age > 24s', 7],
    ['age > 24H', 7],
    ['age > 24 h', 7],
    ['age > h', 7],
    ['age > -24h', 7],
    ['age > 1h30m', 9],
    ['age > 1.h', 7],
    ['age > .5h', 7],
    ['age > 24MB', 7],
    ['age > "24h"', 7],
    ['age = "x"', 7],
    ['age > true', 7],
    ['age > size', 7],
    ['age contains 24h', 5],
    ['age "=" 24h', 5],
    [`age > ${'9'.repeat(400)}h`, 7],
    ['age > 24constructor', 7],
    ['size > 1', 8],
    ['size > 1kb', 8],
    ['size > 1h', 8],
    ['size > 1TB', 8],
    ['name = 5h', 8],
    ['name = x', 8],
    ['name > "x"', 6],
    ['name matches "x"', 6],
    ['name startswith "x"', 6],
    ['name', 5],
    ['name = "x', 8],
    ['name = \'x"', 8],
    ['tag = true', 7],
    ['tag in ("a")', 5],
    ['automatic = 1', 13],
    ['automatic = "true"', 13],
    ['automatic = yes', 13],
    ['automatic > true', 11],
    ['automatic contains "x"', 11],
    ['automatic named', 11],
    ['automatic and', 14],
    ['automatic or or named', 14],
    ['and automatic', 1],
    ['not', 4],
    ['automatic not named', 11],
    ['automatic AND named', 11],
    ['automatic && named', 11],
    ['!automatic', 1],
    ['(automatic', 11],
    ['automatic)', 10],
    ['()', 2],
    ['(automatic or (named)', 22],
    ['automatic; process.exit()', 10],
    ['process.exit()', 1],
    ['automatic 😀', 11],
    ['😀', 1],
    ['automatic\0', 10],
    [`${'('.repeat(21)}automatic${')'.repeat(21)}`, 22],
  ])('%s', (condition, position) => {
    const error = refusal(condition);
    expect(error.code).toBe('ERR_INVALID_OPTION');
    expect(error.message).toContain(`at character ${position}:`);
  });

  it('without showing what was written', () => {
    expect(refusal('name = planted-secret').message).not.toContain('planted');
    expect(refusal('planted = "x"').message).not.toContain('planted');
  });
});

describe('the limits of a condition', () => {
  it('are twenty brackets inside each other, and any number beside each other', () => {
    expect(holds(`${'('.repeat(20)}automatic${')'.repeat(20)}`)).toBe(true);
    expect(holds(Array.from({ length: 70 }, () => '(automatic)').join('or '))).toBe(true);
  });

  it('are a thousand characters', () => {
    expect(holds('automatic'.padEnd(1000))).toBe(true);
    expect(refusal('automatic'.padEnd(1001)).code).toBe('ERR_INVALID_OPTION');
    expect(refusal('('.repeat(1_000_000)).code).toBe('ERR_INVALID_OPTION');
  });

  it('do not count how often something is negated', () => {
    expect(holds(`${'not '.repeat(247)}automatic`)).toBe(false);
    expect(holds(`${'not '.repeat(246)}automatic`)).toBe(true);
  });
});

describe('any text', () => {
  const words = fc.constantFrom(
    ...['age', 'size', 'name', 'tag', 'automatic', 'and', 'or', 'not', '(', ')', '=', '!=', '<', '>', 'contains'],
    ...['24h', '1MB', '"x"', "'y'", 'true', 'false', '5', '"', "'", 'constructor', ' ', '\n'],
  );
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(words, { maxLength: 20 }).map((parts) => parts.join(' ')),
  );

  it('is a condition that gives true or false, or is refused by its code', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        if (conditionProblem(text) === undefined) expect(typeof parseCondition(text)(BACKUP, NOW)).toBe('boolean');
        else expect(refusal(text).code).toBe('ERR_INVALID_OPTION');
      }),
      { numRuns: runs(800) },
    );
  });
});

describe('any condition that the grammar allows', () => {
  interface Meaning {
    readonly text: string;
    readonly holds: (backup: RetentionCandidate) => boolean;
  }

  const leaf = fc.constantFrom<Meaning>(
    { text: 'age > 2d', holds: ({ createdAt }) => NOW - createdAt > 2 * DAY },
    { text: 'size <= 500B', holds: (backup) => backup.size <= 500 },
    { text: 'automatic', holds: ({ isAutomatic }) => isAutomatic },
    { text: 'verified = false', holds: ({ isVerified }) => !isVerified },
    { text: 'named', holds: ({ name }) => name !== undefined },
    { text: 'tag = "release"', holds: ({ tags }) => tags.includes('release') },
    { text: "name startsWith 'before'", holds: ({ name }) => name === 'before-update' },
  );

  const negated = ({ text, holds: inner }: Meaning): Meaning => ({
    text: `not (${text})`,
    holds: (backup) => !inner(backup),
  });
  const both = ([left, right]: [Meaning, Meaning]): Meaning => ({
    text: `(${left.text}) and (${right.text})`,
    holds: (backup) => left.holds(backup) && right.holds(backup),
  });
  const either = ([left, right]: [Meaning, Meaning]): Meaning => ({
    text: `(${left.text}) or (${right.text})`,
    holds: (backup) => left.holds(backup) || right.holds(backup),
  });

  const { tree } = fc.letrec<{ tree: Meaning }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      tie('tree').map(negated),
      fc.tuple(tie('tree'), tie('tree')).map(both),
      fc.tuple(tie('tree'), tie('tree')).map(either),
    ),
  }));

  it('means what its parts mean', () => {
    fc.assert(
      fc.property(tree, anyCandidates, (meaning, candidates) => {
        fc.pre(meaning.text.length <= 1000);
        const condition = parseCondition(meaning.text);
        for (const backup of candidates) expect(condition(backup, NOW)).toBe(meaning.holds(backup));
      }),
    );
  });

  it('without brackets is a choice of conjunctions', () => {
    const conjunctions = fc.array(fc.array(leaf, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(conjunctions, anyCandidates, (choices, candidates) => {
        const text = choices.map((parts) => parts.map((part) => part.text).join(' and ')).join(' or ');
        const condition = parseCondition(text);
        for (const backup of candidates) {
          const expected = choices.some((parts) => parts.every((part) => part.holds(backup)));
          expect(condition(backup, NOW)).toBe(expected);
        }
      }),
    );
  });
});
