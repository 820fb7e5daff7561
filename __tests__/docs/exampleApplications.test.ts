/** The programs in `examples/`, run as a reader runs them, on the built package. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/moduleFixture.js';

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));

async function run(name: string, ...parameters: string[]): Promise<string[]> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(EXAMPLES, name), ...parameters]);
  expect(stderr).toBe('');
  return stdout.trimEnd().split('\n');
}

it('three modules judge, keep and use a configuration', async () => {
  expect(await run('modules/main.mjs')).toEqual([
    'The server listens on 8080, as the server itself wants it.',
    'Refused: ERR_VALIDATION.',
    'The server listens on 9090, as an editor wants it.',
  ]);
});

it('one settings file remembers how often it was opened', async () => {
  const path = join(temporaryFolder(), 'settings.json');
  expect(await run('settings.mjs', path)).toEqual(['The port was 8080, and is 8081 now.', 'Start 1, localhost:8081']);
  expect(await run('settings.mjs', path)).toEqual(['The port was 8081, and is 8082 now.', 'Start 2, localhost:8082']);
});
