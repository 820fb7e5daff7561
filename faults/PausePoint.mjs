// @ts-check
// A place where one of several writers stops until the scenario lets it go on.

/** @import { Call, Rule } from './FaultyFileOperations.mjs' */

export class PausePoint {
  /** Resolves when the writer stands there. @type {Promise<void>} */
  reached;
  /** @type {() => void} */
  #reach = () => undefined;
  /** @type {Promise<void>} */
  #opened;
  /** @type {() => void} */
  #open = () => undefined;
  #isUsed = false;

  /**
   * @param {(call: Call) => boolean} isHere the first call for which it holds is the one that waits. Where that is a close in
   *   the background, its writer does not: from there on both run freely, which finds other things
   */
  constructor(isHere) {
    this.isHere = isHere;
    this.reached = new Promise((resolve) => (this.#reach = resolve));
    this.#opened = new Promise((resolve) => (this.#open = resolve));
  }

  /** @returns {Rule} */
  get rule() {
    return {
      before: (call) => {
        if (this.#isUsed || !canStopAt(call) || !this.isHere(call)) return undefined;
        this.#isUsed = true;
        this.#reach();
        return this.#opened;
      },
    };
  }

  /** Lets the writer go on. */
  open() {
    this.#open();
  }
}

/** A synchronous call cannot wait; the next one after it does. @param {Call} call */
export function canStopAt({ kind }) {
  return !kind.endsWith('Now');
}
