/** The journal beside a configuration: what a crash, a stranger or a move can do to it. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { journalFile, journalFiles, startModule, temporaryFolder, walk } from '../support/moduleFixture.js';
import { PARTS_URL, startProcess, type OtherProcess } from '../support/otherProcess.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

/** A line as the module writes it, for records that a stranger makes. */
function forgedLine(record: object): string {
  const text = JSON.stringify(record);
  return `${createHash('sha256').update(text).digest('hex').slice(0, 16)} ${text}\n`;
}

/** Two saves and metadata by an instance that is gone. */
async function prepare(): Promise<{ createdAt: number }> {
  const module = await startModule(folder, { user: 'ann' });
  await module.saveConfiguration({ a: 1 });
  await module.setConfigurationMetadata({ description: 'kept', tags: ['x'] });
  await module.saveConfiguration({ a: 2 });
  const { createdAt } = await module.getConfigurationMetadata();
  await module.destroy();
  return { createdAt };
}

const hasFinding = (type: string) => ({ isValid: false, validationResults: [{ type }] });

describe('a journal whose last append was cut by a crash', () => {
  it.each([
    ['garbage without a line end', 'deadbeef {"record":"sa'],
    ['garbage with a line end', 'deadbeef {"record":"sa\n'],
    ['NUL bytes', '\0'.repeat(4096)],
    ['NUL bytes and line ends', '\0\0\n\0\n'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x80, 0x0a, 0xc3])],
    ['empty lines', '\n\n\n'],
    ['carriage returns', '\r\n\r\n'],
  ])('counts up to its last whole line: %s at the end', async (_name, tail) => {
    const { createdAt } = await prepare();
    appendFileSync(journalFile(folder), tail);
    const module = await startModule(folder);
    expect(await module.loadConfiguration()).toMatchObject({
      data: { a: 2 },
      isValid: true,
      metadata: { createdAt, createdBy: 'ann', description: 'kept' },
    });
    await module.saveConfiguration({ a: 3 });
    const other = await startModule(folder);
    expect(await other.loadConfiguration()).toMatchObject({
      data: { a: 3 },
      isValid: true,
      metadata: { createdAt, description: 'kept' },
    });
  });

  it('counts a record only when it is whole: any cut of the last line leaves the one before', async () => {
    await prepare();
    const whole = readFileSync(journalFile(folder));
    const lastLine = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
    for (const length of [lastLine, lastLine + 1, lastLine + 17, whole.length - 20, whole.length - 1]) {
      truncateSync(journalFile(folder), length);
      const module = await startModule(folder);
      // The file is newer than what the journal still knows, which is what an outside change looks like.
      expect(await module.loadConfiguration()).toMatchObject({ data: { a: 2 }, isValid: false });
      await module.destroy();
      writeFileSync(journalFile(folder), whole);
    }
    expect(await (await startModule(folder)).loadConfiguration()).toMatchObject({ isValid: true });
  });

  it('skips two records that ran into each other', async () => {
    await prepare();
    const journal = journalFile(folder);
    appendFileSync(journal, forgedLine({ record: 'sealed', token: 'x' }).trimEnd().repeat(2));
    expect(await (await startModule(folder)).loadConfiguration()).toMatchObject({ data: { a: 2 }, isValid: true });
  });
});

