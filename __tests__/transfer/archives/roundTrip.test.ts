/** What is written is read back, the same bytes every time. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { archiveFormatFor, isArchiveFormat } from '../../../src/transfer/archives/archiveFormats.js';
import type { NewEntry } from '../../../src/transfer/archives/ArchiveFormat.js';
import { foldName, objectionTo } from '../../../src/transfer/archives/entryName.js';
import { startProcess } from '../../support/otherProcess.js';
import { FORMATS, neverAborted, newEntry, read, textsOf, TIME, write } from './archiveFixture.js';
import { isLong, runs } from '../../support/runs.js';

const VARIANTS = FORMATS.flatMap((format) => [true, false].map((isCompressed) => ({ format, isCompressed })));
const DIST = new URL('../../../dist/src/transfer/archives/archiveFormats.js', import.meta.url).href;
/** More than a ZIP file without ZIP64 can count. */
const MANY = 70_000;

/** Short segments over an alphabet in which twins and odd names are likely. */
const segment = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', 'b', 'A', '.', '-', ' ', '1', 'é', '\u0301', 'ß', 'ﬁ', 'K'),
    minLength: 1,
    maxLength: 4,
  }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
);
const fileName = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'))
  .filter((name) => objectionTo(name) === undefined);

function hasTwins(names: readonly string[]): boolean {
  const folded = names.map(foldName);
  return folded.some((name, index) =>
    folded.some((other, place) => place !== index && (other === name || other.startsWith(`${name}/`))),
  );
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const newEntries = fc
  .array(
    fc.record({
      name: fileName,
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 2000 }),
        fc.nat({ max: 200_000 }).map((length) => new Uint8Array(length).fill(0x61)),
      ),
      // What both formats can tell: whole even seconds, from 1980 to 2043.
      modifiedAt: fc.integer({ min: 157_766_400 * 2, max: 1_167_609_599 }).map((seconds) => seconds * 2000),
    }),
    { maxLength: 12 },
  )
  .filter((entries) => !hasTwins(entries.map(({ name }) => name)));

describe.each(VARIANTS)('$format, compressed: $isCompressed', ({ format, isCompressed }) => {
  it('reads back what was written: names, contents, times, in their order', async () => {
    await fc.assert(
      fc.asyncProperty(newEntries, async (entries) => {
        const file = await write(format, entries, isCompressed);
        const found = await read(format, file);

        // Digests: Jest compares bytes one by one.
        expect(found.map(({ name, content, modifiedAt }) => [name, digest(content), modifiedAt])).toEqual(
          entries.map(({ name, bytes, modifiedAt }) => [name, digest(bytes), modifiedAt]),
        );
        expect(digest(await write(format, entries, isCompressed))).toBe(digest(file));
      }),
      { numRuns: runs(60) },
    );
  });

  it('refuses twins when they are written, as when they are read', async () => {
    const twins = [newEntry('a.json'), newEntry('A.json')];

    await expect(write(format, twins, isCompressed)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_REFUSED' });
  });

  it('refuses a name before it writes anything of its entry', async () => {
    await expect(write(format, [newEntry('../a.json', 'secret')], isCompressed)).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_REFUSED',
      message: expect.not.stringContaining('secret'),
    });
  });

  it('makes an archive without entries', async () => {
    expect(await read(format, await write(format, [], isCompressed))).toEqual([]);
  });

  it('takes entries that come one by one', async () => {
    async function* entries(): AsyncGenerator<NewEntry> {
      for (const name of ['b', 'a', 'c/d']) {
        await Promise.resolve();
        yield newEntry(name, name);
      }
    }

    expect(textsOf(await read(format, await write(format, entries(), isCompressed)))).toEqual({
      b: 'b',
      a: 'a',
      'c/d': 'c/d',
    });
  });

  it('writes the same bytes in every time zone', async () => {
    const file = await write(format, [newEntry('a.json', 'content'), newEntry('ä/b.json', '')], isCompressed);
    const script = `
      import { createHash } from 'node:crypto';
      const { archiveFormatFor } = await import(${JSON.stringify(DIST)});
      for (const zone of ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Kiritimati']) {
        process.env.TZ = zone;
        const hash = createHash('sha256');
        const entries = [
          { name: 'a.json', bytes: Buffer.from('content'), modifiedAt: ${TIME} },
          { name: 'ä/b.json', bytes: Buffer.alloc(0), modifiedAt: ${TIME} },
        ];
        const options = { isCompressed: ${isCompressed}, signal: new AbortController().signal };
        await archiveFormatFor('${format}').write(entries, { write: async (bytes) => void hash.update(bytes) }, options);
        console.log(new Date(0).getTimezoneOffset() + ' ' + hash.digest('hex'));
      }
    `;
    const other = startProcess(script);
    const lines = [await other.nextLine(), await other.nextLine(), await other.nextLine(), await other.nextLine()];
    await other.ended();

    const expected = digest(file);
    expect(lines.map((line) => line.split(' ')[1])).toEqual([expected, expected, expected, expected]);
    expect(new Set(lines.map((line) => line.split(' ')[0])).size).toBeGreaterThan(2);
  });

  it('writes piece by piece, waiting for each', async () => {
    let isWriting = false;
    let pieceCount = 0;
    let ahead = 0;
    function* entries(): Generator<NewEntry> {
      for (let index = 0; index < 40; index += 1) {
        ahead = Math.max(ahead, index - pieceCount);
        yield newEntry(`f${index}`, Buffer.alloc(100_000, createHash('sha512').update(String(index)).digest()));
      }
    }
    const sink = {
      async write(): Promise<void> {
        expect(isWriting).toBe(false);
        isWriting = true;
        await new Promise((resolve) => setImmediate(resolve));
        isWriting = false;
        pieceCount += 1;
      },
    };
    await archiveFormatFor(format).write(entries(), sink, { isCompressed, signal: neverAborted });

    expect(pieceCount).toBeGreaterThan(0);
    // Without compression every entry fills a piece: none may be taken far ahead of what was written.
    if (!isCompressed) expect(ahead).toBeLessThan(8);
  });
});

