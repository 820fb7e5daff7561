/** The one way in for values from elsewhere, and the parts that tests of the module do not reach. */
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Expectations } from '../../src/schema/Expectations.js';
import { checkByJsonSchema, type ImportModule } from '../../src/schema/jsonSchema.js';
import type { RunCallback } from '../../src/schema/SchemaCheck.js';

const run: RunCallback = async (call) => call();
const NAME = resolve('app.json');
const NOTHING = { schema: undefined, defaults: undefined, migrations: undefined };

const migrations = {
  key: 'v',
  steps: [{ version: 2, migrate: (draft: { port: unknown }) => void (draft.port = Number(draft.port)) }],
};
const schema = z.object({ port: z.number(), theme: z.string(), v: z.number().optional() });
const defaults = { theme: 'light' };

describe('a value that comes from elsewhere', () => {
  it('is taken as it is where nothing is expected of the file', async () => {
    const expectations = await Expectations.open(NOTHING);
    const value = { any: 'thing' };
    expect(await expectations.accept(NAME, value, run)).toEqual({ value, isTransformed: false });
    expect(expectations.of(NAME)).toBeUndefined();
  });

  it('of the newest version is held against the schema, with the defaults under it, and stays what it is', async () => {
    const expectations = await Expectations.open({ schema, defaults, migrations });
    const value = { port: 80, v: 2 };
    const accepted = await expectations.accept(NAME, value, run);
    expect(accepted).toEqual({ value: { port: 80, v: 2 }, isTransformed: false });
    const wrong = expectations.accept(NAME, { port: '80', v: 2 }, run);
    await expect(wrong).rejects.toMatchObject({ code: 'ERR_VALIDATION', paths: ['port'] });
  });

  it('of an older version is migrated in memory', async () => {
    const expectations = await Expectations.open({ schema, defaults, migrations });
    const given = { port: '80' };
    const accepted = await expectations.accept(NAME, given, run);
    expect(accepted).toEqual({ value: { port: 80, v: 2 }, isTransformed: true });
    expect(given).toEqual({ port: '80' });
    const wrong = expectations.accept(NAME, { port: '80', theme: 5 }, run);
    await expect(wrong).rejects.toMatchObject({ code: 'ERR_MIGRATION_FAILED', paths: ['theme'] });
  });

  it('of a newer version, or one that cannot be read, is refused', async () => {
    const expectations = await Expectations.open({ ...NOTHING, migrations });
    await expect(expectations.accept(NAME, { v: 3 }, run)).rejects.toMatchObject({ code: 'ERR_NEWER_VERSION' });
    await expect(expectations.accept(NAME, { v: 'x' }, run)).rejects.toMatchObject({ code: 'ERR_UNREADABLE_VERSION' });
  });

  it('is for a file that a rule may name, by a relative name too, as stores without folders have it', async () => {
    const expectations = await Expectations.open({
      ...NOTHING,
      schema: [{ files: [join(resolve('.'), 'app.*')], schema: false }] as never,
    });
    for (const name of ['app.json', NAME]) {
      await expect(expectations.accept(name, {}, run)).rejects.toMatchObject({ code: 'ERR_VALIDATION' });
    }
    await expectations.accept('other.json', {}, run);
  });
});

describe('without the packages that a JSON Schema needs', () => {
  const without =
    (missing: string): ImportModule =>
    (name) =>
      name.startsWith(missing)
        ? Promise.reject(Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' }))
        : (import(name) as ReturnType<ImportModule>);

  it('says that ajv is to be installed', async () => {
    const check = checkByJsonSchema({ type: 'object' }, without('ajv'));
    await expect(check({}, run)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION', message: /npm install ajv/u });
  });

  it('takes formats as annotations where ajv-formats is not there', async () => {
    const check = checkByJsonSchema({ format: 'ipv4' }, without('ajv-formats'));
    expect(await check('no address', run)).toBeUndefined();
    const full = checkByJsonSchema({ format: 'ipv4' });
    expect((await full('no address', run))?.violations).toEqual([{ path: '(root)', rule: 'format' }]);
  });
});
