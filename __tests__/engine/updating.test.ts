import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';

interface Counter {
  count: number;
}

const increment = (value: Counter): void => {
  value.count += 1;
};

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

describe('updateConfiguration', () => {
  it('saves what mutate has changed in its argument, and what it returns instead', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ count: 1 });
    await module.updateConfiguration(increment);
    expect((await module.loadConfiguration()).data).toEqual({ count: 2 });
    await module.updateConfiguration(({ count }: Counter) => ({ total: count }));
    expect((await module.loadConfiguration()).data).toEqual({ total: 2 });
    await module.updateConfiguration(() => [1, 2]);
    expect((await module.loadConfiguration()).data).toEqual([1, 2]);
  });

  it('waits for an asynchronous mutate', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ count: 1 });
    await module.updateConfiguration(async (value: Counter) => {
      await readFile(join(folder, 'app.json'));
      value.count = 7;
    });
    expect((await module.loadConfiguration()).data).toEqual({ count: 7 });
  });

  it('writes nothing and passes the very error on where mutate throws', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ count: 1 });
    const before = readFileSync(join(folder, 'app.json'));
    const error = new RangeError('of the caller');
    const throwing = () => {
      throw error;
    };
    await expect(module.updateConfiguration(throwing)).rejects.toBe(error);
    await expect(module.updateConfiguration(() => Promise.reject(error))).rejects.toBe(error);
    expect(readFileSync(join(folder, 'app.json'))).toEqual(before);
    await expect(module.updateConfiguration(increment)).resolves.toMatchObject({ success: true });
  });

  it('passes a system error of mutate on as it is: it says nothing about the configuration', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ count: 1 });
    const missing = join(folder, 'missing.txt');
    const error: unknown = await module.updateConfiguration(() => readFile(missing)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ENOENT', path: missing });
  });

  it('gives mutate a copy: what it keeps of its argument changes nothing later', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ list: [1] });
    let kept: { list: number[] } | undefined;
    await module.updateConfiguration((value: { list: number[] }) => {
      kept = value;
      value.list.push(2);
    });
    kept?.list.push(3);
    expect((await module.loadConfiguration()).data).toEqual({ list: [1, 2] });
  });

  it('needs a file or an initial value', async () => {
    const module = await startModule(folder);
    let calls = 0;
    const count = () => {
      calls += 1;
    };
    await expect(module.updateConfiguration(count)).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    expect(calls).toBe(0);
    await module.updateConfiguration(increment, undefined, { initial: { count: 5 } });
    await module.updateConfiguration(increment, undefined, { initial: { count: 5 } });
    expect((await module.loadConfiguration()).data).toEqual({ count: 7 });
  });

  it('refuses what mutate makes of the value outside the domain, and writes nothing', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ count: 1 });
    for (const wrong of [null, () => 1, { date: new Date() }, [undefined]]) {
      await expect(module.updateConfiguration(() => wrong)).rejects.toMatchObject({
        code: 'ERR_INVALID_CONFIGURATION_DATA',
      });
    }
    expect((await module.loadConfiguration()).data).toEqual({ count: 1 });
  });

  it('refuses anything but a function', async () => {
    const module = await startModule(folder);
    for (const wrong of [undefined, null, { count: 1 }, 'x']) {
      await expect(module.updateConfiguration(wrong as never)).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    }
  });

  it('counts 100 parallel updates exactly', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ count: 0 });
    await Promise.all(Array.from({ length: 100 }, () => module.updateConfiguration(increment)));
    expect((await module.loadConfiguration()).data).toEqual({ count: 100 });
  });

  it('counts 200 interleaved updates of two instances exactly', async () => {
    const modules = [await startModule(folder), await startModule(folder)];
    await modules[0]!.saveConfiguration({ count: 0 });
    await Promise.all(Array.from({ length: 200 }, (_, index) => modules[index % 2]!.updateConfiguration(increment)));
    for (const module of modules) expect((await module.loadConfiguration()).data).toEqual({ count: 200 });
  });

  it('ends a mutate that never settles with ERR_TIMEOUT, and the lock is free afterwards', async () => {
    const module = await startModule(folder);
    const other = await startModule(folder);
    await module.saveConfiguration({ count: 1 });
    const never = () => new Promise(() => undefined);
    await expect(module.updateConfiguration(never, undefined, { timeout: 100 })).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
    });
    await expect(other.updateConfiguration(increment, undefined, { lockTimeout: 0 })).resolves.toMatchObject({
      success: true,
    });
    expect((await module.loadConfiguration()).data).toEqual({ count: 2 });
  });

  it('ends with ERR_ABORTED where the caller gives up while mutate runs', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ count: 1 });
    const controller = new AbortController();
    const never = () => {
      controller.abort();
      return new Promise(() => undefined);
    };
    await expect(module.updateConfiguration(never, undefined, { signal: controller.signal })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
    });
    await expect(module.updateConfiguration(increment)).resolves.toMatchObject({ success: true });
  });

  it('ends with ERR_CONFLICT where an editor writes while mutate runs, and keeps what it wrote', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ count: 1 });
    const path = join(folder, 'app.json');
    await expect(
      module.updateConfiguration((value: Counter) => {
        writeFileSync(path, '{"count":50}');
        increment(value);
      }),
    ).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    expect((await module.loadConfiguration()).data).toEqual({ count: 50 });
  });

  it('lets mutate load other configurations, however many updates do so at once', async () => {
    const module = await startModule(folder, { maxConcurrentOperations: 2, enableCaching: false });
    await module.saveConfiguration({ count: 5 }, join(folder, 'base.json'));
    const update = (name: string) =>
      module.updateConfiguration(
        async (value: Counter) => {
          value.count += ((await module.loadConfiguration(join(folder, 'base.json'))).data as Counter).count;
        },
        join(folder, name),
        { initial: { count: 1 }, timeout: 2000 },
      );
    await Promise.all(['a.json', 'b.json', 'c.json', 'd.json'].map(update));
    expect((await module.loadConfiguration(join(folder, 'd.json'))).data).toEqual({ count: 6 });
  });

  it('keeps edits that were made between load and update: it starts from the disk', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ count: 1 });
    await module.loadConfiguration();
    writeFileSync(join(folder, 'app.json'), '{"count":10}');
    await module.updateConfiguration(increment);
    expect((await module.loadConfiguration()).data).toEqual({ count: 11 });
  });

  it('does not touch a file that cannot be read', async () => {
    const module = await startModule(folder);
    const path = join(folder, 'app.json');
    writeFileSync(path, '{"half":');
    await expect(module.updateConfiguration(increment)).rejects.toMatchObject({ code: 'ERR_PARSE' });
    expect(readFileSync(path, 'utf8')).toBe('{"half":');
  });
});

