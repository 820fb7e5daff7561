/** When the backups of a configuration are maintained: by a clock that the tests hold in their hands. */
import { createHash } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { PersistenceAlert } from '../../interfaces/messages.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import { moveClock } from '../support/clock.js';
import { ManualClock } from '../support/ManualClock.js';
import { startModule, systemError, temporaryFolder, until, walk, type Interference } from '../support/moduleFixture.js';
import { moduleScript, startProcess } from '../support/otherProcess.js';
import { backupNames, fileOf, filesWith, keptId, keyFolder, keyOf, saveAll, saveAndMaintain } from './backupFixture.js';

const {
  BACKLOG_DELAY_MS,
  MAINTENANCE_DELAY_MS,
  MAINTENANCE_LOCK_TIMEOUT_MS,
  MAX_BACKLOG,
  MAX_MAINTENANCE_DELAY_MS,
  PRUNED_SHARE,
} = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS;

let folder: string;
let path: string;
let clock: ManualClock;
let alerts: PersistenceAlert[];

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
  clock = new ManualClock();
  alerts = [];
});

function start(options: ConfigPersistenceOptions = {}, interference: Interference = () => ({})) {
  const told = (alert: PersistenceAlert) => void alerts.push(alert);
  // Whose timer would be counted with those of the maintenance.
  const enableHealthChecks = false;
  return startModule(folder, { alerts: told, enableHealthChecks, ...options }, { clock, interference });
}

function arePacked(): boolean {
  return backupNames(folder).every((name) => name.endsWith('.gz'));
}

/** Counts the backups that a module opens, and its looks into their folder. */
function watching(): { interference: Interference; opened: number; looks: number } {
  const seen = {
    opened: 0,
    looks: 0,
    interference: ((real) => ({
      readdir(listed) {
        seen.looks += Number(listed.includes('backups'));
        return real.readdir(listed);
      },
      open(file, flags, mode) {
        seen.opened += Number(file.endsWith('.backup'));
        return real.open(file, flags, mode);
      },
    })) as Interference,
  };
  return seen;
}

