/** Reading and writing that ends before its end: by a signal, by the caller, by a failure of either side, by damage. */
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { archiveFormatFor } from '../../../src/transfer/archives/archiveFormats.js';
import type { ArchiveEntry, ByteSource, NewEntry } from '../../../src/transfer/archives/ArchiveFormat.js';
import { DEFAULT_ARCHIVE_LIMITS } from '../../../src/transfer/archives/EntryJudge.js';
import { FORMATS, neverAborted, newEntry, read, sourceOf, textsOf, write, type FormatName } from './archiveFixture.js';
import { runs } from '../../support/runs.js';

const BIG_BYTES = 3_000_000;
/** Nothing that packs well, and the same every time. */
const big = Buffer.from(
  Uint32Array.from({ length: BIG_BYTES / 4 }, (_, index) => Math.imul(index ^ 0x5bd1e995, 0x9e3779b1)).buffer,
);
const ENTRIES = [newEntry('a.json', '{"a":1}'), newEntry('big.bin', big), newEntry('z.json', '{"z":1}')];

function open(format: FormatName, source: ByteSource, signal = neverAborted): AsyncIterable<ArchiveEntry> {
  return archiveFormatFor(format).read(source, DEFAULT_ARCHIVE_LIMITS, signal);
}

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeAll(() => process.on('unhandledRejection', note).on('uncaughtException', note));
afterAll(() => process.off('unhandledRejection', note).off('uncaughtException', note));
afterEach(async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled.splice(0)).toEqual([]);
});

