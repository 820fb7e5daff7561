/** What an edit of an XML file changes, byte for byte. */
import { codecFor } from '../../../src/codec/codecs.js';
import { edit, type Loose } from './editing.js';

type Case = readonly [name: string, before: string, change: (value: Loose) => unknown, after: string];

const HEAD = '<?xml version="1.1" standalone="yes"?>\n<?style x?>\n<!-- head -->\n';
const OWN = '<?xml version="1.0" encoding="UTF-8"?>\n<config xmlns="urn:rcc:config" type="object">\n';
const codec = codecFor('xml');
const PLIST =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n' +
  '<plist version="1.0">\n<dict>\n\t<key>Label</key>\n\t<string>a</string>\n\t<key>Nice</key>\n' +
  '\t<integer>1</integer>\n\t<key>Program</key>\n\t<string>b</string>\n</dict>\n</plist>\n';

const EXACT: readonly Case[] = [
  [
    'an attribute among others',
    `${HEAD}<a\n   x="1"\n   y='2'><b/></a>\n`,
    (v) => void ((v.a['@y'] = "o'k"), (v.a['@z'] = 3)),
    `${HEAD}<a\n   x="1"\n   y='o&apos;k'\n   z='3'><b/></a>\n`,
  ],
  [
    'an attribute that goes',
    '<a x="1"\n y="2"/>',
    (v) => {
      delete v.a['@y'];
    },
    '<a x="1"/>',
  ],
  [
    'children that alternate',
    '<t>\n\t<mkdir d="a"/>\n\t<copy/>\n\t<mkdir d="b"/>\n</t>',
    (v) => void (v.t.mkdir[1]['@d'] = 'z'),
    '<t>\n\t<mkdir d="a"/>\n\t<copy/>\n\t<mkdir d="z"/>\n</t>',
  ],
  ['a section of CDATA', '<a><![CDATA[x<y]]></a>', (v) => void (v.a = 'p&q'), '<a><![CDATA[p&q]]></a>'],
  [
    'a property list',
    PLIST,
    (v) => void ((v.plist.dict.string[1] = 'c'), (v.plist.dict.integer = 2)),
    PLIST.replace('>b<', '>c<').replace('>1<', '>2<'),
  ],
  ['text beside a comment', '<a>x<!-- c --></a>', (v) => void (v.a = 'y'), '<a>y<!-- c --></a>'],
  ['text into nothing', '<a>\n  <b />\n</a>', (v) => void (v.a.b = 'y'), '<a>\n  <b>y</b>\n</a>'],
  [
    'new children in the indentation of the file',
    '<a>\r\n\t<b>1</b> <!-- c -->\r\n</a>\r\n',
    (v) => void (v.a.c = { d: [1, 2], '@e': 'f' }),
    '<a>\r\n\t<b>1</b> <!-- c -->\r\n\t<c e="f">\r\n\t\t<d>1</d>\r\n\t\t<d>2</d>\r\n\t</c>\r\n</a>\r\n',
  ],
  ['a document in one line', '<r><a><b>1</b></a></r>', (v) => void (v.r.a.c = 2), '<r><a><b>1</b><c>2</c></a></r>'],
  ['the first child', '<a/>', () => ({ a: { b: 1 } }), '<a>\n  <b>1</b>\n</a>'],
  [
    'items of a list',
    '<a>\n  <r>x</r>\n  <r>y</r>\n  <s/>\n</a>',
    (v) => void (v.a.r = ['w', 'y', 'z']),
    '<a>\n  <r>w</r>\n  <r>y</r>\n  <r>z</r>\n  <s/>\n</a>',
  ],
  ['a renamed child', '<a><b>1</b><c/></a>', (v) => ({ a: { z: v.a.b, c: '' } }), '<a><z>1</z><c/></a>'],
  ['a renamed root', '<a><b>1</b></a>', (v) => ({ z: v.a }), '<z><b>1</b></z>'],
  [
    'a removed child with its own comment',
    '<a>\n  <b/>\n  <!-- about c -->\n  <c/>\n</a>',
    (v) => {
      delete v.a.c;
    },
    '<a>\n  <b/>\n</a>',
  ],
  [
    'a text in Latin-1',
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>é</a>',
    (v) => void (v.a = 'ö€'),
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>ö&#8364;</a>',
  ],
  [
    'nothing of a DOCTYPE',
    '<!DOCTYPE a [\n<!ELEMENT a (b)>\n]>\n<a><b/></a>',
    (v) => void (v.a.b = 'x'),
    '<!DOCTYPE a [\n<!ELEMENT a (b)>\n]>\n<a><b>x</b></a>',
  ],
  [
    'a file of this package, whose comments stay',
    `${OWN}  <!-- c -->\n  <a type="number">1</a>\n  <b type="array">\n    <item>x</item>\n  </b>\n</config>\n`,
    (v) => void ((v.a = 'one'), v.b.push(null), (v['odd key'] = {})),
    `${OWN}  <!-- c -->\n  <a>one</a>\n  <b type="array">\n    <item>x</item>\n    <item type="null"/>\n  </b>\n` +
      '  <item key="odd key" type="object"/>\n</config>\n',
  ],
];

