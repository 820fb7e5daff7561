/** Pieces through one of zlib's streams, no further ahead than one piece and what the stream itself holds. */
import { once } from 'node:events';
import type { Gunzip, Gzip, InflateRaw } from 'node:zlib';

type ZlibStream = Gzip | Gunzip | InflateRaw;

/** What zlib says of bytes that it cannot read to the end; it says others where it lacks memory. */
const DAMAGE_CODES: readonly unknown[] = ['Z_DATA_ERROR', 'Z_BUF_ERROR', 'Z_NEED_DICT', 'ERR_BUFFER_TOO_LARGE'];

/** True for what zlib throws at damaged bytes. */
export function isDamage(error: unknown): boolean {
  // Not instanceof: the errors of Node's own modules may come from another realm (`vm` context).
  return typeof error === 'object' && error !== null && 'code' in error && DAMAGE_CODES.includes(error.code);
}

/**
 * What comes out. Ends with the stream's end, which may be before the input's; `bytesWritten` then tells how much it took.
 *
 * However it is left, the stream is destroyed and the input has ended.
 *
 * @throws what the input throws, as it is; the errors of zlib, as they are.
 */
export async function* throughZlib(
  input: AsyncIterable<Uint8Array>,
  stream: ZlibStream,
): AsyncGenerator<Uint8Array, void> {
  const feeding = feed(input, stream);
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) yield piece;
  } finally {
    stream.destroy();
    await feeding;
  }
}

/** Never rejects: a failure of the input is what the stream fails with. */
async function feed(input: AsyncIterable<Uint8Array>, stream: ZlibStream): Promise<void> {
  try {
    for await (const piece of input) {
      if (stream.destroyed) return;
      if (!stream.write(piece)) await drained(stream);
    }
    stream.end();
  } catch (error) {
    stream.destroy(error as Error);
  }
}

/** Also when it is destroyed, after which nothing drains. */
async function drained(stream: ZlibStream): Promise<void> {
  if (stream.destroyed) return;
  const ended = new AbortController();
  const { signal } = ended;
  try {
    await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]);
  } catch {
    // An error of the stream, which its reader is told of.
  } finally {
    ended.abort();
  }
}
