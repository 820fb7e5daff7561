// @ts-check
// What one scenario did and found, and how that is printed. The processes that share a scenario have a report each, and
// theirs are added up.

/**
 * A report as it goes from one process to another.
 *
 * @typedef {object} ReportData
 * @property {[string, number][]} counts
 * @property {{ name: string, text: string }[]} figures
 * @property {[string, { times: number, example: string }][]} failures
 * @property {string[]} skipped
 */

const SHOWN_FAILURES = 12;

export class Report {
  /** @type {Map<string, number>} */
  #counts = new Map();
  /** @type {{ name: string, text: string }[]} */
  #figures = [];
  /** @type {Map<string, { times: number, example: string }>} */
  #failures = new Map();
  /** @type {string[]} */
  skipped = [];
  failureCount = 0;

  /**
   * @param {string} scenario
   * @param {{ measuresTime?: boolean }} [facts] whether nothing else runs meanwhile, so that times tell something
   */
  constructor(scenario, { measuresTime = true } = {}) {
    this.scenario = scenario;
    this.measuresTime = measuresTime;
  }

  /** Adds to a count. @param {string} what @param {number} [number] */
  count(what, number = 1) {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + number);
  }

  /** @param {string} what @returns {number} */
  counted(what) {
    return this.#counts.get(what) ?? 0;
  }

  /** @param {string} name @param {string} text */
  figure(name, text) {
    this.#figures.push({ name, text });
  }

  /** Notes how long things took, where that tells something. @param {string} name @param {readonly number[]} milliseconds */
  times(name, milliseconds) {
    if (this.measuresTime) this.figure(name, spread(milliseconds));
  }

  /**
   * Notes a failure. Those of one kind are shown once, with how often and one place.
   *
   * @param {string} kind
   * @param {string} where
   */
  fail(kind, where) {
    this.#addFailures(kind, { times: 1, example: where });
  }

  /** @param {string} kind @param {{ times: number, example: string }} found */
  #addFailures(kind, { times, example }) {
    this.failureCount += times;
    const known = this.#failures.get(kind);
    if (known === undefined) this.#failures.set(kind, { times, example });
    else known.times += times;
  }

  /** @param {string} what @param {string} reason */
  skip(what, reason) {
    this.skipped.push(`${what}: skipped, because ${reason}`);
  }

  /** @returns {ReportData} */
  get data() {
    const [counts, failures] = [[...this.#counts], [...this.#failures]];
    return { counts, figures: this.#figures, failures, skipped: this.skipped };
  }

  /** Adds what another process did and found of the same scenario. @param {ReportData} data */
  add({ counts, figures, failures, skipped }) {
    for (const [what, number] of counts) this.count(what, number);
    for (const { name, text } of figures) this.figure(name, text);
    for (const [kind, found] of failures) this.#addFailures(kind, found);
    // Each of them finds out by itself what the machine does not allow.
    this.skipped = [...new Set([...this.skipped, ...skipped])];
  }

  /** What has been done and found so far, for those who wait. */
  get progress() {
    const [name = ''] = this.scenario.split(':');
    const counts = [...this.#counts].map(([what, number]) => `${what} ${number}`);
    const done = [`${name} so far`, ...counts, `failures ${this.failureCount}`].join(', ');
    return [done, ...this.failures.slice(0, SHOWN_FAILURES)].join('\n  ');
  }

  /** Kinds of failure, for tests. */
  get failures() {
    return [...this.#failures].map(([kind, { times, example }]) => `${kind} (${times} x, as at: ${example})`);
  }

  get counts() {
    return Object.fromEntries(this.#counts);
  }

  toJSON() {
    const { scenario, counts, failures, failureCount, skipped } = this;
    return { scenario, counts, failures, failureCount, skipped };
  }

  /** @returns {string} */
  toString() {
    const counts = [...this.#counts].map(([what, number]) => `  ${what}: ${number}`);
    const figures = this.#figures.map(({ name, text }) => `  ${name}: ${text}`);
    const skipped = this.skipped.map((text) => `  ${text}`);
    const shown = this.failures.slice(0, SHOWN_FAILURES).map((text) => `  FAILED ${text}`);
    const rest = this.#failures.size - shown.length;
    const more = rest > 0 ? [`  and ${rest} more kinds of failure`] : [];
    const verdict = `  failures: ${this.failureCount}`;
    return [`${this.scenario}`, ...counts, ...figures, ...skipped, ...shown, ...more, verdict].join('\n');
  }
}

/** Median and largest of some measurements. @param {readonly number[]} values @returns {string} */
export function spread(values) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((left, right) => left - right);
  if (sorted.length === 0) return 'nothing measured';
  const at = (/** @type {number} */ share) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  return `median ${at(0.5)} ms, 99 % below ${at(0.99)} ms, largest ${at(1)} ms (${sorted.length} measured)`;
}
