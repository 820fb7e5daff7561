/** Keys and passphrases: which files they open, how often they are derived, and that nobody sees them. */
import { inspect } from 'node:util';
import { KeyRing } from '../../src/packing/KeyRing.js';
import type { KeyDerivation } from '../../src/packing/keyDerivation.js';
import { isUnderCurrentKey, pack, unpack } from '../../src/packing/packing.js';
import {
  BOTH,
  codeOf,
  countDerivations,
  ENCRYPTED,
  headerFields,
  headerLength,
  IDENTITY,
  keyOf,
  MIB,
  NO_KEYS,
} from './packingFixture.js';

const CONTENT = Buffer.from('name = app');
const PASSPHRASE = 'correct horse battery staple';

async function opens(file: Uint8Array, keys: KeyRing): Promise<string> {
  return codeOf(unpack(file, ENCRYPTED, keys, IDENTITY, MIB));
}

function seal(keys: KeyRing): Promise<Uint8Array> {
  return pack(CONTENT, ENCRYPTED, keys, IDENTITY);
}

describe('a ring without keys', () => {
  it('encrypts nothing and says that a key is missing', async () => {
    expect(NO_KEYS.isEncrypting).toBe(false);
    expect(await codeOf(seal(NO_KEYS))).toBe('ERR_KEY_REQUIRED');
    const file = await seal(new KeyRing({ key: keyOf(1) }));
    expect(await opens(file, NO_KEYS)).toBe('ERR_KEY_REQUIRED');
    expect(await codeOf(isUnderCurrentKey(file, NO_KEYS))).toBe('ERR_KEY_REQUIRED');
  });
});

describe('a key', () => {
  it('is a copy, so that later changes by the caller have no effect', async () => {
    const key = Uint8Array.from(keyOf(1));
    const previous = Uint8Array.from(keyOf(2));
    const keys = new KeyRing({ key, previous: [{ key: previous }] });
    key.fill(9);
    previous.fill(9);
    expect(keys.isEncrypting).toBe(true);
    expect(await opens(await seal(keys), new KeyRing({ key: keyOf(1) }))).toBe('none');
    expect(await opens(await seal(new KeyRing({ key: keyOf(2) })), keys)).toBe('none');
  });

  it('opens what was written under it before it became a previous one, and writes nothing any more', async () => {
    const before = await seal(new KeyRing({ key: keyOf(1) }));
    const keys = new KeyRing({ key: keyOf(3), previous: [{ key: keyOf(2) }, { passphrase: 'x' }, { key: keyOf(1) }] });
    expect(await opens(before, keys)).toBe('none');
    const after = await seal(keys);
    expect(await opens(after, new KeyRing({ key: keyOf(3) }))).toBe('none');
    expect(await opens(after, new KeyRing({ key: keyOf(1) }))).toBe('ERR_WRONG_KEY');
  });

  it('is not the passphrase of the same bytes', async () => {
    const bytes = 'a'.repeat(32);
    const keyed = new KeyRing({ key: Buffer.from(bytes) });
    const worded = new KeyRing({ passphrase: bytes });
    expect(await opens(await seal(keyed), worded)).toBe('ERR_WRONG_KEY');
    expect(await opens(await seal(worded), keyed)).toBe('ERR_WRONG_KEY');
    expect(await isUnderCurrentKey(await seal(keyed), worded)).toBe(false);
    expect(await isUnderCurrentKey(await seal(worded), keyed)).toBe(false);
  });
});

