// @ts-check
// Refuses import cycles, those of types included, which the linter does not see.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOTS = ['src', 'interfaces', 'constants'];

const files = ROOTS.flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => resolve(root, name)),
);

/** What a file imports or exports from another of these files. @param {string} file */
function importsOf(file) {
  const specifiers = [...readFileSync(file, 'utf8').matchAll(/(?:from|import|module) ?\(?'(\.{1,2}\/[^']+)\.js'/gu)];
  return specifiers.map(([, path = '']) => join(dirname(file), `${path}.ts`)).filter((path) => files.includes(path));
}

const edges = new Map(files.map((file) => [file, importsOf(file)]));
/** @type {Set<string>} */
const done = new Set();
/** @type {string[][]} */
const cycles = [];

/** @param {string} file @param {readonly string[]} way */
function visit(file, way) {
  if (way.includes(file)) {
    cycles.push([...way.slice(way.indexOf(file)), file]);
    return;
  }
  if (done.has(file)) return;
  for (const next of edges.get(file) ?? []) visit(next, [...way, file]);
  done.add(file);
}

for (const file of files) visit(file, []);
for (const cycle of cycles) console.error(cycle.map((file) => relative('.', file)).join(' -> '));
console.log(`${files.length} files, ${cycles.length} import cycles`);
process.exitCode = cycles.length === 0 ? 0 : 1;