/** What a file of another program cannot say is written all the same, and told. */
const ALIKE: readonly Case[] = [
  ['one of two elements', '<a><r>x</r><r>y</r></a>', (v) => void (v.a.r = ['y']), '<a><r>y</r></a>'],
  ['none of two elements', '<a><r>x</r><r>y</r><s/></a>', (v) => void (v.a.r = []), '<a><s/></a>'],
  ['a number as text', '<a><port>80</port></a>', (v) => void (v.a.port = '8080'), '<a><port>8080</port></a>'],
  [
    'the last child',
    '<a>\n  <b/>\n</a>',
    (v) => {
      delete v.a.b;
    },
    '<a></a>',
  ],
];

const REFUSED: readonly (readonly [name: string, text: string, change: (value: Loose) => unknown])[] = [
  ['a second root', '<a/>', (v) => void (v.b = 1)],
  ['a new element among alternating ones', '<t><a/><b/><a/></t>', (v) => void v.t.a.push('x')],
  ['a new name among alternating ones', '<t><a/><b/><a/></t>', (v) => void (v.t.c = 1)],
  ['a key that is no name', '<a><b/></a>', (v) => void (v.a['x y'] = 1)],
  ['text beside elements', '<a x="1"><b/></a>', (v) => void (v.a['#text'] = 'x')],
  ['elements beside text', '<a x="1">t</a>', (v) => void (v.a.b = 'x')],
  ['a character that XML forbids', '<a/>', () => ({ a: '\0' })],
];

describe('an edit of an XML file', () => {
  it.each(EXACT)('changes %s', (_, before, change, after) => {
    expect(edit(codec, before, change)).toEqual({ text: after, lost: [] });
  });

  it.each(ALIKE)('leaves %s in the way of the file', (_, before, change, after) => {
    const { text, lost, readsAs } = edit(codec, before, change);
    expect([text, lost.length > 0, readsAs]).toEqual([after, true, codec.decode(after)]);
  });

  it.each(REFUSED)('refuses %s', (_, before, change) => {
    expect(() => edit(codec, before, change)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_CONFIGURATION_DATA', paths: [expect.any(String)] }),
    );
  });

  it('tells of comments that it cannot keep', () => {
    expect(edit(codec, '<a>x<!-- c -->y</a>', () => ({ a: 'z' }))).toEqual({
      text: '<a>z</a>',
      lost: [{ path: 'a', description: expect.any(String) }],
    });
  });
});

describe('the encoding that an XML document declares', () => {
  it('is told where it is Latin-1', () => {
    expect(codec.declaredEncoding?.('<?xml version="1.0" encoding="ISO-8859-1"?>')).toBe('latin1');
    expect(codec.declaredEncoding?.('<?xml version="1.0" encoding="UTF-8"?><a b=\' encoding="ISO-8859-1"\'/>')).toBe(
      'utf8',
    );
    expect(codec.declaredEncoding?.('<a/>')).toBe(undefined);
  });
});
