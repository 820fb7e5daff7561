/**
 * Every kind of damage to every kind of file, and what each operation makes of it.
 *
 * Each cell is a state on the disk that nobody has touched yet, damaged in one way. The table of what came out is printed
 * at the end; it names outcomes, never values.
 */
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { BackupInfo } from '../../interfaces/backups.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { PersistenceError } from '../../src/errors/PersistenceError.js';
import { journalFile, startModule, temporaryFolder, walk } from '../support/moduleFixture.js';

const VALUES = [1, 2, 3].map((turn) => ({ turn, password: 'planted-secret-value', nested: { list: ['a', 'b'] } }));

/** `missing` is no damage, and must not be taken for one. */
const DAMAGES = {
  empty: () => Buffer.alloc(0),
  'cut in half': (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1),
  garbled: (bytes: Buffer) => Buffer.from(bytes.map((byte, index) => (index % 5 === 0 ? byte ^ 0x95 : byte))),
  'NUL-filled': (bytes: Buffer) => Buffer.alloc(bytes.length),
  'wrong encoding': (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte | 0x80)),
  missing: () => undefined,
} as const;

type Damage = keyof typeof DAMAGES;
/** The `copy` is that of the present version, which is kept for the history. */
type Target = 'file' | 'journal' | 'backup' | 'copy' | 'manifest';

/** What became of each operation. */
interface Outcome {
  /** A load, and the findings of one that succeeds. */
  readonly load: string;
  /** The findings of `verifyConfigurationIntegrity`. */
  readonly verify: string;
  /** How many backups are listed, and how many of them could not be proven. */
  readonly list: string;
  /** Restoring the newest backup. */
  readonly restore: string;
  /** The next save, and what it has set aside. */
  readonly save: string;
  /** A load with `autoRecover`, the configuration itself being damaged too. */
  readonly recovery: string;
}

const SOUND = {
  load: 'valid',
  verify: 'sound',
  list: '2',
  restore: 'done',
  save: 'done',
  recovery: 'version 3 is back',
};
const FILE_DAMAGED = {
  ...SOUND,
  load: 'ERR_INTEGRITY, names 3',
  verify: 'checksum-mismatch, file-corruption',
  save: 'done, quarantine',
};
const RECORDS_DAMAGED = {
  ...SOUND,
  load: 'metadata-inconsistency',
  verify: 'metadata-inconsistency',
  save: 'done, journal set aside',
};
/** Listed all the same, with the time when it was last found whole: nobody has opened it since. */
const BACKUP_DAMAGED = { ...SOUND, restore: 'ERR_BACKUP_DAMAGED' };

const COPY_DAMAGED = { ...SOUND, recovery: 'version 2 is back' };

const EXPECTED: Record<Target, Record<Damage, Outcome>> = {
  file: {
    empty: FILE_DAMAGED,
    'cut in half': FILE_DAMAGED,
    garbled: { ...FILE_DAMAGED, verify: 'checksum-mismatch, encoding-error' },
    'NUL-filled': FILE_DAMAGED,
    'wrong encoding': { ...FILE_DAMAGED, verify: 'checksum-mismatch, encoding-error' },
    missing: {
      ...SOUND,
      load: 'ERR_FILE_NOT_FOUND, names 3',
      verify: 'ERR_FILE_NOT_FOUND',
      recovery: 'ERR_FILE_NOT_FOUND, names 3',
    },
  },
  journal: {
    empty: RECORDS_DAMAGED,
    // What is left of it is whole, and tells an older state.
    'cut in half': { ...SOUND, load: 'checksum-mismatch', verify: 'checksum-mismatch' },
    garbled: RECORDS_DAMAGED,
    'NUL-filled': RECORDS_DAMAGED,
    'wrong encoding': RECORDS_DAMAGED,
    // The kept versions tell that the file was saved.
    missing: SOUND,
  },
  backup: {
    empty: BACKUP_DAMAGED,
    'cut in half': BACKUP_DAMAGED,
    garbled: BACKUP_DAMAGED,
    'NUL-filled': BACKUP_DAMAGED,
    'wrong encoding': BACKUP_DAMAGED,
    missing: { ...SOUND, list: '1', restore: 'ERR_BACKUP_NOT_FOUND' },
  },
  copy: {
    empty: COPY_DAMAGED,
    'cut in half': COPY_DAMAGED,
    garbled: COPY_DAMAGED,
    'NUL-filled': COPY_DAMAGED,
    'wrong encoding': COPY_DAMAGED,
    missing: COPY_DAMAGED,
  },
  manifest: {
    empty: SOUND,
    'cut in half': SOUND,
    garbled: SOUND,
    'NUL-filled': SOUND,
    'wrong encoding': SOUND,
    missing: SOUND,
  },
};

