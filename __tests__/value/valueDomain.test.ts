/** What may be saved: contract 8.2, through the module. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import type { DebugModule } from '../../interfaces/framework.js';
import type { PersistenceError } from '../../src/errors/PersistenceError.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { listing, newModule, startModule, temporaryFolder } from '../support/moduleFixture.js';

const SECRET = 'hunter2-planted-secret';
const EXTENSIONS = ['json', 'yaml', 'toml', 'ini', 'xml', 'properties'] as const;

class Money {
  amount = 1;
}

function withHole(): number[] {
  const list = [1, 2];
  list.length = 3;
  return list;
}

let folder: string;
let module: ConfigPersistenceModule;

beforeEach(async () => {
  folder = temporaryFolder();
  module = await startModule(folder);
});

async function refusal(value: unknown, extension = 'json'): Promise<PersistenceError> {
  const before = listing(folder);
  const error: unknown = await module
    .saveConfiguration(value, join(folder, `app.${extension}`))
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: 'PersistenceError',
    code: 'ERR_INVALID_CONFIGURATION_DATA',
    operationType: 'save',
  });
  expect(listing(folder)).toEqual(before);
  return error as PersistenceError;
}

async function stored(value: unknown, extension = 'json'): Promise<unknown> {
  const path = join(folder, `app.${extension}`);
  await module.saveConfiguration(value, path);
  const observer = await startModule(folder, { enableCaching: false });
  return (await observer.loadConfiguration(path)).data;
}

function nested(depth: number): object {
  let value: object = {};
  for (let level = 1; level < depth; level++) value = { a: value };
  return value;
}

describe('a value outside the domain', () => {
  const cyclic: Record<string, unknown> = { list: [] };
  (cyclic.list as unknown[]).push(cyclic);
  const hidden = Object.defineProperty({}, 'hidden', { value: 1, enumerable: false });

  it.each<[string, unknown, string]>([
    ['a function', { a: { run: () => 1 } }, 'a.run'],
    ['a symbol', { a: [Symbol('s')] }, 'a[0]'],
    ['a BigInt', { a: 10n }, 'a'],
    ['a Date', { at: new Date() }, 'at'],
    ['an invalid Date', { at: new Date(Number.NaN) }, 'at'],
    ['a Map', { a: new Map() }, 'a'],
    ['a Set', { a: new Set() }, 'a'],
    ['a RegExp', { a: /x/u }, 'a'],
    ['an Error', { a: new Error('x') }, 'a'],
    ['a Promise', { a: Promise.resolve() }, 'a'],
    ['a Buffer', { a: Buffer.from('x') }, 'a'],
    ['a typed array', { a: new Uint8Array(2) }, 'a'],
    ['a boxed string', { a: Object('x') as unknown }, 'a'],
    ['a boxed number', { a: Object(1) as unknown }, 'a'],
    ['a URL', { a: new URL('http://x') }, 'a'],
    ['a class instance', { price: new Money() }, 'price'],
    ['an object made from another object', { a: Object.create({ inherited: 1 }) as unknown }, 'a'],
    ['an object of a class without a prototype', { a: Object.create(Object.create(null) as object) as unknown }, 'a'],
    ['an array subclass', { a: new (class List extends Array {})() }, 'a'],
    ['undefined in an array', { list: [1, undefined] }, 'list[1]'],
    ['a hole in an array', { list: withHole() }, 'list'],
    ['an endless empty array', { list: new Array(4_000_000_000) }, 'list'],
    ['an array with a named property', { list: Object.assign([1], { extra: 1 }) }, 'list'],
    ['an array with a symbol', { list: Object.assign([1], { [Symbol('s')]: 1 }) }, 'list'],
    [
      'a getter',
      {
        get a() {
          return 1;
        },
      },
      'a',
    ],
    [
      'a setter',
      {
        set a(_value: number) {
          /* nothing */
        },
      },
      'a',
    ],
    ['a getter in an array', { list: Object.defineProperty([0], 0, { get: () => 1, enumerable: true }) }, 'list[0]'],
    ['a hidden property', hidden, 'hidden'],
    ['a symbol as a key', { [Symbol('key')]: 1 }, '["Symbol(key)"]'],
    ['the key __proto__', JSON.parse('{"a":{"__proto__":{"x":1}}}'), 'a.__proto__'],
    ['half of a surrogate pair', { a: { text: 'x\ud800y' } }, 'a.text'],
    ['half of a surrogate pair in a key', { ['\udc00']: 1 }, '["\\udc00"]'],
    ['a key that is too long', { ['k'.repeat(1025)]: 1 }, ''],
    ['null as the whole', null, '(root)'],
    ['undefined as the whole', undefined, '(root)'],
    ['a function as the whole', () => 1, '(root)'],
    ['NaN', { a: Number.NaN }, 'a'],
    ['infinity', { a: [-Infinity] }, 'a[0]'],
  ])('such as %s is refused with its path, and nothing is written', async (_name, value, path) => {
    const error = await refusal(value);
    expect(error.paths).toHaveLength(1);
    if (path !== '') expect(error.paths?.[0]).toBe(path);
    expect(error.message).toContain(error.paths![0]!);
  });

  it('that contains itself is refused, and named as such', async () => {
    const error = await refusal({ a: cyclic });
    expect(error.paths?.[0]).toMatch(/^a\.list\[0\]/u);
    const list: unknown[] = [];
    list.push(list, list);
    await refusal(list);
  });

  it('that has more members and items than the limit is refused before it is walked through', async () => {
    await refusal({ list: new Array<number>(5_000_001).fill(0) });
    // Not one of these two is too large.
    await refusal([new Array<number>(10).fill(0), new Array<number>(4_999_989).fill(0)]);
  });

  it('is reported at ten places at most also in an array', async () => {
    expect((await refusal(Array.from({ length: 30 }, () => () => 1))).paths).toHaveLength(10);
  });

  it('is reported at ten places at most, each bounded', async () => {
    const value = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`key${index}`, () => 1]));
    expect((await refusal(value)).paths).toHaveLength(10);
    const deep = { ['x'.repeat(500)]: { ['y'.repeat(500)]: () => 1 } };
    expect((await refusal(deep)).paths![0]!.length).toBeLessThan(600);
  });

  it.each(EXTENSIONS)('is refused by %s too, with nothing written', async (extension) => {
    await refusal({ a: () => 1 }, extension);
    await refusal(JSON.parse('{"__proto__":1}'), extension);
    await refusal({ a: 'x\ud800' }, extension);
  });

  it('is found before an existing file is touched', async () => {
    await module.saveConfiguration({ a: 1 });
    await refusal({ a: undefined, b: [undefined] });
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('may be an object whose traps throw: the error of the trap comes through, and nothing is written', async () => {
    const error = new RangeError('trap');
    const trapped = new Proxy(
      {},
      {
        ownKeys: () => {
          throw error;
        },
      },
    );
    await expect(module.saveConfiguration({ a: trapped })).rejects.toBe(error);
    expect(listing(folder).some((line) => line.startsWith('app.json'))).toBe(false);
  });
});

