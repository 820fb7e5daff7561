/** The types of places inside a configuration, held against the compiler. */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const CASES = fileURLToPath(new URL('./pathTypes.cases.ts', import.meta.url));

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
  lib: ['lib.es2022.d.ts'],
  skipLibCheck: true,
};

/** What the compiler says of the cases, after a change of their text. */
function complaints(change: (text: string) => string = (text) => text): string[] {
  const host = ts.createCompilerHost(OPTIONS);
  const read = host.readFile.bind(host);
  host.readFile = (name) => (name === CASES ? change(read(name) ?? '') : read(name));
  const program = ts.createProgram([CASES], OPTIONS, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

it('they take what is there, and nothing else', () => {
  expect(complaints()).toEqual([]);
});

it('cases that do not hold would be found', () => {
  const broken = complaints((text) =>
    text
      .replace("path('server.port')", "path('server.part')")
      .replace("path('server.prt')", "path('server.port')")
      .replace("'server.port'>, number>", "'server.port'>, string>"),
  );
  expect(broken).toHaveLength(3);
});
