/** What schemas, defaults and migrations do on every store: told by what the module answers alone. */
import { join } from 'node:path';
import { z } from 'zod';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';

const OLD = { configVersion: 1, prot: 80 };
const NEW = { configVersion: 2, port: 80 };
const migrations = {
  key: 'configVersion',
  steps: [
    {
      version: 2,
      migrate: ({ prot, ...draft }: { prot: number }) => ({ ...draft, port: prot }),
      description: 'a slip of the pen',
    },
  ],
};

describe('on any store', () => {
  it('a load migrates an older configuration once, with a backup and a version', async () => {
    const home = temporaryFolder();
    const before = await startModule(home);
    await before.saveConfiguration(OLD);
    const modules = [await startModule(home, { migrations }), await startModule(home, { migrations })];
    const loads = await Promise.all(modules.map((module) => module.loadConfiguration()));
    for (const { data, isValid } of loads) expect({ data, isValid }).toEqual({ data: NEW, isValid: true });
    const [newest, ...others] = await before.getVersionHistory();
    expect(newest?.description).toBe('Migrated from 1 to 2; a slip of the pen');
    expect(others).toHaveLength(1);
    const named = (await before.listBackups()).filter(({ name }) => name !== undefined);
    expect(named.map(({ name }) => name)).toEqual(['before-migration-2']);
    await before.restoreFromBackup(named[0]!.id);
    expect((await before.loadConfiguration()).data).toEqual(OLD);
    expect(await modules[0]!.migrateConfiguration()).toMatchObject({ fromVersion: 1, toVersion: 2, changed: true });
  });

  it('a step that fails changes nothing', async () => {
    const home = temporaryFolder();
    const before = await startModule(home);
    await before.saveConfiguration(OLD);
    const failing = { key: 'configVersion', steps: [{ version: 2, migrate: () => Promise.reject(new Error('no')) }] };
    const module = await startModule(home, { migrations: failing });
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_MIGRATION_FAILED' });
    expect((await before.loadConfiguration()).data).toEqual(OLD);
    expect(await before.getVersionHistory()).toHaveLength(1);
  });

  it('a newer configuration is neither loaded nor replaced', async () => {
    const home = temporaryFolder();
    const newer = await startModule(home);
    await newer.saveConfiguration({ configVersion: 3 });
    const module = await startModule(home, { migrations });
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_NEWER_VERSION' });
    await expect(module.saveConfiguration({})).rejects.toMatchObject({ code: 'ERR_NEWER_VERSION' });
    expect((await newer.loadConfiguration()).data).toEqual({ configVersion: 3 });
  });

  it('defaults are laid under and never written, and the schema refuses what does not fit', async () => {
    const home = temporaryFolder();
    const plain = await startModule(home);
    const schema = z.object({ port: z.number(), theme: z.string() });
    const module = await startModule(home, { schema, defaults: { theme: 'light', port: 80 } });
    await module.updateConfiguration((draft) => void (draft.port = 81), undefined, { initial: {} });
    expect((await plain.loadConfiguration()).data).toEqual({ port: 81 });
    expect((await module.loadConfiguration()).data).toEqual({ port: 81, theme: 'light' });
    await expect(module.saveConfiguration({ port: 'x' })).rejects.toMatchObject({ code: 'ERR_VALIDATION' });
    await plain.saveConfiguration({ port: 'x' });
    expect(await module.loadConfiguration()).toMatchObject({ isValid: false });
  });

  it('rules name configurations as they are called', async () => {
    const home = temporaryFolder();
    const module = await startModule(home, { schema: [{ files: join(home, 'user-*.json'), schema: false }] });
    await expect(module.saveConfiguration({}, join(home, 'user-1.json'))).rejects.toMatchObject({
      code: 'ERR_VALIDATION',
    });
    await module.saveConfiguration({}, join(home, 'app.json'));
  });
});
