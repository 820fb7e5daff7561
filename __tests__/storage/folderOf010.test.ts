/** A folder that release 0.1.0 has left: every later one tells the same of it, and goes on with it. */
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BackupInfo } from '../../interfaces/backups.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import type { ConfigurationMetadata } from '../../interfaces/results.js';
import type { VersionInfo } from '../../interfaces/versions.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { listing, startModule, temporaryFolder, walk } from '../support/moduleFixture.js';

const FIXTURE = fileURLToPath(new URL('../fixtures/folder-of-0.1.0', import.meta.url));
/** Nothing is pruned while the tests look. */
const OPTIONS: ConfigPersistenceOptions = { backupRetentionCount: 10 };
const PASSPHRASE = 'fixture passphrase';
const ENCRYPTED = 'secret.json';

/** What 0.1.0 told of a configuration. */
interface Recorded {
  readonly data?: unknown;
  readonly metadata?: ConfigurationMetadata;
  readonly isValid?: boolean;
  /** Code of the error where there was none to load. */
  readonly error?: string;
  readonly versions: readonly Omit<VersionInfo, 'filePath'>[];
  readonly backups: readonly Omit<BackupInfo, 'originalFilePath' | 'backupPath'>[];
}

const recorded = JSON.parse(readFileSync(join(FIXTURE, 'expected.json'), 'utf8')) as Record<string, Recorded>;
const names = Object.keys(recorded);

it('is recorded with something of each kind', () => {
  expect(names).toEqual(['app.json', 'service.yaml', 'gone.json', 'hurt.json', ENCRYPTED, 'plain.properties']);
  const all = Object.values(recorded);
  expect(all.map(({ versions }) => versions.length)).toEqual([5, 2, 2, 3, 3, 10]);
  expect(all.map(({ backups }) => backups.length)).toEqual([5, 1, 2, 1, 3, 0]);
});

describe.each([
  ['as they were written', 0o600, 0o700],
  ['as a checkout makes them', 0o644, 0o755],
])('a folder of release 0.1.0 with modes %s', (_title, fileMode, folderMode) => {
  let folder: string;

  beforeEach(() => {
    folder = join(temporaryFolder(), 'config');
    cpSync(join(FIXTURE, 'config'), folder, { recursive: true });
    for (const path of [folder, ...walk(folder)]) chmodSync(path, lstatSync(path).isFile() ? fileMode : folderMode);
  });

  /** A module that can read this configuration, and its path. */
  async function open(name: string, options = OPTIONS) {
    const encryption = name === ENCRYPTED ? { encryption: { passphrase: PASSPHRASE } } : {};
    const module = await startModule(folder, { ...options, ...encryption });
    return { module, path: join(folder, name) };
  }

  function checksumAt(path: string): string {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  }

  async function numberOfPresent(module: ConfigPersistenceModule, path: string): Promise<number> {
    return Number((await module.getConfigurationMetadata(path)).version);
  }

  describe.each(names)('%s', (name) => {
    const { data, metadata, isValid, error, versions, backups } = recorded[name]!;

    it('tells the same content, versions and backups, or misses it with the same code, and changes no file', async () => {
      const before = listing(folder);
      const { module, path } = await open(name);
      const loading = module.loadConfiguration(path);
      if (error !== undefined) await expect(loading).rejects.toMatchObject({ code: error });
      else {
        expect(await loading).toMatchObject({ data, isValid, metadata });
        expect(await module.getConfigurationMetadata(path)).toEqual(metadata);
        expect(checksumAt(path)).toBe(metadata!.checksum);
      }
      const toldVersions = await module.getVersionHistory(path);
      expect(toldVersions.map(({ filePath }) => filePath)).toEqual(versions.map(() => path));
      expect(toldVersions.map(({ filePath: _path, ...others }) => others)).toEqual(versions);
      const toldBackups = await module.listBackups(path);
      expect(toldBackups.map(({ originalFilePath }) => originalFilePath)).toEqual(backups.map(() => path));
      expect(toldBackups.map(withoutPaths)).toEqual(backups);
      expect(listing(folder)).toEqual(before);
    });

    it('can be restored from each of its backups, byte for byte', async () => {
      const { module, path } = await open(name);
      for (const { id, checksum } of backups) {
        expect(await module.restoreFromBackup(id)).toMatchObject({ success: true, backupId: id });
        expect([id, checksumAt(path)]).toEqual([id, checksum]);
        expect(await module.loadConfiguration(path)).toMatchObject({ isValid: true, metadata: { checksum } });
      }
    });

    it('can be rolled back to each of its versions, byte for byte', async () => {
      // The versions that this makes must not push the recorded ones out.
      const { module, path } = await open(name, { ...OPTIONS, maxVersionHistory: 50 });
      for (const { id, checksum } of versions) {
        expect(await module.rollbackToVersion(id)).toMatchObject({ success: true });
        expect([id, checksumAt(path)]).toEqual([id, checksum]);
        expect(await module.loadConfiguration(path)).toMatchObject({ isValid: true, metadata: { checksum } });
      }
    });

    it('goes on with its numbers, its metadata and its history when it is saved', async () => {
      const { module, path } = await open(name);
      const last = Math.max(...versions.map(({ id }) => numberOf(id)));
      const saved = await module.saveConfiguration({ n: 'after 0.1.0' }, path);
      expect(saved).toMatchObject({ success: true });
      const number = await numberOfPresent(module, path);
      // A deletion has taken a number too.
      expect(number).toBe(error === undefined ? last + 1 : last + 2);
      const [newest, ...older] = await module.getVersionHistory(path);
      expect(numberOf(newest!.id)).toBe(number);
      expect(older.map(({ id }) => id)).toEqual(versions.slice(0, 9).map(({ id }) => id));
      await module.destroy();
      const { module: later } = await open(name);
      expect((await later.loadConfiguration(path)).data).toEqual({ n: 'after 0.1.0' });
      // By content: the content of a version that came back may be kept once, by a newer backup.
      const kept = (await later.listBackups(path)).map(({ checksum }) => checksum);
      expect(kept).toEqual(expect.arrayContaining(backups.map(({ checksum }) => checksum)));
    });
  });

  it('needs the passphrase for what was encrypted', async () => {
    const [backup] = recorded[ENCRYPTED]!.backups;
    const module = await startModule(folder, OPTIONS);
    await expect(module.restoreFromBackup(backup!.id)).rejects.toMatchObject({ code: 'ERR_KEY_REQUIRED' });
  });
});

function withoutPaths({ originalFilePath: _original, backupPath: _backup, ...others }: BackupInfo): object {
  return others;
}

/** Of a version, as its id tells. */
function numberOf(id: string): number {
  return Number(/\.r(\d+)\.[0-9a-f]{16}$/u.exec(id)?.[1]);
}
