// @ts-check
// Does one piece of work on archives in a process of its own, and prints what it took: `{ ms, peakMb }` as JSON.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ConfigPersistence } from '../dist/src/ConfigPersistence.js';

const [work = '', folder = '', archive = '', target = ''] = process.argv.slice(2);
const CONFIGURATIONS = join(folder, 'conf');

/** @param {string} home */
function open(home) {
  return ConfigPersistence.open({
    defaultConfigPath: join(home, 'app.json'),
    allowedDirectories: [folder],
    retentionCount: 50,
    maxVersionHistory: 50,
  });
}

/** @param {'zip' | 'tar.gz'} format */
function exporting(format) {
  return async () => {
    const store = await open(folder);
    const { files, success } = await store.exportConfigurations(join(CONFIGURATIONS, '**'), format, {
      exportPath: archive,
      overwrite: true,
    });
    await store.close();
    if (!success || files.length === 0) throw new Error('not everything was exported');
  };
}

/** @param {'zip' | 'tar.gz' | 'backup'} format */
function importing(format) {
  return async () => {
    const store = await open(target);
    await store.importConfiguration(
      archive,
      format,
      format === 'backup' ? join(target, 'app.json') : join(target, 'in'),
    );
    await store.close();
  };
}

/** @type {Record<string, () => Promise<unknown>>} */
const WORKS = {
  nothing: () => Promise.resolve(),
  'export zip': exporting('zip'),
  'export tar.gz': exporting('tar.gz'),
  'import zip': importing('zip'),
  'import tar.gz': importing('tar.gz'),
  'import backup': importing('backup'),
  async 'export backup'() {
    const store = await open(folder);
    await store.exportConfiguration('backup', undefined, { exportPath: archive, overwrite: true });
    await store.close();
  },
  async 'bare export zip'() {
    const { ZipArchive } = await import('archiver');
    const zip = new ZipArchive({ zlib: { level: 6 } });
    const written = pipeline(zip, createWriteStream(archive));
    for (const name of (await readdir(CONFIGURATIONS)).sort()) zip.file(join(CONFIGURATIONS, name), { name });
    await zip.finalize();
    await written;
  },
  async 'bare export tar.gz'() {
    const { create } = await import('tar');
    await create({ gzip: true, file: archive, cwd: CONFIGURATIONS }, (await readdir(CONFIGURATIONS)).sort());
  },
  async 'bare import zip'() {
    const { openPromise } = await import('./unzip.mjs');
    await openPromise(archive, async (name, bytes) => {
      const path = join(target, 'in', name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, bytes);
    });
  },
  async 'bare import tar.gz'() {
    const { extract } = await import('tar');
    await mkdir(join(target, 'in'), { recursive: true });
    await pipeline(createReadStream(archive), extract({ cwd: join(target, 'in') }));
  },
  /** The same files written as durably as a save writes them, ten at a time: what an import cannot be faster than. */
  async 'durable writes'() {
    const { plainSave } = await import('./contenders/floor.mjs');
    const names = (await readdir(CONFIGURATIONS)).values();
    await mkdir(join(target, 'in'), { recursive: true });
    const run = async () => {
      for (const name of names)
        await plainSave(join(target, 'in', name), await readFile(join(CONFIGURATIONS, name), 'utf8'));
    };
    await Promise.all(Array.from({ length: 10 }, run));
  },
};

const chosen = WORKS[work];
if (chosen === undefined) throw new Error(`No such work: ${work}`);
const start = performance.now();
await chosen();
const ms = performance.now() - start;
console.log(JSON.stringify({ ms, peakMb: process.resourceUsage().maxRSS / 1024 }));
