/** Contents through pack and unpack: what comes back, in which form it lies, and how large it may be. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGzip, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { KeyRing } from '../../src/packing/KeyRing.js';
import { pack, unpack } from '../../src/packing/packing.js';
import {
  BOTH,
  codeOf,
  COMPRESSED,
  ENCRYPTED,
  headerFields,
  headerLength,
  IDENTITY,
  keyOf,
  MAGIC,
  MIB,
  NO_KEYS,
  PACKINGS,
  PLAIN,
  TAG_BYTES,
  withFlippedBit,
} from './packingFixture.js';

const keys = new KeyRing({ key: keyOf(1) });
const CONTENT = Buffer.from('{"name":"app","password":"hunter2-planted-secret"}');

describe('a round trip', () => {
  it.each(PACKINGS)(
    'gives every content back with $isCompressed compression and $isEncrypted encryption',
    async (way) => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), fc.string({ unit: 'binary' }), async (content, id) => {
          const file = await pack(content, way, keys, id);
          const back = await unpack(file, way, keys, id, content.length);
          expect(Buffer.from(back)).toEqual(Buffer.from(content));
        }),
      );
    },
  );

  it.each(PACKINGS)('gives nothing back for nothing ($isCompressed, $isEncrypted)', async (way) => {
    const back = await unpack(await pack(new Uint8Array(), way, keys, IDENTITY), way, keys, IDENTITY, 0);
    expect(back).toHaveLength(0);
  });

  it.each([MIB - 1, MIB, MIB + 1, 2 * MIB, 5 * MIB + 7])('gives %d bytes back that come in pieces', async (size) => {
    const content = randomBytes(size);
    for (const way of [ENCRYPTED, BOTH]) {
      const back = await unpack(await pack(content, way, keys, IDENTITY), way, keys, IDENTITY, size);
      expect(content.equals(back)).toBe(true);
    }
  });

  it('takes bytes that are a part of a larger buffer', async () => {
    const whole = randomBytes(3000);
    const part = new Uint8Array(whole.buffer, whole.byteOffset + 1000, 500);
    const file = await pack(part, BOTH, keys, IDENTITY);
    const inside = Buffer.concat([randomBytes(11), file, randomBytes(11)]).subarray(11, 11 + file.length);
    expect(Buffer.from(await unpack(inside, BOTH, keys, IDENTITY, 500))).toEqual(Buffer.from(part));
  });

  it('leaves the content as it was', async () => {
    const content = Buffer.from(CONTENT);
    for (const way of PACKINGS) await pack(content, way, keys, IDENTITY);
    expect(content).toEqual(CONTENT);
  });

  it('lets the event loop turn while much is encrypted', async () => {
    const content = Buffer.alloc(8 * MIB);
    let turns = 0;
    const count = (): void => {
      turns += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    const file = await pack(content, ENCRYPTED, keys, IDENTITY);
    const turnsOfPacking = turns;
    await unpack(file, ENCRYPTED, keys, IDENTITY, content.length);
    clearImmediate(counting);
    expect(turnsOfPacking).toBeGreaterThanOrEqual(6);
    expect(turns - turnsOfPacking).toBeGreaterThanOrEqual(6);
  });
});

describe('the file', () => {
  it('is the content itself where it is neither compressed nor encrypted', async () => {
    expect(await pack(CONTENT, PLAIN, NO_KEYS, IDENTITY)).toBe(CONTENT);
    expect(await unpack(CONTENT, PLAIN, NO_KEYS, IDENTITY, CONTENT.length)).toBe(CONTENT);
  });

  it('is one that gunzip reads where it is only compressed', async () => {
    const file = await pack(CONTENT, COMPRESSED, NO_KEYS, IDENTITY);
    expect(gunzipSync(file)).toEqual(CONTENT);
  });

  it('is the same each time where it is only compressed', async () => {
    const first = await pack(CONTENT, COMPRESSED, NO_KEYS, IDENTITY);
    const second = await pack(CONTENT, COMPRESSED, NO_KEYS, 'another');
    expect(second).toEqual(first);
    // The time of the content: none.
    expect(Buffer.from(first.subarray(4, 8))).toEqual(Buffer.alloc(4));
  });

  it('becomes smaller before it is encrypted', async () => {
    const content = Buffer.from('setting = value\n'.repeat(10_000));
    const file = await pack(content, BOTH, keys, IDENTITY);
    expect(file.length).toBeLessThan(content.length / 20);
  });

  it('is another one each time where it is encrypted, and shows nothing of the content', async () => {
    const first = await pack(CONTENT, ENCRYPTED, keys, IDENTITY);
    const second = await pack(CONTENT, ENCRYPTED, keys, IDENTITY);
    expect(headerFields(first).nonce).not.toBe(headerFields(second).nonce);
    const bodies = [first, second].map((file) => Buffer.from(file.subarray(headerLength(file))));
    expect(bodies[0]).not.toEqual(bodies[1]);
    expect(Buffer.from(first).includes('hunter2')).toBe(false);
  });

  it('has the documented header and nothing more', async () => {
    const file = await pack(CONTENT, ENCRYPTED, keys, IDENTITY);
    expect(headerFields(file)).toEqual({
      format: 1,
      id: IDENTITY,
      cipher: 'aes-256-gcm',
      nonce: expect.stringMatching(/^[0-9a-f]{24}$/u),
      keyCheck: expect.stringMatching(/^[0-9a-f]{32}$/u),
      isCompressed: false,
    });
    expect(file).toHaveLength(headerLength(file) + CONTENT.length + TAG_BYTES);
  });

  it('has a header in ASCII whatever the id is', async () => {
    const file = await pack(CONTENT, ENCRYPTED, keys, 'Größe-設定-😀\n\u2028\ud800');
    const line = Buffer.from(file.subarray(0, headerLength(file)));
    expect(line.toString('latin1')).toMatch(/^rcc-encrypted-backup [0-9a-f]{16} \{[ -~]*\}\n$/u);
    expect(headerFields(file).id).toBe('Größe-設定-😀\n\u2028\ud800');
  });

  it('is not made for an id that its header has no room for', async () => {
    expect(await codeOf(pack(CONTENT, ENCRYPTED, keys, 'x'.repeat(4096)))).toBe('ERR_BACKUP_FAILED');
  });

  it('may be a content that starts with the word of encrypted ones', async () => {
    for (const text of [MAGIC, `${MAGIC} on\n`, `${MAGIC}: true\n`, `${MAGIC} 0123456789abcdef is = a property\n`]) {
      const content = Buffer.from(text);
      const file = await pack(content, PLAIN, NO_KEYS, IDENTITY);
      expect(await unpack(file, PLAIN, NO_KEYS, IDENTITY, content.length)).toEqual(content);
    }
  });
});

describe('the limit', () => {
  it.each(PACKINGS)('lets a content of its size pass and no larger one ($isCompressed, $isEncrypted)', async (way) => {
    const content = randomBytes(2 * MIB);
    const file = await pack(content, way, keys, IDENTITY);
    expect(await codeOf(unpack(file, way, keys, IDENTITY, content.length))).toBe('none');
    expect(await codeOf(unpack(file, way, keys, IDENTITY, content.length - 1))).toBe('ERR_FILE_TOO_LARGE');
  });

  it('stops a bomb before it takes much memory', async () => {
    // In pieces: the memory is measured, so nothing large may be left behind before.
    const piece = Buffer.alloc(MIB);
    const zeros = Readable.from(Array.from({ length: 200 }, () => piece));
    const bomb = await buffer(zeros.pipe(createGzip()));
    expect(bomb.length).toBeLessThan(MIB);
    const packed = await pack(bomb, ENCRYPTED, keys, IDENTITY);
    const before = process.memoryUsage().arrayBuffers;
    let peak = before;
    let lookCount = 0;
    const look = (): void => {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
      lookCount += 1;
      looking = setImmediate(look);
    };
    let looking = setImmediate(look);
    const code = await codeOf(unpack(bomb, COMPRESSED, NO_KEYS, IDENTITY, MIB));
    clearImmediate(looking);
    expect(lookCount).toBeGreaterThan(0);
    expect(code).toBe('ERR_FILE_TOO_LARGE');
    expect(peak - before).toBeLessThan(16 * MIB);
    // As what was encrypted it is within the limit.
    expect(await codeOf(unpack(packed, ENCRYPTED, keys, IDENTITY, MIB))).toBe('none');
  });

  it('stops a bomb that is encrypted', async () => {
    const file = await pack(Buffer.alloc(50 * MIB), BOTH, keys, IDENTITY);
    expect(file.length).toBeLessThan(MIB);
    expect(await codeOf(unpack(file, BOTH, keys, IDENTITY, MIB))).toBe('ERR_FILE_TOO_LARGE');
  });
});

describe('a gzip file', () => {
  it('gives its content or is refused, whichever of its bits is turned', async () => {
    const file = await pack(CONTENT, COMPRESSED, NO_KEYS, IDENTITY);
    let refusedCount = 0;
    for (let bit = 0; bit < file.length * 8; bit += 1) {
      const outcome = await unpack(withFlippedBit(file, bit), COMPRESSED, NO_KEYS, IDENTITY, 10 * MIB).catch(
        (error: unknown) => error,
      );
      if (outcome instanceof Uint8Array) {
        expect(outcome).toEqual(CONTENT);
      } else {
        expect(outcome).toMatchObject({ name: 'PersistenceError', code: 'ERR_BACKUP_DAMAGED' });
        refusedCount += 1;
      }
    }
    // All but those of the header, such as its time, and those that fill the last byte of the compressed data.
    expect(refusedCount).toBeGreaterThan((file.length - 10) * 8 - 8);
  });

  it('is damaged where it ends early, wherever that is', async () => {
    const file = await pack(CONTENT, COMPRESSED, NO_KEYS, IDENTITY);
    for (let length = 0; length < file.length; length += 1) {
      const code = await codeOf(unpack(file.subarray(0, length), COMPRESSED, NO_KEYS, IDENTITY, MIB));
      expect([length, code]).toEqual([length, 'ERR_BACKUP_DAMAGED']);
    }
  });

  it.each([
    ['zeros', Buffer.alloc(512)],
    ['one zero', Buffer.alloc(1)],
    ['text', Buffer.from('garbage')],
    ['the start of another one', gzipSync('another').subarray(0, 12)],
  ])('is damaged where %s follow its end', async (_title, garbage) => {
    const file = Buffer.concat([await pack(CONTENT, COMPRESSED, NO_KEYS, IDENTITY), garbage]);
    expect(await codeOf(unpack(file, COMPRESSED, NO_KEYS, IDENTITY, MIB))).toBe('ERR_BACKUP_DAMAGED');
  });
});