describe('maintenance', () => {
  it('compresses a while after the last change, by itself', async () => {
    const seen = watching();
    const module = await start({}, seen.interference);
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    clock.advance(MAINTENANCE_DELAY_MS - 1);
    await module.saveConfiguration({ a: 3 });
    // The further change starts the time again.
    clock.advance(MAINTENANCE_DELAY_MS - 1);
    await module.loadConfiguration();
    expect(seen.opened).toBe(0);
    expect(backupNames(folder).map((name) => name.endsWith('.backup'))).toEqual([true, true]);
    clock.advance(1);
    await until(arePacked);
    expect((await module.listBackups(path)).map(({ isAutomatic }) => isAutomatic)).toEqual([true, true]);
  });

  it('is reported where it fails, costs nothing, and is made up for by the next change', async () => {
    let isFull = true;
    const module = await start({}, (real) => ({
      rename: (from, to) =>
        isFull && to.endsWith('.gz') ? Promise.reject(systemError('ENOSPC', 'rename')) : real.rename(from, to),
    }));
    await module.saveConfiguration({ a: 1 });
    const id = keptId(await module.saveConfiguration({ a: 2 }));
    clock.advance(MAINTENANCE_DELAY_MS);
    await until(() => alerts.length > 0);
    expect(alerts[0]).toMatchObject({ type: 'backup-failure', severity: 'high', filePath: path });
    expect(alerts[0]?.description).not.toContain('"a"');
    await module.restoreFromBackup(id, join(folder, 'shown.json'));
    isFull = false;
    await module.saveConfiguration({ a: 3 });
    clock.advance(MAINTENANCE_DELAY_MS);
    await until(arePacked);
    expect(walk(folder).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });

  it('tells of a damaged backup, once', async () => {
    const module = await start();
    const id = keptId((await saveAll(module, [{ a: 1 }, { a: 2 }]))[1]!);
    appendFileSync(fileOf(keyFolder(folder), id), 'x');
    clock.advance(MAINTENANCE_DELAY_MS);
    await until(() => alerts.length > 0);
    await module.saveConfiguration({ a: 3 });
    await module.destroy();
    expect(alerts).toEqual([expect.objectContaining({ type: 'backup-failure', backupId: id, filePath: path })]);
  });

  it('encrypts what an ended process has left plain, as soon as the configuration is used again', async () => {
    folder = temporaryFolder({ mayKeepTraces: true });
    path = join(folder, 'app.json');
    const other = startProcess(`${moduleScript(folder, { encryption: { key: 'KEY' } }).replace(
      '"KEY"',
      'new Uint8Array(32).fill(1)',
    )}
      await module.saveConfiguration({ secret: 'open sesame' });
      await module.saveConfiguration({ a: 2 });
      console.log('saved');`);
    await other.nextLine();
    await other.kill();
    expect(filesWith(join(folder, 'backups'), 'open sesame')).toHaveLength(1);
    const module = await start({ encryption: { key: keyOf(1) } });
    await module.loadConfiguration();
    clock.advance(MAINTENANCE_DELAY_MS);
    await until(() => filesWith(join(folder, 'backups'), 'open sesame').length === 0);
    expect(await module.listBackups(path)).toHaveLength(1);
  });

  describe('where another module holds the lock', () => {
    let lockLooks: number;

    /** A module with a backup to maintain, and another one that holds the lock. */
    async function hindered() {
      const module = await start({}, (real) => ({
        readdirNow(listed) {
          lockLooks += Number(listed.includes('locks'));
          return real.readdirNow(listed);
        },
      }));
      const holder = await startModule(folder);
      await saveAll(module, [{ a: 1 }, { a: 2 }]);
      const { lockId } = await holder.acquireFileLock(path);
      lockLooks = 0;
      return { module, holder, lockId };
    }

    /** Resolves when it waits for the lock, and lets the time pass that it waits. */
    async function letItGiveUp(): Promise<void> {
      await until(() => lockLooks > 0);
      moveClock(MAINTENANCE_LOCK_TIMEOUT_MS);
    }

    it('is left to that one, without an alert', async () => {
      const { module, holder } = await hindered();
      await Promise.all([module.destroy(), letItGiveUp()]);
      expect(alerts).toEqual([]);
      expect(backupNames(folder)).toEqual([expect.stringMatching(/\.backup$/u)]);
      await holder.saveConfiguration({ a: 3 });
      await holder.destroy();
      expect(arePacked()).toBe(true);
    });

    it('is tried again after that one has gone', async () => {
      const { holder, lockId } = await hindered();
      clock.advance(MAINTENANCE_DELAY_MS);
      await letItGiveUp();
      await until(() => clock.timerCount > 0);
      await holder.releaseFileLock(lockId);
      clock.advance(MAINTENANCE_DELAY_MS);
      await until(arePacked);
      expect(backupNames(folder)).toHaveLength(1);
    });
  });

  it('waits until nobody changes the configuration any more, but not for ever', async () => {
    const seen = watching();
    const retentionCount = 50;
    const module = await start({ retentionCount }, seen.interference);
    const busy = await start({ retentionCount, compressionEnabled: false });
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    const STEP_MS = MAINTENANCE_DELAY_MS / 2;
    for (let passedMs = STEP_MS; passedMs < MAX_MAINTENANCE_DELAY_MS; passedMs += STEP_MS) {
      await busy.saveConfiguration({ a: passedMs });
      clock.advance(STEP_MS);
      // Both have put it off: each has a timer again.
      await until(() => clock.timerCount === 2);
    }
    expect(seen.looks).toBeGreaterThan(1);
    expect(seen.opened).toBe(0);
    await busy.saveConfiguration({ a: 3 });
    clock.advance(STEP_MS);
    await until(() => seen.opened > 0);
  });

  it('put off once, is still the one that the next change puts off and destroy() ends', async () => {
    const [module, busy] = [await start(), await start()];
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    clock.advance(MAINTENANCE_DELAY_MS / 2);
    await busy.saveConfiguration({ a: 3 });
    await busy.destroy();
    clock.advance(MAINTENANCE_DELAY_MS / 2);
    // Found in use, and scheduled again.
    await until(() => clock.timerCount === 1);
    await module.saveConfiguration({ a: 4 });
    expect(clock.timerCount).toBe(1);
    await module.destroy();
    expect(clock.timerCount).toBe(0);
  });

  it('comes at once where killed processes have left many, and holds the lock for a part of them at a time', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }]);
    const place = keyFolder(folder);
    for (let count = 0; count < MAX_BACKLOG + 20; count++) {
      const text = `{"left":${count}}`;
      const start = createHash('sha256').update(text).digest('hex').slice(0, 16);
      const time = new Date(Date.UTC(2026, 0, 1) + count).toISOString().replaceAll(/[-:.]/gu, '');
      writeFileSync(join(place, `app.json.${time}.r0.${start}.auto.backup`), text);
    }
    const removedByHold = [0];
    const module = await start({ retentionCount: 3 }, (real) => ({
      rename(from, to) {
        if (to.endsWith('.lock')) removedByHold.push(0);
        return real.rename(from, to);
      },
      unlink(file) {
        if (file.endsWith('.auto.backup')) removedByHold[removedByHold.length - 1]! += 1;
        return real.unlink(file);
      },
    }));
    await saveAll(module, [{ a: 3 }, { a: 4 }]);
    clock.advance(BACKLOG_DELAY_MS);
    await until(() => backupNames(folder).every((name) => !name.includes('.20260101T')));
    const removed = removedByHold.reduce((sum, count) => sum + count, 0);
    expect(removed).toBeGreaterThan(MAX_BACKLOG);
    expect(Math.max(...removedByHold)).toBeLessThanOrEqual(Math.ceil(removed * PRUNED_SHARE));
  });
});
