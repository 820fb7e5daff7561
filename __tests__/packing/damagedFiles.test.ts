/** Encrypted files that were damaged, cut, exchanged or forged: never a wrong content, always the right code. */
import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { PersistenceError } from '../../src/errors/PersistenceError.js';
import { encrypt } from '../../src/packing/encryption.js';
import { KeyRing } from '../../src/packing/KeyRing.js';
import { isUnderCurrentKey, pack, unpack } from '../../src/packing/packing.js';
import type { SnapshotPacking } from '../../src/storage/port/Snapshot.js';
import {
  BOTH,
  codeOf,
  COMPRESSED,
  countDerivations,
  ENCRYPTED,
  headerFields,
  headerLength,
  IDENTITY,
  keyOf,
  MAGIC,
  MIB,
  NO_KEYS,
  PLAIN,
  withFields,
  withFlippedBit,
  withHeaderText,
} from './packingFixture.js';

const CONTENT = Buffer.from('password = hunter2');
const keys = new KeyRing({ key: keyOf(1) });
const worded = new KeyRing({ passphrase: 'correct horse battery staple' });

let file: Uint8Array;
let wordedFile: Uint8Array;

beforeAll(async () => {
  file = await pack(CONTENT, ENCRYPTED, keys, IDENTITY);
  wordedFile = await pack(CONTENT, ENCRYPTED, worded, IDENTITY);
});

function codeOfUnpacking(bytes: Uint8Array, way: SnapshotPacking = ENCRYPTED, ring = keys): Promise<string> {
  return codeOf(unpack(bytes, way, ring, IDENTITY, MIB));
}

describe('damage', () => {
  it.each([
    ['a key', () => file, keys],
    ['a passphrase', () => wordedFile, worded],
  ])('is found whichever bit of a file under %s is turned', async (_title, whole, ring) => {
    for (let bit = 0; bit < whole().length * 8; bit += 1) {
      const code = await codeOfUnpacking(withFlippedBit(whole(), bit), ENCRYPTED, ring);
      const expected = bit >> 3 < MAGIC.length ? 'ERR_NOT_ENCRYPTED' : 'ERR_BACKUP_DAMAGED';
      expect([bit, code]).toEqual([bit, expected]);
    }
  });

  it('is found wherever the file is cut', async () => {
    const packed = await pack(CONTENT, BOTH, keys, IDENTITY);
    for (let length = 0; length < packed.length; length += 1) {
      const code = await codeOfUnpacking(packed.subarray(0, length), BOTH);
      expect([length, code]).toEqual([length, 'ERR_BACKUP_DAMAGED']);
    }
  });

  it.each([1, 16, 4096])('is found where %d bytes follow the end', async (count) => {
    const longer = Buffer.concat([file, randomBytes(count)]);
    expect(await codeOfUnpacking(longer)).toBe('ERR_BACKUP_DAMAGED');
  });

  it('is told from a wrong key, with and without the right one', async () => {
    const damaged = withFlippedBit(file, (headerLength(file) + 2) * 8);
    expect(await codeOfUnpacking(damaged)).toBe('ERR_BACKUP_DAMAGED');
    expect(await codeOfUnpacking(file, ENCRYPTED, new KeyRing({ key: keyOf(2) }))).toBe('ERR_WRONG_KEY');
    expect(await codeOfUnpacking(file, ENCRYPTED, NO_KEYS)).toBe('ERR_KEY_REQUIRED');
  });

  it('is reported without anything of the content, the key or the passphrase', async () => {
    const files = [
      withFlippedBit(wordedFile, (wordedFile.length - 1) * 8),
      withHeaderText(wordedFile, '{"hunter2": horse}'),
    ];
    for (const bytes of files) {
      const error: unknown = await unpack(bytes, ENCRYPTED, worded, IDENTITY, MIB).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(PersistenceError);
      const { message, cause } = error as PersistenceError;
      expect(message + String(cause)).not.toMatch(/hunter2|horse/u);
    }
  });

  it('inside what was encrypted is found, though only somebody with the key can have made it', async () => {
    const forged = await encrypt(Buffer.from('no gzip file'), { id: IDENTITY, isCompressed: true }, keys);
    await expect(unpack(forged, BOTH, keys, IDENTITY, MIB)).rejects.toMatchObject({
      code: 'ERR_BACKUP_DAMAGED',
      cause: { code: 'Z_DATA_ERROR' },
    });
  });
});

