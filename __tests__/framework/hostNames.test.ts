/** The names that modules of the original host find on the base class: the debug log, validation, members that they assign. */
import { jest } from '@jest/globals';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ValidationRule } from '../../interfaces/framework.js';
import PersistenceByDefault, { BaseModule, ConfigPersistenceModule, ModuleRegistry } from '../../src/index.js';
import { newInfo, newTransfer, RecordingDebugModule } from './testModules.js';

const { MAX_LOG_ENTRIES } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

/** Opens what subclasses use. */
class Insider extends BaseModule {
  get members() {
    return {
      config: this.config as unknown,
      initialized: this.initialized,
      configured: this.configured,
      debugLogs: this.debugLogs,
      pendingRequests: this.pendingRequests,
      inputs: this.inputConnections,
      outputs: this.outputConnections,
      settings: this.debugConfig,
    };
  }

  assign(members: object): void {
    Object.assign(this, members);
  }

  validate(rules: ValidationRule[], data: unknown) {
    this.validationRules = rules;
    return this.validateInput(data);
  }

  writeAll(): void {
    this.trace('t');
    this.log('l', { a: 1 });
    this.logInfo('i', 'text', 'method');
    this.warn('w');
    this.error('e', { password: 'hunter2', kept: 1 });
  }

  write(...entry: Parameters<BaseModule['debug']>): void {
    this.debug(...entry);
  }
}

let printed: jest.SpiedFunction<typeof process.stderr.write>;
let module: Insider;

beforeEach(() => {
  printed = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  module = new Insider(newInfo());
});

afterEach(async () => {
  printed.mockRestore();
  await ModuleRegistry.getInstance().clear();
});

describe('the package', () => {
  it('has the module as its default export', () => {
    expect(PersistenceByDefault).toBe(ConfigPersistenceModule);
  });
});

