/** What programs that watch a project restart for (nodemon, Vite, tsx) is no side file. */
import { basename, extname, join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { startModule, temporaryFolder, walk } from '../support/moduleFixture.js';

const { FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;

const FORMATS = Object.entries(FILE_SYSTEM)
  .filter(([name]) => name.startsWith('FILE_EXTENSION_'))
  .map(([, extension]) => extension);
const WATCHED = new Set<unknown>([
  ...FORMATS,
  ...[
    '.yml',
    '.jsonc',
    '.json5',
    '.conf',
    '.cfg',
    '.env',
    '.js',
    '.mjs',
    '.cjs',
    '.ts',
    '.mts',
    '.jsx',
    '.tsx',
    '.vue',
  ],
  ...['.css', '.html', '.md', '.py', '.rb', '.go', '.rs', '.java', '.php', '.sh'],
]);

it('never has the extension of a format or of source code, whatever has been done', async () => {
  const folder = temporaryFolder();
  const seen = new Set<string>();
  const module = await startModule(folder, { encryption: { passphrase: 'p' } }, (real) => {
    const note = (...paths: string[]): void => paths.forEach((path) => seen.add(path));
    return {
      open: (path, flags, mode) => (note(path), real.open(path, flags, mode)),
      rename: (from, to) => (note(from, to), real.rename(from, to)),
      link: (from, to) => (note(from, to), real.link(from, to)),
      mkdir: (path, mode) => (note(path), real.mkdir(path, mode)),
    };
  });
  for (const name of ['app.json', 'b.yaml', 'c.toml']) {
    const path = join(folder, name);
    for (let a = 0; a < 3; a++) await module.saveConfiguration({ a }, path);
    await module.createBackup(path, 'release');
    await module.setConfigurationMetadata({ description: 'd' }, path);
    await module.deleteConfiguration(path);
  }
  const lock = await module.acquireFileLock(join(folder, 'app.json'));
  for (const path of walk(folder)) seen.add(path);
  await module.releaseFileLock(lock.lockId);

  const own = [...seen].filter((path) => /\/(?:metadata|locks|backups|temp)\//u.test(path));
  expect(own.length).toBeGreaterThan(20);
  expect(own.filter((path) => WATCHED.has(extname(basename(path))))).toEqual([]);
});