describe('a journal that says nothing any more', () => {
  const DAMAGES: [string, (journal: string) => void][] = [
    ['garbage', (journal) => writeFileSync(journal, 'not a journal\n'.repeat(20))],
    ['binary', (journal) => writeFileSync(journal, Buffer.alloc(3000, 0xa5))],
    ['NUL', (journal) => writeFileSync(journal, Buffer.alloc(5000))],
    ['empty', (journal) => truncateSync(journal, 0)],
    ['one cut line', (journal) => truncateSync(journal, 30)],
    ['another file', (journal) => writeFileSync(journal, '{"name":"package"}')],
  ];

  it.each(DAMAGES)(
    '(%s) is a finding of the load, is kept as evidence, and the next save makes it right',
    async (_name, damage) => {
      await prepare();
      const journal = journalFile(folder);
      damage(journal);
      const evidence = readFileSync(journal);
      const module = await startModule(folder);
      expect(await module.loadConfiguration()).toMatchObject({
        data: { a: 2 },
        ...hasFinding('metadata-inconsistency'),
      });
      expect(await module.verifyConfigurationIntegrity(path)).toMatchObject({
        isValid: false,
        issues: [{ type: 'metadata-inconsistency' }],
      });
      expect(readFileSync(journal)).toEqual(evidence);
      const saved = await module.saveConfiguration({ a: 3 });
      expect(saved.warnings?.length).toBeGreaterThan(0);
      expect(await module.loadConfiguration()).toMatchObject({ data: { a: 3 }, isValid: true });
      expect(await (await startModule(folder)).loadConfiguration()).toMatchObject({ data: { a: 3 }, isValid: true });
      const kept = readdirSync(dirname(journal)).filter((name) => name.endsWith('.damaged'));
      expect(kept).toHaveLength(1);
      expect(readFileSync(join(dirname(journal), kept[0]!))).toEqual(evidence);
    },
  );

  it.each(DAMAGES)('(%s) is noticed by an instance that had read it before', async (_name, damage) => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 2 });
    await module.loadConfiguration();
    damage(journalFile(folder));
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 2 }, ...hasFinding('metadata-inconsistency') });
    await module.saveConfiguration({ a: 3 });
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 3 }, isValid: true });
  });

  it('is set aside again when it is damaged again, and every piece of evidence stays', async () => {
    const module = await startModule(folder);
    for (let round = 0; round < 3; round++) {
      await module.saveConfiguration({ round });
      writeFileSync(journalFile(folder), `garbage ${round}`);
    }
    await module.saveConfiguration({ round: 'last' });
    const kept = walk(join(folder, 'metadata')).filter((name) => name.endsWith('.damaged'));
    expect(kept.map((name) => readFileSync(name, 'utf8')).sort()).toEqual(['garbage 0', 'garbage 1', 'garbage 2']);
    expect(await module.loadConfiguration()).toMatchObject({ data: { round: 'last' }, isValid: true });
  });

  it('can be replaced by a delete as well, and by new metadata', async () => {
    await prepare();
    writeFileSync(journalFile(folder), 'garbage');
    const module = await startModule(folder);
    await module.setConfigurationMetadata({ description: 'new' });
    expect((await module.getConfigurationMetadata()).description).toBe('new');
    writeFileSync(journalFile(folder), 'garbage');
    await module.deleteConfiguration(path);
    expect(existsSync(path)).toBe(false);
  });

  it('makes a file that cannot be read ERR_INTEGRITY: nobody can say that it was never saved', async () => {
    await prepare();
    writeFileSync(journalFile(folder), 'garbage');
    writeFileSync(path, '{"half":');
    await expect((await startModule(folder)).loadConfiguration()).rejects.toMatchObject({ code: 'ERR_INTEGRITY' });
  });
});

