/** What a function that is given to updateConfiguration may ask of the module while it runs. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { gate, startModule, temporaryFolder } from '../support/moduleFixture.js';

const REFUSED = { code: 'ERR_INVALID_REQUEST' };

let folder: string;
let path: string;
let module: ConfigPersistenceModule;

beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
  module = await startModule(folder);
  await module.saveConfiguration({ count: 1 });
});

/** Runs something inside `mutate`, and lets the update fail with its failure. */
async function inside(work: () => Promise<unknown>): Promise<unknown> {
  return module.updateConfiguration(async (value: { count: number }) => {
    await work();
    value.count += 1;
  });
}

describe('inside mutate', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['saveConfiguration', () => module.saveConfiguration({})],
    ['updateConfiguration', () => module.updateConfiguration(() => ({}))],
    ['deleteConfiguration', () => module.deleteConfiguration(path)],
    ['setConfigurationMetadata', () => module.setConfigurationMetadata({ description: 'd' })],
    ['createBackup', () => module.createBackup()],
    ['acquireFileLock', () => module.acquireFileLock(path)],
  ])('%s of the same file is refused at once, and the update changes nothing', async (_name, work) => {
    await expect(inside(work)).rejects.toMatchObject(REFUSED);
    expect((await module.loadConfiguration()).data).toEqual({ count: 1 });
    expect(await module.checkFileLock(path)).toMatchObject({ isLocked: false });
  });

  it('releaseFileLock of its lock is refused at once, and the lock stays', async () => {
    const { lockId } = await module.acquireFileLock(path);
    await expect(inside(() => module.releaseFileLock(lockId))).rejects.toMatchObject(REFUSED);
    expect(await module.releaseFileLock(lockId)).toMatchObject({ success: true });
  });

  it('a save by another name of the file, by another module, or in a nested update of another file is refused too', async () => {
    symlinkSync(path, join(folder, 'link.json'));
    const other = await startModule(folder);
    const another = join(folder, 'another.json');
    const nested = (): Promise<unknown> =>
      module.updateConfiguration(() => module.saveConfiguration({}), another, { initial: {} });
    for (const work of [
      () => module.saveConfiguration({}, join(folder, 'link.json')),
      () => other.saveConfiguration({}),
      nested,
    ]) {
      await expect(inside(work)).rejects.toMatchObject(REFUSED);
    }
  });

  it('loads, looks and changes of other files work', async () => {
    const other = join(folder, 'other.json');
    await inside(async () => {
      expect((await module.loadConfiguration()).data).toEqual({ count: 1 });
      expect((await module.getConfigurationMetadata()).format).toBe('json');
      expect(await module.verifyConfigurationIntegrity(path)).toMatchObject({ isValid: true });
      expect(await module.checkFileLock(path)).toMatchObject({ isLocked: true });
      await module.saveConfiguration({ a: 1 }, other);
      await module.updateConfiguration(() => ({ a: 2 }), other);
    });
    expect((await module.loadConfiguration()).data).toEqual({ count: 2 });
    expect((await module.loadConfiguration(other)).data).toEqual({ a: 2 });
  });

  it('work can be started that saves the same file when the update has ended', async () => {
    const ended = gate();
    let later: Promise<unknown> | undefined;
    await inside(() => {
      later = ended.opened.then(() => module.saveConfiguration({ by: 'what was started inside' }));
      return Promise.resolve();
    });
    ended.open();
    await later;
    expect((await module.loadConfiguration()).data).toEqual({ by: 'what was started inside' });
  });
});
