/** Whether a text has comments that a new encoding would not have. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { codecFor } from '../../src/codec/codecs.js';
import { findDifferences } from '../../src/value/valueEquality.js';
import { configuration } from './domainValues.js';
import { iniRules } from './rules/iniRules.js';
import { propertiesRules } from './rules/propertiesRules.js';
import { tomlRules } from './rules/tomlRules.js';
import { xmlRules } from './rules/xmlRules.js';
import { yamlRules } from './rules/yamlRules.js';
import { runs } from '../support/runs.js';

const SEED = 20_260_720;
const RUNS = runs(500);

type Format = 'yaml' | 'toml' | 'ini' | 'xml' | 'properties';

interface CommentPlan {
  readonly with: readonly string[];
  readonly without: readonly string[];
  /** Every place where the text that the encoder wrote can take a comment, as the texts with one there. */
  readonly insertions: (text: string) => string[];
}

const startAndEnd = (comment: string) => (text: string) => [
  `${comment}\n${text}`,
  `${text}${comment}`,
  text + comment + '\n',
];

const PLANS: Readonly<Record<Format, CommentPlan>> = {
  yaml: {
    with: [
      '# x\na: 1',
      'a: 1 # x',
      'a: 1\n# x',
      'a: |\n  x\n# c',
      'a: |\n  x\n # c\n',
      'a: | # x\n  y',
      'a: >-\n  # text\n# x\nb: 1',
      'a: "x # y" # z',
      "a: 'x\n  # y' # z",
      'a: [1, # x\n 2]',
      'a: {b: 1\t# x\n }',
      'a: # x\n  b: 1',
      '? a # x\n: 1',
      '- # x\n  - 1',
      '%YAML 1.2 # x\n---\na: 1',
      '%TAG !e! tag:example.com,2000:app/ # x\n---\na: 1',
      'a: &b # x\n  c: *d\n'.replace('*d', '1'),
      'a: !!str # x\n  1',
      'a: 1\n... # x\n',
      '--- # x\na: 1',
      'a: &x 1\nb: *x # y',
      'a: 1\r\n# x\r\n',
      'a: x\n  y # z',
      'a: |2\n    x\n\n\n  # still text\n # no more\n',
    ],
    without: [
      'a: b#c',
      'a: "x # y"',
      "a: '# x'",
      'a: |\n  # x\n  y # z\n',
      'a: >\n  x\n\n  # y\n\n',
      'a: |\n\n  # x',
      '- |\n x\n #y\n\n',
      '"a # b": 1',
      "'# a': 1",
      'a: &x#y 1\nb: *x#y',
      'a: !<tag:yaml.org,2002:str> x#y',
      'a: x\n  y#z',
      'a: "x\n  # y\n  z"',
      "a: 'it''s # x'",
      'a: "\\" # x"',
      'a: http://x/#y',
      '[a#b, "c # d", \'# e\']',
      '%TAG !e! tag:example.com,2000:a#b\n---\na: 1',
      '--- |\n # x\n',
    ],
    insertions: startAndEnd('# x'),
  },
  toml: {
    with: [
      '# x\na = 1',
      'a = 1 # x',
      'a = 1# x',
      'a = "x" #',
      'a = [1, # x\n 2]',
      'a = [\n# x\n]',
      '[a] # x',
      '[[a]] # x\nb = 1',
      'a = """\n# no\n""" # x',
      "a = '''x''''' # y",
      'a = """x""""" # y',
      'a = "\\\\" # x',
      "a = '\\' # x",
      'a = 1979-05-27 07:32:00 # x',
      'a = {b = "#"} # x',
      '"a#" = 1 # x',
      'a = 1\r\n# x\r\n',
    ],
    without: [
      'a = "# x"',
      "a = '# x'",
      'a = """\n# x\n"""',
      "a = '''\n# x'''",
      'a = """x\\""" # y"""',
      'a = """\\\\\\"# x"""',
      '"# a" = 1',
      "'a # b'.c = 1",
      '["# a"]\nb = 1',
      "[['# a']]\nb = 1",
      'a = ["# x", \'# y\', """# z"""]',
      'a = {"# b" = "# c"}',
      'a = """x"" # y"""',
      '"""" = 1'.replace('""""', '"#"'),
      'a = ""\nb = "#"',
      "a = ''\nb = '#'",
    ],
    insertions: startAndEnd('# x'),
  },
  ini: {
    with: [
      '; x\na=1',
      '  # x\na=1',
      'a = 1 ; x',
      'a = 1 # x',
      'a = "x" ; y',
      "a = 'x'# y",
      '[s] ; x',
      '[s]#x',
      'a = ; x',
      'a = # x',
      'a = [1] ; x',
      'a[] = 1 ; x',
      'a = "b" c ; d',
      'a = 1\r\n;x\r\n',
      'a = "x ; y" ; z',
      'a =\t1\t;x',
    ],
    without: [
      'a = "x ; y"',
      "a = '# x'",
      'a = #ff8000',
      'a = x;y',
      'a = x#y',
      'a;b = 1',
      'a = ["x ; y"]',
      'a = [ "x # y" , 1 ]',
      '[a;b]\nc=1',
      '[a # b]',
      'a = "\\" ; x"',
      'a = http://x/#y',
      'a # b = 1',
    ],
    insertions: startAndEnd('; x'),
  },
  xml: {
    with: [
      '<!-- x --><a/>',
      '<a><!-- x --></a>',
      '<a/><!---->',
      '<?xml version="1.0"?><?style x?><a/>',
      '<a><?php x?></a>',
      '<a>x<!-- y -->z</a>',
      '<a b="<!-- x -->"/>'.replace('<!-- x -->', '&lt;!--') + '<!-- -->',
      '<a><![CDATA[<!-- x -->]]><!-- y --></a>',
    ],
    without: [
      '<a/>',
      '<?xml version="1.0"?>\n<a/>',
      '<a><![CDATA[<!-- x -->]]></a>',
      '<a><![CDATA[<?x?>]]></a>',
      "<a b='-->'/>",
      '<a>&lt;!-- x --></a>'.replace('-->', '--&gt;'),
      '<a b="?>"/>',
    ],
    insertions: (text) => [`${text}<!-- x -->`, text.replace('<config', '<!-- x -->\n<config'), `${text}<?x y?>`],
  },
  properties: {
    with: ['# x\na=1', '! x\na=1', ' \t\f# x', 'a=1\n#', 'a=1\r\n!x\r\n', 'a=b\\\\\n# x', 'a=\\\n b\n!x'],
    without: ['a=1 # x', 'a=# x', 'a=!x', 'a=b\\\n# x', 'a#b=1', '\\# a=1', 'a\\\n  ! b=1', 'a=b\\\\\\\n#c', ''],
    insertions: startAndEnd('# x'),
  },
};