describe('something else in the place of the journal', () => {
  it('such as a folder gives a coded error, and the configuration stays as it is', async () => {
    await prepare();
    const journal = journalFile(folder);
    rmSync(journal);
    mkdirSync(join(journal, 'inside'), { recursive: true });
    const module = await startModule(folder);
    const bytes = readFileSync(path);
    await expect(module.saveConfiguration({ a: 3 })).rejects.toMatchObject({
      code: expect.stringMatching(/^E/u) as string,
    });
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_JOURNAL_DAMAGED' });
    expect(readFileSync(path)).toEqual(bytes);
    expect(existsSync(join(journal, 'inside'))).toBe(true);
  });

  it('such as a link is not followed: its target stays as it is', async () => {
    await prepare();
    const journal = journalFile(folder);
    const victim = join(temporaryFolder(), 'victim');
    writeFileSync(victim, readFileSync(journal));
    rmSync(journal);
    symlinkSync(victim, journal);
    const before = readFileSync(victim);
    const module = await startModule(folder);
    await expect(module.saveConfiguration({ a: 3 })).rejects.toMatchObject({ name: 'StorageError', code: 'ELOOP' });
    expect(readFileSync(victim)).toEqual(before);
    expect(lstatSync(journal).isSymbolicLink()).toBe(true);
  });

  it('such as a journal of a newer release is refused, not misread and not written to', async () => {
    await prepare();
    const journal = journalFile(folder);
    const newer = forgedLine({ record: 'journal', format: 999, generation: 1, configuration: 'x', more: true });
    writeFileSync(journal, newer);
    const module = await startModule(folder);
    const calls: Promise<unknown>[] = [
      module.loadConfiguration(),
      module.saveConfiguration({ a: 3 }),
      module.deleteConfiguration(path),
    ];
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject({ code: 'ERR_JOURNAL_DAMAGED' })));
    expect(readFileSync(journal, 'utf8')).toBe(newer);
    expect(readFileSync(path, 'utf8')).toContain('2');
  });

  it('such as records of a kind that a newer release added is skipped', async () => {
    const { createdAt } = await prepare();
    appendFileSync(journalFile(folder), forgedLine({ record: 'later', revision: 9, anything: true }));
    expect(await (await startModule(folder)).loadConfiguration()).toMatchObject({
      isValid: true,
      metadata: { createdAt },
    });
  });
});

