/** Compiles and runs every example of the documents as a newcomer would: each in an empty folder, on the built package. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import ts from 'typescript';
import { pages, programsOf, type Program } from './documents.js';

interface Run {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** As many as CI's machine has cores. */
const RUNS_AT_ONCE = 2;
/** One that waits for something that does not come must not hold the others up. */
const RUN_TIMEOUT_MS = 20_000;

const programs = pages().flatMap(programsOf);
const runnable = programs.filter(({ fileName }) => fileName === undefined);

/** All of them together, on a busy machine. */
const MAX_DURATION_MS = 300_000;

let folder = '';
const runs = new Map<Program, Run>();
const problems = new Map<string, string[]>();

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'docs-')));
  await mkdir(join(folder, 'node_modules'));
  await symlink(resolve('.'), join(folder, 'node_modules', 'rcc-config-persistence'), 'dir');
  // What a page may install beside it.
  for (const name of ['zod', '@opentelemetry', 'rcc-basemodule']) {
    await symlink(resolve('node_modules', name), join(folder, 'node_modules', name), 'dir');
  }
  await compileAll();
  const waiting = [...runnable.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      runs.set(next[1], await runAlone(next[1], next[0]));
    }
  };
  await Promise.all(Array.from({ length: RUNS_AT_ONCE }, work));
}, MAX_DURATION_MS);

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('The documents', () => {
  it('have examples', () => {
    expect(runnable.length).toBeGreaterThan(10);
  });

  it.each(programs.map((program) => [program.place, program] as const))('%s compiles under strict', (_, program) => {
    expect(problems.get(program.place)).toEqual([]);
  });

  it.each(runnable.map((program) => [program.place, program] as const))('%s runs', (_, program) => {
    const run = runs.get(program);

    expect({ code: run?.code, stderr: run?.stderr }).toEqual({ code: 0, stderr: '' });
    if (program.output !== undefined) expect(run?.stdout).toBe(program.output);
  });
});

/** One compilation for all of them, with the strictest options that a user may have. */
async function compileAll(): Promise<void> {
  const names = new Map<string, Program>();
  for (const [index, program] of programs.entries()) {
    const name = join(folder, `example-${index + 1}.m${program.extension}`);
    names.set(name, program);
    await writeFile(name, program.source);
    problems.set(program.place, []);
  }
  const compilation = ts.createProgram([...names.keys()], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    allowJs: true,
    checkJs: true,
    noEmit: true,
    // `npm run check:package` checks the declarations of the package.
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [resolve('node_modules/@types')],
  });
  for (const { file, start, messageText } of ts.getPreEmitDiagnostics(compilation)) {
    const program = names.get(file?.fileName ?? '');
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    const problem = `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    if (program === undefined) throw new Error(`${basename(file?.fileName ?? 'options')}, ${problem}`);
    problems.get(program.place)?.push(problem);
  }
}

async function runAlone({ source, extension, files }: Program, index: number): Promise<Run> {
  const home = join(folder, `run-${index}`);
  await mkdir(home);
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
  const script = extension === 'js' ? source : ts.transpileModule(source, { compilerOptions }).outputText;
  await writeFile(join(home, 'example.mjs'), script);
  for (const [name, text] of files) await writeFile(join(home, name), text);
  return new Promise((settle) => {
    const options = { cwd: home, timeout: RUN_TIMEOUT_MS };
    execFile(process.execPath, ['example.mjs'], options, (error, stdout, stderr) => {
      settle({ code: error === null ? 0 : (error.code ?? error.signal ?? 'unknown'), stdout, stderr });
    });
  });
}
