/** The fields of the answers (contract section 4), metadata, the default path, the provider file and `validate`. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigurationMetadata, PersistenceResult } from '../../interfaces/results.js';
import { newModule, startModule, temporaryFolder } from '../support/moduleFixture.js';

const SHA256 = /^[0-9a-f]{64}$/u;
/** What an operation of a test computes for, in microseconds of the processor. */
const CPU_US = 20_000;

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

function expectResult(result: PersistenceResult, before: number): void {
  expect(result.success).toBe(true);
  expect(result.filePath).toBe(path);
  expect(Number.isInteger(result.timestamp)).toBe(true);
  expect(result.timestamp).toBeGreaterThanOrEqual(before);
  expect(result.timestamp).toBeLessThanOrEqual(Date.now());
  const { duration, memoryUsed, cpuUsage, diskIO } = result.performanceMetrics!;
  expect(duration).toBeGreaterThan(0);
  expect(cpuUsage).toBeGreaterThanOrEqual(0);
  expect(Number.isFinite(memoryUsed)).toBe(true);
  for (const figure of Object.values(diskIO)) expect(Number.isInteger(figure) && figure >= 0).toBe(true);
  // Each change writes a record at least, and flushes it.
  for (const figure of [diskIO.bytesWritten, diskIO.writeOperations, diskIO.fsyncOperations!]) {
    expect(figure).toBeGreaterThan(0);
  }
}

describe('results', () => {
  it('of a save tell checksum, size, metadata and what it has cost', async () => {
    const module = await startModule(folder);
    const before = Date.now();
    const value = { text: 'x'.repeat(5000) };
    const result = await module.saveConfiguration(value);
    expectResult(result, before);
    const bytes = readFileSync(path);
    expect(result.operationType).toBe('save');
    expect(result.checksum).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(result.fileSize).toBe(bytes.length);
    expect(result.metadata).toMatchObject({ atomicOperation: true, backupCreated: expect.any(Boolean) as boolean });
    expect(result.errors).toBeUndefined();
    expect(result.warnings).toBeUndefined();
    const { diskIO } = result.performanceMetrics!;
    expect(diskIO.bytesWritten).toBeGreaterThanOrEqual(bytes.length);
    expect(diskIO.bytesRead).toBeGreaterThanOrEqual(bytes.length);
    expect(diskIO.writeOperations).toBeGreaterThanOrEqual(2);
    expect(diskIO.fsyncOperations).toBeGreaterThanOrEqual(2);
  });

  it('tell the time, the processor time and the memory that an operation takes', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const held: unknown[] = [];
    const startedMs = performance.now();
    const { performanceMetrics } = await module.updateConfiguration((value: object) => {
      const before = process.cpuUsage();
      for (let used = { user: 0, system: 0 }; used.user + used.system < CPU_US; used = process.cpuUsage(before))
        held.length = 0;
      for (let index = 0; index < 1_000_000; index++) held.push({ index });
      return value;
    });
    const { duration, cpuUsage, memoryUsed } = performanceMetrics!;
    expect(duration).toBeLessThanOrEqual(performance.now() - startedMs);
    expect(duration).toBeGreaterThan(1);
    expect(cpuUsage).toBeGreaterThanOrEqual(CPU_US / 1000);
    expect(memoryUsed).toBeGreaterThan(held.length);
  });

  it('measure each operation alone, also when many run at once', async () => {
    const module = await startModule(folder);
    const sizes = [10, 100_000, 10, 200_000];
    const results = await Promise.all(
      sizes.map((size, index) => module.saveConfiguration({ text: 'x'.repeat(size) }, join(folder, `${index}.json`))),
    );
    for (const [index, size] of sizes.entries()) {
      const written = results[index]!.performanceMetrics!.diskIO.bytesWritten;
      expect(written).toBeGreaterThanOrEqual(size);
      expect(written).toBeLessThan(size + 5000);
    }
  });

  it('of the other changes have the same form', async () => {
    const module = await startModule(folder);
    const before = Date.now();
    expectResult(await module.saveConfigurationAtomic({ a: 1 }), before);
    const updated = await module.updateConfiguration(() => ({ a: 2 }));
    expectResult(updated, before);
    expect(updated).toMatchObject({ operationType: 'save', checksum: expect.stringMatching(SHA256) as string });
    const annotated = await module.setConfigurationMetadata({ description: 'd' });
    expectResult(annotated, before);
    expect(annotated.checksum).toBe(updated.checksum);
    const deleted = await module.deleteConfiguration(path);
    expectResult(deleted, before);
    expect(deleted).toMatchObject({
      operationType: 'delete',
      metadata: { backupCreated: expect.any(Boolean) as boolean },
    });
  });

  it('of a load tell everything that the contract names', async () => {
    const module = await startModule(folder, { user: 'ann' });
    const before = Date.now();
    const { checksum, fileSize } = await module.saveConfiguration({ a: 1 });
    const loaded = await module.loadConfiguration();
    expect(Object.keys(loaded).sort()).toEqual(
      ['checksum', 'data', 'filePath', 'isValid', 'loadTimestamp', 'metadata'].sort(),
    );
    expect(loaded).toMatchObject({ data: { a: 1 }, checksum, filePath: path, isValid: true });
    expect(loaded.loadTimestamp).toBeGreaterThanOrEqual(before);
    const { metadata } = loaded;
    expect(metadata).toEqual({
      version: '1',
      createdAt: metadata.createdAt,
      modifiedAt: metadata.createdAt,
      createdBy: 'ann',
      modifiedBy: 'ann',
      checksum,
      fileSize,
      encoding: 'utf8',
      format: 'json',
    });
    expect(metadata.createdAt).toBeGreaterThanOrEqual(before);
    expect(metadata.createdAt).toBeLessThanOrEqual(Date.now());
  });

  it('are the same from the cache, from the disk and by another instance', async () => {
    const module = await startModule(folder, { user: 'ann' });
    await module.saveConfiguration({ a: 1 }, undefined, { user: 'bob' });
    await module.setConfigurationMetadata({ tags: ['t'] });
    const observers = [module, await startModule(folder), await startModule(folder, { enableCaching: false })];
    const seen: ConfigurationMetadata[] = [];
    for (const observer of observers) seen.push((await observer.loadConfiguration()).metadata);
    for (const metadata of seen) expect(metadata).toEqual(seen[0]);
    expect(seen[0]).toMatchObject({ createdBy: 'bob', modifiedBy: 'bob', tags: ['t'] });
  });

  it('name the file as the caller gave it', async () => {
    const module = await startModule(folder);
    const spelling = `${folder}/x/../app.json`;
    expect((await module.saveConfiguration({ a: 1 }, spelling)).filePath).toBe(spelling);
    expect((await module.loadConfiguration(spelling)).filePath).toBe(spelling);
    await expect(module.loadConfiguration(`${folder}/./none.json`)).rejects.toMatchObject({
      filePath: `${folder}/./none.json`,
    });
  });

  it('are those of the description: errors take the branches of its example', async () => {
    const module = await startModule(folder);
    const error = (await module.loadConfiguration().catch((thrown: unknown) => thrown)) as Error & { code: string };
    expect(error.name).toBe('PersistenceError');
    expect(error.message).toMatch(/^Configuration file not found/u);
    expect(error).toBeInstanceOf(Error);
  });
});

