// @ts-check
// Makes few large modules of the many small ones that the compiler has written: importing four files is four times as fast
// as importing four hundred. Dependencies stay imports.
import { join } from 'node:path';
import { build } from 'esbuild';

const DIST = join(import.meta.dirname, '..', 'dist');
const ENTRIES = ['index', 'memory', 'opentelemetry', 'rcc-basemodule'];

await build({
  entryPoints: ENTRIES.map((name) => join(DIST, 'src', `${name}.js`)),
  outdir: join(DIST, 'bundle'),
  bundle: true,
  // What two entries share is one module, so that the registry and the message center exist once in a process.
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});