describe('depth', () => {
  it.each(EXTENSIONS)('of 100 is stored by %s, and 101 is refused', async (extension) => {
    // Properties have no form for an empty object in the deepest place of a dotted path that is too long.
    const deepest = nested(100);
    const outcome = await stored(deepest, extension).catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'ERR_INVALID_CONFIGURATION_DATA' });
    else expect(outcome).toEqual(deepest);
    await refusal(nested(101), extension);
  });

  it('of 100,000 is refused on save, as objects and as arrays', async () => {
    await refusal(nested(100_000));
    let list: unknown[] = [];
    for (let level = 0; level < 100_000; level++) list = [list];
    await refusal(list);
  });
});

describe('a value inside the domain', () => {
  it('loses undefined members, which count as absent, and nothing else', async () => {
    expect(await stored({ a: undefined, b: { c: undefined }, d: null })).toEqual({ b: {}, d: null });
  });

  it.each(EXTENSIONS)('has 0 where it had -0, in %s', async (extension) => {
    const data = (await stored({ zero: -0, list: [-0] }, extension)) as { zero: number; list: number[] };
    expect(Object.is(data.zero, 0)).toBe(true);
    expect(Object.is(data.list[0], 0)).toBe(true);
  });

  it('may have no prototype, and comes back as a plain object', async () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    expect(await stored({ bare })).toStrictEqual({ bare: { a: 1 } });
  });

  it('may come from another realm, where its kinds are told apart as in this one', async () => {
    const context = createContext({});
    const make = (source: string): unknown => runInContext(`(${source})`, context);
    expect(await stored(make('{ a: [1, { b: "x" }], c: Object.create(null) }'))).toEqual({ a: [1, { b: 'x' }], c: {} });
    for (const source of ['{ a: new Date() }', '{ a: new Map() }', '{ a: () => 1 }', '{ a: new (class A {})() }']) {
      await refusal(make(source));
    }
    await refusal(make('{ a: Object.create({}) }'));
    await refusal(make('{ a: new (class A extends Array {})() }'));
  });

  it('may be frozen, and may use one object in several places', async () => {
    const shared = Object.freeze({ x: 1 });
    expect(await stored(Object.freeze({ a: shared, b: [shared, shared] }))).toEqual({
      a: { x: 1 },
      b: [{ x: 1 }, { x: 1 }],
    });
  });

  it.each(EXTENSIONS)('may have the keys of Object.prototype in %s, and no prototype is changed', async (extension) => {
    const keys = [
      'constructor',
      'prototype',
      'toString',
      'valueOf',
      'hasOwnProperty',
      '__defineGetter__',
      'isPrototypeOf',
    ];
    const value = {
      ...Object.fromEntries(keys.map((key) => [key, key])),
      nested: { constructor: { prototype: { polluted: 'yes' } } },
    };
    const before = Reflect.ownKeys(Object.prototype);
    const data = (await stored(value, extension)) as Record<string, unknown>;
    expect(data).toEqual(value);
    expect(Object.keys(data).sort()).toEqual([...keys, 'nested'].sort());
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
  });

  it('is stored as data where a program has put a setter on Object.prototype', async () => {
    const seen: unknown[] = [];
    Object.defineProperty(Object.prototype, 'trapped', { set: (value) => seen.push(value), configurable: true });
    try {
      const data = (await stored({ trapped: 'value' })) as object;
      expect(Object.getOwnPropertyDescriptor(data, 'trapped')?.value).toBe('value');
      expect(seen).toEqual([]);
    } finally {
      delete (Object.prototype as { trapped?: unknown }).trapped;
    }
  });

  it.each(['yaml', 'toml'])('may have NaN and the infinities in %s', async (extension) => {
    const value = { a: Number.NaN, b: Infinity, c: [-Infinity] };
    expect(await stored(value, extension)).toEqual(value);
  });

  it.each(['json', 'ini', 'xml', 'properties'])(
    'has NaN and the infinities lossless or refused in %s',
    async (extension) => {
      const value = { a: Number.NaN, b: Infinity, c: [-Infinity] };
      const outcome: unknown = await stored(value, extension).catch((error: unknown) => error);
      if (outcome instanceof Error) {
        expect(outcome).toMatchObject({ code: 'ERR_INVALID_CONFIGURATION_DATA', paths: ['a', 'b', 'c[0]'] });
      } else expect(outcome).toEqual(value);
    },
  );

  it.each(EXTENSIONS.filter((extension) => extension !== 'toml'))(
    'may be a scalar or an array as a whole in %s',
    async (extension) => {
      for (const value of [true, 0, 'text', '', [1, 'a', null], []]) {
        expect(await stored(value, extension)).toEqual(value);
      }
    },
  );

  it('is copied before the save waits for anything: later changes have no effect', async () => {
    const value = { list: [1], text: 'before' };
    const save = module.saveConfiguration(value);
    value.list.push(2);
    value.text = 'after';
    await save;
    expect((await module.loadConfiguration()).data).toEqual({ list: [1], text: 'before' });
  });
});

