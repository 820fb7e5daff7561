import type { ModuleInfo } from '../../interfaces/framework.js';
import type { BaseModule } from '../../src/framework/module/BaseModule.js';
import { ModuleRegistry } from '../../src/framework/module/ModuleRegistry.js';
import { newInfo, OptionModule, startModule, TestModule } from './testModules.js';

declare module '../../src/framework/module/ModuleRegistry.js' {
  interface ModuleTypes {
    'registry-test': OptionModule;
  }
}

const registry = ModuleRegistry.getInstance();
const TYPE = 'registry-test';

beforeEach(() => registry.registerModuleType(TYPE, OptionModule));

afterEach(async () => {
  await registry.clear();
});

describe('module types', () => {
  it('are known in one registry for the whole process', () => {
    expect(ModuleRegistry.getInstance()).toBe(registry);
    expect(registry.getRegisteredTypes()).toContain(TYPE);
  });

  it('may be registered again, for modules created from then on', async () => {
    registry.registerModuleType('replaced', TestModule);
    const old = await registry.createModule('replaced', newInfo({ type: 'replaced' }));
    registry.registerModuleType('replaced', OptionModule);
    const young = await registry.createModule('replaced', newInfo({ type: 'replaced' }));
    expect(old).not.toBeInstanceOf(OptionModule);
    expect(young).toBeInstanceOf(OptionModule);
    expect(registry.getRegisteredTypes().filter((type) => type === 'replaced')).toHaveLength(1);
  });

  it.each([
    ['an empty name', '', TestModule],
    ['a name that is no text', undefined, TestModule],
    ['no class', 'x', undefined],
    ['an object', 'x', { createInstance: () => undefined }],
    ['a class of its own', 'x', Map],
    ['a plain function', 'x', () => undefined],
  ])('are refused with %s', (_name, type, moduleClass) => {
    expect(() => registry.registerModuleType(type as never, moduleClass as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_REQUEST' }),
    );
  });
});

describe('createModule', () => {
  it('creates, lists and does not initialize, with the type named or taken from the info', async () => {
    const first = await registry.createModule(TYPE, newInfo({ type: TYPE }));
    const second = await registry.createModule(newInfo({ type: TYPE }));
    for (const module of [first, second]) {
      if (!(module instanceof OptionModule)) throw new Error('the module is not of the registered class');
      expect(module.calls).toEqual([]);
      expect(module.currentState).toBe('created');
      expect(registry.getModule(module.getInfo().id)).toBe(module);
    }
  });

  it('knows the class at compile time: by the type name, the class that is expected, or a type argument', async () => {
    const byName = await registry.createModule(TYPE, newInfo({ type: TYPE }));
    const byClass = await registry.createModule(TYPE as string, newInfo({ type: TYPE }), TestModule);
    const byInfo = await registry.createModule(newInfo({ type: TYPE }), OptionModule);
    const byArgument = await registry.createModule<TestModule>(TYPE, newInfo({ type: TYPE }));
    const byTypeOfInfo = await registry.createModule({ ...newInfo(), type: TYPE });
    const byArgumentAlone = await registry.createModule<TestModule>(newInfo({ type: TYPE }));
    const untyped: BaseModule = await registry.createModule(TYPE as string, newInfo({ type: TYPE }));
    // Members of the subclass, which only compile where the type is known.
    const known = [byName, byTypeOfInfo, byClass, byInfo, byArgument, byArgumentAlone];
    expect(known.map((module) => module.calls)).toEqual([[], [], [], [], [], []]);
    expect(untyped).toBeInstanceOf(OptionModule);
  });

  it('creates through createInstance of the class', async () => {
    class Counted extends TestModule {
      static count = 0;

      static override createInstance<T extends BaseModule>(this: new (info: ModuleInfo) => T, info: ModuleInfo): T {
        Counted.count += 1;
        return new this(info);
      }
    }
    registry.registerModuleType('counted', Counted);
    await registry.createModule(newInfo({ type: 'counted' }));
    expect(Counted.count).toBe(1);
  });

  const refusals: [string, () => Promise<unknown>, string][] = [
    ['an unknown type', () => registry.createModule('nothing', newInfo({ type: 'nothing' })), 'ERR_INVALID_REQUEST'],
    ['a type other than that of the info', () => registry.createModule(TYPE, newInfo()), 'ERR_INVALID_REQUEST'],
    ['no info', () => registry.createModule(TYPE, undefined as never), 'ERR_INVALID_OPTION'],
    ['nothing at all', () => registry.createModule(undefined as never), 'ERR_INVALID_OPTION'],
    ['an empty id', () => registry.createModule(newInfo({ type: TYPE, id: '' })), 'ERR_INVALID_OPTION'],
    ['a missing name', () => registry.createModule({ id: 'x', type: TYPE } as never), 'ERR_INVALID_OPTION'],
    [
      'a class that the type does not stand for',
      () => registry.createModule(newInfo({ type: TYPE }), class Other extends TestModule {}),
      'ERR_INVALID_REQUEST',
    ],
  ];

  it.each(refusals)('is refused with %s, and lists nothing', async (_name, create, code) => {
    await expect(create()).rejects.toMatchObject({ code });
    expect(registry.getAllModules()).toEqual([]);
  });

  it('is refused where createInstance makes something else', async () => {
    class Odd extends TestModule {
      static override createInstance(): never {
        return {} as never;
      }
    }
    registry.registerModuleType('odd', Odd);
    await expect(registry.createModule(newInfo({ type: 'odd' }))).rejects.toMatchObject({
      code: 'ERR_INVALID_REQUEST',
    });
  });

  it('is refused for an id that is taken, until that module is gone', async () => {
    const info = newInfo({ type: TYPE });
    const first = await registry.createModule(info);
    await expect(registry.createModule(info)).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    expect(registry.getModule(info.id)).toBe(first);
    await first.destroy();
    const second = await registry.createModule(info);
    expect(registry.getModule(info.id)).toBe(second);
    await first.destroy();
    expect(registry.getModule(info.id)).toBe(second);
  });
});

describe('finding modules', () => {
  it('finds them by id and by type, oldest first, also those made with new and initialized', async () => {
    const first = await registry.createModule(newInfo({ type: TYPE }));
    const direct = await startModule();
    const second = await registry.createModule(newInfo({ type: TYPE }));
    expect(registry.getAllModules()).toEqual([first, direct, second]);
    expect(registry.getModulesByType(TYPE)).toEqual([first, second]);
    expect(registry.getModulesByType('nothing')).toEqual([]);
    expect(registry.getModule(direct.getInfo().id)).toBe(direct);
    expect(registry.getModule('nobody')).toBeUndefined();
  });
});

describe('removing modules', () => {
  it('destroys the module and forgets it', async () => {
    const module = await startModule();
    const { id } = module.getInfo();
    await expect(registry.removeModule(id)).resolves.toBe(true);
    expect(module.currentState).toBe('destroyed');
    expect(registry.getModule(id)).toBeUndefined();
    await expect(registry.removeModule(id)).resolves.toBe(false);
  });

  it('forgets a module whose destroy() fails or does not call super', async () => {
    class Stubborn extends TestModule {
      override destroy(): Promise<void> {
        return Promise.reject(new Error('not now'));
      }
    }
    const module = new Stubborn(newInfo());
    await module.initialize();
    const { id } = module.getInfo();
    await expect(registry.removeModule(id)).rejects.toThrow('not now');
    expect(registry.getModule(id)).toBeUndefined();
    await TestModule.prototype.destroy.call(module);
  });

  it('destroys all modules on clear(), tells the first failure, and keeps the types', async () => {
    const modules = [await startModule(), await startModule(), await startModule()];
    modules[1]!.hooks.onDestroy = Promise.reject(new Error('still busy'));
    await expect(registry.clear()).rejects.toThrow('still busy');
    expect(modules.map(({ currentState }) => currentState)).toEqual(['destroyed', 'destroyed', 'destroyed']);
    expect(registry.getAllModules()).toEqual([]);
    expect(registry.getRegisteredTypes()).toContain(TYPE);
  });
});
