/** Names, ids, counts and files that somebody has made up: refused by their codes, and nothing is touched. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { listing, startModule, temporaryFolder } from '../support/moduleFixture.js';
import { fileOf, keptId, keyFolder, saveAll, saveAndMaintain, UNKNOWN_ID } from './backupFixture.js';

const BAD_NAMES: readonly (readonly [string, unknown])[] = [
  ['empty', ''],
  ['a path', '../../etc/passwd'],
  ['absolute', '/etc/passwd'],
  ['with a backslash', 'a\\b'],
  ['one dot', '.'],
  ['two dots', '..'],
  ['with two dots inside', 'a..b'],
  ['starting with a dot', '.hidden'],
  ['starting with a space', ' a'],
  ['ending in a dot', 'a.'],
  ['ending in a space', 'a '],
  ['with NUL', 'a\0b'],
  ['with a line feed', 'a\nb'],
  ['ending in a line feed', 'a\n'],
  ['with a control character', 'a\u0007b'],
  ['with a quote', 'a"b'],
  ['with a shell character', 'a;rm -rf'],
  ['with a colon', 'a:b'],
  ['with a wildcard', 'a*'],
  ['starting with a dash', '-rf'],
  ['half a surrogate pair', 'a\ud800'],
  ['a right-to-left override', 'a\u202eb'],
  ['81 bytes', 'x'.repeat(81)],
  ['41 letters of two bytes', 'ü'.repeat(41)],
  ['256 characters', 'x'.repeat(256)],
  ['a million characters', 'x'.repeat(1_000_000)],
  ['null', null],
  ['a number', 7],
  ['an object', { toString: () => 'name' }],
  ['a list', ['name']],
];

const BAD_IDS: readonly (readonly [string, unknown])[] = [
  ['empty', ''],
  ['a path', '../../app.json'],
  ['an absolute path', '/etc/passwd'],
  ['only a key', 'app.json-0123456789abcdef'],
  ['of an unknown configuration', UNKNOWN_ID],
  ['a way out', '../x-0123456789abcdef.20261124T101530123Z.r12.fedcba9876543210'],
  ['two dots', '..-0123456789abcdef.20261124T101530123Z.r12.fedcba9876543210'],
  ['with a separator', 'a/b-0123456789abcdef.20261124T101530123Z.r12.fedcba9876543210'],
  ['with NUL', 'a\0b-0123456789abcdef.20261124T101530123Z.r12.fedcba9876543210'],
  ['with a line feed', `${UNKNOWN_ID}\n`],
  ['of an impossible time', 'app.json-0123456789abcdef.99999999T999999999Z.r12.fedcba9876543210'],
  ['255 characters of several bytes', `${'é'.repeat(190)}-0123456789abcdef.20261124T101530123Z.r12.fedcba9876543210`],
  ['a million characters', 'x'.repeat(1_000_000)],
  ['undefined', undefined],
  ['null', null],
  ['a number', 12],
  ['an object', { id: UNKNOWN_ID }],
];

let folder: string;
let path: string;
let module: ConfigPersistenceModule;
let before: string[];

/** Everything but the locks, whose numbers go up with every use. */
function stateOf(): string[] {
  return listing(folder).filter((line) => !line.startsWith('locks'));
}

/** What each attempt was refused with; 'none' where it was not. */
async function codesOf(
  attempts: readonly (readonly [string, () => Promise<unknown>])[],
): Promise<readonly (readonly [string, unknown])[]> {
  const codes: [string, unknown][] = [];
  for (const [title, attempt] of attempts) {
    const [outcome] = await Promise.allSettled([attempt()]);
    codes.push([title, outcome.status === 'rejected' ? (outcome.reason as { code: unknown }).code : 'none']);
  }
  return codes;
}

/** The same code for each. */
function all(attempts: readonly (readonly [string, unknown])[], code: string): [string, string][] {
  return attempts.map(([title]) => [title, code]);
}

beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
  await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }, { a: 3 }]);
  module = await startModule(folder);
  before = stateOf();
});

describe('the name of a backup', () => {
  it('is refused where it could not be a part of a file name everywhere, and nothing is touched', async () => {
    const attempts = BAD_NAMES.map(
      ([title, name]) => [title, () => module.createBackup(path, name as string)] as const,
    );
    expect(await codesOf(attempts)).toEqual(all(BAD_NAMES, 'ERR_INVALID_BACKUP_NAME'));
    expect(stateOf()).toEqual(before);
  });

  it('comes back as it was given, whatever else it could mean in the name of a file', async () => {
    const names = ['before upgrade 2.0', 'ünï-código_設定', '80', 'x'.repeat(80), 'a@b+c', 'tmp', 'x.backup.gz', 'con'];
    for (const name of names) {
      const { backupId, backupPath } = await module.createBackup(path, name);
      expect((await module.listBackups(path))[0]).toMatchObject({ id: backupId, name, isAutomatic: false });
      expect(basename(backupPath)).toContain(`.manual.${name}.backup`);
      await module.restoreFromBackup(backupId);
      await module.deleteBackup(backupId);
    }
  });

  it('that looks like the name of another backup does not make it that', async () => {
    const [backup] = await module.listBackups(path);
    const name = basename(backup!.backupPath).slice('app.json.'.length).replace('.backup.gz', '');
    const { backupId } = await module.createBackup(path, name);
    const listed = await module.listBackups(path);
    expect(listed.map(({ id }) => id)).toContain(backupId);
    expect(listed).toHaveLength(3);
    expect(listed.find(({ id }) => id === backupId)).toMatchObject({ name, isAutomatic: false });
  });
});

