/**
 * The port to an append-only log that many instances write at once, without a lock: each into a segment of its own.
 *
 * What stands in a segment is decided above. A segment that its writer has ended can be gone on with by another one; one
 * that was not ended belongs to a living writer, or to one that was killed.
 */

export interface LogSegment {
  /** Begins with the time of its beginning, so that ids sort by it. Stays the same for the life of the segment. */
  readonly id: string;
  /** Where a person finds it: a file's path, or the id in a store without files. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  /** What its writer gave to `end`; undefined where it was not ended. */
  readonly endMark: string | undefined;
}

/** The one writer of a segment. Its calls must not overlap. */
export interface LogSegmentWriter {
  readonly id: string;
  /** Adds bytes at its end; they are durable after `flush`. @throws where the segment is not this writer's any more. */
  append(bytes: Uint8Array): Promise<void>;
  flush(): Promise<void>;
  /** Leaves it to others. @param mark hexadecimal digits that tell how it ends. */
  end(mark: string): Promise<void>;
  /** Leaves it as it is, for what goes wrong. */
  abandon(): Promise<void>;
}

export interface LogSegments {
  /** In the order of their beginnings. */
  list(): Promise<readonly LogSegment[]>;
  /** Fewer bytes where it ends before; none where it is gone. */
  read(segment: LogSegment, offset: number, length: number): Promise<Uint8Array>;
  /** @param beganAt epoch milliseconds. */
  create(beganAt: number): Promise<LogSegmentWriter>;
  /** Goes on with one that was ended; undefined where somebody else was first. */
  resume(segment: LogSegment): Promise<LogSegmentWriter | undefined>;
  /** Does nothing where it is gone. */
  remove(segment: LogSegment): Promise<void>;
}
