/** What a schema refuses, what a load says of it, and that no value is in the words for it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { DebugModule, ValidationResult } from '../../interfaces/framework.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import type { StandardSchema } from '../../interfaces/schemas.js';
import { PersistenceError } from '../../src/errors/PersistenceError.js';
import { listing, newModule, startModule, temporaryFolder } from '../support/moduleFixture.js';
import { FITTING, NOT_FITTING, printed, SCHEMAS, SECRET } from './schemaFixture.js';

async function failureOf(work: Promise<unknown>): Promise<PersistenceError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PersistenceError)) throw new Error('it did not fail with an error of ours', { cause: error });
  return error;
}

const refusal = { code: 'ERR_VALIDATION', paths: expect.arrayContaining(['token', 'server.host']) };

describe.each(Object.entries(SCHEMAS))('a schema of %s', (_library, schema) => {
  it('lets what fits be saved, loaded and updated', async () => {
    const module = await startModule(temporaryFolder(), { schema });
    await module.saveConfiguration(FITTING);
    expect(await module.loadConfiguration()).toMatchObject({ data: FITTING, isValid: true });
    await module.updateConfiguration((draft) => void (draft.port = 81));
    const loaded = await module.loadConfiguration();
    expect(loaded.data.port).toBe(81);
    expect(loaded.validationResults).toBeUndefined();
  });

  it('refuses what does not fit in a save and an update, and nothing is written', async () => {
    const folder = temporaryFolder();
    const module = await startModule(folder, { schema });
    await expect(module.saveConfiguration(NOT_FITTING)).rejects.toMatchObject(refusal);
    const nothing = listing(folder).filter((line) => line.includes('app.json'));
    expect(nothing).toEqual([]);
    await module.saveConfiguration(FITTING);
    const before = await module.loadConfiguration();
    const update = module.updateConfiguration((draft) => Object.assign(draft as object, NOT_FITTING));
    await expect(update).rejects.toMatchObject(refusal);
    expect((await module.loadConfiguration()).checksum).toBe(before.checksum);
    expect(await module.getVersionHistory()).toHaveLength(1);
  });

  it('is told of in a load, with the places, and the load still gives the value', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'app.json'), JSON.stringify(NOT_FITTING));
    const module = await startModule(folder, { schema });
    for (let time = 0; time < 2; time++) {
      const { data, isValid, validationResults = [] } = await module.loadConfiguration();
      expect(data).toEqual(NOT_FITTING);
      expect(isValid).toBe(false);
      expect(validationResults.map(({ affectedSection }) => affectedSection).sort()).toEqual(['server.host', 'token']);
      for (const { type, severity } of validationResults) {
        expect({ type, severity }).toEqual({ type: 'structure-violation', severity: 'high' });
      }
      expect(JSON.stringify(validationResults)).not.toContain(SECRET);
    }
  });

  it('lets an update repair what does not fit', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'app.json'), JSON.stringify(NOT_FITTING));
    const module = await startModule(folder, { schema });
    await module.updateConfiguration((draft) => Object.assign(draft as object, FITTING));
    expect(await module.loadConfiguration()).toMatchObject({ isValid: true, data: FITTING });
  });

  it('never has a value told: not by errors, logs, alerts or replies', async () => {
    const lines: string[] = [];
    const log: DebugModule['log'] = (...entry) => lines.push(JSON.stringify(entry));
    const sent: unknown[] = [];
    const folder = temporaryFolder();
    const module = newModule(folder, {
      schema,
      debug: { enableRequestLogging: true, enablePerformanceMonitoring: true, logLevel: 'debug' },
      alerts: (alert) => sent.push(alert),
    });
    module.setDebugModule({ log });
    await module.initialize();
    const error = await failureOf(module.saveConfiguration(NOT_FITTING));
    expect(printed(error)).not.toContain(SECRET);
    expect(error.stack).not.toContain(SECRET);
    // What the library said is there for who asks for it.
    expect(error.issues?.length).toBeGreaterThan(0);
    const response = await module.handleMessage({
      id: 'm',
      type: 'save-request',
      source: 'somebody',
      payload: { config: NOT_FITTING },
      timestamp: Date.now(),
    });
    expect(response?.data).toMatchObject({ code: 'ERR_VALIDATION' });
    writeFileSync(join(folder, 'app.json'), JSON.stringify(NOT_FITTING));
    await module.loadConfiguration();
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.stringify([response, lines, sent])).not.toContain(SECRET);
  });

  it('is not shown by getConfig and survives it', async () => {
    const module = newModule(temporaryFolder(), { schema });
    expect(JSON.stringify(module.getConfig())).toContain('"schema":"[hidden]"');
    await module.initialize();
    await expect(module.saveConfiguration(NOT_FITTING)).rejects.toMatchObject(refusal);
  });

  it('is asked by restores and rollbacks, which take what does not fit only with validate: false', async () => {
    const folder = temporaryFolder();
    const before = await startModule(folder);
    await before.saveConfiguration(NOT_FITTING);
    const { backupId } = await before.createBackup(undefined, 'old');
    await before.saveConfiguration(FITTING);
    const [, version] = await before.getVersionHistory();
    await before.destroy();

    const module = await startModule(folder, { schema });
    const { checksum } = await module.loadConfiguration();
    await expect(module.restoreFromBackup(backupId)).rejects.toMatchObject(refusal);
    await expect(module.rollbackToVersion(version!.id)).rejects.toMatchObject(refusal);
    expect((await module.loadConfiguration()).checksum).toBe(checksum);
    expect(await module.getVersionHistory()).toHaveLength(2);

    await module.restoreFromBackup(backupId, undefined, { validate: false });
    expect(await module.loadConfiguration()).toMatchObject({ data: NOT_FITTING, isValid: false });
    await module.saveConfiguration(FITTING);
    await module.rollbackToVersion(version!.id, { validate: false });
    expect(await module.loadConfiguration()).toMatchObject({ data: NOT_FITTING, isValid: false });
  });
});

describe('a schema that is a function of the caller', () => {
  it('may be asynchronous, for saves and for loads', async () => {
    const schema = z.object({ name: z.string().refine(async (name) => Promise.resolve(name !== 'taken')) });
    const module = await startModule(temporaryFolder(), { schema });
    await expect(module.saveConfiguration({ name: 'taken' })).rejects.toMatchObject({
      code: 'ERR_VALIDATION',
      paths: ['name'],
    });
    await module.saveConfiguration({ name: 'free' });
    expect((await module.loadConfiguration()).isValid).toBe(true);
  });

  it('is bounded by the time of the operation, and holds nobody up', async () => {
    let isHanging = true;
    const schema = standard(() => (isHanging ? new Promise(() => undefined) : { value: 1 }));
    const module = await startModule(temporaryFolder(), { schema, maxConcurrentOperations: 1 });
    const hanging = module.saveConfiguration({}, undefined, { timeout: 300 });
    const other = module.checkFileLock('app.json');
    await expect(other).resolves.toMatchObject({ isLocked: false });
    await expect(hanging).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    isHanging = false;
    await module.saveConfiguration({ a: 1 });
    const abort = new AbortController();
    isHanging = true;
    const aborted = module.saveConfiguration({}, undefined, { signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    await expect(aborted).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('cannot wait for a change of the same file', async () => {
    const folder = temporaryFolder();
    const schema = standard(async () => {
      await module.saveConfiguration({ again: true });
      return { value: 1 };
    });
    const module = await startModule(folder, { schema });
    const error = await failureOf(module.saveConfiguration({}));
    expect(error).toMatchObject({ code: 'ERR_VALIDATION', cause: { code: 'ERR_INVALID_REQUEST' } });
  });

  it.each<[string, () => unknown, string]>([
    ['throws', () => raise(new TypeError('broken')), 'ERR_VALIDATION'],
    ['rejects', () => Promise.reject(new TypeError('broken')), 'ERR_VALIDATION'],
    ['answers nothing', () => undefined, 'ERR_INVALID_OPTION'],
    ['answers true', () => true, 'ERR_INVALID_OPTION'],
    ['answers an empty object', () => ({}), 'ERR_INVALID_OPTION'],
    ['answers issues that are no list', () => ({ issues: 'many' }), 'ERR_INVALID_OPTION'],
    ['answers an empty list of issues', () => ({ issues: [] }), 'ERR_VALIDATION'],
    ['answers issues that are none', () => ({ issues: [null, 5, { path: 5 }] }), 'ERR_VALIDATION'],
  ])('and %s is an error of the save and of the load, and nothing is written', async (_what, validate, code) => {
    const folder = temporaryFolder();
    const module = await startModule(folder, { schema: standard(validate) });
    const error = await failureOf(module.saveConfiguration({ a: 1 }));
    expect(error.code).toBe(code);
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    if (code === 'ERR_VALIDATION' && error.issues === undefined) expect(error.cause).toBeInstanceOf(TypeError);
    writeFileSync(join(folder, 'app.json'), '{}');
    const load = module.loadConfiguration();
    if (error.issues === undefined) await expect(load).rejects.toMatchObject({ code });
    else
      await expect(load).resolves.toMatchObject({ isValid: false, validationResults: [{ affectedSection: '(root)' }] });
  });

  it('may change what it is given: that changes nothing', async () => {
    const schema = standard((value) => {
      (value as { port: number }).port = 0;
      return { value };
    });
    const module = await startModule(temporaryFolder(), { schema });
    await module.saveConfiguration({ port: 80 });
    expect((await module.loadConfiguration()).data).toEqual({ port: 80 });
  });

  it('comes after the option validate', async () => {
    const asked: string[] = [];
    const validate = (): ValidationResult => (asked.push('validate'), { isValid: asked.length > 2, errors: [] });
    const module = await startModule(temporaryFolder(), {
      validate,
      schema: standard((value) => (asked.push('schema'), { value })),
    });
    await expect(module.saveConfiguration({})).rejects.toMatchObject({ code: 'ERR_VALIDATION' });
    await expect(module.saveConfiguration({})).rejects.toMatchObject({ code: 'ERR_VALIDATION' });
    await module.saveConfiguration({});
    expect(asked).toEqual(['validate', 'validate', 'validate', 'schema']);
  });

  it('lists many places of a load within a bound, and counts the others', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'app.json'), JSON.stringify(Array.from({ length: 1000 }, () => SECRET)));
    const module = await startModule(folder, { schema: z.array(z.number()) });
    const { validationResults = [] } = await module.loadConfiguration();
    expect(validationResults).toHaveLength(101);
    expect(validationResults.at(-1)?.description).toMatch(/^900 /u);
    const error = await failureOf(module.saveConfiguration(Array.from({ length: 1000 }, () => SECRET)));
    expect(error.paths).toHaveLength(10);
  });

  it('is asked once for a value that is saved and then loaded, however often', async () => {
    let count = 0;
    const schema = standard((value) => ((count += 1), { value }));
    const module = await startModule(temporaryFolder(), { schema });
    await module.saveConfiguration({ a: 1 });
    await module.loadConfiguration();
    await module.loadConfiguration();
    expect(count).toBe(1);
  });
});

describe('a JSON Schema', () => {
  it.each<[string, object | boolean, unknown, string[]]>([
    ['of draft-07', { $schema: 'http://json-schema.org/draft-07/schema#', required: ['a'] }, {}, ['a']],
    ['of 2019-09', { $schema: 'https://json-schema.org/draft/2019-09/schema', minProperties: 1 }, {}, ['(root)']],
    [
      'of 2020-12',
      {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        properties: { a: { prefixItems: [{ type: 'string' }] } },
      },
      { a: [1] },
      ['a[0]'],
    ],
    ['that forbids further members', { additionalProperties: false }, { odd: 1 }, ['odd']],
    ['with a key that has slashes', { properties: { 'a/b~c': { type: 'string' } } }, { 'a/b~c': 1 }, ['["a/b~c"]']],
    ['with a key that looks like an index', { properties: { 0: { type: 'string' } } }, { 0: 1 }, ['["0"]']],
    ['with a format', { properties: { a: { format: 'ipv4' } } }, { a: SECRET }, ['a']],
    ['with an unknown format', { properties: { a: { format: 'odd' } }, required: ['b'] }, { a: 'x' }, ['b']],
    ['false', false, {}, ['(root)']],
    ['with a reference inside', { $ref: '#/$defs/a', $defs: { a: { required: ['a'] } } }, {}, ['a']],
  ])('%s is checked', async (_what, schema, value, paths) => {
    const module = await startModule(temporaryFolder(), { schema: schema as never });
    await expect(module.saveConfiguration(value)).rejects.toMatchObject({ code: 'ERR_VALIDATION', paths });
  });

  it('never changes the value: no coercion, no defaults, nothing removed', async () => {
    const schema = {
      type: 'object',
      properties: { port: { type: 'number', default: 80 }, host: { type: 'string', default: 'a' } },
    };
    const module = await startModule(temporaryFolder(), { schema });
    await expect(module.saveConfiguration({ port: '80' })).rejects.toMatchObject({ code: 'ERR_VALIDATION' });
    await module.saveConfiguration({ port: 81, odd: 1 });
    expect((await module.loadConfiguration()).data).toEqual({ port: 81, odd: 1 });
  });

  it.each([
    ['with a reference to another document', { $ref: 'https://example.org/schema.json' }],
    ['that is none', { type: 'text' }],
    ['of a draft that is not known', { $schema: 'http://json-schema.org/draft-04/schema#' }],
  ])('%s is ERR_INVALID_OPTION at the first save', async (_what, schema) => {
    const module = await startModule(temporaryFolder(), { schema });
    await expect(module.saveConfiguration({ a: 1 })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
  });

  it('tells the keyword, which is no value', async () => {
    const module = await startModule(temporaryFolder(), { schema: { properties: { a: { type: 'string' } } } });
    const error = await failureOf(module.saveConfiguration({ a: 1 }));
    expect(error.message).toContain('a (type)');
  });

  it.each([
    ['as a whole', { $async: true }],
    ['in a part', { $ref: '#/$defs/a', $defs: { a: { $async: true } } }],
  ])('that is asynchronous is refused when it is configured: %s', (_what, schema) => {
    const configure = (): unknown => newModule(temporaryFolder(), { schema });
    expect(configure).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  });
});

describe('rules for some files', () => {
  it('count for the files that they name, the first of several', async () => {
    const folder = temporaryFolder();
    const schema: ConfigPersistenceOptions['schema'] = [
      { files: join(folder, 'users-*.json'), schema: z.object({ name: z.string() }) },
      { files: [join(folder, '**', '*.yaml'), join(folder, '.hidden', '*')], schema: { required: ['yes'] } },
      { files: join(folder, 'users-1.json'), schema: false },
    ];
    const module = await startModule(folder, { schema });
    const save = (name: string, value: unknown) => module.saveConfiguration(value, join(folder, name));
    await save('users-1.json', { name: 'ann' });
    await expect(save('users-2.json', {})).rejects.toMatchObject({ code: 'ERR_VALIDATION', paths: ['name'] });
    await save('other.json', {});
    await expect(save('deep/down/a.yaml', {})).rejects.toMatchObject({ code: 'ERR_VALIDATION', paths: ['yes'] });
    await expect(save('.hidden/a.json', {})).rejects.toMatchObject({ code: 'ERR_VALIDATION', paths: ['yes'] });
    await save('deep/down/a.yaml', { yes: 1 });
    expect(await module.loadConfiguration(join(folder, 'deep/down/a.yaml'))).toMatchObject({ isValid: true });
  });

  it('that are relative mean the working directory at configure(), whatever is special in its name', async () => {
    const folder = temporaryFolder();
    const odd = join(folder, 'a (b) [c] {d,e} !x');
    const home = process.cwd();
    const { mkdirSync } = await import('node:fs');
    mkdirSync(odd);
    try {
      process.chdir(odd);
      const schema = [
        { files: './config/*.json', schema: false },
        { files: ['../*.json'], schema: { required: ['up'] } },
      ];
      const module = newModule(folder, {
        defaultConfigPath: join(odd, 'config/app.json'),
        schema,
        allowedDirectories: [folder],
      });
      process.chdir(home);
      await module.initialize();
      await expect(module.saveConfiguration({})).rejects.toMatchObject({ code: 'ERR_VALIDATION' });
      const above = module.saveConfiguration({}, join(folder, 'above.json'));
      await expect(above).rejects.toMatchObject({ code: 'ERR_VALIDATION', paths: ['up'] });
      await module.saveConfiguration({}, join(odd, 'other.json'));
    } finally {
      process.chdir(home);
    }
  });
});

function standard(validate: (value: unknown) => unknown): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate: validate as never } };
}

function raise(error: Error): never {
  throw error;
}
