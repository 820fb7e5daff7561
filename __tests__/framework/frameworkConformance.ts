/**
 * What holds for the module on every framework that it is shipped for: its life, options, connections, requests and replies,
 * its log, and that subclasses may call their own members what they like. Whatever a test does, no value is printed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { ConnectionInfo, DataTransfer, Message, ModuleInfo } from '../../interfaces/framework.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import type { PersistenceFace } from '../../src/index.js';
import { destroyAfterTest, temporaryFolder } from '../support/moduleFixture.js';

/** The module as the tests use it, on whichever framework. */
export interface FrameworkModule extends PersistenceFace {
  getInfo(): ModuleInfo;
  getModuleInfo(): ModuleInfo;
  getConfig(): Record<string, unknown>;
  readonly moduleConfig: Record<string, unknown>;
  addInputConnection(connection: ConnectionInfo): void;
  addOutputConnection(connection: ConnectionInfo): void;
  removeInputConnection(connectionId: string): void;
  removeOutputConnection(connectionId: string): void;
  getInputConnections(): ConnectionInfo[];
  getOutputConnections(): ConnectionInfo[];
  handshake(module: unknown): Promise<boolean>;
  getDebugLogs(level?: string, limit?: number): { level: string; message: string; data?: unknown }[];
  clearDebugLogs(): void;
  setDebugConfig(config: object): void;
  getDebugConfig(): object;
}

/** A neighbour, written as modules of that framework are. */
export interface FrameworkClient {
  readonly received: DataTransfer[];
  initialize(): Promise<void>;
  destroy(): Promise<void>;
  /** Brings a transfer to the module in the way of the framework. Resolves when it was taken. */
  ask(module: FrameworkModule, kind: string, data: object): Promise<unknown>;
}

export interface Framework {
  readonly Module: new (info?: ModuleInfo) => FrameworkModule;
  /** The class that every module of the framework is an instance of. */
  readonly BaseModule: abstract new (...given: never[]) => object;
  readonly center: { isModuleRegistered(moduleId: string): boolean; sendMessage(message: Message): void };
  readonly newClient: (info: ModuleInfo) => FrameworkClient;
}

const SECRET = 'planted-value-7f3a';
const CONFIG = { api: { endpoint: SECRET }, list: [SECRET] };

let lastNumber = 0;

function newInfo(name: string): ModuleInfo {
  lastNumber += 1;
  return { id: `${name}-${lastNumber}`, name, version: '1.0.0', description: '', type: name };
}

/** What is written to the streams and the console from here on. */
function capture(): string[] {
  const printed: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((chunk) => {
      printed.push(String(chunk));
      return true;
    });
  }
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
    jest.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
      printed.push(parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' '));
    });
  }
  return printed;
}

