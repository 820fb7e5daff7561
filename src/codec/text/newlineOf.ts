/** How the lines of a text end: as its first one does. */
export function newlineOf(text: string): string {
  return /\r\n?|\n/.exec(text)?.[0] ?? '\n';
}
