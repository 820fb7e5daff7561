/** What is said where zlib fails for want of memory: that is no damage of a file, and must not be called so. */
import { Transform } from 'node:stream';
import { jest } from '@jest/globals';
import { codeOf, MIB } from './packingFixture.js';

function failingStream(): Transform {
  return new Transform({
    transform(_piece, _encoding, done) {
      done(Object.assign(new Error('Memory error'), { code: 'Z_MEM_ERROR', errno: -4 }));
    },
  });
}

jest.unstable_mockModule('node:zlib', () => ({ createGzip: failingStream, createGunzip: failingStream }));
const { compress, decompress } = await import('../../src/packing/compression.js');

describe('a lack of memory', () => {
  it('is not called damage of the backup', async () => {
    expect(await codeOf(decompress(Buffer.from('a whole file'), MIB))).toBe('ERR_BACKUP_FAILED');
  });

  it('refuses to make a backup and names its cause', async () => {
    await expect(compress(Buffer.from('content'))).rejects.toMatchObject({
      code: 'ERR_BACKUP_FAILED',
      cause: { code: 'Z_MEM_ERROR' },
    });
  });
});
