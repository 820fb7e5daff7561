/** Loaded values belong to their caller, small ones and large ones alike: contract 8.4. */
import { join } from 'node:path';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';

interface Sample {
  list: number[];
  objects: { name: string; tags: string[]; nested: { deep: number[] } }[];
  map: Record<string, number>;
  constructor: string;
  text: string;
}

/** `padding` decides whether the file is above the size from which views are handed out (32 KiB). */
function sample(padding: number): Sample {
  return {
    list: Array.from({ length: 300 }, (_, index) => 300 - index),
    objects: Array.from({ length: 100 }, (_, index) => ({
      name: `n${index}`,
      tags: ['a', 'b'],
      nested: { deep: [index] },
    })),
    map: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`key${index}`, index])),
    constructor: 'own',
    text: 'x'.repeat(padding),
  };
}

describe.each([
  ['small', 10],
  ['large', 40_000],
])('a %s loaded value', (_name, padding) => {
  let folder: string;
  let module: ConfigPersistenceModule;
  let data: Sample;
  const plain = sample(padding);

  beforeEach(async () => {
    folder = temporaryFolder();
    module = await startModule(folder);
    await module.saveConfiguration(plain);
    await module.loadConfiguration();
    data = (await module.loadConfiguration()).data as Sample;
  });

  /** Nobody else sees what was done to `data`. */
  async function expectUntouched(): Promise<void> {
    const { data: next, isValid } = await module.loadConfiguration();
    expect(isValid).toBe(true);
    expect(isDeepStrictEqual(next, plain)).toBe(true);
  }

  it.each<[string, (value: Sample) => void, (value: Sample) => void]>([
    ['an assignment', (value) => (value.text = 'changed'), (value) => expect(value.text).toBe('changed')],
    [
      'a deep assignment',
      (value) => (value.objects[3]!.nested.deep[0] = -1),
      (value) => expect(value.objects[3]?.nested.deep).toEqual([-1]),
    ],
    ['push', (value) => value.list.push(1, 2), (value) => expect(value.list).toHaveLength(302)],
    [
      'pop and shift',
      (value) => [value.list.pop(), value.list.shift()],
      (value) => expect(value.list).toHaveLength(298),
    ],
    ['sort', (value) => value.list.sort((a, b) => a - b), (value) => expect(value.list.slice(0, 3)).toEqual([1, 2, 3])],
    ['reverse', (value) => value.list.reverse(), (value) => expect(value.list[0]).toBe(1)],
    [
      'splice',
      (value) => value.objects.splice(0, 99),
      (value) => expect(value.objects.map(({ name }) => name)).toEqual(['n99']),
    ],
    ['length', (value) => (value.list.length = 2), (value) => expect(value.list).toEqual([300, 299])],
    ['fill', (value) => value.list.fill(0), (value) => expect(new Set(value.list)).toEqual(new Set([0]))],
    ['delete', (value) => delete value.map.key5, (value) => expect('key5' in value.map).toBe(false)],
    ['a new member', (value) => (value.map.fresh = 1), (value) => expect(Object.keys(value.map).at(-1)).toBe('fresh')],
    [
      'defineProperty',
      (value) => Object.defineProperty(value.map, 'key1', { get: () => 'got' }),
      (value) => expect(value.map.key1).toBe('got'),
    ],
    ['Object.assign', (value) => Object.assign(value.map, { key1: 77 }), (value) => expect(value.map.key1).toBe(77)],
    [
      'setPrototypeOf',
      (value) => void Object.setPrototypeOf(value.map, { inherited: 5 }),
      (value) => expect(value.map.inherited).toBe(5),
    ],
    ['freeze', (value) => Object.freeze(value), (value) => expect(Object.isFrozen(value)).toBe(true)],
    ['seal', (value) => Object.seal(value.map), (value) => expect(Object.isSealed(value.map)).toBe(true)],
  ])('changed by %s shows the change and gives it to nobody else', async (_change, change, expectChanged) => {
    change(data);
    expectChanged(data);
    await expectUntouched();
  });

  it('that is frozen refuses changes as any frozen object does', () => {
    Object.freeze(data.list);
    expect(() => data.list.push(1)).toThrow(TypeError);
    expect(() => Reflect.set(data.list, 0, 1)).not.toThrow();
    expect(data.list[0]).toBe(300);
  });

  it('has the keys, the order, the lengths and the kinds of the saved one', () => {
    expect(Object.keys(data)).toEqual(Object.keys(plain));
    expect(Object.entries(data.map)).toEqual(Object.entries(plain.map));
    expect(Reflect.ownKeys(data.list)).toEqual(Reflect.ownKeys(plain.list));
    expect(Array.isArray(data.list)).toBe(true);
    expect(data.list).toHaveLength(300);
    expect('constructor' in data && Object.hasOwn(data, 'constructor')).toBe(true);
    expect(data.constructor).toBe('own');
    expect('missing' in data).toBe(false);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(data.list)).toBe(Array.prototype);
    expect(Object.getOwnPropertyDescriptor(data, 'text')).toEqual(Object.getOwnPropertyDescriptor(plain, 'text'));
    expect(Object.getOwnPropertyDescriptor(data.list, 'length')).toEqual(
      Object.getOwnPropertyDescriptor(plain.list, 'length'),
    );
    expect(String(data.list.slice(0, 2))).toBe('300,299');
    expect([...data.list].length + data.list.concat(data.list).length).toBe(900);
    const keys: string[] = [];
    for (const key in data.map) keys.push(key);
    expect(keys).toEqual(Object.keys(plain.map));
  });

  it('is the same object each time a member of it is read', () => {
    expect(data.objects[1]).toBe(data.objects[1]);
    expect(data.objects.indexOf(data.objects[7]!)).toBe(7);
  });

  it('equals the saved one for every comparison, spreads, and becomes the same JSON', () => {
    expect(isDeepStrictEqual(data, plain)).toBe(true);
    expect(isDeepStrictEqual(plain, data)).toBe(true);
    expect(data).toStrictEqual(plain);
    expect({ ...data }).toStrictEqual(plain);
    expect(JSON.stringify(data)).toBe(JSON.stringify(plain));
    expect(JSON.stringify(data, null, 2)).toBe(JSON.stringify(plain, null, 2));
  });

  it('prints as the saved one, before and after it is changed', () => {
    const short = { maxArrayLength: 2 };
    expect(inspect(data, short)).toBe(inspect(plain, short));
    expect(inspect({ outer: data.objects[0] })).toBe(inspect({ outer: plain.objects[0] }));
    expect(inspect(data, { ...short, depth: 5 })).toBe(inspect(plain, { ...short, depth: 5 }));
    data.map.key1 = 1;
    data.text = plain.text;
    expect(inspect(data, short)).toBe(inspect(plain, short));
  });

  it('can be saved again as it is, and after changes', async () => {
    const other = join(folder, 'other.json');
    await module.saveConfiguration(data, other);
    expect(isDeepStrictEqual((await module.loadConfiguration(other)).data, plain)).toBe(true);
    data.list = [1];
    await module.saveConfiguration(data, other);
    expect((await module.loadConfiguration(other)).data).toEqual({ ...plain, list: [1] });
  });

  it('of the copy option plain can be cloned and is made of plain objects', async () => {
    const { data: copy } = await module.loadConfiguration(undefined, { copy: 'plain' });
    expect(structuredClone(copy)).toEqual(plain);
    (copy as Sample).list.push(1);
    await expectUntouched();
  });

  it('is the caller’s own also in its metadata', async () => {
    await module.setConfigurationMetadata({ tags: ['a'], customFields: { list: [1] } });
    const first = await module.getConfigurationMetadata();
    first.tags?.push('b');
    (first.customFields?.list as number[]).push(2);
    first.checksum = 'x';
    const second = (await module.loadConfiguration()).metadata;
    expect(second).toMatchObject({ tags: ['a'], customFields: { list: [1] } });
    expect(second.checksum).toMatch(/^[0-9a-f]{64}$/u);
  });

  it('is not changed by what the caller does with the saved object', async () => {
    const value = sample(padding);
    await module.saveConfiguration(value);
    value.list.length = 0;
    value.objects[0]!.name = 'changed';
    await expectUntouched();
  });
});

