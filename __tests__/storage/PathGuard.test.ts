/** Which paths the module touches: contract 8.1, through the module and on a real file system. */
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { requirePathText } from '../../src/value/pathText.js';
import { listing, startModule, systemError, temporaryFolder, walk } from '../support/moduleFixture.js';

const REFUSED = { name: 'PersistenceError', code: 'ERR_INVALID_FILE_PATH' };

let folder: string;
let outside: string;

beforeEach(() => {
  folder = temporaryFolder();
  outside = temporaryFolder();
});

/** Nothing may happen on disk where a path is refused, whatever the operation. */
async function expectRefused(given: unknown): Promise<void> {
  const module = await startModule(folder);
  const before = [listing(folder), listing(outside)];
  const path = given as string;
  const calls = [
    module.saveConfiguration({ a: 1 }, path, { format: 'json' }),
    module.saveConfigurationAtomic({ a: 1 }, path, { format: 'json' }),
    module.loadConfiguration(path, { format: 'json' }),
    module.deleteConfiguration(path),
    module.updateConfiguration(() => ({ a: 2 }), path, { initial: {}, format: 'json' }),
    module.verifyConfigurationIntegrity(path, { format: 'json' }),
    module.getConfigurationMetadata(path, { format: 'json' }),
    module.setConfigurationMetadata({ description: 'd' }, path, { format: 'json' }),
    module.acquireFileLock(path),
    module.checkFileLock(path),
  ];
  const outcomes = await Promise.allSettled(calls);
  const codes = outcomes.map((outcome) =>
    outcome.status === 'rejected' ? (outcome.reason as { code?: string }).code : 'accepted',
  );
  expect(codes).toEqual(calls.map(() => REFUSED.code));
  expect([listing(folder), listing(outside)]).toEqual(before);
  await module.destroy();
}

describe('a path that is no path', () => {
  it.each([[''], [null], [0], [42], [true], [{}], [[]], [Symbol('path')], [Buffer.from('app.json')]])(
    'such as %p is refused, and nothing is made',
    async (wrong) => {
      await expectRefused(wrong);
    },
  );

  it.each([
    'a\0b.json',
    'app.json\0',
    'line\nfeed.json',
    'tab\t.json',
    'bell\x07.json',
    'delete\x7f.json',
    '\x1b[2J.json',
    'next line\x85.json',
    'csi\x9b.json',
  ])('or holds a control character such as %j is refused', async (name) => {
    await expectRefused(join(folder, name));
  });

  it.each(['CON', 'con.json', 'PRN.txt', 'Aux.json', 'nul.tar.gz', 'COM1.json', 'com9', 'LPT1.json', 'lPt9.a.b'])(
    'is a name like another where it only means a device to Windows, such as %s',
    async (name) => {
      if (process.platform === 'win32') {
        await expectRefused(join(folder, name));
        await expectRefused(join(folder, name, 'app.json'));
        return;
      }
      const module = await startModule(folder);
      const path = join(folder, name, 'app.json');
      await module.saveConfiguration({ a: 1 }, path);
      await module.saveConfiguration({ a: 2 }, path);
      expect((await module.loadConfiguration(path)).data).toEqual({ a: 2 });
      expect(await module.listBackups(path)).toHaveLength(1);
    },
  );

  it.each(['~', '~/app.json', '~ann/app.json', '~app.json'])(
    'or begins with ~ is refused with advice, as %s',
    async (path) => {
      const module = await startModule(folder);
      const before = listing(folder);
      await expect(module.saveConfiguration({ a: 1 }, path)).rejects.toMatchObject({
        code: 'ERR_INVALID_FILE_PATH',
        message: expect.stringContaining('os.homedir()') as string,
      });
      expect(listing(folder)).toEqual(before);
    },
  );

  it('holds a ~ that is no beginning of the path like any other letter', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 }, join(folder, '~app.json'));
    expect((await module.loadConfiguration(join(folder, '~app.json'))).data).toEqual({ a: 1 });
  });

  it.each(['con .json', 'nul..json', 'COM¹.json', 'LPT².json', 'CONIN$', 'conout$.json'])(
    'is a device for Windows alone in a less known spelling, too, such as %s',
    async (name) => {
      if (process.platform === 'win32') await expectRefused(join(folder, name));
      else expect(() => requirePathText(join(folder, name))).not.toThrow();
    },
  );

  it.each(['config.json', 'console.json', 'com0.json', 'com10.json', 'null.json', 'auxiliary.json', 'lpt.json'])(
    'is not seen in a harmless name such as %s',
    async (name) => {
      const module = await startModule(folder);
      await expect(module.saveConfiguration({ a: 1 }, join(folder, name))).resolves.toMatchObject({ success: true });
    },
  );

  it('or holds a backslash is refused: it is a separator on one system and a part of a name on the others', async () => {
    if (process.platform === 'win32') return;
    for (const name of ['a\\b.json', 'sub\\..\\app.json', '\\app.json']) await expectRefused(join(folder, name));
  });

  it('or ends in a slash names a folder and is refused', async () => {
    mkdirSync(join(folder, 'sub'));
    for (const path of [`${folder}/sub/`, `${folder}/app.json/`, '/', './', `${folder}/app.json\\`]) {
      await expectRefused(path);
    }
  });

  it('or has half of a surrogate pair, or a name or a length that no file system takes, is refused', async () => {
    await expectRefused(join(folder, 'half\ud800.json'));
    await expectRefused(join(folder, `${'x'.repeat(252)}.json`));
    await expectRefused(join(folder, `${'ä'.repeat(130)}.json`));
    await expectRefused(`${folder}/${'d/'.repeat(2500)}app.json`);
  });

  it('is told from the longest name that a file system takes, whose temporary file has a shorter one', async () => {
    const module = await startModule(folder);
    const path = join(folder, `${'x'.repeat(250)}.json`);
    await module.saveConfiguration({ a: 1 }, path);
    expect((await module.loadConfiguration(path)).data).toEqual({ a: 1 });
  });
});

