/** That an import makes a file's content the present one, or changes nothing. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationFormat } from '../../interfaces/enums.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { listing, startModule, temporaryFolder } from '../support/moduleFixture.js';

const VALUE = { server: { port: 8080, hosts: ['a', 'b'] }, debug: false, name: 'Ångström', nothing: null };
const TEXT_FORMATS = Object.values(ConfigurationFormat);

let folder: string;
let target: string;
let module: ConfigPersistenceModule;

beforeEach(async () => {
  folder = temporaryFolder();
  target = join(folder, 'target.json');
  module = await startModule(folder);
});

function given(name: string, text: string | Uint8Array): string {
  const path = join(folder, 'in', name);
  mkdirSync(join(folder, 'in'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe('importConfiguration of a file', () => {
  it('takes each format into each', async () => {
    await module.saveConfiguration(VALUE);
    let pairs = 0;
    for (const from of TEXT_FORMATS) {
      const { exportPath } = await module.exportConfiguration(from);
      for (const to of TEXT_FORMATS) {
        const path = join(folder, `${from}-as.${to}`);
        const result = await module.importConfiguration(exportPath, from, path);
        expect(result).toMatchObject({ success: true, changed: true, dataTransformed: from !== to });
        expect((await module.loadConfiguration(path)).data).toEqual(VALUE);
        pairs += 1;
      }
    }
    expect(pairs).toBe(36);
  });

  it('answers with everything that the contract names, and records where the version came from', async () => {
    const path = given('x.yaml', 'port: 1\n');
    await module.saveConfiguration({ port: 0 }, target);
    const result = await module.importConfiguration(path, 'yaml', target, {
      user: 'ada',
      description: 'why',
      tags: ['t'],
    });
    expect(result).toMatchObject({
      success: true,
      operationType: 'import',
      importedFromPath: path,
      format: 'yaml',
      targetFilePath: target,
      filePath: target,
      dataTransformed: true,
      validationPerformed: true,
      backupCreated: true,
      backupId: expect.any(String),
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/u),
      changed: true,
    });
    const [version] = await module.getVersionHistory(target);
    expect(version).toMatchObject({ createdBy: 'ada', description: 'why', tags: ['t'] });
    await module.restoreFromBackup(result.backupId!);
    expect((await module.loadConfiguration(target)).data).toEqual({ port: 0 });
  });

  it('keeps bytes, comments and line ends where the format stays', async () => {
    const text = '# by hand\r\nport:   80 # aligned\r\n';
    const path = join(folder, 'kept.yaml');
    const result = await module.importConfiguration(given('x.yaml', text), 'yaml', path);
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(result.dataTransformed).toBe(false);
  });

  it('goes to the default configuration, and tells the format from the name, where nothing is said', async () => {
    const result = await module.importConfiguration(given('x.toml', 'port = 1\n'));
    expect(result).toMatchObject({ targetFilePath: join(folder, 'app.json'), format: 'toml' });
    expect((await module.loadConfiguration()).data).toEqual({ port: 1 });
  });

  it.each([
    ['a.jsonc', '{ // why\n "port": 1, /* and */ "list": [1, 2,], }'],
    ['a.json5', '{ port: +1, // why\n list: [1, 2,], }'],
  ])('reads %s', async (name, text) => {
    const result = await module.importConfiguration(given(name, text), 'json', target);
    expect((await module.loadConfiguration(target)).data).toEqual({ port: 1, list: [1, 2] });
    expect(result.warnings).toEqual([expect.stringContaining('Comments')]);
  });

  it('backs up what it replaces also where automatic backups are off', async () => {
    const quiet = await startModule(folder, { autoBackupEnabled: false });
    await quiet.saveConfiguration({ port: 0 }, target);
    const { backupId } = await quiet.importConfiguration(given('x.json', '{"port":1}'), 'json', target);
    await quiet.restoreFromBackup(backupId!);
    expect((await quiet.loadConfiguration(target)).data).toEqual({ port: 0 });
  });

  it('tells what would happen, and does nothing, in a dry run', async () => {
    await module.saveConfiguration({ port: 0 }, target);
    await module.loadConfiguration(target);
    const path = given('x.json', '{"port":1}');
    const before = listing(folder);
    const result = await module.importConfiguration(path, 'json', target, { dryRun: true });
    expect(result).toMatchObject({ changed: true, dryRun: true, backupCreated: false });
    expect(result.conflictsResolved).toEqual([expect.objectContaining({ path: expect.stringContaining('port') })]);
    expect(listing(folder)).toEqual(before);
  });

  it.each([
    ['what breaks the format', 'x.json', '{"a":', 'json', 'ERR_PARSE'],
    ['a prototype', 'x.json', '{"__proto__":{"a":1}}', 'json', 'ERR_INVALID_CONFIGURATION_DATA'],
    ['what is not UTF-8', 'x.yaml', Buffer.from([0x61, 0x3a, 0x20, 0xff]), 'yaml', 'ERR_PARSE'],
    ['a document type', 'x.xml', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'xml', 'ERR_PARSE'],
    ['another format than it is said to be', 'x.toml', '{"a":1}', 'toml', 'ERR_PARSE'],
  ] as const)('refuses %s and changes nothing', async (_what, name, text, format, code) => {
    await module.saveConfiguration({ port: 0 }, target);
    const before = readFileSync(target, 'utf8');
    await expect(module.importConfiguration(given(name, text), format, target)).rejects.toMatchObject({ code });
    expect(readFileSync(target, 'utf8')).toBe(before);
    expect(await module.getVersionHistory(target)).toHaveLength(1);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });

  it('refuses sources and targets outside the allowed folders, also through links', async () => {
    const outside = temporaryFolder();
    writeFileSync(join(outside, 'x.json'), '{"stolen":1}');
    symlinkSync(join(outside, 'x.json'), join(folder, 'link.json'));
    const inside = given('x.json', '{"a":1}');
    for (const [from, to] of [
      [join(outside, 'x.json'), target],
      [join(folder, 'link.json'), target],
      [inside, join(outside, 'y.json')],
    ] as const) {
      await expect(module.importConfiguration(from, 'json', to)).rejects.toMatchObject({
        code: 'ERR_INVALID_FILE_PATH',
      });
    }
    expect(existsSync(join(outside, 'y.json'))).toBe(false);
  });

  it('takes description and tags over that lie beside an export', async () => {
    await module.saveConfiguration(VALUE);
    await module.setConfigurationMetadata({ description: 'of the file', tags: ['b'], customFields: { team: 'x' } });
    const { exportPath } = await module.exportConfiguration('toml', undefined, { includeMetadata: true });
    await module.importConfiguration(exportPath, 'toml', target);
    expect(await module.getConfigurationMetadata(target)).toMatchObject({
      description: 'of the file',
      tags: ['b'],
      customFields: { team: 'x' },
    });
  });

  it('is a compare-and-set where a checksum is expected', async () => {
    const { checksum } = await module.saveConfiguration({ port: 0 }, target);
    await module.saveConfiguration({ port: 2 }, target);
    const path = given('x.json', '{"port":1}');
    const attempt = module.importConfiguration(path, 'json', target, { expectedChecksum: checksum! });
    await expect(attempt).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    expect((await module.loadConfiguration(target)).data).toEqual({ port: 2 });
  });

  it('replaces a damaged file, which goes into quarantine', async () => {
    await module.saveConfiguration({ port: 0 }, target);
    writeFileSync(target, '{"port":');
    await module.importConfiguration(given('x.json', '{"port":1}'), 'json', target);
    expect((await module.loadConfiguration(target)).data).toEqual({ port: 1 });
  });
});

