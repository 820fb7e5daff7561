/**
 * One segment of the log while this instance writes it: where its chain stands, how it begins and when it is full.
 *
 * It soon says what the other segments have come to, so that one that is cut or taken away later shows. What is
 * too old or too much goes with the beginning of a new one, after that has noted it.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { OperationProcess } from '../../interfaces/history.js';
import type { LogSegment, LogSegments, LogSegmentWriter } from '../storage/port/LogSegments.js';
import { CHAIN_START, formatLine, linkOf } from './chain.js';
import { lastLineOf } from './readSegment.js';
import type { BeginRecord, LogRecord, SegmentHead } from './records.js';

const { OPERATION_LOG } = CONFIG_PERSISTENCE_CONSTANTS;

export class SegmentChain {
  readonly #writer: LogSegmentWriter;
  #last: string;
  #sizeBytes: number;
  #isDurable = false;
  /** The newest, which may still run: its descriptor must not be closed before. */
  #flushing: Promise<void> = Promise.resolve();
  #hasNoted = false;

  private constructor(writer: LogSegmentWriter, last: string, sizeBytes: number) {
    this.#writer = writer;
    this.#last = last;
    this.#sizeBytes = sizeBytes;
  }

  /**
   * What the other segments have come to, to be appended for whoever verifies; once. It can wait: nothing may stand between a
   * change and its entry.
   */
  async others(segments: LogSegments, now: number): Promise<LogRecord[]> {
    if (this.#hasNoted) return [];
    this.#hasNoted = true;
    const others = (await segments.list()).filter(({ id }) => id !== this.#writer.id);
    const heads = await headsOf(segments, others, now);
    return heads.length === 0 ? [] : [{ record: 'heads', time: now, heads }];
  }

  /** Goes on with the newest segment that was ended and has room, or makes a new one. */
  static async begin(segments: LogSegments, process: OperationProcess, now: number): Promise<SegmentChain> {
    const present = await segments.list();
    const outdated = outdatedOf(present, now);
    const kept = present.filter((segment) => !outdated.includes(segment));
    const chain = (await SegmentChain.#resume(segments, kept)) ?? (await SegmentChain.#create(segments, now));
    const floor = outdated.at(-1)?.id;
    try {
      const begin: BeginRecord = {
        record: 'begin',
        format: OPERATION_LOG.FORMAT_VERSION,
        time: now,
        process,
        ...(floor === undefined ? {} : { floor }),
      };
      await chain.append([begin]);
      if (outdated.length > 0) await chain.flush();
      for (const segment of outdated) await segments.remove(segment);
      return chain;
    } catch (error) {
      await chain.abandon();
      throw error;
    }
  }

  static async #create(segments: LogSegments, now: number): Promise<SegmentChain> {
    return new SegmentChain(await segments.create(now), CHAIN_START, 0);
  }

  static async #resume(segments: LogSegments, present: readonly LogSegment[]): Promise<SegmentChain | undefined> {
    const newest = present.findLast(({ endMark }) => endMark !== undefined);
    if (newest === undefined || newest.sizeBytes >= OPERATION_LOG.SEGMENT_BYTES / 2) return undefined;
    // One that does not end as its writer left it is evidence, and nothing is added to it.
    const last = await lastLineOf(segments, newest);
    if (last === undefined || last.hash !== newest.endMark) return undefined;
    const writer = await segments.resume(newest);
    return writer === undefined ? undefined : new SegmentChain(writer, last.hash, newest.sizeBytes);
  }

  get isFull(): boolean {
    return this.#sizeBytes >= OPERATION_LOG.SEGMENT_BYTES;
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    let last = this.#last;
    const lines = records.map((record) => {
      const text = JSON.stringify(record);
      last = linkOf(last, text);
      return formatLine({ hash: last, text });
    });
    const bytes = Buffer.from(lines.join(''));
    await this.#writer.append(bytes);
    this.#last = last;
    this.#sizeBytes += bytes.length;
    this.#isDurable = false;
  }

  /** What is appended while it runs waits for the next one. */
  flush(): Promise<void> {
    if (this.#isDurable) return this.#flushing;
    this.#isDurable = true;
    this.#flushing = this.#flushing.catch(() => undefined).then(() => this.#writer.flush());
    return this.#flushing;
  }

  async end(): Promise<void> {
    await this.flush();
    await this.#writer.end(this.#last);
  }

  async abandon(): Promise<void> {
    await this.#flushing.catch(() => undefined);
    await this.#writer.abandon();
  }
}

/** The oldest ones, as long as there are too many, too much, or they are too old. */
function outdatedOf(present: readonly LogSegment[], now: number): LogSegment[] {
  let bytes = present.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let count = present.length;
  const outdated: LogSegment[] = [];
  for (const segment of present) {
    const isOld = now - segment.modifiedAt > OPERATION_LOG.MAX_AGE_MS;
    if (!isOld && bytes <= OPERATION_LOG.MAX_BYTES && count < OPERATION_LOG.MAX_SEGMENTS) break;
    const isAlive = segment.endMark === undefined && now - segment.modifiedAt < OPERATION_LOG.MAYBE_ALIVE_MS;
    if (isAlive) continue;
    outdated.push(segment);
    bytes -= segment.sizeBytes;
    count -= 1;
  }
  return outdated;
}

async function headsOf(segments: LogSegments, others: readonly LogSegment[], now: number): Promise<SegmentHead[]> {
  const heads: SegmentHead[] = [];
  for (const segment of others.slice(-OPERATION_LOG.MAX_HEADS)) {
    // What its writer has not made durable yet may be gone after a power cut, and nobody would have cut it.
    if (segment.endMark === undefined && now - segment.modifiedAt < OPERATION_LOG.CLOCK_MARGIN_MS) continue;
    const hash = segment.endMark ?? (await lastLineOf(segments, segment))?.hash;
    if (hash !== undefined) heads.push({ id: segment.id, hash });
  }
  return heads;
}
