/** One folder by its real name and through a symbolic link: all spellings lead to one lock, one journal, one history. */
import { mkdirSync, readdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';
import { moduleScript, startProcess } from '../support/otherProcess.js';

let real: string;
let link: string;

beforeEach(() => {
  const folder = temporaryFolder();
  real = join(folder, 'real');
  link = join(folder, 'link');
  mkdirSync(real);
  symlinkSync(real, link);
});

function keysIn(folder: string): string[] {
  return readdirSync(join(real, folder)).filter((name) => name.startsWith('app.json-'));
}

describe('a folder that has two names', () => {
  it('has one lock, whichever name a process knows it by', async () => {
    const holder = await startModule(real);
    const { lockId } = await holder.acquireFileLock(join(real, 'app.json'));
    const other = startProcess(`${moduleScript(link)}
      console.log((await module.acquireFileLock(${JSON.stringify(join(link, 'app.json'))}, 0)).success);
      console.log((await module.checkFileLock(${JSON.stringify(join(link, 'app.json'))})).lockId);
      await module.destroy();`);
    expect(await other.nextLine()).toBe('false');
    expect(await other.nextLine()).toBe(lockId);
    await other.ended();
  });

  it('loses no update of two processes that know it by different names', async () => {
    const module = await startModule(real);
    await module.saveConfiguration({ count: 0 });
    const others = [real, link].map((folder) =>
      startProcess(`${moduleScript(folder)}
        for (let turn = 0; turn < 25; turn++) await module.updateConfiguration((value) => { value.count += 1; });
        await module.destroy();
        console.log('done');`),
    );
    for (const other of others) expect(await other.nextLine()).toBe('done');
    expect(await module.loadConfiguration()).toMatchObject({ data: { count: 50 }, isValid: true });
  });

  it('has one journal and one place for backups, also where the first to use it came through the link', async () => {
    const first = await startModule(join(link, 'config'));
    await first.saveConfiguration({ a: 1 });
    const { backupId } = await first.createBackup();
    const second = await startModule(join(real, 'config'));
    expect(await second.loadConfiguration()).toMatchObject({ data: { a: 1 }, isValid: true });
    await second.saveConfiguration({ a: 2 });
    expect(await first.loadConfiguration()).toMatchObject({ data: { a: 2 }, isValid: true });
    expect((await second.restoreFromBackup(backupId)).success).toBe(true);
    for (const folder of ['config/locks', 'config/metadata', 'config/backups']) expect(keysIn(folder)).toHaveLength(1);
  });

  it('tells the configuration of a backup that was made through the other name', async () => {
    const first = await startModule(join(link, 'deep', 'config'));
    await first.saveConfiguration({ a: 1 });
    const { backupId } = await first.createBackup();
    await first.destroy();
    const second = await startModule(join(real, 'deep', 'config'));
    const [backup] = await second.listBackups();
    expect(backup).toMatchObject({ id: backupId, originalFilePath: join(real, 'deep', 'config', 'app.json') });
  });

  it('that a link leads to only later has the keys of where it leads', async () => {
    // The record of the owner stays where the link led at first.
    const folder = temporaryFolder({ mayKeepTraces: true });
    for (const release of ['r1', 'r2']) {
      mkdirSync(join(folder, release));
      writeFileSync(join(folder, release, 'app.json'), JSON.stringify({ release }));
    }
    symlinkSync('r1', join(folder, 'current'));
    const module = await startModule(join(folder, 'current'));
    await module.saveConfiguration({ release: 'r1', saved: true });
    symlinkSync('r2', join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'current'));
    expect((await module.loadConfiguration()).data).toEqual({ release: 'r2' });
    await module.saveConfiguration({ release: 'r2', saved: true });
    const direct = await startModule(join(folder, 'r2'));
    const { lockId } = await direct.acquireFileLock(join(folder, 'r2', 'app.json'));
    expect(await module.checkFileLock(join(folder, 'current', 'app.json'))).toMatchObject({ isLocked: true, lockId });
    expect(await direct.loadConfiguration()).toMatchObject({ data: { release: 'r2', saved: true }, isValid: true });
    await module.destroy();
    await direct.destroy();
  });
});

it('a folder without links keeps the keys that it has always had', async () => {
  const folder = temporaryFolder();
  expect(realpathSync(folder)).toBe(folder);
  const module = await startModule(folder);
  await module.saveConfiguration({ a: 1 });
  const key = readdirSync(join(folder, 'metadata')).find((name) => name.startsWith('app.json'));
  // SHA-256 of `../app.json`.
  expect(key).toBe('app.json-2ffa05976b3ae9b4');
});