describe('conflictResolution', () => {
  const local = { shared: 1, here: 'local', both: 'local' };

  async function exported(): Promise<string> {
    await module.saveConfiguration({ shared: 1, here: 'base', both: 'base', there: 'base' }, target);
    const { exportPath } = await module.exportConfiguration('json', target, { includeMetadata: true });
    // Edited elsewhere.
    const remote = { shared: 1, here: 'base', both: 'remote', there: 'remote', added: true };
    writeFileSync(exportPath, JSON.stringify(remote));
    await module.saveConfiguration({ ...local, there: 'base' }, target);
    return exportPath;
  }

  it('keep-remote, the default, takes the import whole and tells what it replaced', async () => {
    const result = await module.importConfiguration(await exported(), 'json', target);
    const { data } = await module.loadConfiguration(target);
    expect(data).toEqual({ shared: 1, here: 'base', both: 'remote', there: 'remote', added: true });
    const conflicts = result.conflictsResolved!;
    expect(conflicts.map(({ path }) => path).sort()).toEqual([
      expect.stringContaining('both'),
      expect.stringContaining('here'),
    ]);
    expect(new Set(conflicts.map(({ resolution }) => resolution))).toEqual(new Set(['keep-remote']));
  });

  it('keep-local and skip leave the present one', async () => {
    const path = await exported();
    for (const conflictResolution of ['keep-local', 'skip'] as const) {
      const result = await module.importConfiguration(path, 'json', target, { conflictResolution });
      expect(result).toMatchObject({ changed: false, backupCreated: false });
      expect((await module.loadConfiguration(target)).data).toEqual({ ...local, there: 'base' });
      expect(result.conflictsResolved === undefined).toBe(conflictResolution === 'skip');
    }
    expect(await module.getVersionHistory(target)).toHaveLength(2);
  });

  it('skip and keep-local import where there is nothing yet', async () => {
    for (const conflictResolution of ['keep-local', 'skip', 'manual', 'merge'] as const) {
      const path = join(folder, `${conflictResolution}.json`);
      await module.importConfiguration(given('x.json', '{"a":1}'), 'json', path, { conflictResolution });
      expect((await module.loadConfiguration(path)).data).toEqual({ a: 1 });
    }
  });

  it('merge takes over what was changed elsewhere since the common version, and keeps what was changed here', async () => {
    const result = await module.importConfiguration(await exported(), 'json', target, { conflictResolution: 'merge' });
    expect((await module.loadConfiguration(target)).data).toEqual({
      shared: 1,
      here: 'local',
      both: 'remote',
      there: 'remote',
      added: true,
    });
    expect(result.conflictsResolved).toHaveLength(1);
    expect(result.conflictsResolved![0]).toMatchObject({
      localValue: 'local',
      remoteValue: 'remote',
      baseValue: 'base',
    });
  });

  it('merge without a common version unites both, the import counting in the same place', async () => {
    await module.saveConfiguration({ a: 1, b: { c: 1 } }, target);
    const path = given('x.json', '{"a":2,"b":{"d":1}}');
    await module.importConfiguration(path, 'json', target, { conflictResolution: 'merge' });
    expect((await module.loadConfiguration(target)).data).toEqual({ a: 2, b: { c: 1, d: 1 } });
  });

  it('manual refuses with the places, and changes nothing', async () => {
    const path = await exported();
    await expect(
      module.importConfiguration(path, 'json', target, { conflictResolution: 'manual' }),
    ).rejects.toMatchObject({ code: 'ERR_CONFLICT', paths: expect.arrayContaining([expect.stringContaining('both')]) });
    expect((await module.loadConfiguration(target)).data).toEqual({ ...local, there: 'base' });
  });

  it('manual imports where only the other side was changed', async () => {
    await module.saveConfiguration({ a: 1 }, target);
    const { exportPath } = await module.exportConfiguration('json', target, { includeMetadata: true });
    writeFileSync(exportPath, '{"a":2}');
    await module.importConfiguration(exportPath, 'json', target, { conflictResolution: 'manual' });
    expect((await module.loadConfiguration(target)).data).toEqual({ a: 2 });
  });
});
