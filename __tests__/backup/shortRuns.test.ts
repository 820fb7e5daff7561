/** Programs that save once and end leave what a long-running one leaves, without being told to wait. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startModule, temporaryFolder, walk } from '../support/moduleFixture.js';
import { moduleScript, startProcess } from '../support/otherProcess.js';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

/** A program that saves these values one after the other and ends as `end` says. */
async function run(values: readonly object[], options: object = {}, end = ''): Promise<void> {
  const script = `${moduleScript(folder, { backupMergeWindow: 0, ...options })}
    for (const value of ${JSON.stringify(values)}) await module.saveConfiguration(value);
    ${end}`;
  await startProcess(script).ended();
}

function owners(): string[] {
  return readdirSync(join(folder, 'locks', 'owners'));
}

function backups(): string[] {
  return walk(join(folder, 'backups')).filter((path) => /\.backup(?:\.gz)?(?:\.enc)?$/u.test(path));
}

it('each run prunes and packs what it has kept, and takes its owner record with it', async () => {
  for (let turn = 0; turn < 4; turn++) await run([{ turn }, { turn, more: true }], { retentionCount: 2 });
  expect(backups()).toHaveLength(2);
  expect(backups().every((path) => path.endsWith('.gz'))).toBe(true);
  expect(owners()).toEqual([]);
  const module = await startModule(folder);
  expect((await module.loadConfiguration()).data).toEqual({ turn: 3, more: true });
});

it('a run with encryption leaves no plain content beside the configuration', async () => {
  await run([{ key: 'first-secret' }, { key: 'second-secret' }, { key: 'third-secret' }], {
    encryption: { passphrase: 'p' },
  });
  const plain = walk(folder).filter((path) => path.includes('/backups/') && !path.endsWith('.meta'));
  const contents = plain.filter((path) => /\.(?:backup|version)/u.test(path));
  expect(contents.length).toBeGreaterThan(0);
  expect(contents.filter((path) => readFileSync(path, 'latin1').includes('-secret'))).toEqual([]);
});

it.each([
  ['process.exit()', 'process.exit(0);'],
  ['an exception', 'process.stderr.write = () => true; throw new Error("on purpose");'],
])('a run that ends with %s takes its owner record with it, and the next one does its upkeep', async (_, end) => {
  await run([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }], { retentionCount: 1 }, end);
  expect(owners()).toEqual([]);
  expect(backups()).toHaveLength(3);
  await run([{ a: 5 }], { retentionCount: 1 });
  expect(backups()).toHaveLength(1);
  expect(owners()).toEqual([]);
});

it('a run that ends while it holds a lock gives both back', async () => {
  await run(
    [{ a: 1 }],
    {},
    `await module.acquireFileLock(${JSON.stringify(join(folder, 'app.json'))}); process.exit(0);`,
  );
  expect(owners()).toEqual([]);
  const module = await startModule(folder, { lockTimeout: 0 });
  await module.saveConfiguration({ a: 2 });
});

it('a run that is ended by a signal while it holds a lock gives both back', async () => {
  const script = `${moduleScript(folder)}
    await module.acquireFileLock(${JSON.stringify(join(folder, 'app.json'))});
    setInterval(() => 0, 1000);
    process.kill(process.pid, 'SIGTERM');`;
  await startProcess(script).ended();
  expect(owners()).toEqual([]);
  const module = await startModule(folder, { lockTimeout: 0 });
  await module.saveConfiguration({ a: 2 });
});

it('upkeep does not put off the end of a process for long', async () => {
  // The lock cannot be had: another module holds it, and would until the end of its lease.
  const script = `${moduleScript(folder, { backupMergeWindow: 0 })}
    await module.saveConfiguration({ a: 1 });
    await module.saveConfiguration({ a: 2 });
    const { ConfigPersistence } = await import(${JSON.stringify(new URL('../../dist/src/index.js', import.meta.url).href)});
    const other = await ConfigPersistence.open({ defaultConfigPath: ${JSON.stringify(join(folder, 'app.json'))} });
    await other.acquireFileLock(${JSON.stringify(join(folder, 'app.json'))});`;
  await startProcess(script).ended();
  expect(owners()).toEqual([]);
  await run([{ a: 3 }], { retentionCount: 1 });
  expect(backups()).toHaveLength(1);
}, 15_000);