const CELLS = (Object.keys(EXPECTED) as Target[]).flatMap((target) =>
  (Object.keys(DAMAGES) as Damage[]).map((damage) => ({ target, damage })),
);

const table: ({ target: Target; damage: Damage } & Outcome)[] = [];

/** A configuration with two maintained backups and its history, of which one file was damaged while nobody was looking. */
interface Scene {
  readonly folder: string;
  readonly path: string;
  /** Newest first, as they were listed before. */
  readonly backups: readonly BackupInfo[];
}

/** A sound one, of which each cell damages copies. */
let sound: Scene;

beforeAll(async () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'rcc-config-'));
  const path = join(folder, 'app.json');
  const module = await startModule(folder);
  for (const value of VALUES) await module.saveConfiguration(value, undefined, { description: `save ${value.turn}` });
  await module.destroy();
  const reader = await startModule(folder);
  sound = { folder, path, backups: await reader.listBackups(path) };
  await reader.destroy();
});

afterAll(() => {
  rmSync(sound.folder, { recursive: true });
});

function makeScene(target: Target, damage: Damage): Scene {
  const folder = temporaryFolder();
  cpSync(sound.folder, folder, { recursive: true, preserveTimestamps: true });
  const moved = (path: string): string => join(folder, relative(sound.folder, path));
  const backups = sound.backups.map((backup) => ({ ...backup, backupPath: moved(backup.backupPath) }));
  const scene = { folder, path: moved(sound.path), backups };
  spoil(fileOf(target, scene), damage);
  return scene;
}

function fileOf(target: Target, { folder, path, backups }: Scene): string {
  if (target === 'file') return path;
  if (target === 'journal') return journalFile(folder);
  if (target === 'copy') return walk(join(folder, 'backups')).find((file) => /\.r3\..*\.version/u.test(file))!;
  const [newest] = backups;
  return target === 'backup' ? newest!.backupPath : newest!.backupPath.replace(/\.auto\.backup\.gz$/u, '.meta');
}

function spoil(file: string, damage: Damage): void {
  const bytes = DAMAGES[damage](readFileSync(file));
  if (bytes === undefined) rmSync(file);
  else writeFileSync(file, bytes);
}

/** The code of a failure, and how many backups its message names. */
async function outcomeOf<T>(work: Promise<T>, describe: (result: T) => string): Promise<string> {
  try {
    return describe(await work);
  } catch (error) {
    if (!(error instanceof PersistenceError)) throw error;
    const named = error.message.match(/app\.json-[0-9a-f]{16}\.\d{8}T\d{9}Z\.r\d+\.[0-9a-f]{16}(?=,|$)/gu) ?? [];
    return named.length === 0 ? error.code : `${error.code}, names ${named.length}`;
  }
}

function isSetAside({ folder }: Scene): boolean {
  return walk(join(folder, 'metadata')).some((file) => /journal\.\d+\.meta\..+/u.test(file));
}

function inQuarantine({ folder }: Scene): Buffer[] {
  const files = walk(join(folder, 'backups')).filter((file) => /\.corrupt(?:\.gz)?$/u.test(file));
  return files.map((file) => (file.endsWith('.gz') ? gunzipSync(readFileSync(file)) : readFileSync(file)));
}

async function start({ folder }: Scene, options: ConfigPersistenceOptions = {}): Promise<ConfigPersistenceModule> {
  return startModule(folder, options);
}