describe('a path outside the allowed folders', () => {
  it('is refused, absolute, relative or with steps upwards', async () => {
    await expectRefused(join(outside, 'app.json'));
    await expectRefused(`${folder}/../${relative(join(folder, '..'), outside)}/app.json`);
    await expectRefused(`${folder}/a/b/../../../escape.json`);
    await expectRefused(relative(process.cwd(), join(outside, 'app.json')));
    await expectRefused('/app.json');
    await expectRefused(`${folder}-sibling.json`);
    await expectRefused(`${folder}/..`);
    await expectRefused(folder);
  });

  it('is allowed where allowedDirectories names its folder, and only below that', async () => {
    mkdirSync(join(outside, 'in'));
    const module = await startModule(folder, { allowedDirectories: [join(outside, 'in')] });
    await module.saveConfiguration({ a: 1 }, join(outside, 'in', 'deep', 'app.json'));
    await expect(module.saveConfiguration({ a: 1 }, join(outside, 'app.json'))).rejects.toMatchObject(REFUSED);
    await expect(module.saveConfiguration({ a: 1 }, join(outside, 'inside.json'))).rejects.toMatchObject(REFUSED);
  });

  it('may be allowed before its folder exists', async () => {
    const module = await startModule(folder, { allowedDirectories: [join(outside, 'later')] });
    await module.saveConfiguration({ a: 1 }, join(outside, 'later', 'app.json'));
    expect(existsSync(join(outside, 'later', 'app.json'))).toBe(true);
  });

  it('is allowed in the working directory, in the default folder and in the folders of the module', async () => {
    const module = await startModule(folder, { backupDirectory: join(outside, 'backups') });
    await module.saveConfiguration({ a: 1 }, join(folder, 'deep', 'er', 'app.json'));
    await module.saveConfiguration({ a: 1 }, join(outside, 'backups', 'app.json'));
    const data = { name: 'rcc-config-persistence' };
    for (const given of [join(process.cwd(), 'package.json'), 'package.json']) {
      await expect(module.loadConfiguration(given)).resolves.toMatchObject({ data });
    }
    await expect(module.loadConfiguration(join(outside, 'app.json'))).rejects.toMatchObject(REFUSED);
  });

  it('is inside where the names only look like steps upwards', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 }, join(folder, '..app.json'));
    await module.saveConfiguration({ a: 1 }, join(folder, '...', 'app.json'));
    expect(existsSync(join(folder, '...', 'app.json'))).toBe(true);
  });
});