describe.each(FORMATS)('%s', (format) => {
  const reason = new Error('enough');

  it('is not begun with a signal that was aborted before', async () => {
    const signal = AbortSignal.abort(reason);
    const sink = { write: () => Promise.reject(new Error('not to be called')) };
    const source = { sizeBytes: 100, read: () => Promise.reject(new Error('not to be called')) };

    await expect(archiveFormatFor(format).write(ENTRIES, sink, { isCompressed: true, signal })).rejects.toBe(reason);
    await expect(open(format, source, signal)[Symbol.asyncIterator]().next()).rejects.toBe(reason);
  });

  it.each([true, false])('ends writing with the reason of the signal (compressed: %s)', async (isCompressed) => {
    const aborting = new AbortController();
    let writes = 0;
    let asked = 0;
    function* entries(): Generator<NewEntry> {
      for (; asked < 1000; asked += 1) yield newEntry(`f${asked}`, big);
    }
    const sink = {
      write: () => {
        writes += 1;
        if (writes === 3) aborting.abort(reason);
        return Promise.resolve();
      },
    };
    const writing = archiveFormatFor(format).write(entries(), sink, { isCompressed, signal: aborting.signal });

    await expect(writing).rejects.toBe(reason);
    expect(writes).toBe(3);
    expect(asked).toBeLessThan(10);
  });

  it('ends writing between two entries that are too small to be written yet', async () => {
    const aborting = new AbortController();
    function* entries(): Generator<NewEntry> {
      yield newEntry('a.json');
      aborting.abort(reason);
      yield newEntry('b.json');
      throw new Error('not to be asked for more');
    }
    const sink = { write: () => Promise.reject(new Error('not to be called')) };
    const writing = archiveFormatFor(format).write(entries(), sink, { isCompressed: true, signal: aborting.signal });

    await expect(writing).rejects.toBe(reason);
  });

  it('ends reading with the reason of the signal, inside of an entry', async () => {
    const aborting = new AbortController();
    const file = await write(format, ENTRIES, false);
    let bytes = 0;
    const readAll = async (): Promise<void> => {
      for await (const entry of open(format, sourceOf(file), aborting.signal)) {
        for await (const piece of entry.read()) {
          bytes += piece.length;
          if (bytes > 100_000) aborting.abort(reason);
        }
      }
    };

    await expect(readAll()).rejects.toBe(reason);
    expect(bytes).toBeLessThan(BIG_BYTES);
  });

  it('throws what the sink throws, and writes no more', async () => {
    let writes = 0;
    const sink = {
      write: () => {
        writes += 1;
        return Promise.reject(reason);
      },
    };
    const writing = archiveFormatFor(format).write(ENTRIES, sink, { isCompressed: true, signal: neverAborted });

    await expect(writing).rejects.toBe(reason);
    expect(writes).toBe(1);
  });

  it('throws what the entries throw', async () => {
    function* entries(): Generator<NewEntry> {
      yield* ENTRIES;
      throw reason;
    }

    await expect(write(format, entries())).rejects.toBe(reason);
  });

  it('throws what the source throws, wherever it does', async () => {
    const file = await write(format, ENTRIES);
    const readsOf = async (failing: number): Promise<number> => {
      let reads = 0;
      const source: ByteSource = {
        sizeBytes: file.length,
        read: (at, length) => {
          reads += 1;
          return reads === failing ? Promise.reject(reason) : sourceOf(file).read(at, length);
        },
      };
      await read(format, source);
      return reads;
    };
    const count = await readsOf(Infinity);

    expect(count).toBeGreaterThan(2);
    for (let failing = 1; failing <= count; failing += 1) await expect(readsOf(failing)).rejects.toBe(reason);
  });

  it('refuses a file that becomes shorter while it is read', async () => {
    const file = await write(format, ENTRIES);
    const source: ByteSource = {
      sizeBytes: file.length,
      read: (at, length) => Promise.resolve(file.subarray(at, at + Math.min(length, 100))),
    };

    await expect(read(format, source)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_REFUSED' });
  });

  it('reads what the caller leaves of an entry, and the next one', async () => {
    const file = await write(format, ENTRIES);
    const names: string[] = [];
    for await (const entry of open(format, sourceOf(file))) {
      names.push(entry.name);
      if (entry.name !== 'big.bin') continue;
      for await (const piece of entry.read()) {
        expect(piece.length).toBeGreaterThan(0);
        break;
      }
    }

    expect(names).toEqual(['a.json', 'big.bin', 'z.json']);
  });

  it('refuses damage in an entry that the caller does not read', async () => {
    const name = format === 'zip' ? 'big.bin' : '';
    const file = await write(format, ENTRIES, false);
    const damaged = Buffer.from(file);
    damaged[1_000_000]! ^= 1;
    const names: string[] = [];
    const pass = async (): Promise<void> => {
      for await (const entry of open(format, sourceOf(damaged))) names.push(entry.name);
    };

    await expect(pass()).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_REFUSED',
      message: expect.stringContaining(name),
    });
  });

  it('hands out the content of an entry once', async () => {
    const file = await write(format, ENTRIES);
    const entries: ArchiveEntry[] = [];
    for await (const entry of open(format, sourceOf(file))) {
      entries.push(entry);
      if (entries.length > 1) break;
      entry.read();
      expect(() => entry.read()).toThrow('once');
    }

    for (const entry of entries) expect(() => entry.read()).toThrow('once');
  });

  it('does not go on behind an entry that was refused, whether the caller heard it or not', async () => {
    const file = await write(format, ENTRIES, false);
    const damaged = Buffer.from(file);
    damaged[format === 'zip' ? 1_000_000 : file.length - 6]! ^= 1;
    const names: string[] = [];
    const pass = async (): Promise<void> => {
      for await (const entry of open(format, sourceOf(damaged))) {
        names.push(entry.name);
        try {
          for await (const piece of entry.read()) expect(piece.length).toBeGreaterThan(0);
        } catch {
          // As a caller that collects errors would.
        }
      }
    };

    await expect(pass()).rejects.toMatchObject({ code: 'ERR_ARCHIVE_REFUSED' });
    expect(names).not.toContain(format === 'zip' ? 'z.json' : 'none');
  });

  it('refuses an archive that is cut anywhere', async () => {
    const file = await write(format, [newEntry('a.json', '{"a":1}'), newEntry('b.json', '')]);
    for (let length = 0; length < file.length; length += 1) {
      await expect(read(format, file.subarray(0, length))).rejects.toMatchObject({ code: 'ERR_ARCHIVE_REFUSED' });
    }
  });

  it('gives the right contents or refuses, whatever bytes are changed', async () => {
    const whole = [newEntry('a.json', '{"a":1}'), newEntry('f/b.json', 'b'.repeat(3000)), newEntry('ä.json', '')];
    const file = await write(format, whole);
    const expected = textsOf(await read(format, file));
    const edit = fc.tuple(fc.nat({ max: file.length - 1 }), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        const changed = Buffer.from(file);
        for (const [at, mask] of edits) changed[at]! ^= mask;
        const found = await read(format, changed).then(textsOf, (error: unknown) => error);
        if (found instanceof Error) expect(found).toMatchObject({ code: 'ERR_ARCHIVE_REFUSED' });
        else expect(found).toEqual(expected);
      }),
      { numRuns: runs(400) },
    );
  });
});

describe('A tar inside of a whole gzip file', () => {
  it('is read or refused, whatever bytes are changed', async () => {
    const tar = gunzipSync(
      await write('tar.gz', [newEntry('a.json', '{"a":1}'), newEntry(`${'ä'.repeat(120)}.json`, 'b')]),
    );
    const edit = fc.tuple(fc.nat({ max: tar.length - 1 }), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        const changed = Buffer.from(tar);
        for (const [at, mask] of edits) changed[at]! ^= mask;
        const found = await read('tar.gz', gzipSync(changed)).catch((error: unknown) => error);
        if (found instanceof Error) expect(found).toMatchObject({ code: 'ERR_ARCHIVE_REFUSED' });
      }),
      { numRuns: runs(400) },
    );
  });

  it('has the same names however the source is cut', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `${'x'.repeat(index)}${'ä'.repeat(100)}`.slice(0, 110));
    const entries = [...new Set(names)].map((name) => newEntry(name));
    const file = await write('tar.gz', entries);

    expect((await read('tar.gz', file)).map(({ name }) => name)).toEqual(entries.map(({ name }) => name));
  });
});
