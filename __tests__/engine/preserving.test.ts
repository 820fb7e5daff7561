/** Saves of files that other programs own: what did not change stays, on the disk and through every way of saving. */
/* eslint-disable @typescript-eslint/no-meaningless-void-operator -- a change of a draft gives nothing back */
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checksumOf } from '../../src/value/checksum.js';
import { startModule } from '../support/moduleFixture.js';

let folder: string;
let path: string;

const YAML = '# the service\nmode: 0644  # octal for its owner\ndebug: no\nports: [80, 443]\n';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'preserving-'));
  path = join(folder, 'app.yaml');
});

const read = () => readFileSync(path, 'utf8');

/** What tells a file that nobody has written to. */
const identity = () => {
  const { ino, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return { ino, mtimeNs, ctimeNs };
};

describe('a save over a file of another program', () => {
  it('changes what changed, and nothing else', async () => {
    writeFileSync(path, YAML);
    const module = await startModule(folder);
    const { data } = await module.loadConfiguration(path);
    const result = await module.saveConfiguration({ ...data, ports: [80, 8443] }, path);
    expect(read()).toBe(YAML.replace('443', '8443'));
    expect(result).toMatchObject({ changed: true, checksum: checksumOf(Buffer.from(read())) });
    expect(result.warnings).toBeUndefined();
    expect(await module.loadConfiguration(path)).toMatchObject({ data: { ports: [80, 8443] }, isValid: true });
  });

  it('is the same through an update', async () => {
    writeFileSync(path, YAML);
    const module = await startModule(folder);
    await module.updateConfiguration((draft) => void (draft.debug = 'yes'), path);
    expect(read()).toBe(YAML.replace('debug: no', 'debug: "yes"'));
  });

  it('starts from the text that is there when the lock is held, not from the one that was loaded', async () => {
    writeFileSync(path, YAML);
    const module = await startModule(folder);
    const lock = await module.acquireFileLock(path);
    const other = await startModule(folder);
    const { data } = await other.loadConfiguration(path);
    const saving = other.saveConfiguration({ ...data, debug: true }, path);
    writeFileSync(path, YAML.replace('# the service', '# edited meanwhile'));
    await module.releaseFileLock(lock.lockId);
    await saving;
    expect(read()).toBe(YAML.replace('# the service', '# edited meanwhile').replace('debug: no', 'debug: true'));
  });

  it.each([
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${YAML}`), 'utf8'],
    ['UTF-16', Buffer.from(`\ufeff${YAML}`, 'utf16le'), 'utf16le'],
    ['UTF-16, the other way round', Buffer.from(`\ufeff${YAML}`, 'utf16le').swap16(), 'utf16be'],
  ])('stays in %s', async (_, bytes, encoding) => {
    writeFileSync(path, bytes);
    const module = await startModule(folder);
    const { data, metadata } = await module.loadConfiguration(path);
    expect([data.ports, metadata.encoding]).toEqual([[80, 443], encoding]);
    await module.saveConfiguration(data, path);
    expect(readFileSync(path)).toEqual(bytes);
    await module.saveConfiguration({ ...data, note: 'ä🙂' }, path);
    const loaded = await module.loadConfiguration(path);
    expect([loaded.data.note, loaded.metadata.encoding]).toEqual(['ä🙂', encoding]);
    expect(readFileSync(path).subarray(0, bytes.length)).toEqual(bytes);
  });

  it('names the encoding and the place where it is none', async () => {
    writeFileSync(path, Buffer.from('a: 1\nb: caf\xe9\n', 'latin1'));
    const module = await startModule(folder);
    await expect(module.loadConfiguration(path)).rejects.toThrow('line 2, column 7: it is not valid UTF-8');
  });

  it('is not made by a NUL, in any format', async () => {
    const module = await startModule(folder);
    for (const extension of ['json', 'yaml', 'toml', 'ini', 'properties', 'xml']) {
      const file = join(folder, `holes.${extension}`);
      writeFileSync(file, extension === 'xml' ? '<a>\0</a>' : 'a = 1\n\0\0\0\n');
      await expect(module.loadConfiguration(file)).rejects.toMatchObject({ code: 'ERR_PARSE' });
    }
  });
});

describe('a save that changes nothing', () => {
  it('writes nothing: no version, no backup, not even a time', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 }, path);
    const before = identity();
    const result = await module.saveConfiguration({ a: 1 }, path);
    expect(result).toMatchObject({ success: true, changed: false, checksum: checksumOf(Buffer.from('a: 1\n')) });
    expect(result.metadata).toMatchObject({ backupCreated: false, revision: 1 });
    expect(await module.updateConfiguration(() => undefined, path)).toMatchObject({ changed: false });
    expect(identity()).toEqual(before);
    expect(await module.getVersionHistory(path)).toHaveLength(1);
    expect(await module.listBackups(path)).toEqual([]);
  });

  it('writes nothing into a file that the module has never saved', async () => {
    writeFileSync(path, YAML);
    const module = await startModule(folder);
    const { data } = await module.loadConfiguration(path);
    const before = identity();
    expect(await module.saveConfiguration(data, path)).toMatchObject({ changed: false });
    expect(identity()).toEqual(before);
    expect(await module.getVersionHistory(path)).toEqual([]);
  });

  it('still compares what is expected', async () => {
    const module = await startModule(folder);
    const { checksum } = await module.saveConfiguration({ a: 1 }, path);
    await expect(module.saveConfiguration({ a: 1 }, path, { expectedChecksum: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
    await expect(module.saveConfiguration({ a: 1 }, path, { expectedChecksum: null })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
    expect(await module.saveConfiguration({ a: 1 }, path, { expectedChecksum: checksum! })).toMatchObject({
      changed: false,
    });
  });

  it('makes what somebody else has edited count as saved, with every byte of it', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 }, path);
    writeFileSync(path, '# edited\na: 2\n');
    const loaded = await module.loadConfiguration(path);
    expect(loaded.isValid).toBe(false);
    expect(await module.saveConfiguration(loaded.data, path)).toMatchObject({ changed: false });
    expect(read()).toBe('# edited\na: 2\n');
    expect((await module.loadConfiguration(path)).isValid).toBe(true);
    expect(await module.getVersionHistory(path)).toHaveLength(2);
  });
});

describe('the option preserveFormatting', () => {
  const lossy = 'a: &x\n  p: 1\n  # about q\n  q: 2\nb:\n  <<: *x\n';

  it('tells by default what was lost, and where', async () => {
    writeFileSync(path, lossy);
    const module = await startModule(folder);
    const { warnings } = await module.updateConfiguration((draft) => void delete draft.b.p, path);
    expect(warnings).toEqual(['Layout of the file was lost: b: the alias was replaced by its value']);
    expect(read()).toBe(lossy.replace('  <<: *x\n', '  q: 2\n'));
  });

  it('refuses with require, and writes nothing', async () => {
    writeFileSync(path, lossy);
    const module = await startModule(folder, { preserveFormatting: 'require' });
    const change = (draft: { b: { p?: number } }) => void delete draft.b.p;
    await expect(module.updateConfiguration(change, path)).rejects.toMatchObject({
      code: 'ERR_LAYOUT_LOST',
      paths: ['b'],
    });
    const { data } = await module.loadConfiguration(path);
    await expect(module.saveConfiguration(['x'], path)).rejects.toMatchObject({ code: 'ERR_LAYOUT_LOST' });
    expect(read()).toBe(lossy);
    expect(await module.saveConfiguration({ ...data, c: 1 }, path)).toMatchObject({ changed: true });
    expect(read()).toBe(`${lossy}c: 1\n`);
    await module.updateConfiguration(change, path, { preserveFormatting: 'on' });
    expect((await module.loadConfiguration(path)).data.b).toEqual({ q: 2 });
  });

  it('refuses with require to replace a file that cannot be read', async () => {
    writeFileSync(path, 'a: [\n');
    const module = await startModule(folder);
    await expect(module.saveConfiguration({ a: 1 }, path, { preserveFormatting: 'require' })).rejects.toMatchObject({
      code: 'ERR_LAYOUT_LOST',
    });
    await module.saveConfiguration({ a: 1 }, path);
    expect(read()).toBe('a: 1\n');
  });

  it('writes anew with off', async () => {
    writeFileSync(path, YAML);
    const module = await startModule(folder);
    const { data } = await module.loadConfiguration(path);
    const result = await module.saveConfiguration(data, path, { preserveFormatting: 'off' });
    expect([read(), result.warnings]).toEqual(['mode: 644\ndebug: "no"\nports:\n  - 80\n  - 443\n', undefined]);
    expect(await module.saveConfiguration(data, path, { preserveFormatting: 'off' })).toMatchObject({ changed: false });
  });

  it.each([
    { preserveFormatting: 'yes' },
    { preserveFormatting: true },
    { comments: 1 },
    { documents: 'x' },
    { owner: '' },
  ])('is refused as %j', async (options) => {
    await expect(startModule(folder, options as never)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });
});

describe('options about the texts of files', () => {
  it('take comments in JSON, in backups and versions too', async () => {
    const file = join(folder, 'tsconfig.json');
    const text = '{\n  // strict\n  "strict": true,\n}\n';
    writeFileSync(file, text);
    const module = await startModule(folder);
    await module.updateConfiguration((draft) => void (draft.strict = false), file);
    expect(readFileSync(file, 'utf8')).toBe(text.replace('true', 'false'));
    await module.updateConfiguration((draft) => void (draft.noEmit = true), file);
    const [latest, first] = await module.getVersionHistory(file);
    expect(latest?.changes).toMatchObject([{ path: 'noEmit' }]);
    await module.rollbackToVersion(first!.id);
    expect(readFileSync(file, 'utf8')).toBe(text.replace('true', 'false'));
    const plain = join(folder, 'plain.json');
    writeFileSync(plain, text);
    await expect(module.loadConfiguration(plain)).rejects.toThrow('line 2, column 3: a comment');
    const other = await startModule(folder, { comments: true });
    expect((await other.loadConfiguration(plain)).data).toEqual({ strict: true });
  });

  it('read several documents as a list', async () => {
    writeFileSync(path, 'a: 1\n---\nb: 2 # two\n');
    const module = await startModule(folder, { documents: true });
    expect((await module.loadConfiguration(path)).data).toEqual([{ a: 1 }, { b: 2 }]);
    await module.updateConfiguration((draft) => void draft.push({ c: 3 }), path);
    expect(read()).toBe('a: 1\n---\nb: 2 # two\n---\nc: 3\n');
    await expect(module.saveConfiguration({ a: 1 }, path)).rejects.toMatchObject({
      code: 'ERR_INVALID_CONFIGURATION_DATA',
    });
  });

  it('read YAML as its owner does', async () => {
    writeFileSync(path, YAML);
    const module = await startModule(folder, { owner: 'yaml-1.1' });
    expect((await module.loadConfiguration(path)).data).toEqual({ mode: 420, debug: false, ports: [80, 443] });
  });
});

describe('other ways of writing', () => {
  it('keep the layout: a merging import', async () => {
    writeFileSync(path, YAML);
    const from = join(folder, 'from.json');
    writeFileSync(from, '{ "debug": true }');
    const module = await startModule(folder);
    const result = await module.importConfiguration(from, 'json', path, { conflictResolution: 'merge' } as never);
    expect([read(), result.changed]).toEqual([YAML.replace('debug: no', 'debug: true'), true]);
  });

  it('keep the layout: a migration', async () => {
    writeFileSync(path, `version: 1\n${YAML}`);
    const module = await startModule(folder, {
      migrations: { key: 'version', steps: [{ version: 2, migrate: (draft) => void (draft.host = 'here') }] },
    });
    await module.loadConfiguration(path);
    expect(read()).toBe(`version: 2\n${YAML}host: here\n`);
  });

  it('take bytes as they are: a rollback', async () => {
    writeFileSync(path, YAML);
    const module = await startModule(folder);
    await module.updateConfiguration((draft) => void (draft.mode = 1), path);
    const [version] = await module.getVersionHistory(path);
    const saved = read();
    await module.saveConfiguration({ x: 1 }, path, { preserveFormatting: 'off' });
    await module.rollbackToVersion(version!.id);
    expect(read()).toBe(saved);
  });
});
