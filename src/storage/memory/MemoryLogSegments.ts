/** The segments of the operation log in memory, which all stores of one provider share. */
import type { LogSegment, LogSegments, LogSegmentWriter } from '../port/LogSegments.js';

/** One segment with its bytes. */
export interface MemorySegment {
  readonly id: string;
  bytes: Uint8Array;
  modifiedAt: number;
  endMark: string | undefined;
}

/* The methods are async, so that whatever they throw is a rejected promise. */
/* eslint-disable @typescript-eslint/require-await */
export class MemoryLogSegments implements LogSegments {
  readonly #segments: Map<string, MemorySegment>;

  constructor(segments: Map<string, MemorySegment>) {
    this.#segments = segments;
  }

  async list(): Promise<readonly LogSegment[]> {
    return [...this.#segments.values()].map(({ id, bytes, modifiedAt, endMark }) => ({
      id,
      path: id,
      sizeBytes: bytes.length,
      modifiedAt,
      endMark,
    }));
  }

  async read({ id }: LogSegment, offset: number, length: number): Promise<Uint8Array> {
    return new Uint8Array(this.#segments.get(id)?.bytes.slice(offset, offset + length) ?? []);
  }

  async create(beganAt: number): Promise<LogSegmentWriter> {
    const id = `${beganAt}-${this.#segments.size}`;
    const segment: MemorySegment = { id, bytes: new Uint8Array(), modifiedAt: beganAt, endMark: undefined };
    this.#segments.set(id, segment);
    return writerOf(segment);
  }

  async resume({ id }: LogSegment): Promise<LogSegmentWriter | undefined> {
    const segment = this.#segments.get(id);
    if (segment?.endMark === undefined) return undefined;
    segment.endMark = undefined;
    return writerOf(segment);
  }

  async remove({ id }: LogSegment): Promise<void> {
    this.#segments.delete(id);
  }
}

function writerOf(segment: MemorySegment): LogSegmentWriter {
  return {
    id: segment.id,
    append: async (bytes) => {
      segment.bytes = Buffer.concat([segment.bytes, bytes]);
      segment.modifiedAt = Date.now();
    },
    flush: async () => undefined,
    end: async (mark) => {
      segment.endMark = mark;
    },
    abandon: async () => undefined,
  };
}