it('a large value refuses structuredClone with the error that proxies have', async () => {
  const module = await startModule(temporaryFolder());
  await module.saveConfiguration(sample(40_000));
  const { data } = await module.loadConfiguration();
  expect(() => structuredClone(data) as unknown).toThrow(expect.objectContaining({ name: 'DataCloneError' }));
});

it('a large scalar, a large array and a large object of scalars are handed out safely', async () => {
  const folder = temporaryFolder();
  const module = await startModule(folder);
  const values: unknown[] = ['x'.repeat(50_000), Array.from({ length: 20_000 }, (_, index) => index)];
  for (const [index, value] of values.entries()) {
    const path = join(folder, `${index}.json`);
    await module.saveConfiguration(value, path);
    const first = (await module.loadConfiguration(path)).data as unknown;
    if (Array.isArray(first)) first.length = 0;
    expect(isDeepStrictEqual((await module.loadConfiguration(path)).data, value)).toBe(true);
  }
});

describe('a large value as a whole, which is a view itself', () => {
  const object = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`key${index}`, `value ${index}`]));
  const array = Array.from({ length: 3000 }, (_, index) => ({ index, name: `item ${index}` }));

  it.each<[string, (value: Record<string, unknown>) => void]>([
    ['an assignment', (value) => (value.key1 = 0)],
    ['delete', (value) => delete value.key1],
    ['defineProperty', (value) => Object.defineProperty(value, 'key1', { get: () => 0 })],
    ['setPrototypeOf', (value) => void Object.setPrototypeOf(value, { inherited: 1 })],
    ['preventExtensions', (value) => Object.preventExtensions(value)],
    ['freeze', (value) => Object.freeze(value)],
    ['Object.assign', (value) => Object.assign(value, { key1: 0, fresh: 1 })],
    ['an assignment through an heir', (value) => Reflect.set(Object.create(value) as object, 'key1', 0)],
  ])('changed by %s gives it to nobody else, as an object', async (_name, change) => {
    const module = await startModule(temporaryFolder());
    await module.saveConfiguration(object);
    const { data } = await module.loadConfiguration();
    change(data as Record<string, unknown>);
    expect(isDeepStrictEqual((await module.loadConfiguration()).data, object)).toBe(true);
  });

  it.each<[string, (value: typeof array) => unknown, (plain: typeof array) => unknown]>(
    (
      [
        ['push', (value) => value.push({ index: -1, name: 'new' })],
        ['pop', (value) => value.pop()],
        ['shift', (value) => value.shift()],
        ['unshift', (value) => value.unshift({ index: -1, name: 'new' })],
        ['reverse', (value) => value.reverse().length],
        ['sort', (value) => value.sort((left, right) => right.index - left.index).length],
        ['splice', (value) => value.splice(10, 5)],
        ['copyWithin', (value) => value.copyWithin(0, 5, 9).length],
        ['length', (value) => (value.length = 3)],
        ['a member', (value) => (value[7]!.name = 'changed')],
      ] as [string, (value: typeof array) => unknown][]
    ).map(([name, change]) => [name, change, change]),
  )('changed by %s is as a plain array would be, and gives it to nobody else', async (_name, change, same) => {
    const module = await startModule(temporaryFolder());
    await module.saveConfiguration(array);
    const data = (await module.loadConfiguration()).data as typeof array;
    const plain = array.map((item) => ({ ...item }));
    expect(change(data)).toEqual(same(plain));
    expect(isDeepStrictEqual(data, plain)).toBe(true);
    expect(isDeepStrictEqual((await module.loadConfiguration()).data, array)).toBe(true);
  });

  it('can be searched, mapped and iterated', async () => {
    const module = await startModule(temporaryFolder());
    await module.saveConfiguration(array);
    const data = (await module.loadConfiguration()).data as typeof array;
    expect(data.find(({ index }) => index === 2999)?.name).toBe('item 2999');
    expect(data.map(({ index }) => index).reduce((left, right) => left + right)).toBe((2999 * 3000) / 2);
    expect(data.includes(data[5]!)).toBe(true);
    expect(Object.keys(data)).toHaveLength(3000);
    expect(data.at(-1)).toEqual(array.at(-1));
    expect([...data.entries()][1]).toEqual([1, array[1]]);
  });
});
