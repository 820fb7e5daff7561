/** The check of the option `encryption`: what passes, and that what is refused is named but never shown. */
import { runInNewContext } from 'node:vm';
import { encryptionProblem } from '../../src/packing/checkEncryption.js';
import { keyOf } from './packingFixture.js';

const SECRET = 'hunter2-planted-secret';

describe('encryptionProblem', () => {
  it.each([
    ['a key', { key: keyOf(1) }],
    ['a key in a Buffer', { key: Buffer.alloc(32) }],
    ['a key of another realm', { key: runInNewContext('new Uint8Array(32)') }],
    ['a passphrase', { passphrase: SECRET }],
    ['a passphrase beside a key that is undefined', { key: undefined, passphrase: SECRET }],
    ['one previous key', { key: keyOf(1), previous: [{ key: keyOf(2) }] }],
    ['previous ones of both kinds', { passphrase: SECRET, previous: [{ key: keyOf(2) }, { passphrase: 'x' }] }],
    ['previous keys that are undefined', { passphrase: SECRET, previous: undefined }],
    ['twenty previous keys', { key: keyOf(1), previous: Array.from({ length: 20 }, () => ({ key: keyOf(2) })) }],
  ])('finds nothing wrong with %s', (_title, value) => {
    expect(encryptionProblem(value)).toBeUndefined();
  });

  it.each([
    ['text', SECRET, 'must be an object'],
    ['nothing', undefined, 'must be an object'],
    ['null', null, 'must be an object'],
    ['a list', [{ passphrase: SECRET }], 'must be an object'],
    ['the key itself', Buffer.from(SECRET), 'must be an object'],
    ['no member', {}, 'must have either key or passphrase'],
    ['both kinds', { key: keyOf(1), passphrase: SECRET }, 'must have either key or passphrase'],
    ['only previous ones', { previous: [{ passphrase: SECRET }] }, 'must have either key or passphrase'],
    ['an unknown member', { passphrase: SECRET, algorithm: SECRET }, 'has the unknown member algorithm'],
    ['a short key', { key: new Uint8Array(31) }, '.key must be 32 bytes'],
    ['a long key', { key: new Uint8Array(33) }, '.key must be 32 bytes'],
    ['a key in text', { key: SECRET }, '.key must be 32 bytes'],
    ['a key in other numbers', { key: new Uint16Array(32) }, '.key must be 32 bytes'],
    ['a key of null', { key: null }, '.key must be 32 bytes'],
    ['an empty passphrase', { passphrase: '' }, '.passphrase must be a non-empty string of well-formed Unicode'],
    ['a number', { passphrase: 12 }, '.passphrase must be a non-empty string of well-formed Unicode'],
    ['half a pair', { passphrase: `${SECRET}\ud800` }, '.passphrase must be a non-empty string of well-formed Unicode'],
    ['one previous key alone', { key: keyOf(1), previous: { key: keyOf(2) } }, '.previous must be a list of 1 to 20'],
    ['no previous keys', { key: keyOf(1), previous: [] }, '.previous must be a list of 1 to 20'],
    ['21 previous keys', { key: keyOf(1), previous: new Array(21).fill({ key: keyOf(2) }) }, '.previous must be a'],
    ['a previous text', { key: keyOf(1), previous: [{ key: keyOf(2) }, SECRET] }, '.previous[1] must be an object'],
    ['a hole', { key: keyOf(1), previous: new Array(1) }, '.previous[0] must be an object'],
    ['an empty previous one', { key: keyOf(1), previous: [{}] }, '.previous[0] must have either key or passphrase'],
    ['a short previous key', { key: keyOf(1), previous: [{ key: keyOf(1).slice(1) }] }, '.previous[0].key must be 32'],
    [
      'previous ones of previous ones',
      { key: keyOf(1), previous: [{ passphrase: SECRET, previous: [] }] },
      '.previous[0] has the unknown member previous',
    ],
  ])('refuses %s and shows no value', (_title, value, problem) => {
    expect(encryptionProblem(value)).toContain(problem);
    expect(encryptionProblem(value)).not.toContain(SECRET);
  });
});
