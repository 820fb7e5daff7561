// @ts-check
// The demo: six real configuration files go through the whole module. `npm start -- --help` tells the options.
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigPersistenceModule, connect, ModuleRegistry } from 'rcc-config-persistence';
import { runBackupSteps } from './backupSteps.mjs';
import { EditorModule } from './EditorModule.mjs';
import { runFileSteps } from './fileSteps.mjs';
import { runGuardSteps } from './guardSteps.mjs';
import { runConflictStep, runFarewellStep, runHostileSteps, runMessageSteps } from './moduleSteps.mjs';
import { Report } from './report.mjs';
import { SAMPLE_FILES } from './sampleFiles.mjs';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
const HELP = `npm start -- [options]

  --keep   leaves the folder with all files, records and backups for you to look at
  --help   this text`;

const { values: options } = parseArgs({
  options: { keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});

if (options.help) console.log(HELP);
else process.exitCode = (await run()) ? 0 : 1;

/** @returns {Promise<boolean>} Whether everything went well. */
async function run() {
  const root = await mkdtemp(join(tmpdir(), 'config-demo-'));
  const folder = join(root, 'config');
  await mkdir(folder);
  const report = new Report();
  const origin = process.cwd();
  // As an application is started in its own folder; nothing outside of it is the module's business.
  process.chdir(root);
  const fate = options.keep ? 'kept' : 'removed at the end, `npm start -- --keep` keeps it';
  try {
    const { module, guard, editor } = await startModules();
    report.open('Six configuration files through ConfigPersistenceModule', `in ${root} (${fate})`);
    await runAllSteps({ module, folder, report }, guard, editor);
    await runFarewellStep(report, root, () => ModuleRegistry.getInstance().clear());
    return report.close();
  } finally {
    process.chdir(origin);
    if (!options.keep) await rm(root, { recursive: true, force: true });
  }
}

/** As the README's basic usage has it. */
async function startModules() {
  const registry = ModuleRegistry.getInstance();
  registry.registerModuleType('config-persistence', ConfigPersistenceModule);
  registry.registerModuleType('config-editor', EditorModule);

  const common = { version: '1.0.0', description: 'Part of the demo' };
  const kind = /** @type {const} */ ('config-persistence');
  const [module, guard] = await Promise.all([
    registry.createModule(kind, { ...common, id: 'app-config', name: 'Application Config', type: kind }),
    registry.createModule(kind, { ...common, id: 'app-guard', name: 'Config with a key', type: kind }),
  ]);
  const editorInfo = { ...common, id: 'app-editor', name: 'Editor', type: 'config-editor' };
  const editor = await registry.createModule(editorInfo, EditorModule);
  module.configure({ defaultConfigPath: './config/app.json', user: 'demo' });
  const encryption = { passphrase: 'only good enough for a demo' };
  guard.configure({ defaultConfigPath: './config/app.json', user: 'guard', encryption, autoRecover: true });
  connect(editor, module, ['save-request', 'load-request']);
  await module.initialize();
  await guard.initialize();
  await editor.initialize();
  return { module, guard, editor };
}

/** @import { Place } from './fileSteps.mjs' */

/** @param {Place} place @param {ConfigPersistenceModule} guard @param {EditorModule} editor */
async function runAllSteps(place, guard, editor) {
  for (const [index, sample] of SAMPLE_FILES.entries()) {
    place.report.separate();
    await copyFile(join(FIXTURES, sample.name), join(place.folder, sample.name));
    const next = SAMPLE_FILES[(index + 1) % SAMPLE_FILES.length] ?? sample;
    await runFileSteps(place, sample, extname(next.name));
  }
  place.report.separate();
  await runMessageSteps(place, editor);
  await runConflictStep(place);
  place.report.separate();
  await runBackupSteps(place);
  place.report.separate();
  await runGuardSteps(place, guard);
  place.report.separate();
  await runHostileSteps(place);
}
