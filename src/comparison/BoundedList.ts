/** The first so many of what is found, and how many there were; what lies beyond is not even put into words. */
export class BoundedList<Item> {
  readonly items: Item[] = [];
  /** Of all that were added, kept or not. */
  count = 0;
  readonly #maxItems: number;

  constructor(maxItems: number) {
    this.#maxItems = maxItems;
  }

  /** False where there are more than the list takes. */
  get isComplete(): boolean {
    return this.count === this.items.length;
  }

  add(make: () => Item): void {
    this.count += 1;
    if (this.items.length < this.#maxItems) this.items.push(make());
  }
}
