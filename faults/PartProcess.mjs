// @ts-check
// A process that runs one part of a scenario. Whatever becomes of it, there is a report: that it crashes or hangs is a finding.
import { setTimeout as delay } from 'node:timers/promises';
import { Report } from './Report.mjs';
import { ended, forkChild } from './scratch.mjs';

/** @import { ChildProcess } from 'node:child_process' */
/** @import { PartNews, PartOrder } from './children/part.mjs' */
/** @import { ReportData } from './Report.mjs' */

/** Nothing that a part counts takes so long, even on a machine that is busy with other things. */
const HANGS_AFTER_MS = 10 * 60_000;
const LOOKS_EVERY_MS = 1000;
/** For removing what it has mounted and written. */
const TIME_TO_CLEAN_UP_MS = 10_000;

export class PartProcess {
  /** What it has told last. @type {ReportData} */
  told = new Report('').data;
  #order;
  #hangsAfterMs;

  /** @param {PartOrder} order @param {{ hangsAfterMs?: number }} [patience] */
  constructor(order, { hangsAfterMs = HANGS_AFTER_MS } = {}) {
    this.#order = order;
    this.#hangsAfterMs = hangsAfterMs;
  }

  /** Runs it to its end. @returns {Promise<void>} */
  async run() {
    const child = forkChild('part', [JSON.stringify(this.#order)], { endedBy: 'SIGTERM' });
    let lastNewsAt = performance.now();
    let isWhole = false;
    let isHanging = false;
    child.on('message', (message) => {
      const { report, isEnd } = /** @type {PartNews} */ (message);
      if (JSON.stringify(report) !== JSON.stringify(this.told)) lastNewsAt = performance.now();
      this.told = report;
      isWhole ||= isEnd;
    });
    const watching = setInterval(() => {
      if (isHanging || performance.now() - lastNewsAt < this.#hangsAfterMs) return;
      isHanging = true;
      void end(child);
    }, LOOKS_EVERY_MS);
    const { code, signal } = await ended(child).finally(() => clearInterval(watching));
    if (isHanging) this.#fail('a process of the suite hangs', 'it was ended');
    else if (!isWhole || code !== 0) this.#fail('a process of the suite ends by itself', String(signal ?? code));
  }

  /** @param {string} kind @param {string} what */
  #fail(kind, what) {
    const report = new Report('');
    report.add(this.told);
    report.fail(kind, `part ${this.#order.index} of ${this.#order.scenario}: ${what}`);
    this.told = report.data;
  }
}

/** @param {ChildProcess} child */
async function end(child) {
  child.kill('SIGTERM');
  await delay(TIME_TO_CLEAN_UP_MS, undefined, { ref: false });
  child.kill('SIGKILL');
}