describe('the id of a backup', () => {
  it.each<[string, (id: string) => Promise<unknown>]>([
    ['restoreFromBackup', (id) => module.restoreFromBackup(id)],
    ['restoreFromBackup with a target', (id) => module.restoreFromBackup(id, join(folder, 'target.json'))],
    ['deleteBackup', (id) => module.deleteBackup(id)],
  ])('is not found by %s where it was never given, and nothing is touched', async (_title, operation) => {
    const attempts = BAD_IDS.map(([title, id]) => [title, () => operation(id as string)] as const);
    expect(await codesOf(attempts)).toEqual(all(BAD_IDS, 'ERR_BACKUP_NOT_FOUND'));
    expect(stateOf()).toEqual(before);
  });
});

describe('counts, paths and options', () => {
  it('refuses a retention count that is none, in a dry run too', async () => {
    const counts = [0, -1, 51, 1e9, NaN, Infinity, 1.5, '3', null, {}, true, 2n] as number[];
    const attempts = counts.flatMap((count) => [
      [String(count), () => module.cleanupOldBackups(count)] as const,
      [`${String(count)} dry`, () => module.cleanupOldBackups(count, { dryRun: true })] as const,
    ]);
    expect(await codesOf(attempts)).toEqual(all(attempts, 'ERR_INVALID_OPTION'));
    expect(stateOf()).toEqual(before);
  });

  it('refuses a path that is none, or leads out of the allowed folders, in every operation on backups', async () => {
    const [backup] = await module.listBackups(path);
    const paths = ['', null, 'a\0b.json', '../../../etc/x.json', '/etc/x.json', 7, 'folder/'] as string[];
    const attempts = paths.flatMap((bad) => [
      [`create ${bad}`, () => module.createBackup(bad)] as const,
      [`list ${bad}`, () => module.listBackups(bad)] as const,
      [`restore ${bad}`, () => module.restoreFromBackup(backup!.id, bad)] as const,
    ]);
    expect(await codesOf(attempts)).toEqual(all(attempts, 'ERR_INVALID_FILE_PATH'));
    const ofCleanups = paths.map((bad) => [bad, () => module.cleanupOldBackups(1, { filePath: bad })] as const);
    expect(new Set((await codesOf(ofCleanups)).map(([, code]) => code))).toEqual(
      new Set(['ERR_INVALID_FILE_PATH', 'ERR_INVALID_OPTION']),
    );
    expect(stateOf()).toEqual(before);
  });

  it('refuses options that are none, also misspelt ones', async () => {
    const wrong: object[] = [
      { expectedChecksum: 'x' },
      { expectedCheksum: 'x' },
      { dryRun: true },
      { tags: ['a', ''] },
      { tags: 'a' },
      { description: 7 },
      { user: '' },
      { lockTimeout: NaN },
      { timeout: -1 },
      { format: 'exe' },
    ];
    const attempts = wrong.flatMap((options) => [
      [`create ${JSON.stringify(options)}`, () => module.createBackup(path, 'x', options)] as const,
      [`restore ${JSON.stringify(options)}`, () => module.restoreFromBackup(UNKNOWN_ID, undefined, options)] as const,
      [`delete ${JSON.stringify(options)}`, () => module.deleteBackup(UNKNOWN_ID, options)] as const,
    ]);
    expect(await codesOf(attempts)).toEqual(all(attempts, 'ERR_INVALID_OPTION'));
    expect(stateOf()).toEqual(before);
  });

  it('refuses everything after destroy()', async () => {
    await module.destroy();
    const over = { code: 'ERR_DESTROYED' };
    await expect(module.createBackup()).rejects.toMatchObject(over);
    await expect(module.listBackups()).rejects.toMatchObject(over);
    await expect(module.restoreFromBackup(UNKNOWN_ID)).rejects.toMatchObject(over);
    await expect(module.deleteBackup(UNKNOWN_ID)).rejects.toMatchObject(over);
    await expect(module.cleanupOldBackups()).rejects.toMatchObject(over);
    await expect(module.rotateBackupEncryption()).rejects.toMatchObject(over);
    expect(stateOf()).toEqual(before);
  });
});

describe('a file that somebody has made up', () => {
  it('is not opened beyond the limit, however small a decompression bomb is, and is listed all the same', async () => {
    const [backup] = await module.listBackups(path);
    const bomb = gzipSync(Buffer.alloc(101 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(200_000);
    writeFileSync(backup!.backupPath, bomb);
    await expect(module.restoreFromBackup(backup!.id)).rejects.toMatchObject({ code: 'ERR_FILE_TOO_LARGE' });
    expect(await module.listBackups(path)).toHaveLength(2);
    expect((await module.loadConfiguration()).data).toEqual({ a: 3 });
  });

  it('counts as a backup only with the content that its name tells, and can then be restored', async () => {
    const place = keyFolder(folder);
    const [, second] = await saveAll(module, [{ a: 4 }, { a: 5 }]);
    const real = basename(fileOf(place, keptId(second!)));
    const forged = real.replace(/\.[0-9a-f]{16}\./u, '.0123456789abcdef.');
    writeFileSync(join(place, forged), '{"planted":true}');
    const id = (await module.listBackups(path)).find(({ backupPath }) => backupPath.endsWith(forged))!.id;
    await expect(module.restoreFromBackup(id)).rejects.toMatchObject({ code: 'ERR_BACKUP_DAMAGED' });
    expect(readFileSync(path, 'utf8')).toContain('5');
  });
});