describe('metadata', () => {
  const FIELDS = {
    version: '2.0.0',
    createdBy: 'ann',
    description: 'The main configuration',
    tags: ['a', 'b'],
    schema: 'https://example.org/schema',
    environment: 'production',
    customFields: { owner: { team: 'x' }, list: [1, null, 'ä'] },
  };

  it('that a user sets stay over saves, by every instance, and are replaced as a whole', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const result = await module.setConfigurationMetadata(FIELDS);
    expect(result.warnings).toBeUndefined();
    expect(await module.getConfigurationMetadata()).toMatchObject(FIELDS);
    await module.saveConfiguration({ a: 2 });
    expect(await (await startModule(folder)).getConfigurationMetadata()).toMatchObject(FIELDS);
    await module.setConfigurationMetadata({ description: 'only this' });
    const metadata = await module.getConfigurationMetadata();
    expect(metadata.description).toBe('only this');
    expect(metadata.tags).toBeUndefined();
    expect(metadata.version).toBe('3');
  });

  it('do not touch the configuration', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const { ino, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    await module.setConfigurationMetadata(FIELDS);
    expect(statSync(path, { bigint: true })).toMatchObject({ ino, mtimeNs, ctimeNs });
    expect(await module.loadConfiguration()).toMatchObject({ isValid: true });
  });

  it('may be given back as they were read, without a warning; what describes the file is told where it differs', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const metadata = await module.getConfigurationMetadata();
    expect((await module.setConfigurationMetadata(metadata)).warnings).toBeUndefined();
    const result = await module.setConfigurationMetadata({ ...metadata, fileSize: 1, checksum: 'x' });
    expect(result.warnings).toHaveLength(1);
    expect(result.warnings?.[0]).toMatch(/checksum, fileSize/u);
    expect(await module.getConfigurationMetadata()).toMatchObject({ checksum: metadata.checksum });
  });

  it('given back as they were read do not stop the counting of the version', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await module.setConfigurationMetadata({ ...(await module.getConfigurationMetadata()), description: 'added' });
    const { version } = await module.getConfigurationMetadata();
    await module.saveConfiguration({ a: 2 });
    expect((await module.getConfigurationMetadata()).version).not.toBe(version);
  });

  it.each<[string, unknown]>([
    ['no object', 'text'],
    ['null', null],
    ['an array', []],
    ['an unknown field', { colour: 'red' }],
    ['a version that is no text', { version: 2 }],
    ['a description that is no text', { description: ['x'] }],
    ['half of a surrogate pair', { schema: '\ud800' }],
    ['tags that are no list', { tags: 'a' }],
    ['tags that are not all text', { tags: ['a', 1] }],
    ['custom fields that are no object', { customFields: [] }],
    ['more than a megabyte', { customFields: { text: 'x'.repeat(1024 * 1024) } }],
  ])('that are %s are ERR_INVALID_METADATA, and nothing changes', async (_name, wrong) => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await module.setConfigurationMetadata({ description: 'before' });
    await expect(module.setConfigurationMetadata(wrong as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_METADATA',
      filePath: path,
    });
    expect((await module.getConfigurationMetadata()).description).toBe('before');
  });

  it('have custom fields of the domain only', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    for (const customFields of [{ at: new Date() }, { a: () => 1 }, JSON.parse('{"__proto__":1}'), { a: Number.NaN }]) {
      const call = module.setConfigurationMetadata({ customFields: customFields as Record<string, unknown> });
      await expect(call).rejects.toMatchObject({ code: 'ERR_INVALID_CONFIGURATION_DATA' });
    }
  });

  it('need a file, and end with a delete', async () => {
    const module = await startModule(folder);
    await expect(module.setConfigurationMetadata({ description: 'd' })).rejects.toMatchObject({
      code: 'ERR_FILE_NOT_FOUND',
    });
    await module.saveConfiguration({ a: 1 });
    await module.setConfigurationMetadata({ description: 'd' });
    await module.deleteConfiguration(path);
    await module.saveConfiguration({ a: 1 });
    expect((await module.getConfigurationMetadata()).description).toBeUndefined();
  });

  it('may be set for a file that nobody has saved', async () => {
    writeFileSync(path, '{"a":1}');
    const module = await startModule(folder);
    await module.setConfigurationMetadata({ description: 'd' });
    expect(await (await startModule(folder)).loadConfiguration()).toMatchObject({
      isValid: true,
      metadata: { description: 'd' },
    });
  });
});

