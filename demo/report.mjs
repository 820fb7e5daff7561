// @ts-check
// Collects what the demo did and prints it as a table, line by line while it happens.
import { PersistenceError } from 'rcc-config-persistence';

/** @typedef {{ task: string, file: string, milliseconds: number, checked: string, ok: boolean }} Row */

const WIDTHS = { task: 18, file: 24, time: 9, checked: 52 };
const LINE_WIDTH = WIDTHS.task + WIDTHS.file + WIDTHS.time + WIDTHS.checked + 4 * 2 + 'FAILED'.length;

/** Colour is for people at a terminal who have not declined it (see no-color.org). */
const COLOURED = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
/** @param {number} code @param {string} text */
const paint = (code, text) => (COLOURED ? `\u001b[${code}m${text}\u001b[0m` : text);
const green = (/** @type {string} */ text) => paint(32, text);
const red = (/** @type {string} */ text) => paint(31, text);
const dim = (/** @type {string} */ text) => paint(2, text);
const bold = (/** @type {string} */ text) => paint(1, text);

/** Says why a check failed; its message becomes the text of the row. */
export class CheckFailed extends Error {}

/** Fails the step unless the condition holds. @param {unknown} condition @param {string} otherwise @returns {asserts condition} */
export function expect(condition, otherwise) {
  if (!condition) throw new CheckFailed(otherwise);
}

/** The code that a call is refused with. @param {() => Promise<unknown>} work @returns {Promise<string>} */
export async function refusal(work) {
  try {
    await work();
    return 'success';
  } catch (error) {
    const { code } = /** @type {{ code?: unknown }} */ (error);
    return typeof code === 'string' ? code : 'an error without a code';
  }
}

export class Report {
  /** @type {Row[]} */
  #rows = [];
  #start = performance.now();

  /** @param {string} title @param {string} note */
  open(title, note) {
    console.log(`\n${bold(title)}\n${note}\n`);
    console.log(bold(line('what was done', 'file', 'time', 'what was checked', 'result')));
    console.log(dim('-'.repeat(LINE_WIDTH)));
  }

  /** An empty line in front of the next rows. */
  separate() {
    if (this.#rows.length > 0) console.log();
  }

  /** A line below the last row, for what is too long for a column. @param {string} text */
  note(text) {
    console.log(dim(`    ${text}`));
  }

  /**
   * Does one step and prints its row. A step that throws is a failed row, not the end of the demo.
   *
   * @template T
   * @param {string} task
   * @param {string} file
   * @param {(time: Stopwatch) => Promise<{ checked: string, result: T }>} work
   * @returns {Promise<T | undefined>} What the work hands on, undefined where it failed.
   */
  async step(task, file, work) {
    const time = new Stopwatch();
    try {
      const { checked, result } = await work(time);
      this.#add({ task, file, milliseconds: time.milliseconds, checked, ok: true });
      return result;
    } catch (error) {
      this.#add({ task, file, milliseconds: time.milliseconds, checked: describe(error), ok: false });
      return undefined;
    }
  }

  /** Prints the summary and tells whether everything went well. @returns {boolean} */
  close() {
    const failed = this.#rows.filter(({ ok }) => !ok).length;
    const files = new Set(this.#rows.map(({ file }) => file)).size;
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(2);
    const passed = `${this.#rows.length - failed} of ${this.#rows.length} steps ok`;
    console.log(dim('-'.repeat(LINE_WIDTH)));
    const summary = `${passed}, ${failed} failed, ${files} files, ${seconds} s in all`;
    console.log(failed === 0 ? green(summary) : red(summary));
    return failed === 0;
  }

  /** @param {Row} row */
  #add(row) {
    this.#rows.push(row);
    const [first = '', ...more] = wrap(row.checked, WIDTHS.checked);
    const time = row.milliseconds < 10 ? row.milliseconds.toFixed(2) : row.milliseconds.toFixed(1);
    console.log(line(row.task, row.file, `${time} ms`, first, row.ok ? green('ok') : red('FAILED')));
    for (const rest of more) console.log(line('', '', '', rest, ''));
  }
}

/** Times the library's part of a step, so that the demo's own comparisons are not counted. */
export class Stopwatch {
  milliseconds = 0;

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  async measure(work) {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.milliseconds += performance.now() - start;
    }
  }
}

/** @param {string} task @param {string} file @param {string} time @param {string} checked @param {string} result */
function line(task, file, time, checked, result) {
  const cells = [
    task.padEnd(WIDTHS.task),
    file.padEnd(WIDTHS.file),
    time.padStart(WIDTHS.time),
    checked.padEnd(WIDTHS.checked),
    result,
  ];
  return cells.join('  ').trimEnd();
}

/** Breaks between words. @param {string} text @param {number} width @returns {string[]} */
function wrap(text, width) {
  /** @type {string[]} */
  const lines = [];
  let current = '';
  for (const word of text.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current);
      current = word;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...lines, current];
}

/**
 * The library's messages hold no configuration values. Those of others might, so of them only the name and place are shown.
 *
 * @param {unknown} error
 */
function describe(error) {
  if (!(error instanceof Error)) return 'something was thrown that is no error';
  if (error instanceof CheckFailed) return error.message;
  if (error instanceof PersistenceError) return `${error.code}: ${error.message}`;
  const place = /\(?([^\s(]+:\d+):\d+\)?$/m.exec(error.stack ?? '')?.[1] ?? 'unknown place';
  return `${error.name} at ${place.slice(place.lastIndexOf('/') + 1)}`;
}
