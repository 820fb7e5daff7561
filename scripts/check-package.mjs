// @ts-check
// Meets the package as a consumer does: packs it, looks into the pack, installs it elsewhere, types and runs against it.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** @typedef {{ filename: string, size: number, unpackedSize: number, files: { path: string, size: number }[] }} Pack */
/** @typedef {{ name: string, version: string, exports: { '.': Record<string, string> } }} Manifest */

const ROOT = join(import.meta.dirname, '..');
const ALLOWED_FILES =
  /^(dist\/.+|docs\/(?!api\/).+\.md|(README|ARCHITECTURE|CHANGELOG|CONTRIBUTING)\.md|LICENSE|package\.json)$/;
const UNWANTED_FILES = /\.map$|\.tsbuildinfo$|\.test\.|(^|\/)(__tests__|fixtures|demo|bench|scripts)\//;
/** README links the documents. */
const NEEDED_FILES = [
  'README.md',
  'docs/README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'LICENSE',
  'package.json',
];
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What a strict TypeScript program of a consumer looks like; compiling it is the check. @param {string} name */
const consumerSource = (name) => `
import {
  BaseModule,
  ConfigPersistenceModule,
  CONFIG_PERSISTENCE_CONSTANTS,
  ConfigurationFormat,
  MessageCenter,
  ModuleRegistry,
  PersistenceError,
  StorageError,
  type ConfigPersistenceOptions,
  type ConfigurationData,
  type DataTransfer,
  type ModuleInfo,
  type PersistenceResult,
} from '${name}';
import Module from '${name}';
import { ConfigPersistenceModule as OnPublishedFramework } from '${name}/rcc-basemodule';

// The package of that framework is not installed here: its declarations must do without.
export const modules: readonly [typeof Module, typeof OnPublishedFramework][] = [];

class Listener extends BaseModule {
  readonly kinds: unknown[] = [];
  override async receiveData(transfer: DataTransfer): Promise<void> {
    await super.receiveData(transfer);
    this.kinds.push(transfer.metadata?.['type']);
  }
}

const info: ModuleInfo = { id: 'a', name: 'A', version: '1.0.0', description: 'a', type: 'config-persistence' };
const options: ConfigPersistenceOptions = { defaultConfigPath: './config/app.json', user: 'somebody' };

export async function main(): Promise<string | undefined> {
  const registry: ModuleRegistry = ModuleRegistry.getInstance();
  registry.registerModuleType('config-persistence', ConfigPersistenceModule);
  await registry.createModule('config-persistence', info);
  const listener = new Listener({ ...info, id: 'b', type: 'listener' });
  const center: MessageCenter = MessageCenter.getInstance();
  const module = new ConfigPersistenceModule(info);
  module.configure(options);
  await module.initialize();
  try {
    const saved: PersistenceResult = await module.saveConfiguration({ port: 1 }, undefined, { expectedChecksum: null });
    const loaded: ConfigurationData = await module.loadConfiguration();
    const format: ConfigurationFormat = loaded.metadata.format;
    const retention: 3 = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS.DEFAULT_RETENTION_COUNT;
    return [saved.checksum, format, retention, listener.kinds.length, typeof center].join(' ');
  } catch (error) {
    if (error instanceof StorageError) return error.syscall;
    if (error instanceof PersistenceError) return error.code;
    throw error;
  } finally {
    await module.destroy();
  }
}
`;

/** Saves and loads with the installed package; ends by itself, or the check fails by its time limit. */
const SMOKE_BODY = `
async function smoke(library) {
  const info = { id: 'smoke', name: 'Smoke', version: '1.0.0', description: 'smoke', type: 'config-persistence' };
  const module = new library.ConfigPersistenceModule(info);
  module.configure({ defaultConfigPath: './config/app.json' });
  await module.initialize();
  for (const extension of ['json', 'yaml', 'toml', 'ini', 'xml', 'properties']) {
    const path = './config/app.' + extension;
    const value = { name: 'smoke', port: 8080, ratio: 0.5, on: true, list: [1, 'two'], inner: { empty: {} } };
    await module.saveConfiguration(value, path);
    const loaded = await module.loadConfiguration(path);
    require('node:assert').deepStrictEqual(loaded.data, value);
  }
  await module.destroy();
  console.log(library.CONFIG_PERSISTENCE_CONSTANTS.MODULE_VERSION);
}`;

