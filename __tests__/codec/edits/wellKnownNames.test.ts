/** Files that their names tell the owner of: read by the rules of it, and said so in the metadata. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startModule, temporaryFolder } from '../../support/moduleFixture.js';

const FILES = [
  ['setup.cfg', 'configparser', '[metadata]\nname = a\nrequires =\n    b>=2\n', 'metadata.name'],
  ['.git/config', 'git', '[remote "a.b"]\n\turl = x\n\tfetch = y\n\tfetch = z\n', undefined],
  ['app.service', 'systemd', '[Service]\nExecStartPre=/bin/a\nExecStartPre=/bin/b\n', undefined],
  ['mysql/my.cnf', 'mysql', '[mysqld]\nskip-networking\nport=3306\n', undefined],
  ['php.ini', 'php', 'memory_limit = 128M\nerror_reporting = E_ALL & ~E_NOTICE\n', undefined],
] as const;

it.each(FILES)('%s is a file of %s', async (name, owner, text) => {
  const folder = temporaryFolder();
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  const module = await startModule(join(folder, 'own'), { allowedDirectories: [folder] });
  const { data, metadata } = await module.loadConfiguration<Record<string, unknown>>(path);
  expect(metadata).toMatchObject({ format: 'ini', owner });
  expect(Object.keys(data)).not.toEqual([]);
  expect(await module.updateConfiguration(() => undefined, path)).toMatchObject({ changed: false });
  expect(readFileSync(path, 'utf8')).toBe(text);
  await module.updateConfiguration((draft) => void (draft.added = 'x'), path, {}).catch(() => undefined);
  expect(readFileSync(path, 'utf8')).toContain(text.split('\n')[1]!);
});

it('another file has none', async () => {
  const folder = temporaryFolder();
  const module = await startModule(folder);
  await module.saveConfiguration({ a: 1 }, join(folder, 'a.ini'));
  expect(await module.getConfigurationMetadata(join(folder, 'a.ini'))).not.toHaveProperty('owner');
});
