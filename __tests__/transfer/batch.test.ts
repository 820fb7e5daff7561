/** That many files are exported, imported and converted, each with an outcome of its own. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { memoryStore } from '../../src/memory.js';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';

let folder: string;
let module: ConfigPersistenceModule;

beforeEach(async () => {
  folder = temporaryFolder();
  module = await startModule(folder);
});

const NAMES = ['a.json', 'sub/b.yaml', 'sub/deep/c.toml'];

async function saveThree(): Promise<void> {
  for (const [index, name] of NAMES.entries()) await module.saveConfiguration({ index }, join(folder, 'conf', name));
}

describe('exportConfigurations', () => {
  it('writes each file of a pattern below a folder, in its own place there', async () => {
    await saveThree();
    const exportPath = join(folder, 'out');
    const result = await module.exportConfigurations(join(folder, 'conf', '**'), 'yaml', { exportPath });
    expect(result).toMatchObject({ success: true, operationType: 'export' });
    expect(result.files.map((file) => file.exportPath)).toEqual(
      ['a.yaml', 'sub/b.yaml', 'sub/deep/c.yaml'].map((name) => join(exportPath, name)),
    );
    expect(readFileSync(join(exportPath, 'sub', 'deep', 'c.yaml'), 'utf8')).toContain('index: 2');
  });

  it('leaves the folders of the module out of a pattern', async () => {
    await saveThree();
    await module.saveConfiguration({ top: true });
    await module.saveConfiguration({ top: 'again' });
    const { files } = await module.exportConfigurations(join(folder, '**', '*.json'), 'json');
    expect(files.map(({ filePath }) => filePath)).toEqual([join(folder, 'app.json'), join(folder, 'conf', 'a.json')]);
  });

  it.each(['zip', 'tar.gz', 'backup'] as const)('puts all into one %s, which comes back', async (format) => {
    await saveThree();
    const result = await module.exportConfigurations(
      NAMES.map((name) => join(folder, 'conf', name)),
      format,
    );
    expect(result.files).toHaveLength(3);
    const target = join(folder, 'back');
    await module.importConfiguration(result.exportPath!, format, target);
    for (const [index, name] of NAMES.entries()) {
      expect((await module.loadConfiguration(join(target, name))).data).toEqual({ index });
    }
  });

  it('tells which failed, and exports the others', async () => {
    await saveThree();
    writeFileSync(join(folder, 'conf', 'bad.json'), '{');
    const progress: number[] = [];
    for (const format of ['json', 'zip'] as const) {
      const result = await module.exportConfigurations(join(folder, 'conf', '**'), format, {
        progress: ({ done, total }) => progress.push(done / total),
      });
      expect(result.success).toBe(false);
      const failed = result.files.filter(({ success }) => !success);
      expect(failed).toEqual([
        {
          filePath: join(folder, 'conf', 'bad.json'),
          success: false,
          error: expect.objectContaining({ code: 'ERR_PARSE' }),
        },
      ]);
      expect(result.errors).toHaveLength(1);
    }
    expect(progress.slice(-4)).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it('ends with the signal of the caller, and leaves no half archive', async () => {
    await saveThree();
    const controller = new AbortController();
    const attempt = module.exportConfigurations(join(folder, 'conf', '**'), 'zip', {
      signal: controller.signal,
      exportPath: join(folder, 'all.zip'),
      progress: () => controller.abort(),
    });
    await expect(attempt).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    expect(existsSync(join(folder, 'all.zip'))).toBe(false);
  });

  it('knows the configurations of a store without files', async () => {
    const other = await startModule(folder, { store: memoryStore() });
    await other.saveConfiguration({ a: 1 }, join(folder, 'mem', 'a.json'));
    const { files } = await other.exportConfigurations(join(folder, 'mem', '*.json'), 'yaml');
    expect(files).toHaveLength(1);
    expect(readFileSync(files[0]!.exportPath!, 'utf8')).toBe('a: 1\n');
  });

  it('refuses what is neither a list nor a pattern', async () => {
    for (const selection of ['', null, 7, [null]]) {
      await expect(module.exportConfigurations(selection as never, 'json')).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_INVALID_/u),
      });
    }
  });
});

describe('importConfigurations', () => {
  it('imports each file by itself, and tells which failed', async () => {
    mkdirSync(join(folder, 'in', 'sub'), { recursive: true });
    writeFileSync(join(folder, 'in', 'a.yaml'), 'a: 1\n');
    writeFileSync(join(folder, 'in', 'sub', 'b.jsonc'), '{"b": 2, }');
    writeFileSync(join(folder, 'in', 'bad.toml'), '= 1');
    writeFileSync(join(folder, 'in', 'notes.txt'), 'x');
    const targetDirectory = join(folder, 'target');
    const result = await module.importConfigurations(join(folder, 'in', '**'), undefined, { targetDirectory });
    expect(result.success).toBe(false);
    expect(result.files.filter(({ success }) => success).map(({ filePath }) => filePath)).toEqual([
      join(targetDirectory, 'a.yaml'),
      join(targetDirectory, 'sub', 'b.json'),
    ]);
    expect(result.files.filter(({ success }) => !success).map(({ error }) => error!.code)).toEqual([
      'ERR_PARSE',
      'ERR_UNSUPPORTED_FORMAT',
    ]);
    expect((await module.loadConfiguration(join(targetDirectory, 'sub', 'b.json'))).data).toEqual({ b: 2 });
  });

  it('takes back what was exported packed and encrypted', async () => {
    await saveThree();
    const encryption = { passphrase: 'p' };
    const exportPath = join(folder, 'conf', 'a.json');
    const one = await module.exportConfiguration('json', exportPath, { compression: true, encryption });
    const { files } = await module.importConfigurations([one.exportPath], undefined, {
      encryption,
      targetDirectory: join(folder, 'target'),
    });
    expect(files[0]).toMatchObject({ success: true });
    expect((await module.loadConfiguration(files[0]!.filePath)).data).toEqual({ index: 0 });
  });
});

describe('convertConfiguration', () => {
  it('saves in the other format, and tells what that has no form for', async () => {
    const source = join(folder, 'app.yaml');
    writeFileSync(source, '# why\nlist: [1, {a: null}]\nnothing: null\n');
    const target = join(folder, 'app.toml');
    const dry = await module.convertConfiguration(source, target, { dryRun: true });
    expect(dry.losses.map(({ type }) => type)).toEqual(expect.arrayContaining(['comments', 'convention']));
    expect(existsSync(target)).toBe(false);
    const result = await module.convertConfiguration(source, target);
    expect(result).toMatchObject({ sourceFormat: 'yaml', targetFormat: 'toml', losses: dry.losses });
    expect((await module.loadConfiguration(target)).data).toEqual({ list: [1, { a: null }], nothing: null });
    expect(existsSync(source)).toBe(true);
  });

  it('replaces an existing target only with overwrite, and keeps its content', async () => {
    await module.saveConfiguration({ a: 1 });
    const target = join(folder, 'app.yaml');
    await module.saveConfiguration({ old: 1 }, target);
    await expect(module.convertConfiguration(join(folder, 'app.json'), target)).rejects.toMatchObject({
      code: 'ERR_FILE_EXISTS',
    });
    const { backupId } = await module.convertConfiguration(join(folder, 'app.json'), target, { overwrite: true });
    expect((await module.loadConfiguration(target)).data).toEqual({ a: 1 });
    await module.restoreFromBackup(backupId!);
    expect((await module.loadConfiguration(target)).data).toEqual({ old: 1 });
  });

  it('refuses what the target cannot hold, and itself', async () => {
    await module.saveConfiguration([1]);
    const source = join(folder, 'app.json');
    await expect(module.convertConfiguration(source, join(folder, 'x.toml'))).rejects.toMatchObject({
      code: 'ERR_INVALID_CONFIGURATION_DATA',
    });
    await expect(module.convertConfiguration(source, source)).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    expect(existsSync(join(folder, 'x.toml'))).toBe(false);
  });
});

describe('validateImportData', () => {
  it('tells line, column and place, and never rejects for bad data', async () => {
    expect(await module.validateImportData('{\n  "a": }', 'json')).toMatchObject({
      isValid: false,
      errors: [expect.any(String)],
      problems: [{ code: 'ERR_PARSE', line: 2, column: expect.any(Number) }],
    });
    expect(await module.validateImportData('a: 1\nb: [', 'yaml')).toMatchObject({ isValid: false });
    expect(await module.validateImportData({ a: () => 1 }, 'json')).toMatchObject({
      isValid: false,
      problems: [{ path: expect.stringContaining('a') }],
    });
    expect(await module.validateImportData(Buffer.from('a = 1'), 'toml')).toEqual({
      isValid: true,
      errors: [],
      problems: [],
      data: { a: 1 },
    });
    for (const data of [undefined, null, Symbol('x'), Buffer.from([255, 254])]) {
      expect(await module.validateImportData(data, 'xml')).toMatchObject({ isValid: false });
    }
  });

  it('looks into archives, and names the entries', async () => {
    await saveThree();
    const { exportPath } = await module.exportConfigurations(join(folder, 'conf', '**'), 'zip');
    const bytes = readFileSync(exportPath!);
    expect(await module.validateImportData(bytes, 'zip')).toMatchObject({ isValid: true, data: NAMES });
    expect(await module.validateImportData(bytes.subarray(0, bytes.length - 9), 'zip')).toMatchObject({
      isValid: false,
    });
    expect(await module.validateImportData('text', 'zip')).toMatchObject({ isValid: false });
    expect(await module.validateImportData(bytes, 'tar.gz')).toMatchObject({
      isValid: false,
      problems: [{ code: 'ERR_ARCHIVE_REFUSED' }],
    });
  });

  it('never shows the data', async () => {
    const { errors } = await module.validateImportData('{"password": hunter2-hunter2}', 'json');
    expect(errors.join()).not.toContain('hunter2');
  });
});
