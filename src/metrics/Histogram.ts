/** How often which values came, by fixed upper bounds. */
import type { Sample } from './exposition.js';

export class Histogram {
  readonly #bounds: readonly number[];
  /** One for each bound, and one for what is above all of them. */
  readonly #counts: Float64Array;
  #sum = 0;

  /** @param bounds in rising order. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  record(value: number): void {
    const { length } = this.#bounds;
    let index = 0;
    while (index < length && value > (this.#bounds[index] ?? Infinity)) index += 1;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += value;
  }

  get isEmpty(): boolean {
    return this.#counts.every((count) => count === 0);
  }

  /** As Prometheus wants them: each bucket holds those below it too. */
  samples(labels: Sample['labels'] = {}): Sample[] {
    let total = 0;
    const buckets = [...this.#bounds, Infinity].map((bound, index) => {
      total += this.#counts[index] ?? 0;
      return { suffix: '_bucket', labels: { ...labels, le: bound }, value: total } as const;
    });
    return [...buckets, { suffix: '_sum', labels, value: this.#sum }, { suffix: '_count', labels, value: total }];
  }
}
