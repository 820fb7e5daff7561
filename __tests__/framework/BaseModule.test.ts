import type { LifecycleState } from '../../src/framework/module/Lifecycle.js';
import { MessageCenter } from '../../src/framework/messages/MessageCenter.js';
import { ModuleRegistry } from '../../src/framework/module/ModuleRegistry.js';
import { deferred, newInfo, newTransfer, OptionModule, startModule, TestModule } from './testModules.js';

const registry = ModuleRegistry.getInstance();

beforeAll(() => registry.registerModuleType('life', TestModule));

afterEach(async () => {
  await registry.clear();
});

describe('the identity of a module', () => {
  it('is given out as a copy, metadata included', () => {
    const info = newInfo({ metadata: { owner: { team: 'a' } } });
    const module = new TestModule(info);
    const copy = module.getInfo();
    expect(copy).toEqual(info);
    copy.name = 'changed';
    (copy.metadata!.owner as { team: string }).team = 'b';
    (info.metadata!.owner as { team: string }).team = 'c';
    expect(module.getInfo().name).toBe('Test module');
    expect(module.getInfo().metadata).toEqual({ owner: { team: 'a' } });
  });

  it.each([
    ['no info', undefined],
    ['null', null],
    ['an empty id', newInfo({ id: '' })],
    ['a blank name', newInfo({ name: '  ' })],
    ['a numeric version', { ...newInfo(), version: 1 }],
    ['no description', { ...newInfo(), description: undefined }],
    ['metadata that is a list', { ...newInfo(), metadata: [] }],
    ['metadata that is null', { ...newInfo(), metadata: null }],
  ])('is refused with %s', (_name, info) => {
    expect(() => new TestModule(info as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  });

  it('is what createInstance makes a module of the class with', () => {
    const info = newInfo();
    const module = TestModule.createInstance(info);
    expect(module).toBeInstanceOf(TestModule);
    expect(module.getInfo()).toEqual(info);
  });
});

describe('configure', () => {
  it('merges the options of several calls and leaves out undefined ones', () => {
    const module = new OptionModule(newInfo());
    expect(module.flags.configured).toBe(false);
    module.configure({ a: 1, b: { c: 1 } });
    module.configure({ a: undefined, b: { d: 2 }, port: 80 });
    expect(module.getConfig()).toEqual({ a: 1, b: { d: 2 }, port: 80 });
    expect(module.flags.configured).toBe(true);
  });

  it('keeps its own copy, and gives out copies', () => {
    const module = new OptionModule(newInfo());
    const validate = (): boolean => true;
    const options = { list: [{ a: 1 }], validate };
    module.configure(options);
    options.list[0]!.a = 2;
    const copy = module.getConfig() as typeof options;
    copy.list[0]!.a = 3;
    expect(module.getConfig()).toEqual({ list: [{ a: 1 }], validate });
    expect(module.getConfig().validate).toBe(validate);
  });

  it('takes options with a cycle and a member called __proto__', () => {
    const module = new OptionModule(newInfo());
    const loop: Record<string, unknown> = JSON.parse('{"__proto__": {"polluted": true}}');
    loop.self = loop;
    module.configure({ loop });
    const copy = module.getConfig().loop as Record<string, unknown>;
    expect(copy.self).toBe(copy);
    expect(Object.keys(copy)).toEqual(['__proto__', 'self']);
    expect((copy as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('never shows secrets in getConfig, while the module itself sees them', () => {
    const module = new OptionModule(newInfo());
    const encryption = { key: 'k3y', algorithm: 'aes' };
    module.configure({ encryption, token: { any: 'thing' } });
    expect(module.getConfig()).toEqual({ encryption: { key: '[hidden]', algorithm: 'aes' }, token: '[hidden]' });
    expect(module.currentConfig).toEqual({ encryption, token: { any: 'thing' } });
  });

  it('changes nothing when the subclass refuses the options', () => {
    const module = new OptionModule(newInfo());
    module.configure({ port: 80 });
    expect(() => module.configure({ port: 'eighty', other: 1 })).toThrow('port must be a number');
    expect(module.getConfig()).toEqual({ port: 80 });
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a list', []],
    ['text', 'debug'],
    ['an instance', new Date()],
    ['a malformed debug', { debug: 'yes' }],
    ['a malformed switch', { debug: { enableRequestLogging: 1 } }],
    ['an unknown level', { debug: { logLevel: 'loud' } }],
  ])('refuses %s', (_name, config) => {
    const module = new TestModule(newInfo());
    expect(() => module.configure(config as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
    expect(module.getConfig()).toEqual({});
  });

  it('takes objects without a prototype and from another realm', () => {
    const module = new TestModule(newInfo());
    module.configure(Object.assign(Object.create(null) as object, { a: 1 }));
    module.configure(structuredClone({ b: 2 }));
    expect(module.getConfig()).toEqual({ a: 1, b: 2 });
  });

  it('accepts only tunable options from initialize() on, and names the others', async () => {
    const module = new OptionModule(newInfo());
    const start = deferred();
    module.hooks.onInitialize = start.promise;
    module.configure({ port: 80, cacheTTL: 1 });
    const initializing = module.initialize();
    expect(() => module.configure({ port: 81 })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
    start.resolve();
    await initializing;
    expect(() => module.configure({ cacheTTL: 2, port: 81 })).toThrow(/port cannot be changed/);
    module.configure({ cacheTTL: 3, debug: false });
    expect(module.getConfig()).toEqual({ port: 80, cacheTTL: 3, debug: false });

    const stop = deferred();
    module.hooks.onDestroy = stop.promise;
    const destroying = module.destroy();
    expect(() => module.configure({ port: 82 })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
    stop.resolve();
    await destroying;
    expect(module.getConfig()).toEqual({});
    module.configure({ port: 83 });
    expect(module.getConfig()).toEqual({ port: 83 });
  });
});

describe('the life of a module', () => {
  it('starts and stops once, however often it is asked', async () => {
    const module = new TestModule(newInfo());
    const first = module.initialize();
    expect(module.initialize()).toBe(first);
    expect(module.currentState).toBe('initializing');
    await first;
    await module.initialize();
    expect(module.flags.initialized).toBe(true);
    const last = module.destroy();
    expect(module.destroy()).toBe(last);
    expect(module.currentState).toBe('destroying');
    await last;
    await module.destroy();
    expect(module.calls).toEqual(['onInitialize', 'onDestroy']);
    expect(module.currentState).toBe('destroyed');
  });

  it('lets the last request win when start and stop are asked for without waiting', async () => {
    const module = new TestModule(newInfo());
    await Promise.all([module.initialize(), module.destroy()]);
    expect(module.currentState).toBe('destroyed');
    await Promise.all([module.initialize(), module.destroy(), module.initialize()]);
    expect(module.currentState).toBe('initialized');
    expect(module.calls).toEqual(['onInitialize', 'onDestroy', 'onInitialize', 'onDestroy', 'onInitialize']);
  });

  it('can be destroyed before it was started, which runs no hook and forgets options and connections', async () => {
    const module = await registry.createModule('life', newInfo({ type: 'life' }), TestModule);
    module.configure({ a: 1 });
    module.addInputConnection({ id: 'in', type: 'input', sourceModuleId: 'x', targetModuleId: 'y' });
    await module.destroy();
    expect(module.calls).toEqual([]);
    expect(module.getConfig()).toEqual({});
    expect(module.getInputConnections()).toEqual([]);
    expect(registry.getModule(module.getInfo().id)).toBeUndefined();
  });

  it('may be configured and started again after it was destroyed', async () => {
    const module = await startModule();
    await module.destroy();
    module.configure({ a: 1 });
    await module.initialize();
    expect(module.flags).toEqual({ initialized: true, configured: true });
    expect(registry.getModule(module.getInfo().id)).toBe(module);
  });

  it('can try again after a failed start, and is reachable by nobody in between', async () => {
    const module = new TestModule(newInfo());
    const { id } = module.getInfo();
    module.hooks.onInitialize = Promise.reject(new Error('no disk'));
    await expect(module.initialize()).rejects.toThrow('no disk');
    expect(module.currentState).toBe('created');
    expect(registry.getModule(id)).toBeUndefined();
    delete module.hooks.onInitialize;
    await module.initialize();
    expect(module.currentState).toBe('initialized');
    expect(registry.getModule(id)).toBe(module);
  });

  it('stays in the registry that created it when its start fails', async () => {
    const module = await registry.createModule('life', newInfo({ type: 'life' }), TestModule);
    module.hooks.onInitialize = Promise.reject(new Error('no disk'));
    await expect(module.initialize()).rejects.toThrow('no disk');
    expect(registry.getModule(module.getInfo().id)).toBe(module);
  });

  it('is stopped by a stop that waits behind a failing start', async () => {
    const module = new TestModule(newInfo());
    module.hooks.onInitialize = Promise.reject(new Error('no disk'));
    const starting = module.initialize();
    const stopping = module.destroy();
    await expect(starting).rejects.toThrow('no disk');
    await stopping;
    expect(module.calls).toEqual(['onInitialize']);
    expect(module.currentState).toBe('destroyed');
  });

  it('is destroyed even where its own clean-up fails, and says so once', async () => {
    const module = await startModule();
    const { id } = module.getInfo();
    module.hooks.onDestroy = Promise.reject(new Error('still busy'));
    await expect(module.destroy()).rejects.toThrow('still busy');
    await module.destroy();
    expect(module.currentState).toBe('destroyed');
    expect(registry.getModule(id)).toBeUndefined();
    await expect(startModule({ id })).resolves.toBeInstanceOf(TestModule);
  });

  it('refuses the second live module of an id before that has done anything', async () => {
    const first = await startModule();
    const { id } = first.getInfo();
    const second = new TestModule(newInfo({ id }));
    await expect(second.initialize()).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    expect(second.calls).toEqual([]);
    await second.destroy();
    expect(registry.getModule(id)).toBe(first);
    expect((await first.sendRequestTo('ping', {}, id)).success).toBe(true);
  });

  it('is rolled back where the message center has another receiver of its id', async () => {
    const center = MessageCenter.getInstance();
    const module = new TestModule(newInfo());
    const { id } = module.getInfo();
    center.registerModule(id, { handleMessage: () => Promise.resolve(undefined) });
    await expect(module.initialize()).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    module.hooks.onDestroy = Promise.reject(new Error('a failing clean-up does not hide the first error'));
    await expect(module.initialize()).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    expect(module.calls).toEqual(['onInitialize', 'onDestroy', 'onInitialize', 'onDestroy']);
    expect(registry.getModule(id)).toBeUndefined();
    center.unregisterModule(id);
  });

  it('works for subclasses that override initialize() and destroy() and call super', async () => {
    class ClassicModule extends TestModule {
      override async initialize(): Promise<void> {
        await super.initialize();
        this.calls.push('initialize');
      }

      override async destroy(): Promise<void> {
        this.calls.push('destroy');
        await super.destroy();
      }
    }
    const module = new ClassicModule(newInfo());
    await module.initialize();
    await module.destroy();
    expect(module.calls).toEqual(['onInitialize', 'initialize', 'destroy', 'onDestroy']);
  });
});

describe('every method in every state', () => {
  const connection = { sourceModuleId: 'x', targetModuleId: 'y' };
  /** Each call with the states in which it is refused, and the code. */
  const cases: [string, (module: TestModule) => unknown, Partial<Record<LifecycleState, string>>][] = [
    [
      'configure',
      (m) => m.configure({ a: 1 }),
      { initializing: 'ERR_INVALID_OPTION', initialized: 'ERR_INVALID_OPTION', destroying: 'ERR_INVALID_OPTION' },
    ],
    ['configure a tunable', (m) => m.configure({ debug: false }), {}],
    ['getInfo', (m) => m.getInfo(), {}],
    ['getConfig', (m) => m.getConfig(), {}],
    ['addInputConnection', (m) => m.addInputConnection({ id: 'i', type: 'input', ...connection }), {}],
    ['addOutputConnection', (m) => m.addOutputConnection({ id: 'o', type: 'output', ...connection }), {}],
    ['getOutputConnections', (m) => m.getOutputConnections(), {}],
    ['transferData', (m) => m.transfer('data'), {}],
    ['receiveData', (m) => m.receiveData(newTransfer()), {}],
    ['removeInputConnection', (m) => m.removeInputConnection('i'), {}],
    ['removeOutputConnection', (m) => m.removeOutputConnection('o'), {}],
    ['getSentData', (m) => m.getSentData(), {}],
    ['handshake', (m) => m.handshake(new TestModule(newInfo())), {}],
    ['sendMessage', (m) => m.send('news', {}, 'nobody'), { destroyed: 'ERR_DESTROYED' }],
    ['broadcastMessage', (m) => m.broadcast('news', {}), { destroyed: 'ERR_DESTROYED' }],
    [
      'sendRequest',
      (m) => m.sendRequestTo('ask', {}, m.getInfo().id),
      { created: 'ERR_INVALID_REQUEST', initializing: 'ERR_INVALID_REQUEST', destroyed: 'ERR_DESTROYED' },
    ],
    ['sendRequestAsync', (m) => m.requestAsync('ask', {}, 'nobody', () => undefined), { destroyed: 'ERR_DESTROYED' }],
  ];

  async function codeOf(call: () => unknown): Promise<string | undefined> {
    try {
      await call();
      return undefined;
    } catch (error) {
      return (error as { code: string }).code;
    }
  }

  it.each(cases)('%s works or is refused with its code', async (_name, call, refusals) => {
    const module = new TestModule(newInfo());
    const start = deferred();
    const stop = deferred();
    module.hooks.onInitialize = start.promise;
    module.hooks.onDestroy = stop.promise;
    const codes: Partial<Record<LifecycleState, string>> = {};
    const note = async (): Promise<void> => {
      const state = module.currentState;
      const code = await codeOf(() => call(module));
      if (code !== undefined) codes[state] = code;
    };
    await note();
    const starting = module.initialize();
    await note();
    start.resolve();
    await starting;
    await note();
    const stopping = module.destroy();
    await note();
    stop.resolve();
    await stopping;
    await note();
    expect(codes).toEqual(refusals);
  });
});
