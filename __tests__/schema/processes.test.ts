/** Migrations of several processes that meet one file, and of one that is killed. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startModule, temporaryFolder, until } from '../support/moduleFixture.js';
import { PACKAGE_URL, startProcess } from '../support/otherProcess.js';

const OLD = '{"configVersion":"1.0.0","count":0}';

/** A process whose step leaves a file behind each time it runs. */
function script(folder: string, step: string, rest: string): string {
  return `
    import { writeFileSync } from 'node:fs';
    import { randomUUID } from 'node:crypto';
    import { ConfigPersistence } from ${JSON.stringify(PACKAGE_URL)};
    const folder = ${JSON.stringify(folder)};
    const migrations = {
      key: 'configVersion',
      steps: [{ version: '2.0.0', migrate: async (draft) => {
        writeFileSync(folder + '/runs/' + randomUUID(), '');
        ${step}
      } }],
    };
    const settings = await ConfigPersistence.open({ defaultConfigPath: folder + '/app.json', migrations });
    ${rest}
  `;
}

let folder: string;

function prepare(options = {}): void {
  folder = temporaryFolder(options);
  mkdirSync(join(folder, 'runs'));
  writeFileSync(join(folder, 'app.json'), OLD);
}

function runs(): number {
  return readdirSync(join(folder, 'runs')).length;
}

it('four processes that load or update an older file at once migrate it once', async () => {
  prepare();
  const step = 'await new Promise((go) => setTimeout(go, 50)); draft.migrated = true;';
  const load = 'console.log(JSON.stringify((await settings.loadConfiguration()).data));';
  const update = "await settings.updateConfiguration((draft) => void (draft.count += 1)); console.log('updated');";
  const head =
    "console.log('ready'); await new Promise((go) => process.stdin.once('data', go)); process.stdin.unref();";
  const bodies = [load, update, load, update];
  const others = bodies.map((body) => startProcess(script(folder, step, `${head}${body} await settings.close();`)));
  for (const other of others) expect(await other.nextLine()).toBe('ready');
  for (const { child } of others) child.stdin?.write('go\n');
  const lines = await Promise.all(others.map((other) => other.nextLine()));
  await Promise.all(others.map((other) => other.ended()));

  expect(runs()).toBe(1);
  for (const line of [lines[0], lines[2]]) {
    expect(JSON.parse(line ?? '')).toMatchObject({ configVersion: '2.0.0', migrated: true });
  }
  expect(JSON.parse(readFileSync(join(folder, 'app.json'), 'utf8'))).toEqual({
    configVersion: '2.0.0',
    count: 2,
    migrated: true,
  });
  const module = await startModule(folder);
  const history = await module.getVersionHistory();
  expect(history.map(({ description }) => description)).toEqual([undefined, undefined, 'Migrated from 1.0.0 to 2.0.0']);
  const named = (await module.listBackups()).filter(({ name }) => name !== undefined);
  expect(named.map(({ name }) => name)).toEqual(['before-migration-2.0.0']);
});

it('a process that is killed inside a step leaves the file as it was, and the next load migrates it', async () => {
  prepare({ mayKeepTraces: true });
  const other = startProcess(
    script(folder, 'setInterval(() => 0, 1000); await new Promise(() => 0);', 'await settings.loadConfiguration();'),
  );
  await until(() => runs() === 1);
  await other.kill();
  expect(readFileSync(join(folder, 'app.json'), 'utf8')).toBe(OLD);

  const migrations = {
    key: 'configVersion',
    steps: [{ version: '2.0.0', migrate: (draft: { migrated: boolean }) => void (draft.migrated = true) }],
  };
  const module = await startModule(folder, { migrations });
  const { data, isValid } = await module.loadConfiguration();
  expect({ data, isValid }).toEqual({ data: { configVersion: '2.0.0', count: 0, migrated: true }, isValid: true });
  expect((await module.listBackups()).filter(({ name }) => name !== undefined)).toHaveLength(1);
});
