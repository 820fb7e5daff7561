/** Follows the chain through every segment, and from each segment to what it knew of the others. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { HistoryBreak, HistoryVerification } from '../../interfaces/history.js';
import type { LogSegment, LogSegments } from '../storage/port/LogSegments.js';
import { CHAIN_START, linkOf, parseLine } from './chain.js';
import { linesForwards, type RawLine } from './readSegment.js';
import { parseRecord, type SegmentHead } from './records.js';

const { MAX_BREAKS, REMEMBERED_DIGITS } = CONFIG_PERSISTENCE_CONSTANTS.OPERATION_LOG;

const HEXADECIMAL = 16;
/** How nearly all lines begin, which need not be parsed. */
const OPERATION = '{"record":"operation"';

/** What one segment tells. */
interface FollowedSegment {
  readonly segment: LogSegment;
  /** Beginnings of the hashes of its lines, as numbers: eight bytes each. */
  readonly hashes: readonly number[];
  readonly verifiedLines: number;
  /** See `BeginRecord`. */
  readonly floors: readonly string[];
  /** Of other segments. */
  readonly heads: readonly SegmentHead[];
  readonly breaks: readonly HistoryBreak[];
}

export async function verifyLog(
  segments: LogSegments,
  now: number,
  checkpoint: () => void,
): Promise<HistoryVerification> {
  const followed: FollowedSegment[] = [];
  for (const segment of await segments.list()) followed.push(await follow(segments, segment, checkpoint));
  const breaks = [...followed.flatMap((one) => one.breaks), ...missingOf(followed)];
  return {
    isIntact: breaks.length === 0,
    verifiedLines: followed.reduce((sum, { verifiedLines }) => sum + verifiedLines, 0),
    segments: followed.length,
    breaks: breaks.slice(0, MAX_BREAKS),
    timestamp: now,
  };
}

async function follow(segments: LogSegments, segment: LogSegment, checkpoint: () => void): Promise<FollowedSegment> {
  const chain = new FollowedChain(segment);
  try {
    for await (const line of linesForwards(segments, segment)) {
      checkpoint();
      chain.add(line);
    }
    chain.end();
  } catch (error) {
    checkpoint();
    chain.tell('unreadable', `it cannot be read: ${(error as Error).name}`);
  }
  return chain;
}

class FollowedChain implements FollowedSegment {
  readonly segment: LogSegment;
  readonly hashes: number[] = [];
  readonly floors: string[] = [];
  readonly heads: SegmentHead[] = [];
  readonly breaks: HistoryBreak[] = [];
  verifiedLines = 0;
  #lineCount = 0;
  /** Hash of the line before; undefined after one that has none. */
  #previous: string | undefined = CHAIN_START;

  constructor(segment: LogSegment) {
    this.segment = segment;
  }

  add({ text, isEnded }: RawLine): void {
    this.#lineCount += 1;
    const line = parseLine(text);
    if (line === undefined) {
      // A writer that is killed while it writes leaves half a line.
      const isLeft = !isEnded && this.segment.endMark === undefined;
      if (!isLeft) this.tell('altered', 'this line is none of the log', this.#lineCount);
      this.#previous = undefined;
      return;
    }
    const isChained = this.#previous === undefined || linkOf(this.#previous, line.text) === line.hash;
    if (isChained) this.verifiedLines += 1;
    else this.tell('altered', 'it was edited, or lines before it were taken out, put in or moved', this.#lineCount);
    this.#previous = line.hash;
    this.hashes.push(remembered(line.hash));
    if (line.text.startsWith(OPERATION)) return;
    const record = parseRecord(line.text);
    if (record?.record === 'begin' && record.floor !== undefined) this.floors.push(record.floor);
    if (record?.record === 'heads') this.heads.push(...record.heads);
  }

  end(): void {
    const { endMark } = this.segment;
    const isCut = endMark !== undefined && this.#previous !== endMark && this.breaks.length === 0;
    if (isCut) this.tell('cut', 'it does not end as its writer left it', this.#lineCount);
  }

  tell(type: HistoryBreak['type'], description: string, line?: number): void {
    this.breaks.push({ type, segment: this.segment.path, ...(line === undefined ? {} : { line }), description });
  }
}

/** What a segment knew of another one, and that is not there. */
function missingOf(followed: readonly FollowedSegment[]): HistoryBreak[] {
  const floor = followed.flatMap(({ floors }) => floors).reduce((highest, one) => (one > highest ? one : highest), '');
  const told = new Set<string>();
  const breaks: HistoryBreak[] = [];
  const folder = followed[0]?.segment;
  for (const head of followed.flatMap(({ heads }) => heads)) {
    const known = followed.find(({ segment }) => segment.id === head.id);
    if (told.has(head.id) || isThere(head, known, floor)) continue;
    told.add(head.id);
    breaks.push(
      known === undefined
        ? {
            type: 'missing',
            segment: folder?.path.replace(folder.id, head.id) ?? head.id,
            description: 'another segment knew it, and it is gone',
          }
        : { type: 'cut', segment: known.segment.path, description: 'it lacks a line that another segment knew' },
    );
  }
  return breaks;
}

function isThere(head: SegmentHead, known: FollowedSegment | undefined, floor: string): boolean {
  if (known === undefined) return head.id <= floor;
  // Where its own chain is broken, that says it already.
  return known.breaks.length > 0 || known.hashes.includes(remembered(head.hash));
}

function remembered(hash: string): number {
  return Number.parseInt(hash.slice(0, REMEMBERED_DIGITS), HEXADECIMAL);
}