describe('the debug log of a module', () => {
  it('keeps entries of every level and prints nothing by default', () => {
    module.setDebugConfig({ level: 'trace' });
    module.writeAll();
    const { id: moduleId } = module.getInfo();
    expect(module.getDebugLogs()).toEqual([
      { timestamp: expect.any(Number), level: 'trace', message: 't', moduleId },
      { timestamp: expect.any(Number), level: 'debug', message: 'l', moduleId, data: { a: 1 } },
      { timestamp: expect.any(Number), level: 'info', message: 'i', moduleId, data: 'text', method: 'method' },
      { timestamp: expect.any(Number), level: 'warn', message: 'w', moduleId },
      {
        timestamp: expect.any(Number),
        level: 'error',
        message: 'e',
        moduleId,
        data: { password: '[redacted]', kept: 1 },
        stack: expect.stringContaining('hostNames'),
      },
    ]);
    expect(module.members.debugLogs).toEqual(module.getDebugLogs());
    expect(printed).not.toHaveBeenCalled();
  });

  it('gives entries of one level, and the newest', () => {
    module.writeAll();
    module.writeAll();
    expect(module.getDebugLogs('warn')).toHaveLength(2);
    expect(module.getDebugLogs(undefined, 3).map(({ message }) => message)).toEqual(['i', 'w', 'e']);
    expect(module.getDebugLogs('info', 1)).toHaveLength(1);
    module.clearDebugLogs();
    expect(module.getDebugLogs()).toEqual([]);
  });

  it('is bounded in its entries and in what each keeps alive', () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    for (const data of [{ text: 'x'.repeat(10_000) }, loop]) module.write('info', 'large', data);
    expect(module.getDebugLogs().map(({ data }) => data)).toEqual(['[omitted]', '[omitted]']);
    module.write('info', 'm'.repeat(100_000));
    expect(module.getDebugLogs().at(-1)!.message.length).toBeLessThan(10_000);
    for (let count = 0; count < MAX_LOG_ENTRIES + 5; count += 1) module.write('info', String(count));
    expect(module.getDebugLogs()).toHaveLength(MAX_LOG_ENTRIES);
    expect(module.getDebugLogs().at(-1)!.message).toBe(String(MAX_LOG_ENTRIES + 4));
    module.setDebugConfig({ maxLogEntries: 3 });
    expect(module.getDebugLogs()).toHaveLength(3);
  });

  it('goes by its settings, which may be assigned too', () => {
    module.setDebugConfig({ level: 'warn', recordStack: false });
    module.writeAll();
    expect(module.getDebugLogs().map(({ message }) => message)).toEqual(['w', 'e']);
    expect(module.getDebugLogs().at(-1)).not.toHaveProperty('stack');
    module.members.settings.enabled = false;
    module.writeAll();
    expect(module.getDebugLogs()).toHaveLength(2);
    module.assign({ debugConfig: { enabled: true } });
    expect(module.getDebugConfig()).toMatchObject({ enabled: true, level: 'warn', recordStack: false });
    const copy = module.getDebugConfig();
    copy.enabled = false;
    expect(module.getDebugConfig().enabled).toBe(true);
  });

  it('takes the settings of the original host as long as it can do what they say', () => {
    module.setDebugConfig({
      ...module.getDebugConfig(),
      enableFileLogging: false,
      maxFileSize: 1,
      maxLogFiles: 1,
    } as never);
    for (const wrong of [
      { enableFileLogging: true },
      { level: 'loud' },
      { maxLogEntries: -1 },
      { maxLogEntries: MAX_LOG_ENTRIES + 1 },
      { consoleOutput: 'yes' },
      { unheardOf: 1 },
      null,
    ]) {
      expect(() => module.setDebugConfig(wrong as never)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
      );
    }
    expect(module.getDebugConfig()).toMatchObject({ level: 'debug', consoleOutput: false });
  });

  it('is printed to the error stream with consoleOutput, without what look like secrets', () => {
    module.setDebugConfig({ consoleOutput: true });
    module.writeAll();
    const { id } = module.getInfo();
    expect(printed.mock.calls.map(([line]) => line)).toEqual([
      `[debug] ${id}: l {"a":1}\n`,
      `[info] ${id}: i {"data":"text","method":"method"}\n`,
      `[warn] ${id}: w\n`,
      `[error] ${id}: e {"password":"[redacted]","kept":1}\n`,
    ]);
  });

  it('has transfers and messages with trackDataFlow, without their data', async () => {
    await module.receiveData(newTransfer({ data: 'hunter2' }));
    expect(module.getDebugLogs()).toEqual([]);
    module.setDebugConfig({ trackDataFlow: true });
    await module.receiveData(newTransfer({ data: 'hunter2' }));
    expect(module.getDebugLogs()).toMatchObject([{ level: 'debug', data: { id: 'transfer-1' } }]);
    expect(JSON.stringify(module.getDebugLogs())).not.toContain('hunter2');
  });

  it('is passed on to a debug module, traces as level debug', () => {
    const debug = new RecordingDebugModule();
    module.setDebugModule(debug);
    module.setDebugConfig({ level: 'trace' });
    module.writeAll();
    expect(debug.lines.map(({ level }) => level)).toEqual(['debug', 'debug', 'info', 'warn', 'error']);
  });
});

describe('validateInput', () => {
  const rule = (type: ValidationRule['type'], more: Partial<ValidationRule> = {}): ValidationRule => ({
    field: 'f',
    type,
    message: `not ${type}`,
    ...more,
  });

  it.each<[ValidationRule['type'], unknown[], unknown[]]>([
    ['required', [0, '', false], [undefined, null]],
    ['string', [''], [1, undefined]],
    ['number', [0, NaN], ['1', null]],
    ['boolean', [false], [0, 'true']],
    ['object', [{}, []], [null, 'x', undefined]],
    ['array', [[]], [{}, 'x']],
  ])('knows what is %s', (type, good, bad) => {
    for (const f of good)
      expect(module.validate([rule(type)], { f })).toEqual({ isValid: true, errors: [], data: { f } });
    for (const f of bad) expect(module.validate([rule(type)], { f })).toMatchObject({ errors: [`not ${type}`] });
  });

  it('asks the validator of a custom rule, whose failure is a refusal', () => {
    const validator = (value: unknown): boolean => (value as { x: number }).x > 1;
    const rules = [rule('custom', { validator }), rule('custom')];
    expect(module.validate(rules, { f: { x: 2 } }).isValid).toBe(true);
    expect(module.validate(rules, { f: { x: 1 } }).errors).toEqual(['not custom']);
    expect(module.validate(rules, { f: null }).errors).toEqual(['not custom']);
  });

  it.each([[undefined], [null], ['text'], [7]])('never throws, whatever the data: %p', (data) => {
    expect(module.validate([rule('required')], data)).toEqual({ isValid: false, errors: ['not required'], data });
    expect(module.validate([], data)).toEqual({ isValid: true, errors: [], data });
    expect(module.validate('rules' as never, data).isValid).toBe(true);
  });
});

