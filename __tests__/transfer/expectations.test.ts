/** That imports, exports and conversions respect what is expected of a configuration. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

function given(name: string, text: string): string {
  mkdirSync(join(folder, 'in'), { recursive: true });
  writeFileSync(join(folder, 'in', name), text);
  return join(folder, 'in', name);
}

const migrations = {
  key: 'configVersion',
  steps: [
    { version: '1.0.0', migrate: (draft: Record<string, unknown>) => void (draft.port ??= 80) },
    { version: '2.0.0', migrate: (draft: Record<string, unknown>) => void (draft.host = `h${String(draft.port)}`) },
  ],
};

describe('an import', () => {
  it('of an older version is migrated on its way', async () => {
    const module = await startModule(folder, { migrations });
    const path = given('old.json', '{"configVersion":"1.0.0","port":8080}');
    const result = await module.importConfiguration(path, 'json');
    expect(result.dataTransformed).toBe(true);
    expect((await module.loadConfiguration()).data).toEqual({ configVersion: '2.0.0', port: 8080, host: 'h8080' });
    expect(await module.getVersionHistory()).toHaveLength(1);
  });

  it('of a newer version is refused, in an archive with all the others', async () => {
    const newer = await startModule(folder);
    await newer.saveConfiguration({ configVersion: '9.0.0' }, join(folder, 'from', 'b.json'));
    await newer.saveConfiguration({ configVersion: '2.0.0' }, join(folder, 'from', 'a.json'));
    const { exportPath } = await newer.exportConfigurations(join(folder, 'from', '*.json'), 'zip');
    const module = await startModule(folder, { migrations });
    const target = join(folder, 'target');
    await expect(module.importConfiguration(exportPath!, 'zip', target)).rejects.toMatchObject({
      code: 'ERR_NEWER_VERSION',
    });
    expect(existsSync(target) ? readdirSync(target) : []).toEqual([]);
  });

  it('that violates the schema is refused without its values, and taken where that is asked for', async () => {
    const module = await startModule(folder, { schema: z.object({ port: z.number() }) });
    const path = given('x.json', '{"port":"hunter2-hunter2"}');
    const failure = await module.importConfiguration(path, 'json').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'ERR_VALIDATION', paths: [expect.stringContaining('port')] });
    expect((failure as Error).message).not.toContain('hunter2');
    expect(existsSync(join(folder, 'app.json'))).toBe(false);
    await module.importConfiguration(path, 'json', undefined, { validate: false });
    expect(await module.loadConfiguration()).toMatchObject({ isValid: false });
  });

  it('does not write the defaults down', async () => {
    const module = await startModule(folder, { defaults: { port: 80, host: 'local' } });
    await module.importConfiguration(given('x.json', '{"port":1}'), 'json');
    const { data } = await module.loadConfiguration();
    expect(data).toEqual({ port: 1, host: 'local' });
    const plain = await startModule(folder);
    expect((await plain.loadConfiguration()).data).toEqual({ port: 1 });
  });
});

describe('requests', () => {
  it('export and import, and no reply holds values', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ secret: 'hunter2' });
    const exportPath = join(folder, 'out.yaml');
    const ask = (type: string, payload: object) =>
      module.handleMessage({ id: type, type, source: 'test', payload, timestamp: Date.now() });
    expect(await ask('export-request', { format: 'yaml', options: { exportPath } })).toMatchObject({
      success: true,
      data: { exportPath, requestId: 'export-request' },
    });
    await module.saveConfiguration({ secret: 'other-secret' });
    const reply = await ask('import-request', { importPath: exportPath, format: 'yaml' });
    expect(reply).toMatchObject({ success: true, data: { changed: true, conflictsResolved: [{ path: 'secret' }] } });
    expect(JSON.stringify(reply)).not.toContain('hunter2');
    expect(JSON.stringify(reply)).not.toContain('other-secret');
    expect(await ask('import-request', { importPath: join(folder, 'none') })).toMatchObject({ success: false });
  });
});

describe('a batch', () => {
  it('does not write two configurations to one file', async () => {
    const module = await startModule(folder);
    for (const name of ['a.json', 'a.toml']) await module.saveConfiguration({ name }, join(folder, 'conf', name));
    const options = { exportPath: join(folder, 'out'), overwrite: true };
    const result = await module.exportConfigurations(join(folder, 'conf', '*'), 'yaml', options);
    expect(result.files.filter(({ success }) => success)).toHaveLength(1);
    expect(result.files.find(({ success }) => !success)!.error!.code).toBe('ERR_FILE_EXISTS');
    expect(readdirSync(join(folder, 'out'))).toEqual(['a.yaml']);
  });

  it('leaves names out of an archive that other systems cannot have, and the second of twins', async () => {
    const module = await startModule(folder);
    for (const name of ['App.json', 'app.json']) await module.saveConfiguration(1, join(folder, 'c', name));
    writeFileSync(join(folder, 'c', 'con.json'), '1');
    const result = await module.exportConfigurations(join(folder, 'c', '*'), 'zip', {
      encryption: { passphrase: 'p' },
    });
    expect(result.exportPath).toMatch(/\.zip\.enc$/u);
    expect(result.files.map(({ success }) => success)).toEqual([true, false, false]);
    await expect(module.exportConfigurations(join(folder, 'none', '*'), 'zip')).rejects.toMatchObject({
      code: 'ERR_FILE_NOT_FOUND',
    });
  });

  it('finds exports again where a pattern names the archive folder', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await module.exportConfiguration('yaml');
    const pattern = join(folder, 'archive', '*.yaml');
    const { files } = await module.importConfigurations(pattern, undefined, { targetDirectory: join(folder, 't') });
    expect(files).toHaveLength(1);
  });
});

describe('options that an archive cannot follow', () => {
  it('are refused', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const { exportPath } = await module.exportConfiguration('zip');
    await expect(
      module.importConfiguration(exportPath, 'zip', undefined, { expectedChecksum: null }),
    ).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });
});
