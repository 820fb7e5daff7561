/** Writes a ZIP file by `archiver`, which is given one entry at a time: it would keep all that it is given. */
import type { ZipArchive } from 'archiver';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import type { ArchiveWriteOptions, ByteSink, NewEntry } from '../ArchiveFormat.js';
import { DEFAULT_ARCHIVE_LIMITS, EntryJudge } from '../EntryJudge.js';
import { PieceWriter } from '../PieceWriter.js';

const { PERMISSIONS, TRANSFER } = CONFIG_PERSISTENCE_CONSTANTS;

/** Times before 1980 and from 2044 on become the nearest that archiver writes. */
export async function writeZip(
  entries: AsyncIterable<NewEntry> | Iterable<NewEntry>,
  sink: ByteSink,
  { isCompressed, signal }: ArchiveWriteOptions,
): Promise<void> {
  signal.throwIfAborted();
  const { ZipArchive } = await import('archiver');
  const judge = new EntryJudge(DEFAULT_ARCHIVE_LIMITS);
  const archive = new ZipArchive({ store: !isCompressed, zlib: { level: TRANSFER.COMPRESSION_LEVEL } });
  const output = new ArchiverOutput(archive, new PieceWriter(sink, judge, signal));
  try {
    for await (const { name, bytes, modifiedAt } of entries) {
      signal.throwIfAborted();
      judge.acceptFile(name, bytes.length);
      const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      // An empty content is stored either way; only so is its header like those of others.
      const store = !isCompressed || bytes.length === 0;
      archive.append(content, { name, date: new Date(modifiedAt), store, mode: PERMISSIONS.ARCHIVE_ENTRY });
      await output.takeEntry(store ? bytes.length : 0);
    }
    void archive.finalize().catch(() => undefined);
    await output.takeRest();
  } finally {
    archive.abort().destroy();
  }
}

/** Takes from archiver what it makes, so that it never makes more than one entry ahead. */
class ArchiverOutput {
  readonly #archive: ZipArchive;
  readonly #pieces: PieceWriter;
  #storedBytes = 0;
  #takenBytes = 0;
  #appendedEntries = 0;
  #madeEntries = 0;
  #hasEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #wake = (): void => undefined;

  constructor(archive: ZipArchive, pieces: PieceWriter) {
    this.#archive = archive;
    this.#pieces = pieces;
    // Not `readable`: archiver writes headers in fields of two bytes, each of which would have to be waited for.
    archive.on('data', (piece: Buffer) => this.#take(piece));
    archive.on('entry', () => {
      this.#madeEntries += 1;
      this.#wake();
    });
    archive.on('end', () => {
      this.#hasEnded = true;
      this.#wake();
    });
    // A warning would mean that an entry was left out.
    for (const event of ['error', 'warning'] as const) archive.on(event, (error) => this.#fail(error));
  }

  /**
   * Until the entry that was appended is made.
   *
   * @param storedBytes what must have come out then: archiver makes an entry without compression at once, whoever takes it.
   */
  async takeEntry(storedBytes: number): Promise<void> {
    this.#appendedEntries += 1;
    this.#storedBytes += storedBytes;
    await this.#takeUntil(() => this.#madeEntries === this.#appendedEntries && this.#takenBytes >= this.#storedBytes);
  }

  /** Until the end of the archive. */
  async takeRest(): Promise<void> {
    await this.#takeUntil(() => this.#hasEnded);
    await this.#pieces.end();
  }

  async #takeUntil(isEnough: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#pieces.isFull) {
        await this.#pieces.flush();
        this.#archive.resume();
      } else if (isEnough()) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  #take(piece: Buffer): void {
    this.#takenBytes += piece.length;
    try {
      this.#pieces.add(piece);
    } catch (error) {
      this.#fail(error);
    }
    if (this.#pieces.isFull) this.#archive.pause();
    if (this.#pieces.isFull || this.#madeEntries === this.#appendedEntries) this.#wake();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }
}