describe('compare-and-set', () => {
  const path = () => join(folder, 'app.json');

  it('saves where the checksum is that of the file, and fails with ERR_CONFLICT and without effect otherwise', async () => {
    const module = await startModule(folder);
    const first = await module.saveConfiguration({ v: 1 });
    const second = await module.saveConfiguration({ v: 2 }, undefined, { expectedChecksum: first.checksum! });
    const stale = { expectedChecksum: first.checksum! };
    await expect(module.saveConfiguration({ v: 3 }, undefined, stale)).rejects.toMatchObject({
      name: 'PersistenceError',
      code: 'ERR_CONFLICT',
      operationType: 'save',
      filePath: path(),
    });
    await expect(module.deleteConfiguration(path(), stale)).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    await expect(module.setConfigurationMetadata({ version: 'x' }, undefined, stale)).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
    const loaded = await module.loadConfiguration();
    expect(loaded).toMatchObject({ data: { v: 2 }, checksum: second.checksum, isValid: true });
  });

  it('takes null as "there must be no file"', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ v: 1 }, undefined, { expectedChecksum: null });
    await expect(module.saveConfiguration({ v: 2 }, undefined, { expectedChecksum: null })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
    expect((await module.loadConfiguration()).data).toEqual({ v: 1 });
  });

  it('notices what an editor wrote, also with the same size', async () => {
    const module = await startModule(folder);
    const { checksum } = await module.saveConfiguration({ v: 1 });
    writeFileSync(path(), readFileSync(path(), 'utf8').replace('1', '9'));
    await expect(module.saveConfiguration({ v: 2 }, undefined, { expectedChecksum: checksum! })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
    expect(readFileSync(path(), 'utf8')).toContain('9');
  });

  it('lets one of two instances win that started from the same state', async () => {
    const modules = [await startModule(folder), await startModule(folder)];
    const { checksum } = await modules[0]!.saveConfiguration({ v: 0 });
    const outcomes = await Promise.allSettled(
      modules.map((module, index) =>
        module.saveConfiguration({ v: index + 1 }, undefined, { expectedChecksum: checksum! }),
      ),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('of an update is checked before mutate is called, and changes nothing where the file is another', async () => {
    const module = await startModule(folder);
    const first = await module.saveConfiguration({ count: 1 });
    await module.saveConfiguration({ count: 2 });
    const before = readFileSync(path());
    let calls = 0;
    const mutate = () => {
      calls += 1;
      return {};
    };
    for (const expectedChecksum of [first.checksum!, null]) {
      await expect(module.updateConfiguration(mutate, undefined, { expectedChecksum })).rejects.toMatchObject({
        code: 'ERR_CONFLICT',
        operationType: 'save',
        filePath: path(),
      });
    }
    expect(calls).toBe(0);
    expect(readFileSync(path())).toEqual(before);
    expect(await module.getConfigurationMetadata()).toMatchObject({ version: '2' });
  });

  it('of an update lets it through where the file is the expected one', async () => {
    const module = await startModule(folder);
    const { checksum } = await module.saveConfiguration({ count: 1 });
    await module.updateConfiguration(increment, undefined, { expectedChecksum: checksum! });
    expect((await module.loadConfiguration()).data).toEqual({ count: 2 });
  });

  it('of an update expects with null that there is no file, and with a checksum that there is one', async () => {
    const module = await startModule(folder);
    const options = { initial: { count: 5 } };
    const expectedChecksum = '0'.repeat(64);
    await expect(
      module.updateConfiguration(increment, undefined, { ...options, expectedChecksum }),
    ).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    expect(existsSync(path())).toBe(false);
    await module.updateConfiguration(increment, undefined, { ...options, expectedChecksum: null });
    expect((await module.loadConfiguration()).data).toEqual({ count: 6 });
  });

  it('of an update is under the lock: of two that expect the same state one wins', async () => {
    const modules = [await startModule(folder), await startModule(folder)];
    const { checksum } = await modules[0]!.saveConfiguration({ count: 0 });
    const outcomes = await Promise.allSettled(
      modules.map((module) => module.updateConfiguration(increment, undefined, { expectedChecksum: checksum! })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await modules[0]!.loadConfiguration()).data).toEqual({ count: 1 });
  });

  it('of an update of a damaged file is held against what was recovered', async () => {
    const module = await startModule(folder, { autoRecover: true });
    const { checksum } = await module.saveConfiguration({ count: 1 });
    const second = await module.saveConfiguration({ count: 2 });
    writeFileSync(path(), '{"count":');
    await expect(
      module.updateConfiguration(increment, undefined, { expectedChecksum: second.checksum! }),
    ).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    expect((await module.loadConfiguration()).data).toEqual({ count: 1 });
    writeFileSync(path(), '{"count":');
    await module.updateConfiguration(increment, undefined, { expectedChecksum: checksum! });
    expect((await module.loadConfiguration()).data).toEqual({ count: 2 });
  });

  it.each([[''], ['abc'], [1], [false], ['A'.repeat(64)], [{}]])(
    'refuses %p as a checksum with ERR_INVALID_OPTION',
    async (wrong) => {
      const module = await startModule(folder);
      await expect(
        module.saveConfiguration({ v: 1 }, undefined, { expectedChecksum: wrong as never }),
      ).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    },
  );
});