describe('a symbolic link', () => {
  it('to a file outside is refused, and that file stays as it is', async () => {
    const victim = join(outside, 'victim.json');
    writeFileSync(victim, '{"victim":true}');
    symlinkSync(victim, join(folder, 'link.json'));
    await expectRefused(join(folder, 'link.json'));
    expect(readFileSync(victim, 'utf8')).toBe('{"victim":true}');
  });

  it('to nothing outside is refused, and nothing is made there', async () => {
    symlinkSync(join(outside, 'new.json'), join(folder, 'link.json'));
    await expectRefused(join(folder, 'link.json'));
    symlinkSync('../../../../../../../../nowhere/new.json', join(folder, 'relative.json'));
    await expectRefused(join(folder, 'relative.json'));
  });

  it('to a folder outside is refused for everything below it', async () => {
    symlinkSync(outside, join(folder, 'sub'));
    await expectRefused(join(folder, 'sub', 'app.json'));
    await expectRefused(join(folder, 'sub', 'deep', 'app.json'));
  });

  it('in a chain that ends outside is refused', async () => {
    symlinkSync(join(outside, 'end.json'), join(folder, 'three.json'));
    symlinkSync('three.json', join(folder, 'two.json'));
    symlinkSync(join(folder, 'two.json'), join(folder, 'one.json'));
    await expectRefused(join(folder, 'one.json'));
  });

  it('that leads in a circle is refused', async () => {
    symlinkSync('loop.json', join(folder, 'loop.json'));
    symlinkSync('ping', join(folder, 'pong'));
    symlinkSync('pong', join(folder, 'ping'));
    await expectRefused(join(folder, 'loop.json'));
    await expectRefused(join(folder, 'ping', 'app.json'));
  });

  it('to a file inside is followed and kept: the save replaces what it leads to', async () => {
    mkdirSync(join(folder, 'real'));
    const target = join(folder, 'real', 'target.json');
    const link = join(folder, 'link.json');
    writeFileSync(target, '{"a":0}');
    symlinkSync(join('real', 'target.json'), link);
    const module = await startModule(folder);
    const result = await module.saveConfiguration({ a: 1 }, link);
    expect(result.filePath).toBe(link);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readlinkSync(link)).toBe(join('real', 'target.json'));
    expect(JSON.parse(readFileSync(target, 'utf8'))).toEqual({ a: 1 });
    expect(await module.loadConfiguration(target)).toMatchObject({ data: { a: 1 }, isValid: true });
    await module.updateConfiguration(() => ({ a: 2 }), link);
    expect((await module.loadConfiguration(target)).data).toEqual({ a: 2 });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(walk(folder).filter((path) => path.endsWith('.tmp'))).toEqual([]);
  });

  it('is no hindrance to a second save right after the first', async () => {
    writeFileSync(join(folder, 'target.json'), '{"a":0}');
    symlinkSync('target.json', join(folder, 'link.json'));
    const module = await startModule(folder);
    for (let a = 1; a < 9; a++) await module.saveConfiguration({ a }, join(folder, 'link.json'));
    expect((await module.loadConfiguration(join(folder, 'target.json'))).data).toEqual({ a: 8 });
  });

  it('to nothing inside gets its target made, over a chain and in folders that do not exist yet', async () => {
    symlinkSync('second.json', join(folder, 'first.json'));
    symlinkSync(join('new', 'folder', 'target.json'), join(folder, 'second.json'));
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 }, join(folder, 'first.json'));
    expect(JSON.parse(readFileSync(join(folder, 'new', 'folder', 'target.json'), 'utf8'))).toEqual({ a: 1 });
    expect(lstatSync(join(folder, 'first.json')).isSymbolicLink()).toBe(true);
  });

  it('to a folder inside is followed, and both ways lead to one configuration', async () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync('real', join(folder, 'alias'));
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 }, join(folder, 'alias', 'app.json'));
    await module.saveConfiguration({ a: 2 }, join(folder, 'real', 'app.json'));
    const loaded = await module.loadConfiguration(join(folder, 'alias', 'app.json'));
    expect(loaded).toMatchObject({ data: { a: 2 }, isValid: true });
    expect(loaded.metadata.version).toBe('2');
  });

  it('as an allowed folder is followed too', async () => {
    mkdirSync(join(outside, 'real'));
    symlinkSync(join(outside, 'real'), join(outside, 'alias'));
    const module = await startModule(folder, { allowedDirectories: [join(outside, 'alias')] });
    await module.saveConfiguration({ a: 1 }, join(outside, 'alias', 'app.json'));
    await module.saveConfiguration({ a: 2 }, join(outside, 'real', 'app.json'));
  });

  it('that is turned to outside after a load is noticed: the cached value is not given out', async () => {
    const module = await startModule(folder);
    const link = join(folder, 'link.json');
    writeFileSync(join(folder, 'target.json'), '{"a":1}');
    writeFileSync(join(outside, 'target.json'), '{"a":1}');
    symlinkSync(join(folder, 'target.json'), link);
    await module.loadConfiguration(link);
    rmSync(link);
    symlinkSync(join(outside, 'target.json'), link);
    await expect(module.loadConfiguration(link)).rejects.toMatchObject(REFUSED);
  });
});

