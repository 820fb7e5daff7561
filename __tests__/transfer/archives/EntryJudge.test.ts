/** What an archive may be: names, alone and beside each other, and amounts. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { DEFAULT_ARCHIVE_LIMITS, EntryJudge } from '../../../src/transfer/archives/EntryJudge.js';
import { foldName, objectionTo } from '../../../src/transfer/archives/entryName.js';
import { BAD_NAMES, TWIN_NAMES } from '../../support/attacks.mjs';

const { TRANSFER } = CONFIG_PERSISTENCE_CONSTANTS;
const MIB = 1024 * 1024;
const refused = (message: RegExp): unknown =>
  expect.objectContaining({ code: 'ERR_ARCHIVE_REFUSED', message: expect.stringMatching(message) });

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('A name', () => {
  it.each([
    'a',
    '.hidden',
    '..a',
    'a..b/c...d',
    '-',
    'a b/ c',
    'ä/日本語/😀.json',
    'constructor/prototype',
    'console.log',
    'com.json',
    'a&<>|?*"\'.json',
    `${'x'.repeat(255)}/${'y'.repeat(255)}`,
    `${'x/'.repeat(31)}a`,
  ])('is accepted that names one file everywhere: %j', (name) => {
    expect(objectionTo(name)).toBeUndefined();
  });

  it.each(BAD_NAMES)('is refused that does not: %s', (_label, name, reason) => {
    expect(objectionTo(name)).toMatch(reason);
  });

  it.each(['a\ud800.json', '\udc00', 'a\ufffd'])('is refused that no UTF-8 can be: %j', (name) => {
    expect(objectionTo(name)).toMatch(/UTF-8/u);
  });

  it.each(TWIN_NAMES.filter(([label]) => label.includes('twins') || label.includes('sharp')))(
    'is folded like its twin: %s',
    (_label, first, second) => {
      expect(foldName(first)).toBe(foldName(second));
    },
  );

  it('is not folded like another', () => {
    expect(new Set(['a', 'b', 'ab', 'a/b', 'ä', 'e', 'é', 'ss/', '1', '¹'].map(foldName)).size).toBe(10);
  });

  it('is shown escaped and cut in the refusal', () => {
    const judge = new EntryJudge(DEFAULT_ARCHIVE_LIMITS);
    const { message } = thrownBy(() =>
      judge.acceptFile(`\u001b[31m"\u202e\u009b\ud800${'x'.repeat(9000)}`, 1),
    ) as Error;

    expect(message).toMatch(/^[\x20-\x7e]+$/u);
    expect(message).toContain('entry "\\u001b[31m\\"\\u{202e}\\u{9b}\\ud800xxx');
    expect(message.length).toBeLessThan(400);
  });
});

describe('The judge of an archive', () => {
  it.each(TWIN_NAMES)('refuses names that mean one file somewhere: %s', (_label, first, second) => {
    const judge = new EntryJudge(DEFAULT_ARCHIVE_LIMITS);
    judge.acceptFile(first, 1);

    expect(thrownBy(() => judge.acceptFile(second, 1))).toEqual(refused(/another entry/u));
  });

  it('accepts a folder that comes twice, before or behind its files', () => {
    const judge = new EntryJudge(DEFAULT_ARCHIVE_LIMITS);
    judge.acceptFolder('a');
    judge.acceptFile('a/b', 1);
    judge.acceptFolder('a');
    judge.acceptFolder('a/c');
    judge.acceptFile('A/d', 1);

    expect(thrownBy(() => judge.acceptFolder('a/b'))).toEqual(refused(/another entry/u));
    expect(thrownBy(() => judge.acceptFile('a/C', 1))).toEqual(refused(/another entry/u));
  });

  it('refuses one entry more than allowed, files and folders together', () => {
    const judge = new EntryJudge({ ...DEFAULT_ARCHIVE_LIMITS, maxEntries: 3 });
    judge.acceptFile('a', 1);
    judge.acceptFolder('b');
    judge.acceptFile('c', 1);

    expect(thrownBy(() => judge.acceptFile('d', 1))).toEqual(refused(/more than 3 entries/u));
  });

  it('refuses more folders than entries are allowed, entries of their own or not', () => {
    const judge = new EntryJudge({ ...DEFAULT_ARCHIVE_LIMITS, maxEntries: 3 });
    judge.acceptFile('a/b/c/d', 1);

    expect(thrownBy(() => judge.acceptFile('e/f', 1))).toEqual(refused(/more than 3 folders/u));
  });

  it('refuses a byte more than one entry may have, and than all may have together', () => {
    const judge = new EntryJudge({ ...DEFAULT_ARCHIVE_LIMITS, maxEntryBytes: 10, maxUnpackedBytes: 25 });
    judge.acceptFile('a', 10);
    judge.acceptFile('b', 10);

    expect(thrownBy(() => judge.acceptFile('c', 11))).toEqual(refused(/entry "c": it has more than 10 bytes/u));
    expect(thrownBy(() => judge.acceptFile('d', 6))).toEqual(refused(/more than 25 bytes/u));
  });

  it('refuses an archive that is too large itself', () => {
    const judge = new EntryJudge({ ...DEFAULT_ARCHIVE_LIMITS, maxPackedBytes: 10 });
    judge.acceptArchive(10);

    expect(thrownBy(() => judge.acceptArchive(11))).toEqual(refused(/more than 10 bytes/u));
  });

  it('looks at the ratio only above the bytes that are free of it', () => {
    const judge = new EntryJudge(DEFAULT_ARCHIVE_LIMITS);
    judge.acceptArchive(100);
    judge.acceptFile('a', TRANSFER.RATIO_FREE_BYTES);

    expect(thrownBy(() => judge.acceptFile('b', 1))).toEqual(refused(/500 times its size/u));
  });

  it('knows the size of an archive that is written only behind it', () => {
    const judge = new EntryJudge(DEFAULT_ARCHIVE_LIMITS);
    judge.acceptFile('a', 100 * MIB);
    judge.acceptArchive(MIB);

    expect(thrownBy(() => judge.acceptArchive(MIB / 8))).toEqual(refused(/500 times its size/u));
  });

  it('refuses more names than can be kept', () => {
    const judge = new EntryJudge(DEFAULT_ARCHIVE_LIMITS);
    const name = `${'x'.repeat(250)}/${'y'.repeat(250)}/${'z'.repeat(250)}/`;
    const fill = (): void => {
      for (let index = 0; index < TRANSFER.MAX_ENTRIES; index += 1) judge.acceptFile(`${name}${index}`, 0);
    };

    expect(thrownBy(fill)).toEqual(refused(/names of its entries/u));
  });

  it('refuses more of a tar that is no content than all its entries need', () => {
    const judge = new EntryJudge({ ...DEFAULT_ARCHIVE_LIMITS, maxEntries: 1 });
    judge.acceptOverhead(TRANSFER.TAR_FREE_OVERHEAD_BYTES + TRANSFER.TAR_OVERHEAD_BYTES);

    expect(thrownBy(() => judge.acceptOverhead(1))).toEqual(refused(/besides the contents/u));
  });
});
