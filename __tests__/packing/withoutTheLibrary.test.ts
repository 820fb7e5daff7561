/** That a person can decrypt a backup without this library, from its documented form alone. */
import { createDecipheriv, createHash, createHmac, scryptSync } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { KeyRing } from '../../src/packing/KeyRing.js';
import { pack, unpack } from '../../src/packing/packing.js';
import { BOTH, ENCRYPTED, IDENTITY, keyOf } from './packingFixture.js';

const CONTENT = Buffer.from('{"name":"app","größe":"groß"}');

/** Made once by the first release and kept: header, and the rest in hexadecimal. A new form must not orphan them. */
const FIRST_UNDER_PASSPHRASE = [
  'rcc-encrypted-backup 5315e784b86fbe13 {"format":1,"id":"app.json-0123456789abcdef.20261124T101530123Z.r12.fedcba9876543210","cipher":"aes-256-gcm","nonce":"8f5f2d578705d2e4271c945d","derivation":{"function":"scrypt","salt":"ecd3f5e460b51059306bd4f840229cc9","cost":32768,"blockSize":8,"parallelization":1},"keyCheck":"d1c1c054546e54de40632d65637c6d73","isCompressed":true}',
  '4be7ad8704a049891cf51ebbad30fae0f16eebb0b025cbb2a55b17a6bbb9406fecec6ec12b985bc547b602ae95b0b6e4a577cb0f2caabe27616321f712c4265aa44a',
] as const;
const FIRST_UNDER_KEY = [
  'rcc-encrypted-backup c1d97dee776994c4 {"format":1,"id":"app.json-0123456789abcdef.20261124T101530123Z.r12.fedcba9876543210","cipher":"aes-256-gcm","nonce":"4e5be6cf5c1d89acd27105ee","keyCheck":"787dad7145cdc7144ee444277d040a61","isCompressed":false}',
  '1a97d7b327306f9fde045bbfbd88d758d6103e7b7b095ff08f0222e4d577549e83d281f312f396834e02e171df0a42d7',
] as const;

/** As the script in the README. `secret` is the key, or the passphrase as a string. */
function decryptBackup(file: Buffer, secret: Buffer | string): Buffer {
  const end = file.indexOf('\n') + 1;
  const [, magic, check, json = ''] = /^(\S+) (\S+) (.*)\n$/.exec(file.toString('latin1', 0, end)) ?? [];
  if (magic !== 'rcc-encrypted-backup') throw new Error('no encrypted backup');
  if (createHash('sha256').update(json).digest('hex').slice(0, 16) !== check) throw new Error('damaged header');
  const header = JSON.parse(json);
  const nonce = Buffer.from(header.nonce, 'hex');
  let key = secret;
  if (typeof key === 'string') {
    const { salt, cost, blockSize, parallelization } = header.derivation;
    const options = { cost, blockSize, parallelization, maxmem: 2 ** 28 };
    key = scryptSync(key.normalize('NFC'), Buffer.from(salt, 'hex'), 32, options);
  }
  const keyCheck = createHmac('sha256', key).update('rcc-encrypted-backup key check').update(nonce).digest('hex');
  if (keyCheck.slice(0, 32) !== header.keyCheck) throw new Error('wrong key');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  decipher.setAAD(file.subarray(0, end)).setAuthTag(file.subarray(-16));
  const bytes = Buffer.concat([decipher.update(file.subarray(end, -16)), decipher.final()]);
  return header.isCompressed ? gunzipSync(bytes) : bytes;
}

describe('without the library', () => {
  it('a backup under a key is decrypted', async () => {
    const keys = new KeyRing({ key: keyOf(5) });
    for (const way of [ENCRYPTED, BOTH]) {
      const file = Buffer.from(await pack(CONTENT, way, keys, IDENTITY));
      expect(decryptBackup(file, Buffer.from(keyOf(5)))).toEqual(CONTENT);
      expect(() => decryptBackup(file, Buffer.from(keyOf(6)))).toThrow('wrong key');
    }
  });

  it('a backup under a passphrase is decrypted', async () => {
    const keys = new KeyRing({ passphrase: 'corre\u0301ct horse' });
    const file = Buffer.from(await pack(CONTENT, BOTH, keys, 'größe-1'));
    expect(decryptBackup(file, 'corréct horse')).toEqual(CONTENT);
    file[file.length - 1]! ^= 1;
    expect(() => decryptBackup(file, 'corréct horse')).toThrow('authenticate');
  });

  it.each([
    ['a passphrase', FIRST_UNDER_PASSPHRASE, 'corréct horse', new KeyRing({ passphrase: 'corréct horse' }), BOTH],
    ['a key', FIRST_UNDER_KEY, Buffer.from(keyOf(5)), new KeyRing({ key: keyOf(5) }), ENCRYPTED],
  ])('a file of the first release under %s stays readable', async (_title, [line, rest], secret, keys, way) => {
    const file = Buffer.concat([Buffer.from(`${line}\n`), Buffer.from(rest, 'hex')]);
    expect(decryptBackup(file, secret)).toEqual(CONTENT);
    expect(Buffer.from(await unpack(file, way, keys, IDENTITY, CONTENT.length))).toEqual(CONTENT);
  });
});