describe('a forged record', () => {
  const identity = { inode: '1', modifiedNs: '1' };
  const change = { parent: 3, token: 'forged', time: 1, process: { pid: 1, host: 'h', module: 'm' } };

  it.each(['../../victim.json', '/etc/passwd', 'victim.json', '..', '.', '', '.victim.json.tmp', '.x/../victim.json'])(
    'that names %j as its temporary file or as a deleted one makes nobody remove it',
    async (name) => {
      await prepare();
      const victim = join(folder, 'victim.json');
      writeFileSync(victim, 'victim');
      const save = { record: 'save', revision: 4, ...change, temporary: name, file: identity, base: null };
      const fields = { operation: 'save', checksum: 'x', size: 1, format: 'json', createdAt: 1 };
      const remove = { record: 'delete', revision: 4, ...change, claimed: name, base: identity };
      for (const record of [{ ...save, ...fields }, remove]) {
        appendFileSync(journalFile(folder), forgedLine(record));
        const module = await startModule(folder);
        await module.loadConfiguration();
        await module.saveConfiguration({ a: 3 });
        await module.destroy();
      }
      expect(readFileSync(victim, 'utf8')).toBe('victim');
    },
  );

  it.each([
    ['a parent above itself', { revision: 4, parent: 9 }],
    ['itself as its parent', { revision: 4, parent: 4 }],
    ['a negative revision', { revision: -1, parent: -2 }],
    ['a fraction', { revision: 4.5, parent: 3 }],
    ['no revision', { revision: null }],
    ['no token', { revision: 4, token: 7 }],
  ])('with %s counts as absent', async (_name, wrong) => {
    await prepare();
    appendFileSync(
      journalFile(folder),
      forgedLine({ record: 'metadata', ...change, ...wrong, fields: { description: 'no' } }),
    );
    const module = await startModule(folder);
    expect((await module.getConfigurationMetadata()).description).toBe('kept');
    await expect(module.saveConfiguration({ a: 3 })).resolves.toMatchObject({ success: true });
  });

  it.each([
    ['tags that are no list', { tags: 5 }],
    ['tags that are not text', { tags: [{}] }],
    ['a description that is no text', { description: { a: 1 } }],
    ['custom fields that are no object', { customFields: 'text' }],
  ])('of metadata with %s never breaks a load', async (_name, fields) => {
    await prepare();
    appendFileSync(journalFile(folder), forgedLine({ record: 'metadata', revision: 4, ...change, fields }));
    const module = await startModule(folder);
    const { metadata, data } = await module.loadConfiguration();
    expect(data).toEqual({ a: 2 });
    expect(metadata.tags === undefined || metadata.tags.every((tag) => typeof tag === 'string')).toBe(true);
    expect(['string', 'undefined']).toContain(typeof metadata.description);
    expect(['object', 'undefined']).toContain(typeof metadata.customFields);
  });

  it('with the highest of all revisions does not end the saving', async () => {
    await prepare();
    const fields = { description: 'forged' };
    const revision = Number.MAX_SAFE_INTEGER;
    appendFileSync(journalFile(folder), forgedLine({ record: 'metadata', ...change, revision, fields }));
    const module = await startModule(folder);
    await expect(module.saveConfiguration({ a: 3 })).resolves.toMatchObject({ success: true });
  });

  it('with a __proto__ member changes no prototype', async () => {
    await prepare();
    const text = `{"record":"metadata","revision":4,"parent":3,"token":"t","time":1,"fields":{"__proto__":{"polluted":1}}}`;
    const check = createHash('sha256').update(text).digest('hex').slice(0, 16);
    appendFileSync(journalFile(folder), `${check} ${text}\n`);
    await (await startModule(folder)).getConfigurationMetadata();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('compaction', () => {
  it('bounds the journal over many saves, and keeps creation time, metadata and the newest versions', async () => {
    const module = await startModule(folder, { maxVersionHistory: 3, user: 'ann' });
    await module.saveConfiguration({ count: -1 });
    await module.setConfigurationMetadata({ description: 'kept', customFields: { deep: [1] } });
    const { createdAt } = await module.getConfigurationMetadata();
    let largest = 0;
    for (let count = 0; count < 200; count++) {
      await module.saveConfiguration({ count });
      largest = Math.max(largest, ...journalFiles(folder).map((name) => statSync(name).size));
    }
    expect(largest).toBeLessThan(70 * 1024);
    expect(journalFiles(folder)).toHaveLength(1);
    expect(basename(journalFile(folder))).not.toBe('journal.00000001.meta');
    for (const observer of [module, await startModule(folder)]) {
      expect(await observer.loadConfiguration()).toMatchObject({
        data: { count: 199 },
        isValid: true,
        metadata: { createdAt, createdBy: 'ann', description: 'kept', customFields: { deep: [1] }, version: '202' },
      });
    }
  });

  it('is not done anew with every save where what must be kept is large', async () => {
    const module = await startModule(folder, { maxVersionHistory: 3 });
    await module.saveConfiguration({ count: 0 });
    await module.setConfigurationMetadata({ customFields: { text: 'x'.repeat(80 * 1024) } });
    const written: number[] = [];
    for (let count = 0; count < 12; count++) {
      written.push((await module.saveConfiguration({ count })).performanceMetrics!.diskIO.bytesWritten);
    }
    expect(written.filter((bytes) => bytes > 80 * 1024).length).toBeLessThanOrEqual(3);
  });

  it('that was cut by a crash after its seal goes on with the next save', async () => {
    const { createdAt } = await prepare();
    appendFileSync(journalFile(folder), forgedLine({ record: 'sealed', token: 'x' }));
    const module = await startModule(folder);
    expect(await module.loadConfiguration()).toMatchObject({ isValid: true, metadata: { createdAt } });
    await module.saveConfiguration({ a: 3 });
    expect(await (await startModule(folder)).loadConfiguration()).toMatchObject({
      data: { a: 3 },
      isValid: true,
      metadata: { createdAt, description: 'kept' },
    });
    expect(basename(journalFile(folder))).toBe('journal.00000002.meta');
  });

  it('that was cut before the old generation went leaves the new one in force', async () => {
    await prepare();
    const old = journalFile(folder);
    const sealed = `${readFileSync(old, 'utf8')}${forgedLine({ record: 'sealed', token: 'x' })}`;
    appendFileSync(old, forgedLine({ record: 'sealed', token: 'x' }));
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 3 });
    await module.destroy();
    writeFileSync(old, sealed);
    const later = await startModule(folder);
    expect(await later.loadConfiguration()).toMatchObject({ data: { a: 3 }, isValid: true });
    await later.saveConfiguration({ a: 4 });
    expect(await (await startModule(folder)).loadConfiguration()).toMatchObject({ data: { a: 4 }, isValid: true });
  });
});

describe('moving', () => {
  it('keeps validity and metadata when the folder is renamed, and when it is copied', async () => {
    const { createdAt } = await prepare();
    const target = temporaryFolder();
    const copied = join(target, 'copied');
    await cp(folder, copied, { recursive: true });
    const moved = join(target, 'moved');
    renameSync(folder, moved);
    for (const place of [copied, moved]) {
      const module = await startModule(place);
      expect(await module.loadConfiguration()).toMatchObject({
        data: { a: 2 },
        isValid: true,
        metadata: { createdAt, createdBy: 'ann', description: 'kept', tags: ['x'], version: '3' },
      });
      await module.saveConfiguration({ a: 3 });
      expect(await module.loadConfiguration()).toMatchObject({ isValid: true, metadata: { createdAt } });
    }
  });

  it('is told apart from another configuration that replaced everything, also by a running instance', async () => {
    const module = await startModule(folder);
    const other = await startModule(folder);
    for (let round = 0; round < 20; round++) {
      await module.saveConfiguration({ by: 'module', round: 10 + round });
      await module.loadConfiguration();
      rmSync(path);
      rmSync(join(folder, 'metadata'), { recursive: true });
      await other.saveConfiguration({ by: 'others', round: 10 + round });
      expect(await module.loadConfiguration()).toMatchObject({ data: { by: 'others' }, isValid: true });
      rmSync(path);
      rmSync(join(folder, 'metadata'), { recursive: true });
    }
  });

  it('away of the metadata alone leaves a file that is as if never saved', async () => {
    await prepare();
    const module = await startModule(folder);
    await module.loadConfiguration();
    rmSync(join(folder, 'metadata'), { recursive: true });
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 2 }, isValid: true });
    await module.saveConfiguration({ a: 3 });
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 3 }, isValid: true });
  });

  it('away of all folders between two calls is survived by the next save', async () => {
    const module = await startModule(folder);
    const deep = join(folder, 'deep', 'app.json');
    await module.saveConfiguration({ a: 1 }, deep);
    for (const name of ['deep', 'metadata', 'locks']) rmSync(join(folder, name), { recursive: true });
    await expect(module.loadConfiguration(deep)).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    await expect(module.deleteConfiguration(deep)).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    await module.saveConfiguration({ a: 2 }, deep);
    expect(await module.loadConfiguration(deep)).toMatchObject({ data: { a: 2 }, isValid: true });
  });

  it('away of the folder leaves a refused operation without effect: nothing is made for a file that is not there', async () => {
    const module = await startModule(folder);
    const missing = join(folder, 'no', 'such', 'app.json');
    await expect(module.deleteConfiguration(missing)).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    await expect(module.setConfigurationMetadata({}, missing)).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    await expect(module.updateConfiguration(() => ({}), missing)).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    expect(existsSync(join(folder, 'no'))).toBe(false);
  });
});

