/** Finds comments in YAML: the parser skips them, so they are what stands between the parts that it tells of. */
import { EVENT_ID, type Event } from 'js-yaml';
import { parseYaml } from './yamlParsing.js';

/** A comment follows a blank, or a block of text and its line end; any other `#` can only be a part of a directive. */
const COMMENT = /(?:^|[\s\uFEFF])#/;
const ABSENT = -1;

type Range = readonly [start: number, end: number];

/** Whether a text that the codec reads has a comment. */
export function hasYamlComment(text: string): boolean {
  if (!text.includes('#')) return false;
  let end = 0;
  for (const [start, rangeEnd] of rangesOf(parseYaml(text))) {
    if (COMMENT.test(text.slice(end, start))) return true;
    end = rangeEnd;
  }
  return COMMENT.test(text.slice(end));
}

/** Where scalars, aliases, anchors and tags stand, in reading order. */
function rangesOf(events: readonly Event[]): Range[] {
  const ranges: Range[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) continue;
    ranges.push([event.anchorStart, event.anchorEnd]);
    if (event.type !== EVENT_ID.ALIAS) ranges.push([event.tagStart, event.tagEnd]);
    if (event.type === EVENT_ID.SCALAR) ranges.push([event.valueStart, event.valueEnd]);
  }
  return ranges.filter(([start]) => start !== ABSENT).sort(([first], [second]) => first - second);
}