describe('an exchanged file', () => {
  it('does not open for another id', async () => {
    const other = await pack(CONTENT, ENCRYPTED, keys, 'another');
    expect(await codeOfUnpacking(other)).toBe('ERR_BACKUP_MISMATCH');
    expect(await codeOf(unpack(file, ENCRYPTED, keys, 'another', MIB))).toBe('ERR_BACKUP_MISMATCH');
  });

  it('does not open for another id that was written into it', async () => {
    const other = await pack(CONTENT, ENCRYPTED, keys, 'another');
    expect(await codeOfUnpacking(withFields(other, { id: IDENTITY }))).toBe('ERR_BACKUP_DAMAGED');
  });

  it('does not open behind the header of another one', async () => {
    const other = await pack(Buffer.from('another value too'), ENCRYPTED, keys, 'another');
    const mixed = Buffer.concat([file.subarray(0, headerLength(file)), other.subarray(headerLength(other))]);
    expect(await codeOfUnpacking(mixed)).toBe('ERR_BACKUP_DAMAGED');
  });

  it('does not open under the name of another packing', async () => {
    const compressed = await pack(CONTENT, BOTH, keys, IDENTITY);
    expect(await codeOfUnpacking(compressed, ENCRYPTED)).toBe('ERR_BACKUP_MISMATCH');
    expect(await codeOfUnpacking(file, BOTH)).toBe('ERR_BACKUP_MISMATCH');
    expect(await codeOfUnpacking(file, PLAIN)).toBe('ERR_BACKUP_MISMATCH');
    expect(await codeOfUnpacking(compressed, COMPRESSED)).toBe('ERR_BACKUP_MISMATCH');
  });

  it('is not taken where it is not encrypted although it should be', async () => {
    expect(await codeOfUnpacking(CONTENT)).toBe('ERR_NOT_ENCRYPTED');
    expect(await codeOfUnpacking(await pack(CONTENT, COMPRESSED, keys, IDENTITY), BOTH)).toBe('ERR_NOT_ENCRYPTED');
  });
});

describe('a forged header with a right check value', () => {
  it.each([
    ['of a newer release', { format: 2 }],
    ['of no release', { format: 0 }],
    ['of a release that is no number', { format: '1' }],
    ['with another cipher', { cipher: 'aes-256-ctr' }],
    ['without an id', { id: undefined }],
    ['with an id that is no text', { id: 12 }],
    ['with a short nonce', { nonce: 'abcd' }],
    ['with a nonce that is no text', { nonce: 12 }],
    ['with a nonce that is not hexadecimal', { nonce: 'zz'.repeat(12) }],
    ['with an empty key check', { keyCheck: '' }],
    ['with a packing that is no truth value', { isCompressed: 1 }],
    ['with a derivation that is none', { derivation: null }],
  ])('%s counts as damaged', async (_title, changes) => {
    const forged = withFields(file, changes);
    expect(await codeOfUnpacking(forged)).toBe('ERR_BACKUP_DAMAGED');
    // By its header alone, and not only because the tag no longer fits.
    expect(await codeOf(isUnderCurrentKey(forged, keys))).toBe('ERR_BACKUP_DAMAGED');
  });

  it('counts as damaged where a member was added that means nothing', async () => {
    expect(await codeOfUnpacking(withFields(file, { more: true }))).toBe('ERR_BACKUP_DAMAGED');
  });

  it('advises to update where the file is of a newer release', async () => {
    const error: unknown = await unpack(withFields(file, { format: 2 }), ENCRYPTED, keys, IDENTITY, MIB).catch(
      (thrown: unknown) => thrown,
    );
    expect((error as Error).message).toContain('update');
  });

  it.each(['{"format":1', '{"}', '{"a":1}}', '[1]'])('counts as damaged where %s stands for its JSON', async (text) => {
    expect(await codeOfUnpacking(withHeaderText(file, text))).toBe('ERR_BACKUP_DAMAGED');
  });

  it('counts as damaged where it is longer than a header may be', async () => {
    const longer = withFields(file, { id: 'x'.repeat(4096) });
    expect(await codeOf(unpack(longer, ENCRYPTED, keys, 'x'.repeat(4096), MIB))).toBe('ERR_BACKUP_DAMAGED');
  });

  it.each([
    ['another function', { function: 'pbkdf2' }],
    ['no salt', { salt: undefined }],
    ['a short salt', { salt: 'ab' }],
    ['twice the highest cost', { cost: 2 ** 18 }],
    ['a huge cost', { cost: 2 ** 40 }],
    ['a cost that is no power of two', { cost: 32_769 }],
    ['a cost that is no whole number', { cost: 2.5 }],
    ['no cost', { cost: 1 }],
    ['a negative cost', { cost: -32_768 }],
    ['a cost that is no number', { cost: '32768' }],
    ['larger blocks', { blockSize: 1024 }],
    ['more threads', { parallelization: 16 }],
  ])('counts as damaged, and nothing is derived, where it asks for %s', async (_title, changes) => {
    const derivation = { ...(headerFields(wordedFile).derivation as object), ...changes };
    const forged = withFields(wordedFile, { derivation });
    const requireKey = jest.spyOn(worded, 'requireKey');
    const count = await countDerivations(async () => {
      expect(await codeOfUnpacking(forged, ENCRYPTED, worded)).toBe('ERR_BACKUP_DAMAGED');
      expect(await codeOf(isUnderCurrentKey(forged, worded))).toBe('ERR_BACKUP_DAMAGED');
    });
    expect(count).toBe(0);
    expect(requireKey).not.toHaveBeenCalled();
    requireKey.mockRestore();
  });

  it('gives no other key than the right one where it asks for another cost', async () => {
    const derivation = { ...(headerFields(wordedFile).derivation as object), cost: 1024 };
    expect(await codeOfUnpacking(withFields(wordedFile, { derivation }), ENCRYPTED, worded)).toBe('ERR_WRONG_KEY');
  });
});
