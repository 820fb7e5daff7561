/** `java.util.Properties.load`, written a second time from its documentation, to check what we write. */
const BLANK = /[ \t\f]/;

export function loadLikeJava(text: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const keyEnd = findKeyEnd(line);
    let valueStart = skipBlanks(line, keyEnd);
    if (line[valueStart] === '=' || line[valueStart] === ':') valueStart = skipBlanks(line, valueStart + 1);
    pairs.set(unescape(line.slice(0, keyEnd)), unescape(line.slice(valueStart)));
  }
  return pairs;
}

function* logicalLines(text: string): Generator<string> {
  let logical: string | undefined;
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const content = natural.slice(skipBlanks(natural, 0));
    if (logical === undefined && (content === '' || content.startsWith('#') || content.startsWith('!'))) continue;
    logical = (logical ?? '') + content;
    const backslashes = /\\*$/.exec(content)?.[0].length ?? 0;
    if (backslashes % 2 === 1) {
      logical = logical.slice(0, -1);
    } else {
      yield logical;
      logical = undefined;
    }
  }
  if (logical !== undefined) yield logical;
}

function findKeyEnd(line: string): number {
  let end = 0;
  while (end < line.length && !/[=: \t\f]/.test(line.charAt(end))) end += line.charAt(end) === '\\' ? 2 : 1;
  return Math.min(end, line.length);
}

function skipBlanks(line: string, start: number): number {
  let end = start;
  while (end < line.length && BLANK.test(line.charAt(end))) end += 1;
  return end;
}

function unescape(text: string): string {
  const named: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f' };
  return text.replace(/\\(?:u([\dA-Fa-f]{4})|([^]))/g, (_, digits: string | undefined, character: string) =>
    digits === undefined ? (named[character] ?? character) : String.fromCharCode(parseInt(digits, 16)),
  );
}