describe('a passphrase', () => {
  it('opens the files of another process that has it, and no other one does', async () => {
    const file = await pack(CONTENT, BOTH, new KeyRing({ passphrase: PASSPHRASE }), IDENTITY);
    const back = await unpack(file, BOTH, new KeyRing({ passphrase: PASSPHRASE }), IDENTITY, MIB);
    expect(Buffer.from(back)).toEqual(CONTENT);
    const wrong = new KeyRing({ passphrase: `${PASSPHRASE} `, previous: [{ key: keyOf(1) }] });
    expect(await codeOf(unpack(file, BOTH, wrong, IDENTITY, MIB))).toBe('ERR_WRONG_KEY');
  });

  it('opens as a previous one', async () => {
    const file = await seal(new KeyRing({ passphrase: PASSPHRASE }));
    const keys = new KeyRing({ passphrase: 'a new one', previous: [{ key: keyOf(1) }, { passphrase: PASSPHRASE }] });
    expect(await opens(file, keys)).toBe('none');
  });

  it('is the same however the system composes its characters', async () => {
    const file = await seal(new KeyRing({ passphrase: 'caf\u00e9' }));
    expect(await opens(file, new KeyRing({ passphrase: 'cafe\u0301' }))).toBe('none');
  });

  it('is derived once for all files of one process, also at the same time, and not before it is needed', async () => {
    let files: Uint8Array[] = [];
    let keys = NO_KEYS;
    const creating = await countDerivations(async () => {
      keys = new KeyRing({ passphrase: PASSPHRASE, previous: [{ passphrase: 'older' }] });
      await new Promise(setImmediate);
    });
    const writing = await countDerivations(async () => {
      files = await Promise.all([seal(keys), seal(keys), seal(keys)]);
      files.push(await seal(keys));
      expect(await opens(files[0]!, keys)).toBe('none');
      expect(await isUnderCurrentKey(files[1]!, keys)).toBe(true);
    });
    expect([creating, writing]).toEqual([0, 1]);
    const salts = files.map((file) => (headerFields(file).derivation as { salt: string }).salt);
    expect(new Set(salts).size).toBe(1);
    expect(new Set(files.map((file) => headerFields(file).nonce)).size).toBe(files.length);
  });

  it('is derived once for each salt that it is read with', async () => {
    const [first, second] = await Promise.all([
      seal(new KeyRing({ passphrase: PASSPHRASE })),
      seal(new KeyRing({ passphrase: PASSPHRASE })),
    ]);
    const reader = new KeyRing({ passphrase: PASSPHRASE });
    const count = await countDerivations(async () => {
      expect(await Promise.all([opens(first, reader), opens(second, reader), opens(first, reader)])).toEqual([
        'none',
        'none',
        'none',
      ]);
    });
    expect(count).toBe(2);
  });

  it('is not derived for a file under a key', async () => {
    const file = await seal(new KeyRing({ key: keyOf(1) }));
    const keys = new KeyRing({ passphrase: PASSPHRASE, previous: [{ key: keyOf(1) }] });
    expect(await countDerivations(async () => expect(await opens(file, keys)).toBe('none'))).toBe(0);
  });

  it('that could not be derived is asked for again, and holds no other one up', async () => {
    const keys = new KeyRing({ passphrase: PASSPHRASE });
    const { derivation } = headerFields(await seal(keys)) as { derivation: KeyDerivation };
    // OpenSSL refuses a cost that is no power of two, as it refuses one for which there is no memory.
    const failing = { ...derivation, cost: 3, toJSON: () => 'the same in the cache' };
    const working = { ...derivation, cost: 16, toJSON: () => 'the same in the cache' };
    const isRight = (): boolean => true;
    expect(
      await Promise.all([
        codeOf(keys.requireKey(failing, isRight)),
        codeOf(keys.requireKey({ ...derivation, cost: 16 }, isRight)),
      ]),
    ).toEqual(['ERR_BACKUP_FAILED', 'none']);
    expect(await codeOf(keys.requireKey(working, isRight))).toBe('none');
  });

  it('has its salt and its cost in the header', async () => {
    const file = await seal(new KeyRing({ passphrase: PASSPHRASE }));
    expect(headerFields(file).derivation).toEqual({
      function: 'scrypt',
      salt: expect.stringMatching(/^[0-9a-f]{32}$/u),
      cost: 32_768,
      blockSize: 8,
      parallelization: 1,
    });
  });
});

describe('isUnderCurrentKey', () => {
  it('tells a file under the current key from one under another', async () => {
    const keys = new KeyRing({ key: keyOf(2), previous: [{ key: keyOf(1) }] });
    expect(await isUnderCurrentKey(await seal(keys), keys)).toBe(true);
    expect(await isUnderCurrentKey(await seal(new KeyRing({ key: keyOf(1) })), keys)).toBe(false);
    expect(await isUnderCurrentKey(await seal(new KeyRing({ key: keyOf(7) })), keys)).toBe(false);
  });

  it('tells it for passphrases of another process, and between passphrases and keys', async () => {
    const keys = new KeyRing({ passphrase: PASSPHRASE, previous: [{ key: keyOf(1) }] });
    const [same, other, keyed] = await Promise.all([
      seal(new KeyRing({ passphrase: PASSPHRASE })),
      seal(new KeyRing({ passphrase: 'another' })),
      seal(new KeyRing({ key: keyOf(1) })),
    ]);
    expect(await isUnderCurrentKey(same, keys)).toBe(true);
    expect(await isUnderCurrentKey(other, keys)).toBe(false);
    expect(await isUnderCurrentKey(keyed, keys)).toBe(false);
    expect(await isUnderCurrentKey(other, new KeyRing({ key: keyOf(1) }))).toBe(false);
  });

  it('needs no more than the header', async () => {
    const keys = new KeyRing({ key: keyOf(1) });
    const file = await seal(keys);
    expect(await isUnderCurrentKey(file.subarray(0, headerLength(file)), keys)).toBe(true);
    expect(await codeOf(isUnderCurrentKey(file.subarray(0, headerLength(file) - 1), keys))).toBe('ERR_BACKUP_DAMAGED');
  });

  it('is false for what is not encrypted at all', async () => {
    const keys = new KeyRing({ key: keyOf(1) });
    expect(await isUnderCurrentKey(CONTENT, keys)).toBe(false);
    expect(await isUnderCurrentKey(new Uint8Array(), NO_KEYS)).toBe(false);
  });
});

describe('secrets', () => {
  it('are in nothing that a ring shows of itself', async () => {
    const keys = new KeyRing({ passphrase: PASSPHRASE, previous: [{ key: Buffer.from('k'.repeat(32)) }] });
    await seal(keys);
    const options = { showHidden: true, depth: Infinity, getters: true, maxStringLength: null, maxArrayLength: null };
    expect(inspect(keys, options)).not.toMatch(/horse|kkkk|6b 6b|107/u);
    expect(JSON.stringify(keys)).toBe('{}');
    expect(Reflect.ownKeys(keys)).toEqual([]);
    expect(Object.keys(structuredClone(keys))).toEqual([]);
  });

  it('are in no key that a ring gives out to be looked at', async () => {
    const keys = new KeyRing({ key: Buffer.from('k'.repeat(32)) });
    const { key } = await keys.requireWritingKey();
    expect(inspect(key, { showHidden: true, depth: Infinity })).not.toMatch(/kkkk|6b 6b|107/u);
    expect(JSON.stringify(key)).toBe('{}');
  });
});
