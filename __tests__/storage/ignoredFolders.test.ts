/** What is kept beside a configuration gets into no commit by accident. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startModule, systemError, temporaryFolder, walk } from '../support/moduleFixture.js';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

function ignored(...names: string[]): unknown[] {
  return names.map((name) => {
    const path = join(folder, name, '.gitignore');
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  });
}

it('the folders for side files hold a .gitignore from the beginning, and that of the configuration does not', async () => {
  const module = await startModule(folder);
  await module.saveConfiguration({ key: 1 });
  await module.saveConfiguration({ key: 2 });
  await module.exportConfiguration('yaml');
  expect(ignored('metadata', 'locks', 'backups', 'archive')).toEqual(['*\n', '*\n', '*\n', '*\n']);
  expect(ignored('.', 'metadata/operations', 'locks/owners')).toEqual([undefined, undefined, undefined]);
  const all = walk(folder).filter((path) => path.endsWith('.gitignore'));
  expect(all).toHaveLength(4);
  try {
    execFileSync('git', ['init', '-q'], { cwd: folder, stdio: 'ignore' });
  } catch {
    return;
  }
  execFileSync('git', ['add', '-A'], { cwd: folder, stdio: 'ignore' });
  const added = execFileSync('git', ['ls-files'], { cwd: folder, encoding: 'utf8' });
  expect(added.trim().split('\n')).toEqual(['app.json']);
});

it('one that is there stays, and a folder that somebody has made gets none', async () => {
  mkdirSync(join(folder, 'backups'));
  mkdirSync(join(folder, 'metadata'));
  writeFileSync(join(folder, 'metadata', '.gitignore'), 'mine\n');
  const module = await startModule(folder);
  await module.saveConfiguration({ a: 1 });
  await module.saveConfiguration({ a: 2 });
  expect(ignored('backups', 'metadata', 'locks')).toEqual([undefined, 'mine\n', '*\n']);
});

it('is not put where the configuration is, whatever folder that is', async () => {
  const home = join(folder, 'all');
  const options = { metadataDirectory: home, lockDirectory: home, backupDirectory: folder };
  const module = await startModule(folder, { ...options, defaultConfigPath: join(home, 'app.json') });
  await module.saveConfiguration({ a: 1 });
  await module.saveConfiguration({ a: 2 });
  expect(walk(folder).filter((path) => path.endsWith('.gitignore'))).toEqual([]);
});

it('nothing fails where it cannot be written, and nothing is left of the attempt', async () => {
  const module = await startModule(folder, {}, (real) => ({
    open: (path, flags, mode) =>
      path.includes('gitignore') ? Promise.reject(systemError('EACCES')) : real.open(path, flags, mode),
  }));
  await module.saveConfiguration({ a: 1 });
  expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  expect(walk(folder).filter((path) => path.includes('gitignore'))).toEqual([]);
});
