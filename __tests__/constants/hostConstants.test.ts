/** The groups and messages that modules of the original host know: they say what is in force. */
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat, LockType, PersistenceOperationType, RetentionStrategy } from '../../interfaces/enums.js';
import { formatOfExtension } from '../../src/codec/codecs.js';
import { ERROR_CODES } from '../../src/index.js';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';

const { DEFAULT_TEMPLATES, ERROR_MESSAGES, MONITORING, REGEX_PATTERNS, VALIDATION_RULES, ...rest } =
  CONFIG_PERSISTENCE_CONSTANTS;

it('the groups of types are the enums', () => {
  expect(rest.OPERATION_TYPES).toBe(PersistenceOperationType);
  expect(rest.CONFIG_FORMATS).toBe(ConfigurationFormat);
  expect(rest.LOCK_TYPES).toBe(LockType);
  expect(rest.RETENTION_STRATEGIES).toBe(RetentionStrategy);
});

it('a key that stands in two groups has one value', () => {
  const others = Object.values(rest).filter((group) => typeof group === 'object') as Record<string, unknown>[];
  const differing = [VALIDATION_RULES, MONITORING].flatMap((group) =>
    Object.entries(group).filter(([key, value]) =>
      others.some((other) => Object.hasOwn(other, key) && other[key] !== value),
    ),
  );
  expect(differing).toEqual([]);
});

it('there is a message for every type of operation and every code', () => {
  const keys = Object.keys(ERROR_MESSAGES);
  const types = Object.values(PersistenceOperationType);
  expect(types.filter((type) => !keys.includes(`${type.toUpperCase()}_FAILED`))).toEqual([]);
  const texts: readonly string[] = Object.values(ERROR_MESSAGES);
  expect(Object.values(ERROR_CODES).filter((text) => !texts.includes(text))).toEqual([]);
  expect(texts.filter((text) => text.trim() === '')).toEqual([]);
});

it('nobody can change any of it', () => {
  for (const group of [
    VALIDATION_RULES,
    REGEX_PATTERNS,
    DEFAULT_TEMPLATES.CONFIGURATION,
    rest.LOCK_TYPES,
    ERROR_MESSAGES,
  ]) {
    expect(Object.isFrozen(group)).toBe(true);
  }
});

describe('on the disk', () => {
  it('the templates can be saved, and the patterns fit what operations give', async () => {
    const folder = temporaryFolder();
    const module = await startModule(folder);
    const { CONFIGURATION, PROVIDER_CONFIGURATION } = DEFAULT_TEMPLATES;

    for (const format of Object.values(ConfigurationFormat)) {
      const path = join(folder, `template.${format}`);
      expect(REGEX_PATTERNS.CONFIGURATION_FILE.test(path)).toBe(true);
      await module.saveConfiguration(PROVIDER_CONFIGURATION, path);
      const { checksum } = await module.saveConfiguration(CONFIGURATION, path);
      expect((await module.loadConfiguration(path)).data).toEqual({});
      expect(checksum).toMatch(REGEX_PATTERNS.CHECKSUM);
      const { lockId } = await module.acquireFileLock(path);
      expect(lockId).toMatch(REGEX_PATTERNS.LOCK_ID);
      await module.releaseFileLock(lockId);
    }
  });

  it.each([
    ['nightly', true],
    ['v1.2_rc-3+x@y', true],
    ['Größe 2', true],
    ['a', true],
    ['', false],
    ['.hidden', false],
    ['two..dots', false],
    ['ends.', false],
    ['ends ', false],
    ['a/b', false],
    ['line\nbreak', false],
  ])('the pattern of backup names says of %j what createBackup does', async (name, isGood) => {
    const folder = temporaryFolder();
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const made = module.createBackup(undefined, name);

    expect(REGEX_PATTERNS.BACKUP_NAME.test(name)).toBe(isGood);
    if (isGood) await expect(made).resolves.toMatchObject({ success: true });
    else await expect(made).rejects.toMatchObject({ code: 'ERR_INVALID_BACKUP_NAME' });
  });
});

it.each([
  'a.json',
  'a.YAML',
  'a.yml',
  'a.toml',
  'a.ini',
  'a.xml',
  'a.properties',
  'a.jsonc',
  'a.txt',
  'json',
  'a.yaml~',
])('the pattern of configuration files says of %s what the extension does', (name) => {
  expect(REGEX_PATTERNS.CONFIGURATION_FILE.test(name)).toBe(formatOfExtension(name) !== undefined);
});

it('the budgets are those that a save is refused by', async () => {
  const module = await startModule(temporaryFolder());
  const nested = (depth: number): unknown => (depth === 1 ? {} : { a: nested(depth - 1) });
  const refusal = { code: 'ERR_INVALID_CONFIGURATION_DATA' };

  await module.saveConfiguration(nested(VALIDATION_RULES.MAX_DEPTH));
  await expect(module.saveConfiguration(nested(VALIDATION_RULES.MAX_DEPTH + 1))).rejects.toMatchObject(refusal);
  await expect(
    module.saveConfiguration({ ['k'.repeat(VALIDATION_RULES.MAX_KEY_LENGTH + 1)]: 1 }),
  ).rejects.toMatchObject(refusal);
  for (const key of VALIDATION_RULES.FORBIDDEN_KEYS) {
    await expect(module.saveConfiguration(JSON.parse(`{"${key}":{"a":1}}`))).rejects.toMatchObject(refusal);
  }
});
