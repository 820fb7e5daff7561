/** Several instances and processes that work with the same, or with different, backups at once. */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { moduleScript, startProcess } from '../support/otherProcess.js';
import { startModule, temporaryFolder, walk } from '../support/moduleFixture.js';
import { keptId, saveAll, saveAndMaintain, snapshotNames } from './backupFixture.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

describe('two instances', () => {
  it('of one configuration see, restore and delete the backups of each other', async () => {
    const [one, other] = [await startModule(folder), await startModule(folder)];
    await one.saveConfiguration({ a: 1 });
    const id = keptId(await other.saveConfiguration({ a: 2 }));
    expect((await one.listBackups(path)).map((backup) => backup.id)).toEqual([id]);
    await one.restoreFromBackup(id);
    expect((await other.loadConfiguration()).data).toEqual({ a: 1 });
    await other.deleteBackup(id);
    await expect(one.restoreFromBackup(id)).rejects.toMatchObject({ code: 'ERR_BACKUP_NOT_FOUND' });
  });

  it('with backup folders of their own keep apart what each has kept', async () => {
    const one = await startModule(folder, { backupDirectory: join(folder, 'one') });
    const other = await startModule(folder, { backupDirectory: join(folder, 'other') });
    await one.saveConfiguration({ a: 1 });
    const first = keptId(await one.saveConfiguration({ a: 2 }));
    const second = keptId(await other.saveConfiguration({ a: 3 }));
    expect((await one.listBackups()).map(({ id }) => id)).toEqual([first]);
    expect((await other.listBackups()).map(({ id }) => id)).toEqual([second]);
    await one.cleanupOldBackups(1);
    expect(await other.listBackups()).toHaveLength(1);
    await expect(other.restoreFromBackup(first)).rejects.toMatchObject({ code: 'ERR_BACKUP_NOT_FOUND' });
  });

  it('that save and maintain one configuration at once lose no version of the history', async () => {
    const modules = await Promise.all([1, 2, 3].map(() => startModule(folder, { retentionCount: 2 })));
    await Promise.all(Array.from({ length: 12 }, (_, count) => modules[count % 3]!.saveConfiguration({ count })));
    const maintaining = Promise.all(modules.slice(0, 2).map((module) => module.destroy()));
    await modules[2]!.saveConfiguration({ count: 'last' });
    await maintaining;
    await modules[2]!.destroy();
    const module = await startModule(folder);
    const history = await module.getVersionHistory();
    expect(history).toHaveLength(10);
    for (const { id } of history.slice(1)) {
      const { differences } = await module.compareVersions(id, history[0]!.id);
      expect(differences).toMatchObject([{ path: 'count', version2Value: 'last' }]);
    }
    expect(snapshotNames(folder).filter((name) => name.includes('.backup'))).toHaveLength(2);
  });

  it('that destroy at once leave nothing half done, and the next clean-up no content twice', async () => {
    const modules = await Promise.all([1, 2, 3].map(() => startModule(folder)));
    for (const [index, module] of modules.entries())
      await saveAll(module, [
        { index, a: 1 },
        { index, a: 2 },
      ]);
    await Promise.all(modules.map((module) => module.destroy()));
    expect(walk(folder).filter((file) => file.endsWith('.tmp'))).toEqual([]);
    expect(snapshotNames(folder).every((name) => name.endsWith('.gz'))).toBe(true);
    const module = await startModule(folder);
    await module.cleanupOldBackups();
    const contents = snapshotNames(folder).map((name) => /\.r\d+\.([0-9a-f]{16})/u.exec(name)?.[1]);
    expect(new Set(contents).size).toBe(contents.length);
    expect(contents).toHaveLength(6);
  });

  it('count a deletion of the same backup at the same time once', async () => {
    const [one, other] = [await startModule(folder), await startModule(folder)];
    const id = keptId((await saveAll(one, [{ a: 1 }, { a: 2 }]))[1]!);
    const outcomes = await Promise.allSettled([one.deleteBackup(id), other.deleteBackup(id)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'ERR_BACKUP_NOT_FOUND' });
    }
    expect(await one.listBackups(path)).toEqual([]);
  });

  it('with different keys do not lose what the other one has encrypted', async () => {
    const keys = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }], { encryption: { key: keys[0]! } });
    await saveAndMaintain(folder, [{ a: 3 }, { a: 4 }], { encryption: { key: keys[1]! } });
    const first = await startModule(folder, { encryption: { key: keys[0]! } });
    const backups = await first.listBackups(path);
    expect(backups).toHaveLength(3);
    await expect(first.restoreFromBackup(backups[0]!.id)).rejects.toMatchObject({ code: 'ERR_WRONG_KEY' });
    await first.restoreFromBackup(backups[2]!.id);
    expect((await first.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('whose configurations have one name and one backup folder see only their own', async () => {
    const central = join(folder, 'central');
    const homes = [join(folder, 'a'), join(folder, 'b')] as const;
    for (const home of homes) mkdirSync(home);
    const a = await startModule(homes[0], { backupDirectory: central });
    const b = await startModule(homes[1], { backupDirectory: central });
    const ofA = keptId((await saveAll(a, [{ of: 'a' }, { of: 'a', a: 2 }]))[1]!);
    const ofB = keptId((await saveAll(b, [{ of: 'b' }, { of: 'b', a: 2 }]))[1]!);
    expect((await a.listBackups(join(homes[0], 'app.json'))).map(({ id }) => id)).toEqual([ofA]);
    await a.cleanupOldBackups(1, { filePath: join(homes[0], 'app.json') });
    await b.restoreFromBackup(ofB);
    expect((await b.loadConfiguration()).data).toEqual({ of: 'b' });
    expect((await a.loadConfiguration()).data).toEqual({ of: 'a', a: 2 });
  });
});

