/** What a load tells: contract 8.4 and 8.5. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { moveClock } from '../support/clock.js';
import { startModule, systemError, temporaryFolder, until } from '../support/moduleFixture.js';

const { MAX_FILE_SIZE_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.PERFORMANCE_LIMITS;
const EXTENSIONS = ['json', 'yaml', 'toml', 'ini', 'xml', 'properties'] as const;

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

/** Older than the window in which a file's times are not trusted, so that loads are answered from the cache. */
async function settle(file: string): Promise<void> {
  await until(() => Date.now() - statSync(file).ctimeMs > 30);
}

/**
 * The cache reads the clock at most once in a millisecond: a timer of that length ends what it has read. One that is started
 * later ends later.
 */
async function clockIsReadAgain(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Counts how often a configuration's content is opened. */
async function startCounting(options = {}) {
  const opened: string[] = [];
  const module = await startModule(folder, options, (real) => ({
    open(asked, flags, mode) {
      if (/\/[\w-]+\.json$/u.test(asked) && !asked.includes('/locks/')) opened.push(asked);
      return real.open(asked, flags, mode);
    },
  }));
  return { module, opened };
}

describe('a cached load', () => {
  it('does not read the file again while nothing has changed', async () => {
    const { module, opened } = await startCounting();
    await module.saveConfiguration({ a: 1 });
    await settle(path);
    await module.loadConfiguration();
    const before = opened.length;
    for (let turn = 0; turn < 5; turn++) expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
    await module.getConfigurationMetadata();
    expect(opened).toHaveLength(before);
  });

  it('notices an outside edit of equal size and equal modification time', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await settle(path);
    await module.loadConfiguration();
    await module.loadConfiguration();
    const { atime, mtime, size } = statSync(path);
    writeFileSync(path, readFileSync(path, 'utf8').replace('1', '2'));
    utimesSync(path, atime, mtime);
    expect(statSync(path).size).toBe(size);
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 2 }, isValid: false });
  });

  it('notices every edit in a quick row, saves and edits in turn', async () => {
    const module = await startModule(folder);
    for (let turn = 0; turn < 30; turn++) {
      await module.saveConfiguration({ turn });
      expect((await module.loadConfiguration()).data).toEqual({ turn });
      writeFileSync(path, JSON.stringify({ turn: turn + 50 }));
      expect((await module.loadConfiguration()).data).toEqual({ turn: turn + 50 });
      writeFileSync(path, JSON.stringify({ turn: turn + 10 }));
      expect((await module.loadConfiguration()).data).toEqual({ turn: turn + 10 });
    }
  });

  it('notices what another instance saved, deleted and set as metadata', async () => {
    const module = await startModule(folder);
    const other = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await settle(path);
    await module.loadConfiguration();
    await other.setConfigurationMetadata({ description: 'by the other' });
    expect((await module.loadConfiguration()).metadata.description).toBe('by the other');
    expect((await module.getConfigurationMetadata()).description).toBe('by the other');
    await other.saveConfiguration({ a: 2 });
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 2 }, isValid: true });
    await other.deleteConfiguration(path);
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    await expect(module.getConfigurationMetadata()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
  });

  it('notices metadata of a file that nobody has saved', async () => {
    writeFileSync(path, '{"a":1}');
    await settle(path);
    const module = await startModule(folder);
    const other = await startModule(folder);
    await module.loadConfiguration();
    await module.loadConfiguration();
    await other.setConfigurationMetadata({ description: 'by the other' });
    expect((await module.loadConfiguration()).metadata.description).toBe('by the other');
  });

  it('notices that the file was deleted and made again outside', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await settle(path);
    await module.loadConfiguration();
    rmSync(path);
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    writeFileSync(path, '{"a":3}');
    expect((await module.loadConfiguration()).data).toEqual({ a: 3 });
  });

  it('is for one format: the same path read in another one is read anew', async () => {
    const module = await startModule(folder);
    const text = join(folder, 'app.conf');
    writeFileSync(text, '{"a": 1}');
    await settle(text);
    await module.loadConfiguration(text, { format: 'json' });
    await expect(module.loadConfiguration(text)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED_FORMAT' });
    writeFileSync(path, 'a: 1\n');
    await settle(path);
    await module.loadConfiguration(path, { format: 'yaml' });
    await expect(module.loadConfiguration(path)).rejects.toMatchObject({ code: 'ERR_PARSE' });
    expect((await module.loadConfiguration(path, { format: 'yaml' })).data).toEqual({ a: 1 });
  });

  it('is not made of more files than the limit: the oldest is read again', async () => {
    const { module, opened } = await startCounting();
    const names = Array.from({ length: 61 }, (_, index) => join(folder, `file-${index}.json`));
    for (const name of names) writeFileSync(name, '{"a":1}');
    await settle(names.at(-1)!);
    for (const name of names) await module.loadConfiguration(name);
    expect(opened).toHaveLength(61);
    await module.loadConfiguration(names.at(-1));
    expect(opened).toHaveLength(61);
    await module.loadConfiguration(names[0]);
    expect(opened).toHaveLength(62);
  });

  it('is never made with enableCaching false, and no more after it was switched off', async () => {
    const { module, opened } = await startCounting({ enableCaching: false });
    writeFileSync(path, '{"a":1}');
    await settle(path);
    await module.loadConfiguration();
    await module.loadConfiguration();
    expect(opened).toHaveLength(2);
    module.configure({ enableCaching: true });
    await module.loadConfiguration();
    await module.loadConfiguration();
    expect(opened).toHaveLength(3);
    module.configure({ enableCaching: false });
    await module.loadConfiguration();
    await module.loadConfiguration();
    expect(opened).toHaveLength(5);
  });

  it('is forgotten when its time to live is over, which can be set while the module runs', async () => {
    const { module, opened } = await startCounting();
    writeFileSync(path, '{"a":1}');
    await settle(path);
    await module.loadConfiguration();
    module.configure({ cacheTTL: 60_000 });
    await module.loadConfiguration();
    expect(opened).toHaveLength(2);
    moveClock(59_000);
    await clockIsReadAgain();
    await module.loadConfiguration();
    expect(opened).toHaveLength(2);
    moveClock(2000);
    await clockIsReadAgain();
    await module.loadConfiguration();
    expect(opened).toHaveLength(3);
  });
});

