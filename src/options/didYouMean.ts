/** Finds the key that somebody meant who has misspelt one. */

/** One mistake for each so many characters is still a slip of the keyboard. */
const CHARACTERS_PER_MISTAKE = 3;

/** `; did you mean x?` for the known name next to it, in another case or with a few letters wrong; empty where none is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const limit = Math.max(1, Math.floor(name.length / CHARACTERS_PER_MISTAKE));
  let nearest: string | undefined;
  let least = limit + 1;
  for (const candidate of known) {
    // Longer differences need no counting, and a name of any length may come here.
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const mistakes = distance(name.toLowerCase(), candidate.toLowerCase());
    if (mistakes >= least) continue;
    least = mistakes;
    nearest = candidate;
  }
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

/** Letters to insert, to remove, to replace or to swap with their neighbour (optimal string alignment). */
function distance(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwap = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const steps = [
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        row > 1 && column > 1 && isSwap ? at(beforeLast, column - 2) + 1 : Infinity,
      ];
      current.push(Math.min(...steps));
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, other.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
