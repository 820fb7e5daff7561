/** Defaults lie under what is read, and are never written. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import { layUnder, leaveOut } from '../../src/schema/defaults.js';
import { newModule, startModule, temporaryFolder } from '../support/moduleFixture.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the draft, whose shape differs from row to row
type Edit = (draft: any) => unknown;

const DEFAULTS = { theme: 'light', server: { host: 'localhost', port: 80, tls: { on: false } }, list: [1, 2] };

async function withFile(text: string, options: ConfigPersistenceOptions = {}) {
  const folder = temporaryFolder();
  const path = join(folder, 'app.json');
  writeFileSync(path, text);
  const module = await startModule(folder, { defaults: DEFAULTS, ...options });
  return { module, path, bytes: () => readFileSync(path, 'utf8') };
}

describe('a load', () => {
  it.each<[string, string, unknown]>([
    ['an empty object', '{}', DEFAULTS],
    [
      'objects at any depth',
      '{"server":{"port":8080,"tls":{"cert":"x"}}}',
      { ...DEFAULTS, server: { host: 'localhost', port: 8080, tls: { on: false, cert: 'x' } } },
    ],
    ['a list, which counts as a whole', '{"list":[]}', { ...DEFAULTS, list: [] }],
    ['null, which is a value', '{"server":null,"theme":null}', { ...DEFAULTS, server: null, theme: null }],
    ['another kind of value', '{"server":5}', { ...DEFAULTS, server: 5 }],
    ['a list as the whole', '[1]', [1]],
    ['keys that objects inherit', '{"constructor":1}', { ...DEFAULTS, constructor: 1 }],
  ])('lays them under %s, and the file stays as it is', async (_what, text, expected) => {
    const { module, bytes } = await withFile(text);
    for (let time = 0; time < 2; time++) expect((await module.loadConfiguration()).data).toEqual(expected);
    expect(bytes()).toBe(text);
  });

  it('of a file that is not there fails as before', async () => {
    const module = await startModule(temporaryFolder(), { defaults: DEFAULTS });
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    await expect(module.updateConfiguration(() => undefined)).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
  });

  it('gives a value that is the caller’s own, however it is copied', async () => {
    const large = JSON.stringify({ text: 'x'.repeat(40_000), own: { deep: { a: 1 } } });
    for (const text of ['{}', large]) {
      const { module } = await withFile(text);
      for (const copy of ['view', 'plain'] as const) {
        const { data } = await module.loadConfiguration(undefined, { copy });
        data.server.tls.on = 'changed';
        data.list.push(3);
        data.own = 1;
        const { data: next } = await module.loadConfiguration(undefined, { copy });
        expect(next).toEqual({ ...JSON.parse(text), ...DEFAULTS });
      }
    }
  });

  it('tells metadata and checksum of the file', async () => {
    const { module, bytes } = await withFile('{"a":1}');
    const loaded = await module.loadConfiguration();
    expect(loaded.metadata.fileSize).toBe(bytes().length);
    expect((await module.verifyConfigurationIntegrity('app.json').catch(() => undefined)) ?? {}).toBeDefined();
    expect(loaded.checksum).toBe((await module.getConfigurationMetadata()).checksum);
  });
});

describe('an update', () => {
  it('gives them to mutate and leaves them out of what is written', async () => {
    const { module, bytes } = await withFile('{"own":1}');
    await module.updateConfiguration((draft) => {
      expect(draft).toEqual({ own: 1, ...DEFAULTS });
      draft.own = 2;
    });
    expect(JSON.parse(bytes())).toEqual({ own: 2 });
    expect((await module.loadConfiguration()).data).toEqual({ own: 2, ...DEFAULTS });
  });

  it.each<[string, string, Edit, unknown]>([
    ['a changed member', '{}', (draft) => void (draft.theme = 'dark'), { theme: 'dark' }],
    ['one deep in an object', '{}', (draft) => void (draft.server.tls.on = true), { server: { tls: { on: true } } }],
    ['a new member of such an object', '{}', (draft) => void (draft.server.name = 'n'), { server: { name: 'n' } }],
    ['a list with one item more, as a whole', '{}', (draft) => void draft.list.push(3), { list: [1, 2, 3] }],
    ['null', '{}', (draft) => void (draft.server = null), { server: null }],
    ['another kind of value', '{}', (draft) => void (draft.server = 'no'), { server: 'no' }],
    ['a whole value that was returned', '{}', (draft) => ({ ...draft, own: 1 }), { own: 1 }],
    [
      'what the file says, equal or not',
      '{"theme":"light"}',
      (draft) => void (draft.own = 1),
      { theme: 'light', own: 1 },
    ],
    ['an object of the file, empty or not', '{"server":{}}', (draft) => void (draft.own = 1), { server: {}, own: 1 }],
    [
      'nothing of what was deleted',
      '{"own":1}',
      (draft) => {
        delete draft.theme;
      },
      { own: 1 },
    ],
    ['nothing of an object that was emptied', '{"own":1}', (draft) => void (draft.server = {}), { own: 1 }],
    ['an empty list in its place', '{}', (draft) => void (draft.list = []), { list: [] }],
    ['another root', '{}', () => [1], [1]],
  ])('writes %s', async (_what, text, mutate, expected) => {
    const { module, bytes } = await withFile(text);
    await module.updateConfiguration(mutate);
    expect(JSON.parse(bytes())).toEqual(expected);
  });

  it('writes an initial value as it is', async () => {
    const folder = temporaryFolder();
    const module = await startModule(folder, { defaults: DEFAULTS });
    const initial = { theme: 'light' };
    await module.updateConfiguration((draft) => void (draft.own = 1), undefined, { initial });
    expect(JSON.parse(readFileSync(join(folder, 'app.json'), 'utf8'))).toEqual({ theme: 'light', own: 1 });
  });
});

it('a save writes exactly what it is given', async () => {
  const { module, bytes } = await withFile('{}');
  const { data } = await module.loadConfiguration();
  await module.saveConfiguration({ theme: 'light' });
  expect(JSON.parse(bytes())).toEqual({ theme: 'light' });
  await module.saveConfiguration(data);
  expect(JSON.parse(bytes())).toEqual(DEFAULTS);
});

it('schema and validate see the value with the defaults under it', async () => {
  const schema = z.object({ theme: z.string(), server: z.object({ port: z.number() }) });
  const seen: unknown[] = [];
  const validate = (value: unknown): boolean => seen.push(value) > 0;
  const { module } = await withFile('{"server":{}}', { schema, validate });
  expect((await module.loadConfiguration()).isValid).toBe(true);
  await module.saveConfiguration({ server: {} });
  await module.updateConfiguration((draft) => void (draft.own = 1));
  expect(seen).toEqual([DEFAULTS, { ...DEFAULTS, own: 1 }]);
  await expect(module.saveConfiguration({ theme: 1 })).rejects.toMatchObject({ paths: ['theme'] });
});

it('what the caller does with its defaults afterwards changes nothing, and getConfig does not show them', async () => {
  const folder = temporaryFolder();
  const defaults = { nested: { a: 1 } };
  const module = newModule(folder, { defaults });
  defaults.nested.a = 2;
  await module.initialize();
  await module.saveConfiguration({});
  expect((await module.loadConfiguration()).data).toEqual({ nested: { a: 1 } });
  expect(JSON.stringify(module.getConfig())).toContain('"defaults":"[hidden]"');
});

it('counts for the files that a rule names', async () => {
  const folder = temporaryFolder();
  const defaults = [
    { files: join(folder, 'a-*.json'), defaults: { which: 'a' } },
    { files: join(folder, '*.yaml'), defaults: { which: 'yaml' } },
  ];
  const module = await startModule(folder, { defaults });
  for (const [name, expected] of Object.entries({
    'a-1.json': { which: 'a' },
    'b.yaml': { which: 'yaml' },
    'b.json': {},
  })) {
    await module.saveConfiguration({}, join(folder, name));
    expect((await module.loadConfiguration(join(folder, name))).data).toEqual(expected);
  }
});

it.each<[string, unknown]>([
  ['a date', { a: { at: new Date(0) } }],
  ['a function', { a: () => 1 }],
  ['undefined in a list', { a: [undefined] }],
  ['a getter', Object.defineProperty({}, 'a', { get: () => 1, enumerable: true })],
  ['a text', 'light'],
  ['null', null],
  ['a rule without files', [{ defaults: {} }]],
  ['a rule with another member', [{ files: '*', defaults: {}, schema: {} }]],
  ['a rule without defaults', [{ files: '*' }]],
  ['a pattern that excludes', [{ files: '!a', defaults: {} }]],
  ['no rules', []],
])('%s is ERR_INVALID_OPTION, and is not shown', (_what, defaults) => {
  const configure = (): unknown => newModule(temporaryFolder(), { defaults });
  expect(configure).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  expect(configure).toThrow(/defaults/u);
});

it('laying under and leaving out again gives what was there before', () => {
  const values = [
    {},
    { server: {} },
    { server: { tls: 1 } },
    { theme: null },
    { list: [] },
    { own: { a: [1] } },
    [1],
    'x',
  ];
  for (const value of values) {
    const laid = layUnder(value, DEFAULTS);
    expect(leaveOut(laid, value, DEFAULTS)).toEqual(value);
    expect(layUnder(leaveOut(laid, value, DEFAULTS), DEFAULTS)).toEqual(laid);
  }
  const complete = structuredClone(DEFAULTS);
  expect(layUnder(complete, DEFAULTS)).toBe(complete);
});
