/**
 * The places of a value that a format has no form of its own for, so that its encoder writes them by a convention: what
 * only knows the format, and not the convention, reads something else there.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { formatPath } from '../value/valuePath.js';

const { MAX_LISTED } = CONFIG_PERSISTENCE_CONSTANTS.FORMAT_CONVENTIONS;

export interface Convention {
  /** The place, as `formatPath` writes it. */
  readonly path: string;
  /** What stands in the file instead; never a value. */
  readonly description: string;
}

export interface Conventions {
  /** In reading order; at most `FORMAT_CONVENTIONS.MAX_LISTED`. A place may have several. */
  readonly listed: readonly Convention[];
  /** How many there are beyond those. */
  readonly unlisted: number;
}

/** For formats that have a form for every value. */
export const NO_CONVENTIONS: Conventions = { listed: [], unlisted: 0 };

/** Collects conventions on a way through a value. */
export class ConventionList implements Conventions {
  readonly listed: Convention[] = [];
  unlisted = 0;
  readonly #path: (string | number)[] = [];

  /** Does something one step further down. */
  at(step: string | number, look: () => void): void {
    this.#path.push(step);
    look();
    this.#path.pop();
  }

  /** Adds one for the place that the way has come to; nothing where there is no description. */
  add(description: string | undefined): void {
    if (description === undefined) return;
    if (this.listed.length < MAX_LISTED) this.listed.push({ path: formatPath(this.#path), description });
    else this.unlisted += 1;
  }

  /** How many steps below the root the way has come. */
  get level(): number {
    return this.#path.length;
  }
}
