/** Other programs open what is written here, and what they write is read here. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FORMATS, newEntry, read, textsOf, TIME, write, type FormatName } from './archiveFixture.js';

const CONTENTS: Record<string, string> = {
  'app.json': '{"name":"demo"}',
  'empty.json': '',
  'folder/deep/ünï-日本.yaml': 'a: 1\n',
  [`${'l'.repeat(70)}/${'n'.repeat(80)}.toml`]: 'a = 1\n',
  'large.json': JSON.stringify(Array.from({ length: 40_000 }, (_, index) => ({ index }))),
};
const ASCII = Object.fromEntries(Object.entries(CONTENTS).filter(([name]) => name !== 'folder/deep/ünï-日本.yaml'));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interop-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A test that is skipped, and says why, where the program is not installed. */
function itWith(program: string, title: string, work: () => Promise<void>): void {
  const isThere = spawnSync(program, [program === 'unzip' || program === 'zip' ? '-v' : '--help']).error === undefined;
  if (isThere) it(`${title} (${program})`, work);
  else it.skip(`${title} (skipped: ${program} is not installed)`, work);
}

function run(program: string, ...given: string[]): string {
  const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' };
  return execFileSync(program, given, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Lays the files into `in`, for programs to pack. */
function layFiles(contents: Record<string, string>): void {
  for (const [name, content] of Object.entries(contents)) {
    const path = join(folder, 'in', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    utimesSync(path, TIME / 1000, TIME / 1000);
  }
}

async function writeFiles(format: FormatName, isCompressed: boolean): Promise<string> {
  const entries = Object.entries(CONTENTS).map(([name, content]) => newEntry(name, content));
  const path = join(folder, `out.${format}`);
  writeFileSync(path, await write(format, entries, isCompressed));
  return path;
}

const readFrom = async (format: FormatName, name: string): Promise<Record<string, string>> =>
  textsOf(await read(format, readFileSync(join(folder, name))));

const PYTHON_LIST = `
import json, sys, tarfile, zipfile
found = {}
if sys.argv[1].endswith('.zip'):
    with zipfile.ZipFile(sys.argv[1]) as archive:
        assert archive.testzip() is None
        for info in archive.infolist():
            assert info.external_attr >> 16 == 0o100600, oct(info.external_attr)
            assert info.date_time == (2024, 2, 29, 12, 34, 56), info.date_time
            found[info.filename] = archive.read(info).decode()
else:
    with tarfile.open(sys.argv[1], 'r:gz') as archive:
        for info in archive:
            assert info.isreg() and info.mode == 0o600 and info.mtime == ${TIME / 1000}, info
            found[info.name] = archive.extractfile(info).read().decode()
print(json.dumps(found))
`;

describe.each(FORMATS)('What is written as %s', (format) => {
  describe.each([true, false])('compressed: %s', (isCompressed) => {
    itWith('python3', 'has the names, contents, modes and times', async () => {
      const path = await writeFiles(format, isCompressed);

      expect(JSON.parse(run('python3', '-c', PYTHON_LIST, path))).toEqual(CONTENTS);
    });

    itWith('7z', 'is whole', async () => {
      expect(run('7z', 't', await writeFiles(format, isCompressed))).toContain('Everything is Ok');
    });

    itWith(format === 'zip' ? 'unzip' : 'tar', 'opens with the usual program', async () => {
      const path = await writeFiles(format, isCompressed);
      if (format === 'zip') expect(run('unzip', '-t', path)).toContain('No errors detected');
      else expect(run('tar', '-tzf', path).trim().split('\n')).toHaveLength(Object.keys(CONTENTS).length);
    });
  });
});

describe('A ZIP file of another program is read', () => {
  itWith('zip', 'with names of any characters', async () => {
    layFiles(CONTENTS);
    run('sh', '-c', 'cd in && zip -q -r ../other.zip .');

    expect(await readFrom('zip', 'other.zip')).toEqual(CONTENTS);
  });

  itWith('zip', 'that was written as a stream', async () => {
    layFiles(ASCII);
    run('sh', '-c', 'cd in && zip -q -r - . | cat > ../other.zip');

    expect(await readFrom('zip', 'other.zip')).toEqual(ASCII);
  });

  itWith('zip', 'with a comment and without folders', async () => {
    layFiles(ASCII);
    run('sh', '-c', 'cd in && echo comment | zip -q -z -0 -D -r ../other.zip . ');

    expect(await readFrom('zip', 'other.zip')).toEqual(ASCII);
  });

  itWith('7z', 'with times', async () => {
    layFiles(CONTENTS);
    run('sh', '-c', 'cd in && 7z a ../other.zip .');

    const found = await read('zip', readFileSync(join(folder, 'other.zip')));
    expect(textsOf(found)).toEqual(CONTENTS);
    expect(new Set(found.map(({ modifiedAt }) => modifiedAt))).toEqual(new Set([TIME]));
  });

  const PYTHON_WAYS: [label: string, open: string, flag?: string][] = [
    ['stored', "zipfile.ZipFile(out, 'w')"],
    ['deflated', "zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED)"],
    ['streamed', "zipfile.ZipFile(Pipe(out), 'w', zipfile.ZIP_DEFLATED)"],
    ['streamed and stored', "zipfile.ZipFile(Pipe(out), 'w')"],
    ['ZIP64', "zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED)", ', force_zip64=True'],
    ['streamed ZIP64', "zipfile.ZipFile(Pipe(out), 'w', zipfile.ZIP_DEFLATED)", ', force_zip64=True'],
  ];
  for (const [label, open, flag = ''] of PYTHON_WAYS) {
    itWith('python3', `of Python, ${label}`, async () => {
      writeFileSync(join(folder, 'contents.json'), JSON.stringify(CONTENTS));
      const script = `
import json, zipfile
class Pipe:
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()
with open('other.zip', 'wb') as out, ${open} as archive:
    for name, content in json.load(open('contents.json')).items():
        info = zipfile.ZipInfo(name, (2024, 2, 29, 12, 34, 56))
        info.compress_type = archive.compression
        with archive.open(info, 'w'${flag}) as entry:
            entry.write(content.encode())
`;
      run('python3', '-c', script);

      expect(await readFrom('zip', 'other.zip')).toEqual(CONTENTS);
    });
  }
});

describe('A tar of another program is read', () => {
  for (const style of ['gnu', 'pax', 'ustar', 'v7', 'oldgnu']) {
    itWith('tar', `of the style ${style}`, async () => {
      const contents = style === 'v7' ? { 'app.json': '{}', 'f/b.json': 'b' } : CONTENTS;
      layFiles(contents);
      run('tar', `--format=${style}`, '-czf', 'other.tar.gz', '-C', 'in', '.');

      const found = await read('tar.gz', readFileSync(join(folder, 'other.tar.gz')));
      expect(textsOf(found)).toEqual(contents);
      expect(new Set(found.map(({ modifiedAt }) => modifiedAt))).toEqual(new Set([TIME]));
    });
  }

  itWith('python3', 'of Python, in all its styles', async () => {
    writeFileSync(join(folder, 'contents.json'), JSON.stringify(CONTENTS));
    for (const style of ['USTAR_FORMAT', 'GNU_FORMAT', 'PAX_FORMAT']) {
      const script = `
import io, json, tarfile
with tarfile.open('other.tar.gz', 'w:gz', format=tarfile.${style}) as archive:
    for name, content in json.load(open('contents.json')).items():
        info = tarfile.TarInfo(name)
        info.size = len(content.encode())
        info.mtime = 1234567890.5
        archive.addfile(info, io.BytesIO(content.encode()))
`;
      run('python3', '-c', script);

      expect(await readFrom('tar.gz', 'other.tar.gz')).toEqual(CONTENTS);
    }
  });

  itWith('git', 'of git, with its comment for all entries', async () => {
    layFiles(CONTENTS);
    run(
      'sh',
      '-c',
      'cd in && git init -q . && git add . && git -c user.name=a -c user.email=a@b commit -qm a && git archive --format=tar.gz -o ../other.tar.gz HEAD',
    );

    expect(await readFrom('tar.gz', 'other.tar.gz')).toEqual(CONTENTS);
  });

  itWith('7z', 'of 7z', async () => {
    layFiles(CONTENTS);
    run('sh', '-c', 'cd in && 7z a ../other.tar . > ../log && cd .. && 7z a other.tar.gz other.tar');

    expect(await readFrom('tar.gz', 'other.tar.gz')).toEqual(CONTENTS);
  });
});