describe('another process', () => {
  it('sees backups, makes some, and its automatic ones are links too', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const inode = statSync(path).ino;
    const other = startProcess(`${moduleScript(folder)}
      const saved = await module.saveConfiguration({ a: 2 });
      const [{ backupPath }] = await module.listBackups();
      console.log(JSON.stringify({ id: saved.metadata.backupId, backupPath }));
      const named = await module.createBackup(undefined, 'by the other');
      await module.destroy();
      console.log(named.backupId);`);
    const { id, backupPath } = JSON.parse(await other.nextLine()) as { id: string; backupPath: string };
    const named = await other.nextLine();
    await other.ended();
    expect(statSync(backupPath, { throwIfNoEntry: false })).toBeUndefined();
    expect((await module.listBackups(path)).map((backup) => backup.id)).toEqual([named, id]);
    expect(inode).not.toBe(statSync(path).ino);
    await module.restoreFromBackup(id);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('that is killed at any time while it saves and maintains leaves backups that open, and the next one goes on', async () => {
    folder = temporaryFolder({ mayKeepTraces: true });
    path = join(folder, 'app.json');
    const other = startProcess(`${moduleScript(folder, { retentionCount: 5 })}
      for (let count = 0; ; count++) {
        await module.saveConfiguration({ count, filler: 'x'.repeat(2000) });
        if (count % 10 === 9) await module.createBackup(undefined, 'every tenth');
        if (count === 60) console.log('maintained by now');
      }`);
    await other.nextLine();
    await other.kill();
    const module = await startModule(folder, { retentionCount: 5 });
    await module.loadConfiguration();
    await module.saveConfiguration({ last: true });
    const backups = await module.listBackups(path);
    expect(backups.length).toBeGreaterThan(5);
    expect(backups.every(({ verifiedAt }) => verifiedAt !== undefined)).toBe(true);
    await module.destroy();
    const names = snapshotNames(folder);
    expect(names.filter((name) => name.includes('.backup'))).toHaveLength(5);
    expect(names.every((name) => name.endsWith('.gz'))).toBe(true);
    expect(walk(join(folder, 'backups')).filter((file) => file.endsWith('.tmp'))).toEqual([]);
    expect(readFileSync(path, 'utf8')).toContain('last');
  });
});