describe('a first writer that sleeps for longer than its lease', () => {
  const OPTIONS = { enableBackup: false, maxVersionHistory: 2 };

  /** Stops before the first call of this kind for its journal, until it gets a line; then it prints how its save ended. */
  async function lateWriter(call: 'open' | 'link'): Promise<OtherProcess> {
    const operations = new URL('./storage/local/io/FileOperations.js', PARTS_URL).href;
    const options = { ...OPTIONS, defaultConfigPath: path, staleLockThreshold: 100 };
    const other = startProcess(`
      import { createInterface } from 'node:readline';
      import { ConfigPersistenceModule } from ${JSON.stringify(PARTS_URL)};
      import { nodeFileOperations } from ${JSON.stringify(operations)};
      const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
      let hasStopped = false;
      class Late extends ConfigPersistenceModule {
        get fileOperations() {
          return {
            ...nodeFileOperations,
            async ${call}(path, ...others) {
              if (!hasStopped && /metadata.*\\.meta\\..*\\.tmp$/u.test(path)) {
                hasStopped = true;
                console.log('stopped');
                await lines.next();
              }
              return nodeFileOperations.${call}(path, ...others);
            },
          };
        }
      }
      const module = new Late({ id: 'l', name: 'l', version: '1.0.0', description: 'd', type: 'config-persistence' });
      module.configure(${JSON.stringify(options)});
      await module.initialize();
      console.log(await module.saveConfiguration({ by: 'late' }).then(() => 'success', ({ code }) => code));
      await module.destroy();
      process.exit(0);`);
    expect(await other.nextLine()).toBe('stopped');
    return other;
  }

  async function wakeUp(other: OtherProcess): Promise<string> {
    other.child.stdin!.write('\n');
    const outcome = await other.nextLine();
    await other.ended();
    return outcome;
  }

  it('does not bring an old journal back after the others have compacted theirs', async () => {
    const late = await lateWriter('open');
    const module = await startModule(folder, OPTIONS);
    await module.saveConfiguration({ n: 0 });
    await module.setConfigurationMetadata({ description: 'important' });
    const description = 'y'.repeat(8000);
    for (let n = 1; !journalFile(folder).includes('.00000003.'); n++) {
      await module.saveConfiguration({ n }, undefined, { description });
    }
    await module.saveConfiguration({ n: 'last' });

    expect(await wakeUp(late)).toBe('ERR_CONFLICT');

    expect(journalFiles(folder)).toEqual([expect.stringContaining('journal.00000003.meta')]);
    const fresh = await startModule(folder, OPTIONS);
    for (const reader of [fresh, module]) {
      const loaded = await reader.loadConfiguration();
      expect(loaded).toMatchObject({ data: { n: 'last' }, metadata: { description: 'important' }, isValid: true });
    }
  });

  it('cannot hide the journal of the others by an old generation that it leaves when it is killed', async () => {
    const module = await startModule(folder, OPTIONS);
    const readBefore = await startModule(folder, OPTIONS);
    await module.saveConfiguration({ n: 0 });
    await readBefore.loadConfiguration();
    const old = readFileSync(journalFile(folder));
    const description = 'y'.repeat(8000);
    for (let n = 1; !journalFile(folder).includes('.00000002.'); n++) {
      await module.saveConfiguration({ n }, undefined, { description });
    }
    await module.saveConfiguration({ n: 'last' });
    writeFileSync(join(dirname(journalFile(folder)), 'journal.00000001.meta'), old);
    const fresh = await startModule(folder, OPTIONS);
    for (const reader of [fresh, readBefore, module]) {
      expect(await reader.loadConfiguration()).toMatchObject({ data: { n: 'last' }, isValid: true });
    }
  });

  it('fails with ERR_LOCK_LOST where its unfinished journal was cleared away', async () => {
    const late = await lateWriter('link');
    const module = await startModule(folder, OPTIONS);
    await module.saveConfiguration({ by: 'module' });
    expect(await wakeUp(late)).toBe('ERR_LOCK_LOST');
    expect(await module.loadConfiguration()).toMatchObject({ data: { by: 'module' }, isValid: true });
  });
});
