/** Tar files packed by gzip. Unpacked here, a piece at a time: the library `tar` unpacks without waiting for its reader. */
import { createGunzip, createGzip } from 'node:zlib';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import type {
  ArchiveEntry,
  ArchiveFormat,
  ArchiveLimits,
  ArchiveWriteOptions,
  ByteSink,
  ByteSource,
  NewEntry,
} from '../ArchiveFormat.js';
import { archiveRefused } from '../archiveRefused.js';
import { DEFAULT_ARCHIVE_LIMITS, EntryJudge } from '../EntryJudge.js';
import { PieceWriter } from '../PieceWriter.js';
import { isDamage, throughZlib } from '../throughZlib.js';
import { PieceReader } from './PieceReader.js';
import { readTar } from './readTar.js';
import { writeTar } from './writeTar.js';

const { COMPRESSION_LEVEL, PIECE_BYTES, WINDOW_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.TRANSFER;

export const tarGz: ArchiveFormat = { name: 'tar.gz', write: writeTarGz, read: readTarGz };

/** The head of a gzip file, RFC 1952: two bytes that tell it, and the system that it was made on. */
const GZIP = { FIRST: 0x1f, SECOND: 0x8b, SYSTEM: 9, UNKNOWN_SYSTEM: 255 } as const;

async function writeTarGz(
  entries: AsyncIterable<NewEntry> | Iterable<NewEntry>,
  sink: ByteSink,
  { isCompressed, signal }: ArchiveWriteOptions,
): Promise<void> {
  signal.throwIfAborted();
  const judge = new EntryJudge(DEFAULT_ARCHIVE_LIMITS);
  const output = new PieceWriter(sink, judge, signal);
  const gzip = createGzip({ level: isCompressed ? COMPRESSION_LEVEL : 0, chunkSize: PIECE_BYTES });
  let isFirst = true;
  for await (const piece of throughZlib(gather(writeTar(entries, judge), signal), gzip)) {
    // zlib writes its own system there.
    if (isFirst) piece[GZIP.SYSTEM] = GZIP.UNKNOWN_SYSTEM;
    isFirst = false;
    output.add(piece);
    if (output.isFull) await output.flush();
  }
  await output.end();
}

/** Small pieces together: each way through zlib is one through the thread pool. */
async function* gather(pieces: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    signal.throwIfAborted();
    waiting.push(piece);
    length += piece.length;
    if (length < PIECE_BYTES) continue;
    yield Buffer.concat(waiting, length);
    waiting = [];
    length = 0;
  }
  yield Buffer.concat(waiting, length);
}

async function* readTarGz(
  source: ByteSource,
  limits: ArchiveLimits,
  signal: AbortSignal,
): AsyncGenerator<ArchiveEntry, void> {
  signal.throwIfAborted();
  const judge = new EntryJudge(limits);
  judge.acceptArchive(source.sizeBytes);
  const pieces = unpack(source, signal);
  try {
    for await (const entry of readTar(new PieceReader(pieces), judge)) {
      signal.throwIfAborted();
      yield entry;
    }
  } finally {
    await pieces.return();
  }
}

/** The tar, whole. Its errors reach the reader of an entry, too. @throws as `readTarGz`. */
async function* unpack(source: ByteSource, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  try {
    yield* throughZlib(sourcePieces(source, signal), gunzip);
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    throw archiveRefused('it is no whole gzip file', { cause });
  }
  // zlib passes over what follows the end of a file where it starts with a zero.
  if (gunzip.bytesWritten !== source.sizeBytes) throw archiveRefused('something follows the end of its gzip file');
}

/** @throws PersistenceError `ERR_ARCHIVE_REFUSED` for what is no gzip file, or ends before its size. */
async function* sourcePieces(source: ByteSource, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < source.sizeBytes; at += WINDOW_BYTES) {
    signal.throwIfAborted();
    const length = Math.min(WINDOW_BYTES, source.sizeBytes - at);
    const piece = await source.read(at, length);
    if (piece.length !== length) throw archiveRefused('it became shorter while it was read');
    if (at === 0 && !(piece[0] === GZIP.FIRST && piece[1] === GZIP.SECOND)) {
      throw archiveRefused('it is not packed by gzip; a plain .tar is not taken');
    }
    yield piece;
  }
}
