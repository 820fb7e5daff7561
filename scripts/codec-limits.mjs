// @ts-check
/**
 * What a file of 100 MiB costs, in each format: it is decoded or refused, in a process of its own with 2 GiB of memory.
 *
 * Each format gets the files that cost the most: very many small entries, one long text, deep nesting. Prints the time of
 * the processor for the decoding, which other work on the machine does not change much, and the most memory that the
 * process had. Ends with 1 where a file took more than 10 s or 2 GiB.
 *
 * Usage: npm run limits -- [--mib N] [--only FORMAT]
 */
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const MIB = 1024 * 1024;
const GIB = 1024;
const MICROSECONDS = 1_000_000;
const MAX_SECONDS = 10;
const MAX_GIB = 2;

/** With it, an entry is as long as it has to be for a file to have as many of them as are read. */
const TEXT = 'text '.repeat(20);

/** A text that is repeated to the size, with what stands before and behind; `#` becomes a number. */
/** @type {readonly [format: string, what: string, start: string, part: string, end: string][]} */
const FILES = [
  ['json', 'members', '{"a":0', ',"k#":1', '}'],
  ['json', 'items', '[0', ',1', ']'],
  ['json', 'long members', '{"a":0', `,"k#":"${TEXT}"`, '}'],
  ['json', 'one text', '"', 'text ', '"'],
  ['yaml', 'members', '', 'k#: 1\n', ''],
  ['yaml', 'items', '', '- 1\n', ''],
  ['yaml', 'flow', '[0', ',1', ']'],
  ['yaml', 'long members', '', `k#: ${TEXT}x\n`, ''],
  ['yaml', 'long items', '', `- "${TEXT}"\n`, ''],
  ['yaml', 'one text', 'a: "', 'text ', '"'],
  ['yaml', 'comments', 'a: 1\n', '# comment\n', ''],
  ['toml', 'members', '', 'k# = 1\n', ''],
  ['toml', 'dates', 'a = [', '1979-05-27,', ']'],
  ['toml', 'tables', '', '[t#]\n', ''],
  ['toml', 'long members', '', `k# = "${TEXT}"\n`, ''],
  ['toml', 'one text', 'a = "', 'text ', '"'],
  ['ini', 'keys', '', 'k# = 1\n', ''],
  ['ini', 'long keys', '', `k# = ${TEXT}x\n`, ''],
  ['ini', 'sections', '', '[s#]\na = 1\n', ''],
  ['ini', 'items', '', 'a[]=1\n', ''],
  ['ini', 'comments', 'a = 1\n', '; comment\n', ''],
  ['xml', 'elements', '<a>', '<b>1</b>', '</a>'],
  ['xml', 'long elements', '<a>', `<b>${TEXT}</b>`, '</a>'],
  ['xml', 'empty elements', '<a>', '<b/>', '</a>'],
  ['xml', 'attributes', '<a ', 'k#="1" ', '/>'],
  ['xml', 'one text', '<a>', 'text ', '</a>'],
  ['xml', 'references', '<a>', '&lt;', '</a>'],
  ['properties', 'keys', '', 'k#=1\n', ''],
  ['properties', 'long keys', '', `k#=${TEXT}x\n`, ''],
  ['properties', 'nested keys', '', 'a.k#.b=1\n', ''],
  ['properties', 'one text', 'a=', 'text ', ''],
];

const [, , task, format, file] = process.argv;
if (task === 'decode' && format !== undefined && file !== undefined) await decode(format, file);
else await measureAll();

/** @param {string} format @param {string} file */
async function decode(format, file) {
  const { Formats } = await import('../dist/src/codec/Formats.js');
  const { decodeBytes } = await import('../dist/src/engine/contentText.js');
  const { ConfigurationFormat } = await import('../dist/interfaces/enums.js');
  const codec = new Formats(Object.values(ConfigurationFormat)).require(`limits.${format}`, undefined);
  const bytes = readFileSync(file);
  const start = process.cpuUsage();
  let outcome = 'decoded';
  try {
    codec.decode(decodeBytes(bytes, codec).text);
  } catch (error) {
    outcome = `refused: ${error instanceof Error ? error.message : ''}`;
  }
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / MICROSECONDS;
  process.send?.({ outcome, seconds, mib: process.resourceUsage().maxRSS / GIB });
}

async function measureAll() {
  const { values } = parseArgs({ options: { mib: { type: 'string', default: '100' }, only: { type: 'string' } } });
  const size = Number(values.mib) * MIB;
  const folder = mkdtempSync(join(tmpdir(), 'limits-'));
  let hasFailed = false;
  try {
    for (const [format, what, start, part, end] of FILES) {
      if (values.only !== undefined && values.only !== format) continue;
      const file = join(folder, `limits.${format}`);
      writeFileSync(file, textOf(size, start, part, end));
      const { outcome, seconds, mib } = await inProcess(format, file);
      const isFine = seconds <= MAX_SECONDS && mib <= MAX_GIB * GIB;
      if (!isFine) hasFailed = true;
      const figures = `${seconds.toFixed(1)} s, ${Math.round(mib)} MiB`;
      console.log(`${isFine ? '  ' : '! '}${format}, ${what}: ${figures}, ${outcome}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.exitCode = hasFailed ? 1 : 0;
}

/** @param {number} size @param {string} start @param {string} part @param {string} end */
function textOf(size, start, part, end) {
  const pieces = [start];
  let length = start.length + end.length;
  for (let number = 0; length < size; number++) {
    const piece = part.replace('#', String(number));
    pieces.push(piece);
    length += piece.length;
  }
  pieces.push(end);
  return pieces.join('');
}

/** @param {string} format @param {string} file @returns {Promise<{ outcome: string, seconds: number, mib: number }>} */
function inProcess(format, file) {
  return new Promise((resolve) => {
    /** @type {import('node:child_process').ForkOptions} */
    const options = { execArgv: ['--max-old-space-size=2048'], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] };
    const child = fork(import.meta.filename, ['decode', format, file], options);
    child.on('message', (message) => resolve(/** @type {never} */ (message)));
    child.on('exit', () => resolve({ outcome: 'the process died, out of memory', seconds: Infinity, mib: Infinity }));
  });
}