describe('members that a subclass may assign', () => {
  it('tell what the module is, and what was assigned', async () => {
    module.configure({ a: 1 });
    expect(module.members).toMatchObject({ config: { a: 1 }, configured: true, initialized: false });
    module.assign({ config: { a: 2 }, configured: false, initialized: true });
    expect(module.members).toMatchObject({ config: { a: 2 }, configured: false, initialized: true });
    module.configure({ b: 3 });
    expect(module.getConfig()).toEqual({ a: 2, b: 3 });
    await module.destroy();
    expect(module.members).toMatchObject({ config: {}, configured: false, initialized: false });
  });

  it('do not decide whether it runs', async () => {
    module.assign({ initialized: true });
    module.configure({ a: 1 });
    await module.initialize();
    module.assign({ initialized: false });
    expect(() => module.configure({ a: 2 })).toThrow(
      'Cannot configure module after initialization: a cannot be changed',
    );
    await module.destroy();
    expect(ModuleRegistry.getInstance().getModule(module.getInfo().id)).toBeUndefined();
  });

  it('may be fields and getters of its own', async () => {
    class Own extends Insider {
      protected override config = { own: true };
      protected override initialized = false;
    }
    class Getters extends Insider {}
    Object.defineProperty(Getters.prototype, 'configured', { get: () => 'mine' });
    const own = new Own(newInfo());
    expect(own.getConfig()).toEqual({ own: true });
    await own.initialize({ a: 1 });
    expect(own.members).toMatchObject({ config: { a: 1 }, initialized: true });
    const getters = new Getters(newInfo());
    await getters.initialize({ a: 1 });
    expect(getters.members).toMatchObject({ configured: 'mine', config: { a: 1 } });
    await getters.destroy();
  });

  it('keep requests of its own until it is destroyed', async () => {
    module.members.pendingRequests.set('r', 1);
    await module.destroy();
    expect(module.members.pendingRequests.size).toBe(0);
  });
});

describe('the maps of connections', () => {
  const connection = { id: 'c', type: 'input', sourceModuleId: 'x', targetModuleId: 'y', dataTypes: ['a'] };

  it('show what there is now', () => {
    const { inputs, outputs } = module.members;
    module.addInputConnection(connection);
    expect([inputs.size, outputs.size, inputs.has('c'), outputs.has('c')]).toEqual([1, 0, true, false]);
    expect(inputs.get('c')).toEqual(connection);
    expect([...inputs]).toEqual([['c', connection]]);
    expect([[...inputs.keys()], [...inputs.values()], [...inputs.entries()]]).toEqual([
      ['c'],
      [connection],
      [['c', connection]],
    ]);
    const seen: unknown[] = [];
    inputs.forEach((value, key, map) => seen.push(value, key, map));
    expect(seen).toEqual([connection, 'c', inputs]);
    module.removeInputConnection('c');
    expect(inputs.size).toBe(0);
  });

  it('change nothing, and say how it is done', () => {
    module.addInputConnection(connection);
    const map = module.members.inputs as unknown as Map<string, { dataTypes: string[] }>;
    map.get('c')!.dataTypes.push('b');
    for (const change of [() => map.set('d', { dataTypes: [] }), () => map.delete('c'), () => map.clear()]) {
      expect(change).toThrow(/removeInputConnection/u);
    }
    expect(module.getInputConnections()).toEqual([connection]);
  });
});

describe('the start', () => {
  it('takes options as a call of configure before it, and refuses what that refuses by a rejection', async () => {
    await expect(module.initialize({ debug: 'yes' })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    await expect(module.initialize(null as never)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    await module.initialize({ a: 1 });
    await module.initialize({ debug: false });
    await expect(module.initialize({ a: 2 })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    expect(module.getConfig()).toEqual({ a: 1, debug: false });
  });

  it('needs no description', () => {
    const info = newInfo({ description: '' });
    expect(new Insider(info).getInfo()).toEqual(info);
  });
});
