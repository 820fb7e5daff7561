/** The first so many of what a comparison finds; what lies beyond is not even put into words. */
export class BoundedList<Item> {
  readonly items: Item[] = [];
  /** False where there are more than the list takes. */
  isComplete = true;
  readonly #maxItems: number;

  constructor(maxItems: number) {
    this.#maxItems = maxItems;
  }

  add(make: () => Item): void {
    if (this.items.length < this.#maxItems) this.items.push(make());
    else this.isComplete = false;
  }
}
