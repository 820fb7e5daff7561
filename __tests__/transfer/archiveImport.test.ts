/** That an archive is imported whole or not at all, and that nothing of it leaves the target folder. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import type { NewEntry } from '../../src/transfer/archives/ArchiveFormat.js';
import { archiveFormatFor } from '../../src/transfer/archives/archiveFormats.js';
import { listing, startModule, temporaryFolder, type Interference } from '../support/moduleFixture.js';
import { PACKAGE_URL, startProcess } from '../support/otherProcess.js';

let folder: string;
let module: ConfigPersistenceModule;
const FORMATS = ['zip', 'tar.gz'] as const;

beforeEach(async () => {
  folder = temporaryFolder();
  module = await startModule(folder);
});

async function archive(
  format: 'zip' | 'tar.gz',
  files: Record<string, string>,
  name = `in.${format}`,
): Promise<string> {
  const pieces: Uint8Array[] = [];
  const entries = Object.entries(files).map(([entry, text]): NewEntry => ({
    name: entry,
    bytes: Buffer.from(text),
    modifiedAt: 1_700_000_000_000,
  }));
  const sink = { write: (bytes: Uint8Array) => Promise.resolve(void pieces.push(Buffer.from(bytes))) };
  await archiveFormatFor(format).write(entries, sink, { isCompressed: true, signal: new AbortController().signal });
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat(pieces));
  return path;
}

async function valuesIn(target: string, names: readonly string[]): Promise<unknown[]> {
  return Promise.all(names.map(async (name) => (await module.loadConfiguration(join(target, name))).data as unknown));
}

describe.each(FORMATS)('an archive as %s', (format) => {
  it('of several configurations goes into a folder, each in its own format', async () => {
    const path = await archive(format, {
      'app.json': '{"a":1}',
      'sub/db.yaml': '# kept\nb: 2\n',
      'sub/c.json5': '{c: 3}',
      'README.md': 'hello',
    });
    const target = join(folder, 'target');
    const result = await module.importConfiguration(path, format, target);
    expect(result).toMatchObject({ success: true, changed: true, targetFilePath: target, format });
    expect(result.files!.map(({ filePath }) => filePath)).toEqual(
      ['app.json', 'sub/db.yaml', 'sub/c.json'].map((name) => join(target, name)),
    );
    expect(await valuesIn(target, ['app.json', 'sub/db.yaml', 'sub/c.json'])).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
    expect(readFileSync(join(target, 'sub', 'db.yaml'), 'utf8')).toBe('# kept\nb: 2\n');
    expect(result.warnings).toEqual(expect.arrayContaining([expect.stringContaining('README.md')]));
    expect(readdirSync(join(folder, 'temp'))).toEqual(['.gitignore']);
  });

  it('of one configuration may become a file of another name and format', async () => {
    const path = await archive(format, { 'app.json': '{"a":1}' });
    const target = join(folder, 'other.yaml');
    expect(await module.importConfiguration(path, format, target)).toMatchObject({ targetFilePath: target });
    expect((await module.loadConfiguration(target)).data).toEqual({ a: 1 });
    const several = await archive(format, { 'a.json': '1', 'b.json': '2' }, 'several');
    await expect(module.importConfiguration(several, format, target)).rejects.toMatchObject({
      code: 'ERR_INVALID_REQUEST',
    });
  });

  it('goes beside the default configuration where no target is given', async () => {
    const path = await archive(format, { 'one.json': '{"a":1}' });
    const result = await module.importConfiguration(path, format);
    expect(result.targetFilePath).toBe(join(folder, 'one.json'));
  });

  it('with one entry that cannot be read changes nothing, however late it comes', async () => {
    const target = join(folder, 'target');
    await module.saveConfiguration({ old: true }, join(target, 'app.json'));
    await module.loadConfiguration(join(target, 'app.json'));
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`n${index}.json`, '{"a":1}']));
    const path = await archive(format, { 'app.json': '{"a":1}', ...files, 'last.yaml': 'a: [1' });
    const before = listing(target);
    await expect(module.importConfiguration(path, format, target)).rejects.toMatchObject({ code: 'ERR_PARSE' });
    expect(listing(target)).toEqual(before);
    expect(readdirSync(join(folder, 'temp'))).toEqual(['.gitignore']);
  });

  it('does not follow a link out of the target folder, even to an allowed one', async () => {
    const target = join(folder, 'target');
    mkdirSync(target);
    mkdirSync(join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), join(target, 'sub'));
    const path = await archive(format, { 'sub/a.json': '{"a":1}' });
    await expect(module.importConfiguration(path, format, target)).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_REFUSED',
    });
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([]);
  });

  it('whose entries lead to one file is refused', async () => {
    const path = await archive(format, { 'a.json': '{"a":1}', 'a.jsonc': '{"a":2}' });
    await expect(module.importConfiguration(path, format, join(folder, 't'))).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_REFUSED',
    });
    expect(existsSync(join(folder, 't'))).toBe(false);
  });

  it('tells what would happen in a dry run', async () => {
    const path = await archive(format, { 'a.json': '{"a":1}', 'b.json': '{"b":1}' });
    const before = listing(folder);
    const result = await module.importConfiguration(path, format, join(folder, 'target'), { dryRun: true });
    expect(result.files).toHaveLength(2);
    expect(result).toMatchObject({ dryRun: true, changed: true });
    expect(listing(folder)).toEqual(before);
  });

  it('backs up what it replaces, and names the backups', async () => {
    const target = join(folder, 'target');
    await module.saveConfiguration({ old: 1 }, join(target, 'a.json'));
    const path = await archive(format, { 'a.json': '{"a":1}', 'b.json': '{"b":1}' });
    const result = await module.importConfiguration(path, format, target);
    const [a, b] = result.files!;
    expect(a!.backupId).toEqual(expect.any(String));
    expect(b).not.toHaveProperty('backupId');
    await module.restoreFromBackup(a!.backupId!);
    expect(await valuesIn(target, ['a.json'])).toEqual([{ old: 1 }]);
  });

  it('exported with metadata brings it along', async () => {
    await module.saveConfiguration({ a: 1 });
    await module.setConfigurationMetadata({ description: 'of the file', tags: ['b'] });
    const { exportPath } = await module.exportConfiguration(format, undefined, { includeMetadata: true });
    const target = join(folder, 'target');
    await module.importConfiguration(exportPath, format, target);
    expect(await module.getConfigurationMetadata(join(target, 'app.json'))).toMatchObject({
      description: 'of the file',
    });
  });

  it('goes back as a whole where one configuration cannot be written', async () => {
    const target = join(folder, 'target');
    await module.saveConfiguration({ old: 1 }, join(target, 'b.json'));
    const path = await archive(format, { 'a.json': '{"a":1}', 'b.json': '{"b":1}', 'z.json': '{"z":1}' });
    const failing = await startModule(folder, { maxConcurrentOperations: 1 }, failingRenameTo('z.json'));
    await expect(failing.importConfiguration(path, format, target)).rejects.toMatchObject({ code: 'EACCES' });
    expect(existsSync(join(target, 'a.json'))).toBe(false);
    expect(existsSync(join(target, 'z.json'))).toBe(false);
    expect(await valuesIn(target, ['b.json'])).toEqual([{ old: 1 }]);
    expect(readdirSync(join(folder, 'temp'))).toEqual(['.gitignore']);
  });

  it('goes back as a whole where somebody else changes a configuration after it was looked at', async () => {
    const target = join(folder, 'target');
    await module.saveConfiguration({ old: 1 }, join(target, 'b.json'));
    const path = await archive(format, { 'a.json': '{"a":1}', 'b.json': '{"b":1}' });
    const editing = await startModule(folder, { maxConcurrentOperations: 1 }, (real) => ({
      async rename(from, to) {
        await real.rename(from, to);
        if (to === join(target, 'a.json')) writeFileSync(join(target, 'b.json'), '{"edited":true}');
      },
      async link(from, to) {
        await real.link(from, to);
        if (to === join(target, 'a.json')) writeFileSync(join(target, 'b.json'), '{"edited":true}');
      },
    }));
    await expect(editing.importConfiguration(path, format, target)).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    expect(existsSync(join(target, 'a.json'))).toBe(false);
    expect(readFileSync(join(target, 'b.json'), 'utf8')).toBe('{"edited":true}');
  });

  it('ends with the signal of the caller, and leaves everything as it was', async () => {
    const files = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`n${index}.json`, '{"a":1}']));
    const path = await archive(format, files);
    const target = join(folder, 'target');
    const controller = new AbortController();
    const attempt = module.importConfiguration(path, format, target, {
      signal: controller.signal,
      progress: ({ done }) => {
        if (done === 10) controller.abort();
      },
    });
    await expect(attempt).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    expect(existsSync(target) ? readdirSync(target) : []).toEqual([]);
    expect(readdirSync(join(folder, 'temp'))).toEqual(['.gitignore']);
  });
});

describe('an import that was killed half-way', () => {
  beforeEach(async () => {
    // A killed process leaves the record of itself, which others read for an hour.
    folder = temporaryFolder({ mayKeepTraces: true });
    module = await startModule(folder);
  });

  /** Kills itself when so many configurations have been changed. */
  function importer(path: string, target: string, killAt: number): string {
    return `
      import { ConfigPersistence } from ${JSON.stringify(PACKAGE_URL)};
      const store = await ConfigPersistence.open({ defaultConfigPath: ${JSON.stringify(join(folder, 'app.json'))}, maxConcurrentOperations: 1 });
      await store.importConfiguration(${JSON.stringify(path)}, 'zip', ${JSON.stringify(target)}, {
        progress: ({ done }) => { if (done === ${killAt}) process.kill(process.pid, 'SIGKILL'); },
      });
    `;
  }

  it('is finished at the next start, which says so', async () => {
    const files = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`n${index}.json`, `{"a":${index}}`]));
    const path = await archive('zip', files);
    const target = join(folder, 'target');
    await startProcess(importer(path, target, 4)).ended();
    expect(readdirSync(target)).toHaveLength(4);
    const alerts: { type: string; description: string }[] = [];
    const next = await startModule(folder, { alerts: (alert) => alerts.push(alert) });
    expect(readdirSync(target)).toHaveLength(9);
    expect((await next.loadConfiguration(join(target, 'n8.json'))).data).toEqual({ a: 8 });
    expect(alerts).toEqual([expect.objectContaining({ type: 'import-recovered' })]);
    expect(alerts[0]!.description).toContain('finished');
    expect(readdirSync(join(folder, 'temp'))).toEqual(['.gitignore']);
  });

  it('is undone by the next import where a configuration was changed by somebody else meanwhile', async () => {
    const files = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`n${index}.json`, `{"a":${index}}`]));
    const target = join(folder, 'target');
    for (const name of Object.keys(files)) await module.saveConfiguration({ old: name }, join(target, name));
    const path = await archive('zip', files);
    await startProcess(importer(path, target, 3)).ended();
    await module.saveConfiguration({ mine: true }, join(target, 'n5.json'));
    const single = await archive('zip', { 'single.json': '{"s":1}' }, 'single.zip');
    const { warnings } = await module.importConfiguration(single, 'zip', folder);
    expect(warnings).toEqual([expect.stringContaining('undone')]);
    expect(await valuesIn(target, ['n0.json', 'n4.json', 'n5.json'])).toEqual([
      { old: 'n0.json' },
      { old: 'n4.json' },
      { mine: true },
    ]);
    expect(readdirSync(join(folder, 'temp'))).toEqual(['.gitignore']);
  });
});

function failingRenameTo(name: string): Interference {
  const refuse = (): Promise<never> =>
    Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES', errno: -13, syscall: 'rename' }));
  return (real) => ({
    rename: (from, to) => (to.endsWith(name) ? refuse() : real.rename(from, to)),
    link: (from, to) => (to.endsWith(name) ? refuse() : real.link(from, to)),
  });
}
