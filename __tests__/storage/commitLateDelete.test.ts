/** Deletes that come too late: their holder slept right before the tombstone for longer than its lease. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';
import { PARTS_URL, startProcess, type OtherProcess } from '../support/otherProcess.js';

const OPTIONS = { enableBackup: false };

let folder: string;
let path: string;
let module: ConfigPersistenceModule;

beforeEach(async () => {
  folder = temporaryFolder({ mayKeepTraces: true });
  path = join(folder, 'app.json');
  module = await startModule(folder, OPTIONS);
  await module.saveConfiguration({ n: 1 });
});

/**
 * A process that deletes the configuration and stops right before its tombstone, until it gets a line. After the tombstone it
 * kills itself, or says so and stops until it gets another line, perhaps also before it puts something back. Then it prints
 * the outcome.
 */
async function lateDeleter(afterTombstone: 'is killed' | 'stops' | 'stops twice'): Promise<OtherProcess> {
  const operations = new URL('./storage/local/io/FileOperations.js', PARTS_URL).href;
  const other = startProcess(`
    import { createInterface } from 'node:readline';
    import { ConfigPersistenceModule } from ${JSON.stringify(PARTS_URL)};
    import { nodeFileOperations } from ${JSON.stringify(operations)};
    const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
    class Late extends ConfigPersistenceModule {
      get fileOperations() {
        return {
          ...nodeFileOperations,
          async rename(from, to) {
            if (!to.endsWith('.deleted')) return nodeFileOperations.rename(from, to);
            console.log('before the tombstone');
            await lines.next();
            await nodeFileOperations.rename(from, to);
            if (${afterTombstone === 'is killed'}) process.kill(process.pid, 'SIGKILL');
            console.log('tombstone');
            await lines.next();
          },
          async link(from, to) {
            if (${afterTombstone === 'stops twice'} && from.endsWith('.deleted')) {
              console.log('puts back');
              await lines.next();
            }
            return nodeFileOperations.link(from, to);
          },
        };
      }
    }
    const module = new Late({ id: 'late', name: 'late', version: '1.0.0', description: 'd', type: 'config-persistence' });
    module.configure(${JSON.stringify({ ...OPTIONS, defaultConfigPath: path, staleLockThreshold: 100 })});
    await module.initialize();
    const outcome = await module.deleteConfiguration(${JSON.stringify(path)}).then(() => 'success', ({ code }) => code);
    console.log(outcome);
    await module.destroy();
    process.exit(0);`);
  expect(await other.nextLine()).toBe('before the tombstone');
  return other;
}

function goOn(other: OtherProcess): void {
  other.child.stdin!.write('\n');
}

function tombstones(): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.deleted'));
}

async function increment(on = module): Promise<void> {
  // Acknowledged only when it is durable; `initial` is for a configuration that is not there.
  const update = (value: { n: number }): void => {
    value.n += 1;
  };
  await on.updateConfiguration(update, path, { initial: { n: 0 } });
}

describe('a late delete that has caught a newer content', () => {
  it('and was killed then takes nothing away: loads find it, and the next change puts it back', async () => {
    const late = await lateDeleter('is killed');
    await increment();
    goOn(late);
    await late.ended();
    expect(tombstones()).toHaveLength(1);
    const fresh = await startModule(folder, OPTIONS);
    for (const reader of [module, fresh]) {
      expect(await reader.loadConfiguration()).toMatchObject({ data: { n: 2 }, isValid: true });
      expect(await reader.verifyConfigurationIntegrity(path)).toMatchObject({ isValid: true });
    }
    await increment(fresh);
    expect(await module.loadConfiguration()).toMatchObject({ data: { n: 3 }, isValid: true });
    expect(tombstones()).toEqual([]);
  });

  it.each<[string, () => Promise<{ success: boolean }>]>([
    ['a delete', () => module.deleteConfiguration(path)],
    ['a backup', () => module.createBackup()],
    ['setting metadata', () => module.setConfigurationMetadata({ description: 'd' })],
    ['an update', () => module.updateConfiguration(() => ({ n: 3 }))],
  ])('and was killed then is in the way of nothing that needs a content, such as %s', async (_name, work) => {
    const late = await lateDeleter('is killed');
    await increment();
    goOn(late);
    await late.ended();
    expect(await work()).toMatchObject({ success: true });
  });

  it('and sleeps again takes nothing away from an update in between, and fails with ERR_LOCK_LOST', async () => {
    const late = await lateDeleter('stops');
    await increment();
    goOn(late);
    expect(await late.nextLine()).toBe('tombstone');
    expect(await module.loadConfiguration()).toMatchObject({ data: { n: 2 }, isValid: true });
    await increment();
    goOn(late);
    expect(await late.nextLine()).toBe('ERR_LOCK_LOST');
    await late.ended();
    expect(await module.loadConfiguration()).toMatchObject({ data: { n: 3 }, isValid: true });
    expect(tombstones()).toEqual([]);
  });

  it('keeps it as a backup where somebody has written a newer file in between', async () => {
    const late = await lateDeleter('stops');
    await increment();
    const { checksum } = await module.loadConfiguration();
    goOn(late);
    expect(await late.nextLine()).toBe('tombstone');
    writeFileSync(path, '{"by":"an editor"}');
    goOn(late);
    expect(await late.nextLine()).toBe('ERR_LOCK_LOST');
    await late.ended();
    expect(readFileSync(path, 'utf8')).toBe('{"by":"an editor"}');
    const kept = (await module.listBackups()).find((backup) => backup.checksum === checksum);
    await module.restoreFromBackup(kept!.id);
    expect((await module.loadConfiguration()).data).toEqual({ n: 2 });
    expect(tombstones()).toEqual([]);
  });
});