describe('an allowed folder that is reached over a link', () => {
  it('is the one that the link leads to now, as after a deployment', async () => {
    const place = temporaryFolder({ mayKeepTraces: true });
    for (const release of ['r1', 'r2']) {
      mkdirSync(join(place, release));
      writeFileSync(join(place, release, 'app.json'), JSON.stringify({ release }));
    }
    symlinkSync('r1', join(place, 'current'));
    const module = await startModule(join(place, 'current'));
    expect((await module.loadConfiguration()).data).toEqual({ release: 'r1' });
    rmSync(join(place, 'current'));
    symlinkSync('r2', join(place, 'current'));
    expect((await module.loadConfiguration()).data).toEqual({ release: 'r2' });
    await expect(module.saveConfiguration({ release: 'r2', saved: true })).resolves.toMatchObject({ success: true });
    await expect(module.loadConfiguration(join(place, 'r1', 'app.json'))).rejects.toMatchObject(REFUSED);
  });
});

describe('modes and owners', () => {
  const modeOf = (path: string): number => statSync(path).mode & 0o7777;

  it('of new files are 0600 and of new folders 0700, whatever the umask is', async () => {
    const previous = process.umask(0);
    try {
      const module = await startModule(folder);
      await module.saveConfiguration({ a: 1 }, join(folder, 'new', 'app.json'));
      await module.acquireFileLock(join(folder, 'new', 'app.json'));
      for (const path of walk(folder)) {
        expect({ path, mode: modeOf(path) }).toEqual({ path, mode: statSync(path).isDirectory() ? 0o700 : 0o600 });
      }
    } finally {
      process.umask(previous);
    }
  });

  it.each([0o644, 0o640, 0o600, 0o400, 0o444, 0o660, 0o666])('of an existing file are kept: %o', async (mode) => {
    const path = join(folder, 'app.json');
    writeFileSync(path, '{}');
    chmodSync(path, mode);
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await module.updateConfiguration(() => ({ a: 2 }));
    expect(modeOf(path)).toBe(mode);
  });

  it('of an existing file are kept together with its owner', async () => {
    const path = join(folder, 'app.json');
    writeFileSync(path, '{}');
    chmodSync(path, 0o640);
    // Only root may give a file away; anybody else owns what it makes, and that has to stay too.
    if (process.geteuid?.() === 0) chownSync(path, 12345, 23456);
    const { uid, gid } = statSync(path);
    const module = await startModule(folder);
    const result = await module.saveConfiguration({ a: 1 });
    expect(result.warnings).toBeUndefined();
    expect(statSync(path)).toMatchObject({ uid, gid });
    expect(modeOf(path)).toBe(0o640);
  });

  it('that the system does not let it keep are told in a warning', async () => {
    const path = join(folder, 'app.json');
    writeFileSync(path, '{}');
    const foreign = 4242n;
    const module = await startModule(folder, {}, (real) => ({
      async lstat(looked) {
        const stats = await real.lstat(looked);
        if (looked === path) stats.uid = foreign;
        return stats;
      },
      fchown: () => Promise.reject(systemError('EPERM', 'fchown')),
    }));
    const result = await module.saveConfiguration({ a: 1 });
    expect(result).toMatchObject({ success: true });
    expect(result.warnings).toHaveLength(1);
  });

  it('can be chosen by the option permissions', async () => {
    const previous = process.umask(0o022);
    try {
      const module = await startModule(folder, {
        permissions: { configFile: 0o644, configDirectory: 0o755, metadataFile: 0o640, lockDirectory: 0o750 },
      });
      await module.saveConfiguration({ a: 1 }, join(folder, 'new', 'app.json'));
      expect(modeOf(join(folder, 'new', 'app.json'))).toBe(0o644);
      expect(modeOf(join(folder, 'new'))).toBe(0o755);
      expect(modeOf(join(folder, 'locks'))).toBe(0o750);
      for (const path of walk(join(folder, 'metadata')).filter((entry) => entry.endsWith('.meta'))) {
        expect(modeOf(path)).toBe(0o640);
      }
    } finally {
      process.umask(previous);
    }
  });

  it('do not matter for another name of the file: a hard link keeps the old content', async () => {
    const path = join(folder, 'app.json');
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    linkSync(path, join(folder, 'twin.json'));
    await module.saveConfiguration({ a: 2 });
    expect(JSON.parse(readFileSync(join(folder, 'twin.json'), 'utf8'))).toEqual({ a: 1 });
  });
});