describe('the default path', () => {
  it('is the configured one, and ./config/config.json otherwise', async () => {
    const module = newModule(folder);
    expect(module.getDefaultConfigurationPath()).toBe(path);
    const plain = newModule(folder, { defaultConfigPath: './config/config.json' });
    expect(plain.getDefaultConfigurationPath()).toBe('./config/config.json');
    await module.initialize();
    await module.saveConfiguration({ a: 1 });
    expect((await module.loadConfiguration(path)).data).toEqual({ a: 1 });
  });

  it('can be set while the module runs, and counts at once', async () => {
    const module = await startModule(folder);
    const other = join(folder, 'other.yaml');
    module.setDefaultConfigurationPath(other);
    expect(module.getDefaultConfigurationPath()).toBe(other);
    expect((await module.saveConfiguration({ a: 1 })).filePath).toBe(other);
    expect(readFileSync(other, 'utf8')).toContain('a: 1');
  });

  it('brings its folder with it: what the host sets as the default may be used', async () => {
    const elsewhere = temporaryFolder();
    const module = await startModule(folder);
    module.setDefaultConfigurationPath(join(elsewhere, 'app.json'));
    await module.saveConfiguration({ a: 1 });
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it.each(['', null, undefined, 5, 'a\0', 'folder/', '~/app.json'])(
    'refuses %p as a path and keeps the old one',
    (wrong) => {
      const module = newModule(folder);
      expect(() => module.setDefaultConfigurationPath(wrong as never)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_FILE_PATH' }),
      );
      expect(module.getDefaultConfigurationPath()).toBe(path);
    },
  );
});

describe('the provider configuration', () => {
  it('is provider.json beside the default configuration', async () => {
    const module = await startModule(folder);
    await module.saveProviderConfiguration({ providers: ['a'] });
    expect(JSON.parse(readFileSync(join(folder, 'provider.json'), 'utf8'))).toEqual({ providers: ['a'] });
    expect(await module.loadProviderConfiguration()).toMatchObject({ data: { providers: ['a'] }, isValid: true });
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
  });

  it('takes the options of a save', async () => {
    const module = await startModule(folder);
    await module.saveProviderConfiguration({ a: 1 }, { expectedChecksum: null });
    await expect(module.saveProviderConfiguration({ a: 2 }, { expectedChecksum: null })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
  });
});

describe('the option validate', () => {
  it('lets a value be saved or refuses it, by a flag or by a result with reasons', async () => {
    const module = await startModule(folder, {
      validate: (value) => ({ isValid: (value as { port?: unknown }).port !== 0, errors: ['port must not be 0'] }),
    });
    await module.saveConfiguration({ port: 1 });
    const refused = {
      code: 'ERR_VALIDATION',
      filePath: path,
      message: expect.stringContaining('port must not be 0') as string,
    };
    await expect(module.saveConfiguration({ port: 0 })).rejects.toMatchObject(refused);
    await expect(module.updateConfiguration(() => ({ port: 0 }))).rejects.toMatchObject(refused);
    expect((await module.loadConfiguration()).data).toEqual({ port: 1 });
    const strict = await startModule(folder, { validate: () => false });
    await expect(strict.saveConfiguration({ port: 5 })).rejects.toMatchObject({ code: 'ERR_VALIDATION' });
    await startModule(folder, { validate: () => true }).then((lenient) => lenient.saveConfiguration({ port: 2 }));
  });

  it('gets a copy: it cannot change what is saved', async () => {
    const module = await startModule(folder, {
      validate: (value) => {
        (value as { a: number }).a = 99;
        return true;
      },
    });
    const input = { a: 1 };
    await module.saveConfiguration(input);
    expect(input).toEqual({ a: 1 });
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('passes its own error on, and nothing is written', async () => {
    const error = new RangeError('of the validator');
    const module = await startModule(folder, {
      validate: () => {
        throw error;
      },
    });
    await expect(module.saveConfiguration({ a: 1 })).rejects.toBe(error);
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a promise', Promise.resolve(true)],
    ['a text', 'yes'],
    ['an object without a verdict', {}],
    ['a refusal without reasons', { isValid: false }],
  ])('that answers %s refuses the save with a coded error', async (_name, verdict) => {
    const module = await startModule(folder, { validate: (() => verdict) as never });
    await expect(module.saveConfiguration({ a: 1 })).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_(VALIDATION|INVALID_OPTION)$/u) as string,
    });
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
  });

  it('is not asked about values that are outside the domain anyway', async () => {
    let calls = 0;
    const module = await startModule(folder, {
      validate: () => {
        calls += 1;
        return true;
      },
    });
    await expect(module.saveConfiguration({ a: () => 1 })).rejects.toMatchObject({
      code: 'ERR_INVALID_CONFIGURATION_DATA',
    });
    expect(calls).toBe(0);
  });
});

describe('options of one operation', () => {
  it.each<[string, unknown]>([
    ['signal', {}],
    ['timeout', 0],
    ['timeout', Number.NaN],
    ['timeout', '5'],
    ['lockTimeout', -1],
    ['lockTimeout', Infinity],
    ['format', 'csv'],
    ['expectedChecksum', 'short'],
    ['user', ''],
    ['user', 5],
    ['description', 5],
    ['description', '\ud800'],
    ['tags', 'a'],
    ['tags', ['']],
    ['copy', 'deep'],
    ['expectedchecksum', null],
    ['constructor', 1],
  ])('%s: %p is ERR_INVALID_OPTION that names it', async (key, wrong) => {
    const module = await startModule(folder);
    const options = { [key]: wrong } as object;
    const calls: Promise<unknown>[] = [
      module.saveConfiguration({ a: 1 }, undefined, options),
      module.loadConfiguration(undefined, options),
      module.updateConfiguration(() => ({}), undefined, options),
      module.deleteConfiguration(path, options),
      module.setConfigurationMetadata({}, undefined, options),
    ];
    const refused = { code: 'ERR_INVALID_OPTION', message: expect.stringContaining(key) as string };
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(refused)));
  });

  it.each([null, 5, 'x', true])('cannot be %p', async (wrong) => {
    const module = await startModule(folder);
    await expect(module.saveConfiguration({ a: 1 }, undefined, wrong as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
    });
  });

  it('that are undefined count as not given', async () => {
    const module = await startModule(folder);
    const options = { signal: undefined, timeout: undefined, expectedChecksum: undefined, user: undefined } as object;
    await expect(module.saveConfiguration({ a: 1 }, undefined, options)).resolves.toMatchObject({ success: true });
  });
});