describe('a secret in the configuration', () => {
  it('never shows in error messages, debug lines or sent data', async () => {
    const lines: string[] = [];
    const debugModule: DebugModule = {
      log: (level, message, details) => lines.push(`${level} ${message} ${JSON.stringify(details)}`),
    };
    const watched = newModule(folder);
    watched.setDebugModule(debugModule);
    watched.configure({ debug: { logLevel: 'debug', enableRequestLogging: true } });
    await watched.initialize();
    const texts: string[] = [];
    const collect = async (call: Promise<unknown>): Promise<void> => {
      const error: unknown = await call.catch((thrown: unknown) => thrown);
      const chain: unknown[] = [];
      for (let next = error; next instanceof Error; next = next.cause)
        chain.push(`${next.message} ${next.stack ?? ''}`);
      texts.push(...chain.map(String));
    };
    for (const extension of EXTENSIONS) {
      const path = join(folder, `secret.${extension}`);
      await collect(watched.saveConfiguration({ password: SECRET, wrong: [SECRET, () => SECRET] }, path));
      await collect(watched.saveConfiguration({ password: `${SECRET}\ud800` }, path));
      await watched.saveConfiguration({ password: SECRET, other: 1 }, path);
      await watched.loadConfiguration(path);
      await collect(watched.saveConfiguration({ password: SECRET }, path, { expectedChecksum: 'a'.repeat(64) }));
      await collect(watched.updateConfiguration(() => ({ password: new Map([[SECRET, SECRET]]) }), path));
      for (const broken of [
        `{"password": "${SECRET}`,
        `password = "${SECRET}\n[`,
        `<a>${SECRET}`,
        `a: ${SECRET}: [`,
        `${SECRET}=\\u12`,
      ]) {
        writeFileSync(path, broken);
        await collect(watched.loadConfiguration(path));
        texts.push(JSON.stringify(await watched.verifyConfigurationIntegrity(path)));
      }
    }
    await watched.receiveData({
      id: 'request',
      sourceConnectionId: 'x',
      targetConnectionId: 'y',
      data: { config: { password: SECRET, wrong: () => SECRET }, filePath: join(folder, 'secret.json') },
      timestamp: Date.now(),
      metadata: { type: 'save-request' },
    });
    texts.push(JSON.stringify(watched.getSentData()), ...lines);
    expect(lines.length).toBeGreaterThan(20);
    expect(texts.filter((text) => text.includes(SECRET))).toEqual([]);
  });
});