describe('a folder that cannot be looked at', () => {
  it('fails the operation with the code of the system, and the next one works', async () => {
    let fails = true;
    writeFileSync(join(folder, 'app.json'), '{}');
    const module = await startModule(folder, {}, (real) => ({
      realpath: (path) =>
        fails && path === folder ? Promise.reject(systemError('EACCES', 'realpath')) : real.realpath(path),
    }));
    await expect(module.saveConfiguration({ a: 1 })).rejects.toMatchObject({ name: 'StorageError', code: 'EACCES' });
    fails = false;
    await expect(module.saveConfiguration({ a: 1 })).resolves.toMatchObject({ success: true });
  });

  it('because a link cannot be read fails with the code of the system', async () => {
    symlinkSync(join(folder, 'elsewhere.json'), join(folder, 'app.json'));
    const module = await startModule(folder, {}, (real) => ({
      readlink: (path) =>
        path.endsWith('app.json') ? Promise.reject(systemError('EACCES', 'readlink')) : real.readlink(path),
    }));
    await expect(module.saveConfiguration({ a: 1 })).rejects.toMatchObject({ name: 'StorageError', code: 'EACCES' });
    expect(existsSync(join(folder, 'elsewhere.json'))).toBe(false);
  });

  it('because there are more links in a row than the system follows is refused', async () => {
    for (let index = 0; index < 60; index++) symlinkSync(`l${index + 1}.json`, join(folder, `l${index}.json`));
    const module = await startModule(folder);
    await expect(module.saveConfiguration({ a: 1 }, join(folder, 'l0.json'))).rejects.toMatchObject(REFUSED);
    expect(existsSync(join(folder, 'l60.json'))).toBe(false);
  });

  it('among the allowed ones keeps nobody from the others', async () => {
    writeFileSync(join(outside, 'file'), '');
    const module = await startModule(folder, { allowedDirectories: [join(outside, 'file', 'sub')] });
    await expect(module.saveConfiguration({ a: 1 })).resolves.toMatchObject({ success: true });
  });
});
