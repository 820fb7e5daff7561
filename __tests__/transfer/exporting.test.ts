/** That an export is complete, private, and lands where it should or nowhere. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ConfigurationFormat, ExportFormat } from '../../interfaces/enums.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { listing, startModule, systemError, temporaryFolder } from '../support/moduleFixture.js';

const VALUE = { server: { port: 8080, hosts: ['a', 'b'] }, debug: false, name: 'Ångström', nothing: null };
const TEXT_FORMATS = Object.values(ConfigurationFormat);

let folder: string;
let module: ConfigPersistenceModule;

beforeEach(async () => {
  folder = temporaryFolder();
  module = await startModule(folder);
});

describe('exportConfiguration', () => {
  it.each(TEXT_FORMATS)('writes %s that can be loaded as the same value', async (format) => {
    await module.saveConfiguration(VALUE);
    const result = await module.exportConfiguration(format);
    expect(result).toMatchObject({
      success: true,
      operationType: 'export',
      format,
      originalFilePath: join(folder, 'app.json'),
      includeMetadata: false,
      compressionUsed: false,
      validationIncluded: true,
      isEncrypted: false,
    });
    expect(statSync(result.exportPath).size).toBe(result.fileSize);
    const reader = await startModule(folder, { defaultConfigPath: result.exportPath });
    expect((await reader.loadConfiguration(undefined, { format })).data).toEqual(VALUE);
  });

  it('lands in the archive folder under a name that tells configuration, time and format', async () => {
    await module.saveConfiguration(VALUE);
    const first = await module.exportConfiguration(ExportFormat.YAML);
    const second = await module.exportConfiguration(ExportFormat.YAML);
    expect(first.exportPath).toMatch(/\/archive\/app-\d{8}T\d{9}Z\.yaml$/u);
    expect(second.exportPath).not.toBe(first.exportPath);
    expect(statSync(first.exportPath).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'archive')).mode & 0o777).toBe(0o700);
  });

  it('makes several exports of one moment, each under a name of its own', async () => {
    await module.saveConfiguration(VALUE);
    const results = await Promise.all(Array.from({ length: 12 }, () => module.exportConfiguration('toml')));
    expect(new Set(results.map(({ exportPath }) => exportPath)).size).toBe(12);
  });

  it('keeps comments and spelling where the format is the same', async () => {
    const yaml = join(folder, 'app.yaml');
    const text = '# by hand\nport:   80 # aligned\n';
    writeFileSync(yaml, text);
    const same = await module.exportConfiguration('yaml', yaml);
    expect(readFileSync(same.exportPath, 'utf8')).toBe(text);
    expect(same).not.toHaveProperty('warnings');
    const other = await module.exportConfiguration('json', yaml);
    expect(other.warnings).toEqual([expect.stringContaining('Comments')]);
  });

  it('refuses an existing file without overwrite and leaves it as it is', async () => {
    await module.saveConfiguration(VALUE);
    const exportPath = join(folder, 'out', 'config.json');
    await module.exportConfiguration('json', undefined, { exportPath });
    writeFileSync(exportPath, 'mine');
    await expect(module.exportConfiguration('json', undefined, { exportPath })).rejects.toMatchObject({
      code: 'ERR_FILE_EXISTS',
    });
    expect(readFileSync(exportPath, 'utf8')).toBe('mine');
    await module.exportConfiguration('json', undefined, { exportPath, overwrite: true });
    expect(JSON.parse(readFileSync(exportPath, 'utf8'))).toEqual(VALUE);
    expect(readdirSync(join(folder, 'out'))).toEqual(['config.json']);
  });

  it('refuses a path outside the allowed folders, also through a link', async () => {
    await module.saveConfiguration(VALUE);
    const outside = temporaryFolder();
    symlinkSync(outside, join(folder, 'link'));
    for (const exportPath of [join(outside, 'x.json'), join(folder, 'link', 'x.json'), join(folder, '..', 'x.json')]) {
      await expect(module.exportConfiguration('json', undefined, { exportPath })).rejects.toMatchObject({
        code: 'ERR_INVALID_FILE_PATH',
      });
    }
    expect(readdirSync(outside)).toEqual([]);
  });

  it('refuses to take the place of the configuration itself', async () => {
    await module.saveConfiguration(VALUE);
    const before = readFileSync(join(folder, 'app.json'), 'utf8');
    const options = { exportPath: join(folder, 'app.json'), overwrite: true };
    await expect(module.exportConfiguration('json', undefined, options)).rejects.toMatchObject({
      code: 'ERR_INVALID_FILE_PATH',
    });
    expect(readFileSync(join(folder, 'app.json'), 'utf8')).toBe(before);
  });

  it('compresses a single file where that is asked for', async () => {
    await module.saveConfiguration(VALUE);
    const result = await module.exportConfiguration('json', undefined, { compression: true });
    expect(result.exportPath).toMatch(/\.json\.gz$/u);
    expect(result.compressionUsed).toBe(true);
    expect(JSON.parse(gunzipSync(readFileSync(result.exportPath)).toString())).toEqual(VALUE);
  });

  it('writes the metadata beside it where that is asked for', async () => {
    await module.saveConfiguration(VALUE, undefined, { description: 'first', tags: ['a'] });
    await module.setConfigurationMetadata({ description: 'of the file', tags: ['b'] });
    const { exportPath, includeMetadata } = await module.exportConfiguration('toml', undefined, {
      includeMetadata: true,
    });
    expect(includeMetadata).toBe(true);
    const beside: unknown = JSON.parse(readFileSync(`${exportPath}.meta`, 'utf8'));
    expect(beside).toMatchObject({ metadata: { description: 'of the file', tags: ['b'] } });
    expect(statSync(`${exportPath}.meta`).mode & 0o777).toBe(0o600);
  });

  it('holds the configuration against validate, unless that is not wanted', async () => {
    const strict = await startModule(folder, { validate: (value) => (value as { ok?: boolean }).ok === true });
    writeFileSync(join(folder, 'app.json'), '{"ok":false}');
    await expect(strict.exportConfiguration('yaml')).rejects.toMatchObject({ code: 'ERR_VALIDATION' });
    expect(existsSync(join(folder, 'archive'))).toBe(false);
    const result = await strict.exportConfiguration('yaml', undefined, { validate: false });
    expect(result.validationIncluded).toBe(false);
  });

  it('tells the places that the format cannot hold, and writes nothing', async () => {
    await module.saveConfiguration([1, 2]);
    const before = listing(folder);
    await expect(module.exportConfiguration('toml')).rejects.toMatchObject({ code: 'ERR_INVALID_CONFIGURATION_DATA' });
    expect(listing(folder)).toEqual(before);
  });

  it.each(['ENOSPC', 'EIO'])('leaves nothing behind where the disk says %s', async (code) => {
    await module.saveConfiguration(VALUE);
    const failing = await startModule(folder, {}, (real) => ({
      write: (descriptor, buffer, offset, length, position) =>
        position === null
          ? Promise.reject(systemError(code, 'write'))
          : real.write(descriptor, buffer, offset, length, position),
    }));
    await expect(failing.exportConfiguration('yaml')).rejects.toMatchObject({ code });
    expect(readdirSync(join(folder, 'archive'))).toEqual(['.gitignore']);
  });

  it('tells progress, and goes on where the listener throws', async () => {
    await module.saveConfiguration(VALUE);
    const told: unknown[] = [];
    await module.exportConfiguration('json', undefined, {
      progress: (progress) => {
        told.push(progress);
        throw new Error('listener');
      },
    });
    expect(told).toEqual([{ done: 1, total: 1, filePath: join(folder, 'app.json'), bytes: expect.any(Number) }]);
  });

  it('fails for a missing file and for a format that there is not, as documented', async () => {
    await expect(module.exportConfiguration('json', join(folder, 'none.json'))).rejects.toMatchObject({
      code: 'ERR_FILE_NOT_FOUND',
    });
    await expect(module.exportConfiguration('csv' as never)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED_FORMAT' });
    await expect(module.exportConfiguration('json', undefined, { exportpath: 'x' } as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
    });
  });

  it('exports provider.json beside the default configuration', async () => {
    await module.saveProviderConfiguration({ providers: ['p'] });
    const exportPath = join(folder, 'provider-export.yaml');
    const result = await module.exportProviderConfiguration(exportPath, ExportFormat.YAML);
    expect(result.exportPath).toBe(exportPath);
    expect(readFileSync(exportPath, 'utf8')).toContain('providers:');
  });

  it('does not write into a folder that stands in a place of the file', async () => {
    await module.saveConfiguration(VALUE);
    mkdirSync(join(folder, 'taken'));
    const options = { exportPath: join(folder, 'taken'), overwrite: true };
    await expect(module.exportConfiguration('json', undefined, options)).rejects.toThrow();
    expect(readdirSync(join(folder, 'taken'))).toEqual([]);
  });
});

describe('an encrypted export', () => {
  it.each(['yaml', 'zip', 'tar.gz', 'backup'] as const)(
    'of %s shows nothing and opens with its passphrase only',
    async (format) => {
      await module.saveConfiguration({ secret: 'hunter2-hunter2' });
      const encryption = { passphrase: 'correct horse' };
      const { exportPath, isEncrypted } = await module.exportConfiguration(format, undefined, {
        encryption,
        compression: false,
      });
      expect(isEncrypted).toBe(true);
      expect(readFileSync(exportPath).includes('hunter2')).toBe(false);
      const target = join(folder, 'restored.json');
      await expect(module.importConfiguration(exportPath, format, target)).rejects.toMatchObject({
        code: 'ERR_KEY_REQUIRED',
      });
      const wrong = { encryption: { passphrase: 'wrong' } };
      await expect(module.importConfiguration(exportPath, format, target, wrong)).rejects.toMatchObject({
        code: 'ERR_WRONG_KEY',
      });
      expect(existsSync(target)).toBe(false);
      const result = await module.importConfiguration(exportPath, format, target, { encryption });
      expect(result.targetFilePath).toBe(target);
      expect((await module.loadConfiguration(target)).data).toEqual({ secret: 'hunter2-hunter2' });
    },
  );

  it('is the default of a backup where backups are encrypted', async () => {
    const secret = await startModule(folder, { encryption: { key: new Uint8Array(32).fill(7) } });
    await secret.saveConfiguration({ secret: 'hunter2-hunter2' });
    const backup = await secret.exportConfiguration('backup');
    expect(backup.exportPath).toMatch(/\.backup\.enc$/u);
    expect(backup.isEncrypted).toBe(true);
    expect((await secret.exportConfiguration('json')).isEncrypted).toBe(false);
    expect((await secret.exportConfiguration('backup', undefined, { encryption: false })).isEncrypted).toBe(false);
  });

  it('that was altered, cut off or exchanged in parts is refused', async () => {
    const value = { text: 'x'.repeat(300_000) };
    await module.saveConfiguration(value);
    const encryption = { key: new Uint8Array(32).fill(3) };
    const { exportPath } = await module.exportConfiguration('json', undefined, { encryption });
    const whole = readFileSync(exportPath);
    const frame = 64 * 1024 + 16;
    const header = whole.indexOf(0x0a) + 1;
    const first = whole.subarray(header, header + frame);
    const second = whole.subarray(header + frame, header + 2 * frame);
    const altered = Buffer.from(whole);
    altered[whole.length - 20]! ^= 1;
    const attempts = {
      altered,
      'cut off at a frame': whole.subarray(0, header + frame),
      'cut off inside a frame': whole.subarray(0, whole.length - 3),
      exchanged: Buffer.concat([whole.subarray(0, header), second, first, whole.subarray(header + 2 * frame)]),
      'without its header': whole.subarray(header),
    };
    for (const [what, bytes] of Object.entries(attempts)) {
      const path = join(folder, 'attempt.json');
      writeFileSync(path, bytes);
      const attempt = module.importConfiguration(path, 'json', join(folder, 'target.json'), { encryption });
      await expect(attempt.catch((error: unknown) => [what, (error as { code: string }).code])).resolves.toEqual([
        what,
        expect.stringMatching(/^ERR_(?:ARCHIVE_REFUSED|PARSE)$/u),
      ]);
    }
    expect(existsSync(join(folder, 'target.json'))).toBe(false);
  });
});