describe('a load of a file that nobody has saved', () => {
  it('is valid, with metadata that the file tells', async () => {
    writeFileSync(path, '{"a": 1}');
    utimesSync(path, 1000, 2000);
    const loaded = await (await startModule(folder)).loadConfiguration();
    expect(loaded).toMatchObject({
      data: { a: 1 },
      isValid: true,
      filePath: path,
      metadata: {
        version: '0',
        createdAt: 2_000_000,
        modifiedAt: 2_000_000,
        fileSize: 8,
        format: 'json',
        encoding: 'utf8',
      },
    });
    expect(loaded.checksum).toBe(createHash('sha256').update('{"a": 1}').digest('hex'));
    expect(loaded.validationResults).toBeUndefined();
  });

  it.each(EXTENSIONS)(
    'is ERR_PARSE or a value of the format where it is cut, in %s, and stays as it is',
    async (extension) => {
      const file = join(folder, `app.${extension}`);
      const module = await startModule(folder);
      await module.saveConfiguration({ a: { b: [1, 2, { c: 'text' }] } }, file);
      const whole = readFileSync(file, 'utf8');
      rmSync(join(folder, 'metadata'), { recursive: true });
      writeFileSync(file, whole.slice(0, whole.length / 2));
      const outcome: unknown = await module.loadConfiguration(file).catch((error: unknown) => error);
      if (outcome instanceof Error)
        expect(outcome).toMatchObject({ code: 'ERR_PARSE', filePath: file, operationType: 'load' });
      expect(readFileSync(file, 'utf8')).toBe(whole.slice(0, whole.length / 2));
    },
  );

  it.each([
    ['nothing', ''],
    ['blanks', ' \n'],
    ['half an object', '{"a":'],
    ['two values', '{} {}'],
  ])('is ERR_PARSE where JSON holds %s', async (_name, text) => {
    writeFileSync(path, text);
    await expect((await startModule(folder)).loadConfiguration()).rejects.toMatchObject({ code: 'ERR_PARSE' });
  });

  it('is refused where it holds what the domain has not', async () => {
    const module = await startModule(folder);
    writeFileSync(path, '{"__proto__":{"polluted":1}}');
    await expect(module.loadConfiguration()).rejects.toMatchObject({
      code: 'ERR_INVALID_CONFIGURATION_DATA',
      paths: ['__proto__'],
    });
    writeFileSync(path, `${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    const error: unknown = await module.loadConfiguration().catch((thrown: unknown) => thrown);
    expect(['ERR_PARSE', 'ERR_INVALID_CONFIGURATION_DATA']).toContain((error as { code: string }).code);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('a load of a saved file', () => {
  it.each(EXTENSIONS)('that was emptied or cut is ERR_INTEGRITY where it does not parse, in %s', async (extension) => {
    const file = join(folder, `app.${extension}`);
    const module = await startModule(folder);
    await module.saveConfiguration({ a: { b: [1, 2, { c: 'text' }] }, z: 1 }, file);
    const whole = readFileSync(file);
    for (const length of [0, 1, Math.floor(whole.length / 2), whole.length - 2]) {
      writeFileSync(file, whole.subarray(0, length));
      const outcome = await module.loadConfiguration(file).then(
        ({ isValid }) => isValid,
        (error: unknown) => (error as { code: string }).code,
      );
      expect([false, 'ERR_INTEGRITY']).toContain(outcome);
      expect((await module.verifyConfigurationIntegrity(file)).isValid).toBe(false);
    }
  });

  it('that somebody edited is not valid, with the finding, until it is saved again', async () => {
    const module = await startModule(folder);
    const { checksum } = await module.saveConfiguration({ a: 1 });
    writeFileSync(path, '{"a":2}');
    const loaded = await module.loadConfiguration();
    expect(loaded).toMatchObject({
      data: { a: 2 },
      isValid: false,
      validationResults: [{ type: 'checksum-mismatch', severity: 'high' }],
    });
    expect(await module.verifyConfigurationIntegrity(path)).toMatchObject({
      isValid: false,
      expectedChecksum: checksum,
      actualChecksum: loaded.checksum,
    });
    const saved = await module.saveConfiguration({ a: 3 });
    expect(saved.warnings).toHaveLength(1);
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 3 }, isValid: true });
  });

  it('that was only touched, copied over itself or appended to and cut again is valid', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const whole = readFileSync(path);
    utimesSync(path, 5, 5);
    expect(await module.loadConfiguration()).toMatchObject({ isValid: true });
    writeFileSync(path, whole);
    expect(await module.loadConfiguration()).toMatchObject({ isValid: true });
    appendFileSync(path, '   ');
    expect(await module.loadConfiguration()).toMatchObject({ isValid: false });
    truncateSync(path, whole.length);
    expect(await module.loadConfiguration()).toMatchObject({ isValid: true });
  });

  it('that was deleted by the module and made again by hand is as if never saved', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await module.deleteConfiguration(path);
    writeFileSync(path, '{"a":2}');
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 2 }, isValid: true });
  });
});

describe('encodings', () => {
  it.each(EXTENSIONS.filter((extension) => extension !== 'properties'))(
    'that are not UTF-8 are ERR_PARSE in %s',
    async (extension) => {
      const file = join(folder, `app.${extension}`);
      const module = await startModule(folder);
      for (const bytes of [
        [0xff, 0xfe, 0x00, 0xd8],
        [0x7b, 0xc3, 0x28, 0x7d],
        [0xed, 0xa0, 0x80],
        [0xc0, 0xaf],
        [0x80],
      ]) {
        writeFileSync(file, Buffer.from(bytes));
        await expect(module.loadConfiguration(file)).rejects.toMatchObject({ code: 'ERR_PARSE' });
        expect(await module.verifyConfigurationIntegrity(file)).toMatchObject({
          isValid: false,
          issues: [{ type: 'encoding-error' }],
        });
      }
    },
  );

  it('of properties may be Latin-1, as Java wrote them, and stay that', async () => {
    const file = join(folder, 'app.properties');
    writeFileSync(file, Buffer.from('name = Müller\nfood = café\n', 'latin1'));
    const module = await startModule(folder);
    const loaded = await module.loadConfiguration(file);
    expect(loaded).toMatchObject({ data: { name: 'Müller', food: 'café' }, metadata: { encoding: 'latin1' } });
    await module.saveConfiguration(loaded.data, file);
    expect(readFileSync(file, 'latin1')).toBe('name = Müller\nfood = café\n');
    expect(await module.loadConfiguration(file)).toMatchObject({
      data: loaded.data as object,
      metadata: { encoding: 'latin1' },
    });
  });

  it.each(EXTENSIONS)('with a byte order mark are read without it in %s', async (extension) => {
    const file = join(folder, `app.${extension}`);
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 'text', b: 1 }, file);
    writeFileSync(file, `\ufeff${readFileSync(file, 'utf8')}`);
    expect((await module.loadConfiguration(file)).data).toEqual({ a: 'text', b: 1 });
  });
});

describe('what stands at the path', () => {
  it('may be a folder: ERR_NOT_A_FILE', async () => {
    mkdirSync(path);
    const module = await startModule(folder);
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_NOT_A_FILE' });
  });

  it('may be a named pipe: no operation hangs on it', async () => {
    execFileSync('mkfifo', [path]);
    const module = await startModule(folder);
    const refused = { code: 'ERR_NOT_A_FILE' };
    await expect(module.loadConfiguration()).rejects.toMatchObject(refused);
    await expect(module.verifyConfigurationIntegrity(path)).rejects.toMatchObject(refused);
    await expect(module.saveConfiguration({ a: 1 })).rejects.toMatchObject(refused);
    await expect(module.deleteConfiguration(path)).rejects.toMatchObject(refused);
    expect(statSync(path).isFIFO()).toBe(true);
  });

  it('may be larger than the limit: it is refused before it is read', async () => {
    writeFileSync(path, '{}');
    truncateSync(path, MAX_FILE_SIZE_BYTES + 1);
    let reads = 0;
    const module = await startModule(folder, {}, (real) => ({
      read: (...args) => {
        reads += 1;
        return real.read(...args);
      },
    }));
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_FILE_TOO_LARGE' });
    expect(reads).toBe(0);
  });

  it('may vanish between two calls', async () => {
    const module = await startModule(folder);
    const deep = join(folder, 'deep', 'app.json');
    await module.saveConfiguration({ a: 1 }, deep);
    await module.loadConfiguration(deep);
    rmSync(join(folder, 'deep'), { recursive: true });
    const calls: Promise<unknown>[] = [
      module.loadConfiguration(deep),
      module.getConfigurationMetadata(deep),
      module.verifyConfigurationIntegrity(deep),
    ];
    const missing = { code: 'ERR_FILE_NOT_FOUND', filePath: deep };
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(missing)));
    expect(existsSync(join(folder, 'deep'))).toBe(false);
  });

  it('may refuse to be opened: the code of the system is told', async () => {
    writeFileSync(path, '{}');
    const module = await startModule(folder, {}, (real) => ({
      open: (asked, flags, mode) =>
        asked === path ? Promise.reject(systemError('EACCES')) : real.open(asked, flags, mode),
    }));
    await expect(module.loadConfiguration()).rejects.toMatchObject({
      name: 'StorageError',
      code: 'EACCES',
      operationType: 'load',
      filePath: path,
    });
  });

  it('may be replaced again and again while it is read: the load ends with a whole state or ERR_CONFLICT', async () => {
    writeFileSync(path, '{"n":0}');
    let number = 0;
    const module = await startModule(folder, {}, (real) => ({
      async read(...args) {
        number += 1;
        writeFileSync(path, `{"n":${number}}`.padEnd(7 + (number % 5)));
        return real.read(...args);
      },
    }));
    const outcome: unknown = await module.loadConfiguration().catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: 'ERR_CONFLICT' });
  });

  it('may be replaced by renames that never end: the load gives up with ERR_CONFLICT instead of waiting for ever', async () => {
    writeFileSync(path, '{"n":0}');
    let number = 0;
    const module = await startModule(folder, {}, (real) => ({
      async read(...args) {
        number += 1;
        writeFileSync(`${path}.new`, `{"n":${number}}`);
        renameSync(`${path}.new`, path);
        return real.read(...args);
      },
    }));
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_CONFLICT', operationType: 'load' });
  });

  it('may become impossible to look at: a load tells it and does not answer from the cache', async () => {
    let refuses = false;
    const module = await startModule(folder, {}, (real) => ({
      statNow(asked) {
        if (refuses && asked === path) throw systemError('EACCES', 'stat');
        return real.statNow(asked);
      },
      open: (asked, flags, mode) =>
        refuses && asked === path ? Promise.reject(systemError('EACCES')) : real.open(asked, flags, mode),
    }));
    await module.saveConfiguration({ a: 1 });
    await settle(path);
    await module.loadConfiguration();
    refuses = true;
    await expect(module.loadConfiguration()).rejects.toMatchObject({ name: 'StorageError', code: 'EACCES' });
  });
});

describe('formats', () => {
  it.each([
    ['app.json', 'json'],
    ['app.YAML', 'yaml'],
    ['app.yml', 'yaml'],
    ['app.toml', 'toml'],
    ['app.ini', 'ini'],
    ['app.xml', 'xml'],
    ['app.properties', 'properties'],
    ['a.b.Json', 'json'],
  ])('are told by the extension: %s is %s', async (name, format) => {
    const module = await startModule(folder);
    const file = join(folder, name);
    await module.saveConfiguration({ a: 'b' }, file);
    expect(await module.loadConfiguration(file)).toMatchObject({ data: { a: 'b' }, metadata: { format } });
  });

  it.each(['app', 'app.txt', 'app.json5', 'json', 'app.json.bak', '.json~'])(
    'that %s does not tell must be given',
    async (name) => {
      const module = await startModule(folder);
      const file = join(folder, name);
      const unsupported = { code: 'ERR_UNSUPPORTED_FORMAT', filePath: file };
      await expect(module.saveConfiguration({ a: 1 }, file)).rejects.toMatchObject(unsupported);
      expect(existsSync(file)).toBe(false);
      await module.saveConfiguration({ a: 1 }, file, { format: 'toml' });
      await expect(module.updateConfiguration(() => ({}), file)).rejects.toMatchObject(unsupported);
      await expect(module.verifyConfigurationIntegrity(file)).rejects.toMatchObject(unsupported);
      expect((await module.loadConfiguration(file, { format: 'toml' })).data).toEqual({ a: 1 });
    },
  );

  it('that are none are refused with ERR_INVALID_OPTION', async () => {
    const module = await startModule(folder);
    for (const format of ['', 'JSON', 'csv', null, 1, 'constructor']) {
      await expect(module.loadConfiguration(path, { format: format as never })).rejects.toMatchObject({
        code: 'ERR_INVALID_OPTION',
      });
    }
  });

  it('can be narrowed by supportedFormats', async () => {
    const module = await startModule(folder, { supportedFormats: ['json', 'toml'] });
    await module.saveConfiguration({ a: 1 }, join(folder, 'a.toml'));
    const unsupported = { code: 'ERR_UNSUPPORTED_FORMAT' };
    await expect(module.saveConfiguration({ a: 1 }, join(folder, 'a.yaml'))).rejects.toMatchObject(unsupported);
    await expect(module.loadConfiguration(join(folder, 'a.xml'))).rejects.toMatchObject(unsupported);
    await expect(module.loadConfiguration(path, { format: 'ini' })).rejects.toMatchObject(unsupported);
  });
});

describe('verifyConfigurationIntegrity', () => {
  it('finds nothing in a saved file and in one that nobody saved', async () => {
    const module = await startModule(folder);
    const { checksum } = await module.saveConfiguration({ a: 1 });
    const result = await module.verifyConfigurationIntegrity(path);
    expect(result).toEqual({
      isValid: true,
      expectedChecksum: checksum,
      actualChecksum: checksum,
      filePath: path,
      verificationTimestamp: expect.any(Number) as number,
    });
    const foreign = join(folder, 'foreign.json');
    writeFileSync(foreign, '{}');
    expect(await module.verifyConfigurationIntegrity(foreign)).toMatchObject({ isValid: true });
  });

  it('reports what cannot be read instead of throwing, with every finding', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    writeFileSync(path, '{"a":');
    const types = async () => (await module.verifyConfigurationIntegrity(path)).issues?.map(({ type }) => type);
    expect(await types()).toEqual(['checksum-mismatch', 'file-corruption']);
    writeFileSync(path, '{"ok":{"__proto__":1}}');
    const { issues } = await module.verifyConfigurationIntegrity(path);
    expect(issues?.[1]).toMatchObject({
      type: 'structure-violation',
      severity: 'critical',
      affectedSection: 'ok.__proto__',
    });
    for (const issue of issues ?? []) expect(issue.recommendation).not.toBe('');
  });

  it('never answers from the cache', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await settle(path);
    await module.loadConfiguration();
    await module.loadConfiguration();
    writeFileSync(path, '{"a":2}');
    expect(await module.verifyConfigurationIntegrity(path)).toMatchObject({ isValid: false });
  });

  it('says ERR_FILE_NOT_FOUND where there is no file', async () => {
    await expect((await startModule(folder)).verifyConfigurationIntegrity(path)).rejects.toMatchObject({
      code: 'ERR_FILE_NOT_FOUND',
      operationType: 'verify',
    });
  });
});
