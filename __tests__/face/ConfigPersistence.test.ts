/** The operations without any host. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PersistenceAlert } from '../../interfaces/messages.js';
import { ConfigPersistence } from '../../src/ConfigPersistence.js';
import { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { destroyAfterTest, gate, temporaryFolder } from '../support/moduleFixture.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

function closeAfterTest(persistence: ConfigPersistence): void {
  destroyAfterTest({ destroy: () => persistence.close() });
}

async function open(options = {}): Promise<ConfigPersistence> {
  const persistence = await ConfigPersistence.open({ defaultConfigPath: path, ...options });
  closeAfterTest(persistence);
  return persistence;
}

describe('ConfigPersistence.open', () => {
  it('gives the operations without a module', async () => {
    const persistence = await open();
    await persistence.saveConfiguration({ a: 1 });
    await persistence.updateConfiguration((draft) => {
      draft.b = 2;
    });
    expect((await persistence.loadConfiguration()).data).toEqual({ a: 1, b: 2 });
    const [newest] = await persistence.getVersionHistory();
    expect(newest).toBeDefined();
    expect(await persistence.listBackups()).toHaveLength(1);
  });

  it('has every operation of the module, with as many arguments', () => {
    const operations = Object.getOwnPropertyNames(ConfigPersistence.prototype).filter((name) =>
      /Configuration|Backup|Version|Lock/u.test(name),
    );
    expect(operations.length).toBeGreaterThan(20);
    for (const name of operations) expect(ConfigPersistenceModule.prototype).toHaveProperty(name);
  });

  it('refuses wrong options, and creates nothing', async () => {
    await expect(open({ cacheTTL: -1 })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    await expect(ConfigPersistence.open(5 as never)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    await open();
    expect(existsSync(join(folder, 'metadata'))).toBe(false);
  });

  it('tells a host that was given what happens', async () => {
    const lines: string[] = [];
    const alerts: PersistenceAlert[] = [];
    const persistence = new ConfigPersistence({
      id: 'a host',
      log: (level, text) => lines.push(`${level} ${text}`),
      alert: (alert) => alerts.push(alert),
    });
    closeAfterTest(persistence);
    persistence.configure({ defaultConfigPath: path, alerts: () => undefined, colour: 1 } as never);
    await persistence.start();
    await persistence.saveConfiguration({ a: 1 });
    expect(lines).toContain('debug operation ended');
    expect(alerts).toMatchObject([{ type: 'unknown-option', option: 'colour' }]);
    expect((await persistence.acquireFileLock(path)).owner).toBe('a host');
  });
});

describe('close', () => {
  it('waits for what runs, releases locks, and does nothing the second time', async () => {
    const persistence = await open();
    await persistence.saveConfiguration({ a: 1 });
    await persistence.acquireFileLock(path);
    const { opened: released, open: release } = gate();
    const updated = persistence.updateConfiguration(async (draft) => {
      await released;
      draft.a = 2;
    });
    const closed = Promise.all([persistence.close(), persistence.close()]);
    await expect(persistence.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_DESTROYED' });
    release();
    expect(await updated).toMatchObject({ success: true });
    await closed;
    await persistence.close();
    const other = await open();
    expect(await other.checkFileLock(path)).toMatchObject({ isLocked: false });
    expect((await other.loadConfiguration()).data).toEqual({ a: 2 });
  });

  it('is what the end of a block with `await using` does', async () => {
    const persistence = await open();
    await persistence[Symbol.asyncDispose]();
    await expect(persistence.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_DESTROYED' });
  });
});

it('refuses operations with ERR_NOT_INITIALIZED before it is started', async () => {
  const persistence = new ConfigPersistence();
  await expect(persistence.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_NOT_INITIALIZED' });
});

it('keeps the options that may change while it runs changeable, and no others', async () => {
  const persistence = await open();
  persistence.configure({ cacheTTL: 5 });
  expect(() => persistence.configure({ user: 'ann' })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
});