let failures = 0;
const folder = await mkdtemp(join(tmpdir(), 'package-check-'));
try {
  await checkEverything(folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(failures === 0 ? 'The package is fit to be published.' : `${failures} of the checks failed.`);
process.exitCode = failures === 0 ? 0 : 1;

/** Each check stands on its own; what needs the pack or the installation is left out where that failed. @param {string} work */
async function checkEverything(work) {
  const pack = await check('pack', () => packInto(work));
  if (pack === undefined) return;
  const tarball = join(work, pack.filename);
  await check('packed files', () => Promise.resolve(inspectFiles(pack)));
  await check('types resolve (attw, esm-only)', () => runAttw(tarball));

  const consumer = join(work, 'consumer');
  const installed = await check('install into an empty project', () => install(tarball, consumer));
  if (installed === undefined) return;
  await check('publint, strict', () => lintPackage(installed.folder));
  await check('strict TypeScript consumer', () => typeCheck(consumer, installed.manifest.name));
  await check('import with Node', () => smoke(consumer, installed.manifest, 'mjs'));
  await check('require with Node', () => smoke(consumer, installed.manifest, 'cjs'));
}

/**
 * Runs one check and prints its line.
 *
 * @template T
 * @param {string} name
 * @param {() => Promise<T & { summary: string }>} work
 */
async function check(name, work) {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    const result = await work();
    console.log(`ok      ${name} (${seconds()}): ${result.summary}`);
    return result;
  } catch (error) {
    failures += 1;
    const reason = error instanceof Error ? error.message : String(error);
    console.log(`FAILED  ${name} (${seconds()}):\n${reason.trim().replaceAll(/^/gm, '        ')}`);
    return undefined;
  }
}

/** @param {string} work */
async function packInto(work) {
  const output = await npm(['pack', '--json', '--pack-destination', work], ROOT);
  // What the build prints may stand in front of the report.
  const [pack] = /** @type {Pack[]} */ (JSON.parse(output.slice(output.indexOf('[\n'))));
  if (pack === undefined) throw new Error('npm pack reported nothing.');
  return {
    ...pack,
    summary: `${pack.files.length} files, ${kib(pack.size)} packed, ${kib(pack.unpackedSize)} unpacked`,
  };
}

/** @param {Pack} pack */
function inspectFiles(pack) {
  const paths = pack.files.map(({ path }) => path);
  const problems = [
    ...paths.filter((path) => !ALLOWED_FILES.test(path)).map((path) => `does not belong in the package: ${path}`),
    ...paths.filter((path) => UNWANTED_FILES.test(path)).map((path) => `for developers only: ${path}`),
    ...NEEDED_FILES.filter((path) => !paths.includes(path)).map((path) => `is missing: ${path}`),
  ];
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return { summary: 'only dist, the documents, LICENSE and package.json' };
}

/** @param {string} tarball */
async function runAttw(tarball) {
  const cli = join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  // Without the look at @types it needs no network.
  const options = ['--profile', 'esm-only', '--no-definitely-typed', '--no-emoji', '--no-color', '--format', 'ascii'];
  await run(process.execPath, [cli, tarball, ...options], ROOT);
  return { summary: 'no problems found' };
}

/** @param {string} tarball @param {string} consumer */
async function install(tarball, consumer) {
  await mkdir(consumer);
  await writeFile(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  // Under `npm run` the environment names this repository as the place to install into, hence the prefix.
  const options = ['--prefix', consumer, '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
  await npm(['install', tarball, ...options], consumer);
  const { name } = await readManifest(ROOT);
  const installed = join(consumer, 'node_modules', name);
  const manifest = await readManifest(installed);
  return { folder: installed, manifest, summary: `${manifest.name} ${manifest.version}` };
}

/** @param {string} installed */
async function lintPackage(installed) {
  const manifest = await readManifest(installed);
  // Everything in an installed package was published, so nothing has to be packed again.
  const { messages } = await publint({ pkgDir: installed, pack: false, strict: true });
  if (messages.length > 0) {
    throw new Error(messages.map((message) => formatMessage(message, manifest, { color: false })).join('\n'));
  }
  return { summary: 'nothing to say' };
}

/** @param {string} consumer @param {string} name */
async function typeCheck(consumer, name) {
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noImplicitOverride: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
  };
  await writeFile(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  await writeFile(join(consumer, 'consumer.ts'), consumerSource(name));
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [compiler, '-p', consumer, '--pretty', 'false'], consumer);
  return { summary: 'compiles, the declarations of the package and its dependencies included' };
}

/** @param {string} consumer @param {Manifest} manifest @param {'mjs' | 'cjs'} extension */
async function smoke(consumer, { name, version }, extension) {
  const file = join(consumer, `smoke.${extension}`);
  const head =
    extension === 'mjs'
      ? `import { createRequire } from 'node:module';\nimport * as library from '${name}';\nconst require = createRequire(import.meta.url);`
      : `const library = require('${name}');`;
  await writeFile(file, `${head}\n${SMOKE_BODY}\nsmoke(library);\n`);
  const output = await run(process.execPath, [file], consumer, 60_000);
  if (output.trim() !== version) throw new Error(`MODULE_VERSION is ${output.trim()}, package.json has ${version}.`);
  return { summary: 'saves and loads all six formats, then ends by itself' };
}

/** @param {string} packageFolder @returns {Promise<Manifest>} */
async function readManifest(packageFolder) {
  return JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
}

/** The npm that runs this script where there is one, so that both are the same version. @param {string[]} parameters @param {string} cwd */
function npm(parameters, cwd) {
  const cli = process.env['npm_execpath'];
  if (cli !== undefined && /npm-cli\.[cm]?js$/.test(cli)) return run(process.execPath, [cli, ...parameters], cwd);
  return run('npm', parameters, cwd);
}

/**
 * What the program printed; a failure carries all of it.
 *
 * @param {string} program
 * @param {string[]} parameters
 * @param {string} cwd
 * @param {number} [timeout]
 * @returns {Promise<string>}
 */
function run(program, parameters, cwd, timeout = 300_000) {
  return new Promise((resolve, reject) => {
    execFile(program, parameters, { cwd, timeout, maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${stdout}\n${stderr}`.trim() || error.message));
    });
  });
}

/** @param {number} bytes */
function kib(bytes) {
  return `${(bytes / 1024).toFixed(0)} KiB`;
}
