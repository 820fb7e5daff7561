/** The entries of a flat file by their dotted paths: what stands at a path, below it, and last among its siblings. */

export class PathTree<Entry> {
  /** The last in the file at this path or below it. */
  last: Entry | undefined;
  /** Most paths have one entry and nothing below, so neither list is made before it is needed. */
  #entries: Entry[] | undefined;
  #members: Map<string, PathTree<Entry>> | undefined;

  /** At the path itself, in the order of the file. */
  get entries(): readonly Entry[] {
    return this.#entries ?? [];
  }

  /** To be called in the order of the file. */
  add(path: readonly string[], entry: Entry, step = 0): void {
    this.last = entry;
    if (step < path.length) this.#member(path[step] ?? '').add(path, entry, step + 1);
    else (this.#entries ??= []).push(entry);
  }

  at(path: readonly string[], step = 0): PathTree<Entry> | undefined {
    return step < path.length ? this.#known(path[step])?.at(path, step + 1) : this;
  }

  /** The last entry among those that share the longest start with a path. */
  lastNear(path: readonly string[], step = 0): Entry | undefined {
    return this.#known(path[step])?.lastNear(path, step + 1) ?? this.last;
  }

  /** Calls for every entry at this path and below it, with the steps from here. */
  visit(look: (steps: readonly string[], entry: Entry) => void, steps: readonly string[] = []): void {
    for (const entry of this.entries) look(steps, entry);
    for (const [key, member] of this.#members ?? []) member.visit(look, [...steps, key]);
  }

  #known(key: string | undefined): PathTree<Entry> | undefined {
    return key === undefined ? undefined : this.#members?.get(key);
  }

  #member(key: string): PathTree<Entry> {
    const known = this.#known(key);
    if (known !== undefined) return known;
    const member = new PathTree<Entry>();
    (this.#members ??= new Map()).set(key, member);
    return member;
  }
}
