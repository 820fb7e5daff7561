/** What the files of a lock say to others: owners on other hosts, cleared folders, forged states. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

function lockFolder(): string {
  const name = readdirSync(join(folder, 'locks')).find((entry) => entry.startsWith('app.json-'));
  return join(folder, 'locks', name!);
}

describe('the record of an owner from another boot', () => {
  const OTHER_BOOT = '00000000-0000-4000-8000-000000000000';

  it.each([
    ['that is of another machine with the same host name', { machineId: 'f'.repeat(32) }, false],
    ['that has no machine', { machineId: null }, false],
    ['that is of a release that recorded no machine', { machineId: undefined }, false],
    ['that is of this machine', {}, true],
  ])('%s is judged by what is known of it', async (_name, fields, isDeadHere) => {
    const holder = await startModule(folder);
    const observer = await startModule(folder);
    await holder.acquireFileLock(path);
    const [owner] = readdirSync(join(folder, 'locks', 'owners')).map((name) => join(folder, 'locks', 'owners', name));
    const record = JSON.parse(readFileSync(owner!, 'utf8')) as { bootId: string | null; machineId: string | null };
    const isKnown = record.bootId !== null && record.machineId !== null;
    writeFileSync(owner!, JSON.stringify({ ...record, bootId: record.bootId && OTHER_BOOT, ...fields }));
    const status = await observer.checkFileLock(path);
    expect(status).toMatchObject({ isLocked: true, canBreakLock: isDeadHere && isKnown });
    // Readable in any case.
    expect(status.lockedBy).toContain(holder.getInfo().id);
    writeFileSync(owner!, JSON.stringify(record));
  });
});

describe('a lock folder that is cleared away while modules run', () => {
  it('gets the record of the owner again with the next lock', async () => {
    const holder = await startModule(folder);
    const observer = await startModule(folder);
    await holder.saveConfiguration({ a: 1 });
    rmSync(join(folder, 'locks'), { recursive: true });
    await holder.acquireFileLock(path);
    expect(readdirSync(join(folder, 'locks', 'owners'))).toHaveLength(1);
    const status = await observer.checkFileLock(path);
    expect(status.lockedBy).toContain(holder.getInfo().id);
  });
});

describe('a state with the highest number that a name can have', () => {
  const LAST = `${'9'.repeat(15)}.free`;

  it('beside the lock counts for nothing: there is one holder at a time', async () => {
    const modules = [await startModule(folder), await startModule(folder)];
    await modules[0]!.releaseFileLock((await modules[0]!.acquireFileLock(path)).lockId);
    writeFileSync(join(lockFolder(), LAST), '');
    expect((await modules[0]!.acquireFileLock(path, 0)).success).toBe(true);
    expect((await modules[1]!.acquireFileLock(path, 0)).success).toBe(false);
    await modules[0]!.saveConfiguration({ a: 1 });
  });

  it.each([
    ['alone', LAST],
    ['alone, one before it', `${'9'.repeat(14)}8.free`],
    ['alone, two before it', `${'9'.repeat(14)}7.free`],
  ])('%s is no end of the lock: there is one holder at a time, again and again', async (_name, forged) => {
    const modules = [await startModule(folder), await startModule(folder)];
    await modules[0]!.releaseFileLock((await modules[0]!.acquireFileLock(path)).lockId);
    const [state] = readdirSync(lockFolder());
    renameSync(join(lockFolder(), state!), join(lockFolder(), forged));
    for (let turn = 0; turn < 3; turn++) {
      const { success, lockId } = await modules[turn % 2]!.acquireFileLock(path);
      expect(success).toBe(true);
      expect((await modules[(turn + 1) % 2]!.acquireFileLock(path, 0)).success).toBe(false);
      expect(await modules[turn % 2]!.releaseFileLock(lockId)).toMatchObject({ success: true });
    }
  });
});
