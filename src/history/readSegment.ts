/** Reads a segment of the log, from either end, block by block: it may be far larger than what is wanted of it. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { LogSegment, LogSegments } from '../storage/port/LogSegments.js';
import { parseLine, type ChainedLine } from './chain.js';

const { BLOCK_BYTES, MAX_LINE_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.OPERATION_LOG;

const LINE_FEED = 0x0a;

/** A line as it stands there, and whether a line feed ends it. */
export interface RawLine {
  readonly text: string;
  readonly isEnded: boolean;
}

/**
 * The lines, last one first; what no line feed ends is left out, for its writer may be at work. A line that is too long comes
 * as an empty one.
 */
export async function* linesBackwards(segments: LogSegments, segment: LogSegment): AsyncGenerator<string, void> {
  let end = segment.sizeBytes;
  let rest: Buffer = Buffer.alloc(0);
  let isLastEnded = false;
  while (end > 0) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const block = await segments.read(segment, start, end - start);
    if (block.length < end - start) return;
    const bytes = rest.length === 0 ? Buffer.from(block) : Buffer.concat([block, rest]);
    let lineEnd = bytes.length;
    for (;;) {
      const feed = bytes.lastIndexOf(LINE_FEED, lineEnd - 1);
      if (feed < 0 || lineEnd === 0) break;
      if (isLastEnded) yield bytes.toString('utf8', feed + 1, lineEnd);
      isLastEnded = true;
      lineEnd = feed;
    }
    rest = lineEnd > MAX_LINE_BYTES ? Buffer.alloc(0) : bytes.subarray(0, lineEnd);
    end = start;
  }
  if (isLastEnded) yield rest.toString('utf8');
}

/** The lines in their order. */
export async function* linesForwards(segments: LogSegments, segment: LogSegment): AsyncGenerator<RawLine, void> {
  let rest: Buffer = Buffer.alloc(0);
  for (let start = 0; start < segment.sizeBytes; start += BLOCK_BYTES) {
    const block = await segments.read(segment, start, Math.min(BLOCK_BYTES, segment.sizeBytes - start));
    const bytes = rest.length === 0 ? Buffer.from(block) : Buffer.concat([rest, block]);
    let lineStart = 0;
    for (;;) {
      const feed = bytes.indexOf(LINE_FEED, lineStart);
      if (feed < 0) break;
      yield { text: bytes.toString('utf8', lineStart, feed), isEnded: true };
      lineStart = feed + 1;
    }
    rest = bytes.subarray(lineStart);
    // No writer makes such a line; what comes before its end is told as one that is damaged.
    if (rest.length > MAX_LINE_BYTES) {
      yield { text: '', isEnded: true };
      rest = Buffer.alloc(0);
    }
  }
  if (rest.length > 0) yield { text: rest.toString('utf8'), isEnded: false };
}

/** Undefined where the segment is empty, or its last line is none of a log. */
export async function lastLineOf(segments: LogSegments, segment: LogSegment): Promise<ChainedLine | undefined> {
  for await (const line of linesBackwards(segments, segment)) return parseLine(line);
  return undefined;
}