describe.each(Object.keys(PLANS) as Format[])('comments in %s', (format) => {
  const plan = PLANS[format];
  const codec = codecFor(format);
  const hasComments = (text: string) => codec.hasComments(text);

  it('are seen wherever they can stand', () => {
    for (const text of plan.with) {
      codec.decode(text);
      expect([text, hasComments(text)]).toEqual([text, true]);
    }
  });

  it('are told from texts that look like them', () => {
    for (const text of plan.without) {
      codec.decode(text);
      expect([text, hasComments(text)]).toEqual([text, false]);
    }
  });

  it('are not in what the encoder writes, and are where one is added', () => {
    fc.assert(
      fc.property(configuration(codec.capabilities.nonFiniteNumbers), (input) => {
        const text = codec.encode(input);
        assert.equal(hasComments(text), false);
        for (const commented of plan.insertions(text)) {
          assert.deepEqual(findDifferences(input, codec.decode(commented)), [], commented);
          assert.equal(hasComments(commented), true, commented);
        }
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('are looked for in time', () => {
    const start = process.cpuUsage();
    const [opening, closing] = format === 'xml' ? ['<a>', '</a>'] : ['', ''];
    const line: Record<Format, (index: number) => string> = {
      yaml: (index) => `k${index}: "# x"\n`,
      toml: (index) => `k${index} = '# x'\n`,
      ini: (index) => `k${index} = "; x"\n`,
      xml: (index) => `<k${index}><![CDATA[<!-- ]]></k${index}>\n`,
      properties: (index) => `k${index}=# x\n`,
    };
    const text = opening + Array.from({ length: 100_000 }, (_, index) => line[format](index)).join('') + closing;
    expect(hasComments(text)).toBe(false);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(5000);
  });
});

describe('comments in JSON', () => {
  it('are none, because a text with them is not JSON', () => {
    expect(codecFor('json').hasComments('{"a": "// x"}')).toBe(false);
  });
});

describe('a text by the rules of its format', () => {
  const rules = { yaml: yamlRules, toml: tomlRules, ini: iniRules, xml: xmlRules, properties: propertiesRules };

  it.each(Object.keys(rules) as Format[])('in %s can be asked for comments', (format) => {
    const codec = codecFor(format);
    const marks = format === 'xml' ? /<!--|<\?/ : /[#;!]/;
    for (const [text] of rules[format].accepted) {
      if (codec.hasComments(text)) expect(text).toMatch(marks);
    }
  });
});
