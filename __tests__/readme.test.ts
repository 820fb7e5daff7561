/** Compiles and runs the README's examples as a newcomer would: each in an empty folder, on the built package. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { codecFor } from '../src/codec/codecs.js';
import { ConfigPersistenceModule, ERROR_CODES } from '../src/index.js';
import { OPTION_RULES } from '../src/options/optionRules.js';

const run = promisify(execFile);
const readme = await readFile(resolve('README.md'), 'utf8');

/** The fenced blocks of a language, in order. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gmsu'))].map(([, text = '']) => text);
}

/** An empty folder in which the package is installed. */
async function newcomersFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'readme-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(resolve('.'), join(folder, 'node_modules', 'rcc-config-persistence'), 'dir');
  return folder;
}

describe('The README', () => {
  const examples = blocks('typescript');

  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(1);
  });

  it.each(examples.map((text, index) => [index + 1, text] as const))('has a working example %i', async (_, text) => {
    const folder = await newcomersFolder();
    try {
      const { outputText } = ts.transpileModule(text, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
      });
      await writeFile(join(folder, 'example.mjs'), outputText);

      const { stderr } = await run(process.execPath, ['example.mjs'], { cwd: folder });

      expect(stderr).toBe('');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('has examples that compile under strict', async () => {
    const folder = await newcomersFolder();
    try {
      const names = examples.map((_, index) => join(folder, `example-${index + 1}.mts`));
      for (const [index, name] of names.entries()) await writeFile(name, examples[index] ?? '');
      const program = ts.createProgram(names, {
        module: ts.ModuleKind.NodeNext,
        target: ts.ScriptTarget.ES2023,
        strict: true,
        noEmit: true,
        // `npm run check:package` checks the declarations of the package.
        skipLibCheck: true,
        types: ['node'],
        typeRoots: [resolve('node_modules/@types')],
      });

      const problems = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
        return `${basename(file?.fileName ?? '')}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      });

      expect(problems).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('shows how to decrypt a backup without the package', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'readme-'));
    const info = { id: 'readme', name: 'Readme', version: '1.0.0', description: 'Test', type: 'config-persistence' };
    const module = new ConfigPersistenceModule(info);
    try {
      module.configure({ defaultConfigPath: join(folder, 'app.json'), encryption: { passphrase: 'Größe 8' } });
      await module.initialize();
      await module.saveConfiguration({ secret: 'kept' });
      const { backupPath } = await module.createBackup();
      const [script = ''] = blocks('js');
      await writeFile(join(folder, 'decrypt.mjs'), script);

      const { stdout } = await run(process.execPath, [join(folder, 'decrypt.mjs'), backupPath], {
        env: { ...process.env, PASSPHRASE: 'Größe 8' },
      });

      expect(stdout).toBe(await readFile(join(folder, 'app.json'), 'utf8'));
    } finally {
      await module.destroy();
      await rm(folder, { recursive: true });
    }
  });

  it('shows one value in five formats as they are read', () => {
    const value = {
      name: 'demo',
      nothing: null,
      zip: '007',
      list: [1, { deep: [] }],
      server: { port: 8080 },
    };
    for (const format of ['yaml', 'toml', 'ini', 'properties', 'xml'] as const) {
      const [text = ''] = blocks(format);
      expect(codecFor(format).decode(text)).toEqual(value);
    }
  });

  it('explains every error code', () => {
    expect(Object.keys(ERROR_CODES).filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
  });

  it('explains every option that has an effect', () => {
    const effective = Object.entries(OPTION_RULES).filter(([, { isEffective }]) => isEffective);
    expect(effective.map(([key]) => key).filter((key) => !readme.includes(`\`${key}\``))).toEqual([]);
  });
});