export function describeFramework(name: string, { Module, BaseModule, center, newClient }: Framework): void {
  describe(`the module on ${name}`, () => {
    let folder: string;
    let path: string;
    let module: FrameworkModule;
    let printed: string[];

    beforeEach(() => {
      folder = temporaryFolder();
      path = join(folder, 'app.json');
      module = newModule();
      printed = capture();
    });

    afterEach(() => {
      jest.restoreAllMocks();
      expect(printed.join('\n')).not.toContain(SECRET);
    });

    function newModule(info?: ModuleInfo, Class = Module): FrameworkModule {
      const made = new Class(info ?? newInfo('persistence'));
      destroyAfterTest(made);
      made.configure({ defaultConfigPath: path });
      return made;
    }

    /** A running module and a neighbour, each of which knows the connections between them. */
    async function neighbours(options: ConfigPersistenceOptions = {}, dataTypes?: string[]): Promise<FrameworkClient> {
      const info = newInfo('client');
      const client = newClient(info);
      destroyAfterTest(client);
      const { id } = module.getInfo();
      const kinds = dataTypes === undefined ? {} : { dataTypes };
      module.addInputConnection({
        id: 'requests',
        type: 'input',
        sourceModuleId: info.id,
        targetModuleId: id,
        ...kinds,
      });
      module.addOutputConnection({ id: 'replies', type: 'output', sourceModuleId: id, targetModuleId: info.id });
      await client.initialize();
      await module.initialize(options);
      return client;
    }

    const message = (type: string, payload: object): Message => ({
      id: 'message-1',
      type,
      source: 'somebody',
      target: module.getInfo().id,
      payload,
      timestamp: Date.now(),
    });
    const kindsOf = (client: FrameworkClient): unknown[] => client.received.map(({ metadata }) => metadata?.type);

    describe('lives', () => {
      it('as an instance of its BaseModule, registered with its message center while it runs', async () => {
        const { id } = module.getInfo();
        expect(module).toBeInstanceOf(BaseModule);
        expect(center.isModuleRegistered(id)).toBe(false);
        await module.initialize();
        expect(center.isModuleRegistered(id)).toBe(true);
        await module.destroy();
        expect(center.isModuleRegistered(id)).toBe(false);
      });

      it('once, however often it is started and ended, and again after that', async () => {
        await Promise.all([module.initialize(), module.initialize()]);
        await module.initialize();
        await module.saveConfiguration(CONFIG);
        await Promise.all([module.destroy(), module.destroy()]);
        await module.destroy();
        await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_DESTROYED' });
        expect(module.getConfig()).toEqual({});
        expect(module.getInputConnections()).toEqual([]);
        await module.initialize({ defaultConfigPath: path });
        expect((await module.loadConfiguration()).data).toEqual(CONFIG);
      });

      it('without an info, under an id that no other has', async () => {
        const [one, other] = [new Module(), new Module()];
        expect(one.getInfo()).toMatchObject({ name: 'ConfigPersistenceModule', type: 'config-persistence' });
        expect(one.getModuleInfo()).toEqual(one.getInfo());
        expect(one.getInfo().id).not.toBe(other.getInfo().id);
        await Promise.all([one.destroy(), other.destroy()]);
      });

      it('beside another one of its id that was never started: ending that one does not end it', async () => {
        await module.initialize();
        const { id } = module.getInfo();
        const twin = newModule(module.getInfo());
        await expect(twin.initialize()).rejects.toThrow();
        await twin.destroy();
        expect(center.isModuleRegistered(id)).toBe(true);
        await module.saveConfiguration(CONFIG);
      });

      it('without printing anything', async () => {
        const client = await neighbours();
        await module.saveConfiguration(CONFIG);
        await client.ask(module, 'load-request', {});
        await module.loadConfiguration(join(folder, 'none.json')).catch(() => undefined);
        await module.destroy();
        expect(printed.filter((line) => line.includes(module.getInfo().id))).toEqual([]);
      });
    });

    describe('takes options', () => {
      it('that merge over calls, those of initialize() included', async () => {
        module.configure({ retentionCount: 5 });
        await module.initialize({ user: 'somebody' });
        expect(module.getConfig()).toMatchObject({
          defaultConfigPath: path,
          backupRetentionCount: 5,
          user: 'somebody',
        });
        expect(module.moduleConfig).toEqual(module.getConfig());
        await module.saveConfiguration(CONFIG);
        expect(existsSync(path)).toBe(true);
      });

      it('that may change while it runs, and refuses the others by a code and in words that hosts know', async () => {
        await module.initialize();
        module.configure({ retentionCount: 4 });
        await module.initialize({ cacheTTL: 1000 });
        const refusal = { code: 'ERR_INVALID_OPTION', message: expect.stringContaining(`defaultConfigPath`) as string };
        await expect(module.initialize({ defaultConfigPath: './other.json' })).rejects.toMatchObject(refusal);
        expect(() => module.configure({ defaultConfigPath: './other.json' })).toThrow(
          'Cannot configure module after initialization',
        );
        expect(module.getConfig()).toMatchObject({ defaultConfigPath: path, backupRetentionCount: 4, cacheTTL: 1000 });
      });

      it('and shows nobody the secrets and values among them', async () => {
        await module.initialize({ encryption: { passphrase: SECRET }, defaults: CONFIG });
        expect(JSON.stringify([module.getConfig(), module.getDebugLogs()])).not.toContain(SECRET);
      });
    });

    describe('has connections', () => {
      const ends = { sourceModuleId: 'x', targetModuleId: 'y' };

      it('that are added, listed and removed, each in its direction only', () => {
        module.addInputConnection({ id: 'in', type: 'input', ...ends });
        module.addOutputConnection({ id: 'out', type: 'output', ...ends });
        expect(module.getInputConnections()).toMatchObject([{ id: 'in' }]);
        expect(module.getOutputConnections()).toMatchObject([{ id: 'out' }]);
        expect(() => module.addInputConnection({ id: 'no', type: 'output', ...ends })).toThrow(
          'Invalid connection type for input',
        );
        expect(() => module.addOutputConnection({ id: 'no', type: 'input', ...ends })).toThrow(
          'Invalid connection type for output',
        );
        module.removeInputConnection('in');
        module.removeOutputConnection('out');
        expect([...module.getInputConnections(), ...module.getOutputConnections()]).toEqual([]);
      });

      it('whose status tells whether replies arrive, without touching what the caller gave', async () => {
        const client = await neighbours();
        const gone = { id: 'gone', type: 'output', sourceModuleId: 'x', targetModuleId: 'nobody' } as const;
        module.addOutputConnection(gone);
        await client.ask(module, 'save-request', { config: CONFIG });
        expect(module.getOutputConnections()).toMatchObject([
          { id: 'replies', status: 'connected' },
          { id: 'gone', status: 'error' },
        ]);
        expect(gone).not.toHaveProperty('status');
      });

      it('and shakes hands, with itself too', async () => {
        expect(await module.handshake(module)).toBe(true);
        expect(await module.handshake(newModule())).toBe(true);
      });
    });

    describe('serves requests', () => {
      it('by transfer, and answers each over its output connections with the id of the request', async () => {
        const client = await neighbours();
        await client.ask(module, 'save-request', { config: CONFIG });
        await client.ask(module, 'load-request', {});
        await client.ask(module, 'backup-request', { backupName: 'by request' });
        await client.ask(module, 'delete-request', { filePath: path });
        expect(kindsOf(client)).toEqual([
          'persistence-result',
          'configuration-data',
          'backup-notification',
          'persistence-result',
        ]);
        expect(client.received[1]?.data).toMatchObject({ data: CONFIG, isValid: true });
        const ids = client.received.map(({ metadata, data }) => [
          metadata?.requestId,
          (data as { requestId?: unknown }).requestId,
        ]);
        expect(ids.every(([one, other]) => typeof one === 'string' && one === other)).toBe(true);
        expect(new Set(ids.map(([id]) => id)).size).toBe(4);
      });

      it('by transfer, and answers those that fail with a report that quotes no value', async () => {
        const client = await neighbours();
        await client.ask(module, 'save-request', { config: { ...CONFIG, bad: Symbol('x') } });
        await client.ask(module, 'load-request', { filePath: '../outside.json' });
        expect(client.received.map(({ data }) => (data as { code: string }).code)).toEqual([
          'ERR_INVALID_CONFIGURATION_DATA',
          'ERR_INVALID_FILE_PATH',
        ]);
        expect(JSON.stringify(client.received)).not.toContain(SECRET);
      });

      it('of registered connections and their kinds only, where connections are strict', async () => {
        const client = await neighbours({ strictConnections: true }, ['save-request']);
        await client.ask(module, 'save-request', { config: CONFIG });
        await client.ask(module, 'delete-request', { filePath: path });
        expect(kindsOf(client)).toEqual(['persistence-result', 'error-report']);
        expect(existsSync(path)).toBe(true);
      });

      it('by message, which handleMessage resolves to the response of', async () => {
        await module.initialize();
        const saved: unknown = await module.handleMessage(message('save-request', { config: CONFIG }));
        expect(saved).toMatchObject({ success: true, messageId: 'message-1', data: { operationType: 'save' } });
        expect(await module.handleMessage(message('load-request', {}))).toMatchObject({ data: { data: CONFIG } });
        expect(await module.handleMessage(message('ping', {}))).toMatchObject({ success: true, data: { pong: true } });
        expect(await module.handleMessage(message('unheard-of', {}))).toMatchObject({ success: false });
      });

      it('that come through the message center', async () => {
        await module.initialize();
        const saved = new Promise<void>((resolve) => {
          const save = module.saveConfiguration.bind(module);
          module.saveConfiguration = async (...given: Parameters<typeof save>) => {
            const result = await save(...given);
            resolve();
            return result;
          };
        });
        center.sendMessage(message('save-request', { config: CONFIG }));
        await saved;
        expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(CONFIG);
      });

      it('no longer, once it has ended', async () => {
        const client = await neighbours();
        await module.destroy();
        await client.ask(module, 'save-request', { config: CONFIG });
        expect(client.received).toEqual([]);
        expect(existsSync(path)).toBe(false);
      });
    });

    describe('keeps a log', () => {
      it('of what it does, without values, by level, the newest, until it is cleared', async () => {
        const client = await neighbours();
        await client.ask(module, 'save-request', { config: CONFIG });
        await module.loadConfiguration(join(folder, 'none.json')).catch(() => undefined);
        expect(module.getDebugLogs('error')).toHaveLength(1);
        expect(module.getDebugLogs(undefined, 2)).toHaveLength(2);
        expect(JSON.stringify(module.getDebugLogs())).not.toContain(SECRET);
        module.clearDebugLogs();
        expect(module.getDebugLogs()).toEqual([]);
      });

      it('that is bounded', async () => {
        await module.initialize();
        module.setDebugConfig({ maxLogEntries: 10 });
        for (let count = 0; count < 20; count += 1) await module.checkFileLock(path);
        expect(module.getDebugLogs().length).toBeLessThanOrEqual(10);
        expect(module.getDebugConfig()).toMatchObject({ maxLogEntries: 10, consoleOutput: false });
      });

      it('that is printed with the option debug, without values', async () => {
        module.configure({ debug: true });
        const client = await neighbours();
        await client.ask(module, 'save-request', { config: CONFIG });
        await client.ask(module, 'load-request', {});
        expect(printed.join('\n')).toContain(module.getInfo().id);
        module.configure({ debug: false });
        const count = printed.length;
        await module.loadConfiguration();
        expect(printed.slice(count).filter((line) => line.includes(module.getInfo().id))).toEqual([]);
      });
    });

    it('lets a subclass have fields of its own called as it likes', async () => {
      // Not checked by the compiler: that the members of the base class are protected is said by both frameworks.
      const Widget = class extends (Module as unknown as new (info: ModuleInfo) => object) {
        state = 'drawing';
        config = { color: 'red' };
        initialized = false;
        clock = 'noon';
        fileOperations = ['none'];
      } as unknown as typeof Module;
      const widget = newModule(undefined, Widget);
      await widget.initialize();
      await widget.saveConfiguration(CONFIG);
      expect((await widget.loadConfiguration()).data).toEqual(CONFIG);
      expect(widget).toMatchObject({ state: 'drawing', initialized: true, clock: 'noon' });
      expect(() => widget.configure({ defaultConfigPath: './other.json' })).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
      );
      await widget.destroy();
      expect(widget).toMatchObject({ state: 'drawing', initialized: false });
      await expect(widget.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_DESTROYED' });
    });
  });
}