describe('ZIP', () => {
  // Half a minute.
  (isLong ? it : it.skip)(
    `counts ${MANY} entries`,
    async () => {
      function* entries(): Generator<NewEntry> {
        for (let index = 0; index < MANY; index += 1) yield newEntry(`f/${index}`, `${index}`);
      }
      const found = await read('zip', await write('zip', entries(), false));

      expect(found).toHaveLength(MANY);
      expect(found.at(-1)).toMatchObject({ name: `f/${MANY - 1}`, content: Buffer.from(`${MANY - 1}`) });
    },
    300_000,
  );

  it('holds times only between 1980 and 2043', async () => {
    const file = await write('zip', [newEntry('a', '', 0), newEntry('b', '', Date.UTC(2100, 0, 1))]);
    const [first, second] = await read('zip', file);

    expect(new Date(first!.modifiedAt!).toISOString()).toBe('1980-01-01T00:00:00.000Z');
    expect(new Date(second!.modifiedAt!).toISOString()).toBe('2043-12-31T23:59:58.000Z');
  });
});

describe('tar.gz', () => {
  it('holds whole seconds from 1970 on', async () => {
    const file = await write('tar.gz', [newEntry('a', '', -5000), newEntry('ä', '', 1999.5)]);

    expect((await read('tar.gz', file)).map(({ modifiedAt }) => modifiedAt)).toEqual([0, 1000]);
  });

  it('names neither owner nor system, and modes that only the owner can read with', async () => {
    const file = await write('tar.gz', [newEntry('a')]);
    const tar = gunzipSync(file);

    expect(file[9]).toBe(255);
    expect(tar.toString('latin1', 100, 108).replaceAll('\0', '').trim()).toBe('000600');
    expect(tar.subarray(265, 329).every((byte) => byte === 0)).toBe(true);
  });
});

describe('The formats of archives', () => {
  it('are found by name, others are refused', () => {
    expect(['zip', 'tar.gz', 'rar'].map(isArchiveFormat)).toEqual([true, true, false]);
    expect(() => archiveFormatFor('rar')).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED_FORMAT' }));
  });
});