describe('a late delete that has caught the content that it meant', () => {
  it('puts it back where others have gone on from it, and fails with ERR_LOCK_LOST', async () => {
    const late = await lateDeleter('stops');
    await module.setConfigurationMetadata({ description: 'after the take-over' });
    goOn(late);
    expect(await late.nextLine()).toBe('tombstone');
    goOn(late);
    expect(await late.nextLine()).toBe('ERR_LOCK_LOST');
    await late.ended();
    expect(await module.loadConfiguration()).toMatchObject({
      data: { n: 1 },
      metadata: { description: 'after the take-over' },
      isValid: true,
    });
  });

  it('fails with ERR_LOCK_LOST also where another process puts it back at the same moment', async () => {
    const late = await lateDeleter('stops twice');
    await module.setConfigurationMetadata({ description: 'after the take-over' });
    goOn(late);
    expect(await late.nextLine()).toBe('tombstone');
    goOn(late);
    expect(await late.nextLine()).toBe('puts back');
    await increment();
    goOn(late);
    expect(await late.nextLine()).toBe('ERR_LOCK_LOST');
    await late.ended();
    expect(await module.loadConfiguration()).toMatchObject({ data: { n: 2 }, isValid: true });
    expect(tombstones()).toEqual([]);
  });

  it('does not bring it back after a later delete', async () => {
    const late = await lateDeleter('is killed');
    await increment();
    await module.deleteConfiguration(path);
    goOn(late);
    await late.ended();
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    await expect(module.deleteConfiguration(path)).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
  });
});

describe('the first change after a writer was killed between keeping the old content and its rename', () => {
  it.each<[string, (on: ConfigPersistenceModule) => Promise<{ success: boolean }>]>([
    ['a delete', (on) => on.deleteConfiguration(path)],
    [
      'a save that expects a checksum',
      async (on) => on.saveConfiguration({ n: 3 }, path, { expectedChecksum: (await on.loadConfiguration()).checksum }),
    ],
    ['an update', (on) => on.updateConfiguration(() => ({ n: 3 }))],
  ])('%s does not take its own clearing away for a change by somebody else', async (_name, change) => {
    const operations = new URL('./storage/local/io/FileOperations.js', PARTS_URL).href;
    const killed = startProcess(`
      import { ConfigPersistenceModule } from ${JSON.stringify(PARTS_URL)};
      import { nodeFileOperations } from ${JSON.stringify(operations)};
      class Killed extends ConfigPersistenceModule {
        get fileOperations() {
          return {
            ...nodeFileOperations,
            rename(from, to) {
              if (to === ${JSON.stringify(path)}) process.kill(process.pid, 'SIGKILL');
              return nodeFileOperations.rename(from, to);
            },
          };
        }
      }
      const module = new Killed({ id: 'k', name: 'k', version: '1.0.0', description: 'd', type: 'config-persistence' });
      module.configure({ defaultConfigPath: ${JSON.stringify(path)} });
      await module.initialize();
      await module.saveConfiguration({ n: 2 });`);
    await killed.ended();
    expect(killed.child.signalCode).toBe('SIGKILL');
    // Nothing is kept here, which would be another look at the file.
    const next = await startModule(folder, { ...OPTIONS, maxVersionHistory: 1 });
    expect(await change(next)).toMatchObject({ success: true });
  });
});
