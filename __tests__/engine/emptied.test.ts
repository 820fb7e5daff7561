/** A file that somebody has emptied is damage in every format, also in those that read nothing as an empty object. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';

const NAMES = ['app.json', 'app.yaml', 'app.toml', 'app.ini', 'app.xml', 'app.properties'];
const BLANKS = ['', '\n', ' \r\n\t\n', '\uFEFF\n'];

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

describe.each(NAMES)('%s', (name) => {
  it.each(BLANKS)('holding %j is told, and nothing is built on it', async (blank) => {
    const path = join(folder, name);
    const module = await startModule(folder);
    await module.saveConfiguration({ port: 1, host: 'a' }, path);
    await module.saveConfiguration({ port: 2, host: 'a' }, path);
    writeFileSync(path, blank);
    await expect(module.loadConfiguration(path)).rejects.toMatchObject({ code: 'ERR_INTEGRITY' });
    await expect(module.updateConfiguration((draft) => void (draft.port = 3), path)).rejects.toMatchObject({
      code: 'ERR_INTEGRITY',
    });
    expect(readFileSync(path, 'utf8')).toBe(blank);
    expect(await module.verifyConfigurationIntegrity(path)).toMatchObject({ isValid: false });
    await module.saveConfiguration({ port: 4 }, path);
    expect((await module.loadConfiguration(path)).data).toEqual({ port: 4 });
  });

  it('is brought back where that is allowed', async () => {
    const path = join(folder, name);
    const module = await startModule(folder, { autoRecover: true });
    await module.saveConfiguration({ port: 1 }, path);
    await module.createBackup(path);
    writeFileSync(path, '\n');
    await module.updateConfiguration((draft) => void (draft.host = 'b'), path);
    expect((await module.loadConfiguration(path)).data).toEqual({ port: 1, host: 'b' });
  });
});

it('one that was empty when it was saved may stay so', async () => {
  const path = join(folder, 'app.toml');
  const module = await startModule(folder);
  await module.saveConfiguration({}, path);
  writeFileSync(path, '\n\n');
  expect(await module.loadConfiguration(path)).toMatchObject({ data: {}, isValid: false });
});