/** After whatever happened, the configuration is sound, for this module and for one that starts later. */
async function expectSound(scene: Scene, module: ConfigPersistenceModule, value: unknown): Promise<void> {
  expect(await module.loadConfiguration()).toMatchObject({ data: value, isValid: true });
  await module.destroy();
  const later = await start(scene);
  expect(await later.loadConfiguration()).toMatchObject({ data: value, isValid: true });
  expect(await later.verifyConfigurationIntegrity(scene.path)).toMatchObject({ isValid: true });
  expect((await later.getVersionHistory())[0]).toMatchObject({ isSnapshot: true });
  await later.destroy();
}

async function look(scene: Scene): Promise<Pick<Outcome, 'load' | 'verify' | 'list'>> {
  const module = await start(scene);
  const outcome = {
    load: await outcomeOf(module.loadConfiguration(), ({ data, isValid, validationResults = [] }) => {
      expect(data).toEqual(VALUES[2]);
      expect(isValid).toBe(validationResults.length === 0);
      return isValid ? 'valid' : validationResults.map(({ type }) => type).join(', ');
    }),
    verify: await outcomeOf(module.verifyConfigurationIntegrity(scene.path), ({ isValid, issues = [] }) => {
      expect(isValid).toBe(issues.length === 0);
      return isValid ? 'sound' : issues.map(({ type }) => type).join(', ');
    }),
    list: await outcomeOf(module.listBackups(scene.path), (backups) => {
      const unproven = backups.filter(({ verifiedAt }) => verifiedAt === undefined).length;
      return unproven === 0 ? `${backups.length}` : `${backups.length}, ${unproven} unproven`;
    }),
  };
  await module.destroy();
  return outcome;
}

async function restoreNewest(scene: Scene): Promise<string> {
  const module = await start(scene);
  const outcome = await outcomeOf(module.restoreFromBackup(scene.backups[0]!.id), () => 'done');
  if (outcome === 'done') await expectSound(scene, module, VALUES[1]);
  else expect(readFileSync(scene.path, 'utf8')).toContain('"turn": 3');
  return outcome;
}

async function saveNext(scene: Scene, target: Target, damage: Damage): Promise<string> {
  const damaged = target === 'file' && damage !== 'missing' ? readFileSync(scene.path) : undefined;
  const module = await start(scene);
  const value = { turn: 4 };
  const outcome = await outcomeOf(module.saveConfiguration(value), () => 'done');
  if (target !== 'file') {
    const [newest] = await module.listBackups(scene.path);
    expect(readFileSync(newest!.backupPath, 'utf8')).toContain('"turn": 3');
  }
  await expectSound(scene, module, value);
  const kept = inQuarantine(scene);
  expect(kept).toEqual(damaged === undefined ? [] : [damaged]);
  return [
    outcome,
    ...(kept.length > 0 ? ['quarantine'] : []),
    ...(isSetAside(scene) ? ['journal set aside'] : []),
  ].join(', ');
}

async function recover(scene: Scene, target: Target): Promise<string> {
  if (target !== 'file') spoil(scene.path, 'cut in half');
  const module = await start(scene, { autoRecover: true });
  const load = module.loadConfiguration();
  const outcome = await outcomeOf(load, ({ data, validationResults }) => {
    expect(validationResults?.[0]?.type).toBe('file-corruption');
    return `version ${(data as { turn: number }).turn} is back`;
  });
  if (outcome.startsWith('version')) {
    await expectSound(scene, module, (await load).data);
    expect(inQuarantine(scene)).toHaveLength(1);
  }
  return outcome;
}

function asText(rows: readonly Record<string, string>[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]!.length)));
  return lines.map((line) => line.map((cell, index) => cell.padEnd(widths[index]!)).join(' | ')).join('\n');
}

afterAll(() => {
  const text = asText(table.map((row) => ({ ...row })));
  expect(text).not.toContain('planted-secret');
  process.stdout.write(`\n${text}\n`);
});

describe('the corruption matrix', () => {
  it.each(CELLS)('$target, $damage: is told apart, can be repaired, and loses nothing', async ({ target, damage }) => {
    const outcome = {
      ...(await look(makeScene(target, damage))),
      restore: await restoreNewest(makeScene(target, damage)),
      save: await saveNext(makeScene(target, damage), target, damage),
      recovery: await recover(makeScene(target, damage), target),
    };
    table.push({ target, damage, ...outcome });
    expect(outcome).toEqual(EXPECTED[target][damage]);
  });
});
