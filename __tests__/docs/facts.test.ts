/** Holds the reference pages against the source: what there is stands there, and what is shown there is so. */
import { readFileSync } from 'node:fs';
import { codecFor } from '../../src/codec/codecs.js';
import { ERROR_CODES } from '../../src/index.js';
import { OPTION_RULES } from '../../src/options/optionRules.js';
import { blocksOf, textOf } from './documents.js';

describe('The reference', () => {
  it('explains every error code', () => {
    const page = textOf('docs/reference/errors.md');

    expect(Object.keys(ERROR_CODES).filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });

  it('explains every option', () => {
    const page = textOf('docs/reference/options.md');

    expect(Object.keys(OPTION_RULES).filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
  });

  it('explains every method', () => {
    const source = readFileSync('interfaces/IConfigPersistenceModule.ts', 'utf8');
    const methods = [...source.matchAll(/^ {2}(?<name>\w+)(?:<[^(]*>)?\(/gmu)].map(({ groups }) => groups?.name ?? '');
    const page = textOf('docs/reference/methods.md');

    expect(methods.length).toBeGreaterThan(20);
    expect(methods.filter((name) => !new RegExp(`\\b${name}\\b`, 'u').test(page))).toEqual([]);
  });

  it.each(['yaml', 'toml', 'ini', 'properties', 'xml'] as const)('shows a value in %s as it is read', (format) => {
    const value = { name: 'demo', nothing: null, zip: '007', list: [1, { deep: [] }], server: { port: 8080 } };
    const block = blocksOf('docs/reference/formats.md').find(({ language }) => language === format);

    expect(codecFor(format).decode(block?.text ?? '')).toEqual(value);
  });
});
