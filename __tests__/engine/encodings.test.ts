/** Files whose bytes contradict what they say of their encoding, or say it twice. */
import { codecFor } from '../../src/codec/codecs.js';
import { Formats } from '../../src/codec/Formats.js';
import { decodeBytes } from '../../src/engine/contentText.js';
import { encodeOver } from '../../src/engine/layoutKeeping.js';
import { ConfigurationFormat } from '../../interfaces/enums.js';

const FORMATS = Object.values(ConfigurationFormat);
const refusal = expect.objectContaining({ code: 'ERR_PARSE', line: 1, column: 1 });
const declaring = (encoding: string): string => `<?xml version="1.0" encoding="${encoding}"?>\n<a>b</a>\n`;

describe('the encoding that an XML file declares', () => {
  const codec = codecFor('xml');

  it.each<[string, Buffer]>([
    ['UTF-16 without being that', Buffer.from(declaring('UTF-16'))],
    ['ISO-8859-1 behind a mark of UTF-8', Buffer.from(`\uFEFF${declaring('iso-8859-1')}`)],
    ['UTF-8 behind a mark of UTF-16', Buffer.from(`\uFEFF${declaring('utf-8')}`, 'utf16le')],
  ])('is refused where it is %s', (_, bytes) => {
    expect(() => decodeBytes(bytes, codec)).toThrow(refusal);
  });

  it.each<[string, Buffer, string]>([
    ['UTF-8', Buffer.from(declaring('US-ASCII')), 'utf8'],
    ['UTF-16', Buffer.from(`\uFEFF${declaring('utf-16')}`, 'utf16le'), 'utf16le'],
    ['ISO-8859-1', Buffer.from(declaring('ISO-8859-1'), 'latin1'), 'latin1'],
  ])('is taken where it is %s', (_, bytes, encoding) => {
    expect(decodeBytes(bytes, codec).encoding).toBe(encoding);
  });

  it('does not stop a content that was saved once', () => {
    const bytes = Buffer.from(`\uFEFF${declaring('utf-8')}`, 'utf16le');
    expect(decodeBytes(bytes, new Formats(FORMATS).recorded('xml')).encoding).toBe('utf16le');
  });

  it('is true of what is written anew over a file in another one', () => {
    const text = decodeBytes(Buffer.from('\uFEFF<config xmlns="urn:rcc:config"><a>b</a></config>', 'utf16le'), codec);
    const rules = { preserve: 'on', maxBytes: 1000 } as const;
    for (const value of [{ a: 'c' }, [1], 'text']) {
      const { bytes } = encodeOver(codec, value, { found: { text, value: { a: 'b' } } }, rules);
      expect(codec.decode(decodeBytes(bytes, codec).text)).toEqual(value);
    }
  });
});

it.each(FORMATS)('a second byte order mark is refused with its place in %s', (format) => {
  const codec = codecFor(format);
  const text = `\uFEFF${codec.encode({ a: 1 })}`;
  expect(codec.decode(decodeBytes(Buffer.from(text), codec).text)).toEqual({ a: 1 });
  for (const encoding of ['utf8', 'utf16le'] as const) {
    expect(() => decodeBytes(Buffer.from(`\uFEFF${text}`, encoding), codec)).toThrow(refusal);
  }
});
