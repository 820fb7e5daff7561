/** What the tests of archives share: archives in memory, and their entries as a list. */
import { archiveFormatFor } from '../../../src/transfer/archives/archiveFormats.js';
import type { ArchiveLimits, ByteSource, NewEntry } from '../../../src/transfer/archives/ArchiveFormat.js';
import { DEFAULT_ARCHIVE_LIMITS } from '../../../src/transfer/archives/EntryJudge.js';

export type FormatName = 'zip' | 'tar.gz';

export const FORMATS = ['zip', 'tar.gz'] as const;

/** Even, so that ZIP can tell it. */
export const TIME = Date.UTC(2024, 1, 29, 12, 34, 56);

export const neverAborted = new AbortController().signal;

export interface ReadBack {
  readonly name: string;
  readonly content: Buffer;
  readonly modifiedAt: number | undefined;
}

export function newEntry(name: string, content: string | Uint8Array = '{}', modifiedAt = TIME): NewEntry {
  return { name, bytes: Buffer.from(content), modifiedAt };
}

export async function write(
  format: FormatName,
  entries: AsyncIterable<NewEntry> | Iterable<NewEntry>,
  isCompressed = true,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const sink = {
    async write(bytes: Uint8Array): Promise<void> {
      await Promise.resolve();
      pieces.push(Uint8Array.from(bytes));
    },
  };
  await archiveFormatFor(format).write(entries, sink, { isCompressed, signal: neverAborted });
  return Buffer.concat(pieces);
}

export function sourceOf(file: Buffer): ByteSource {
  return {
    sizeBytes: file.length,
    read: (at, length) => Promise.resolve(Uint8Array.from(file.subarray(at, at + length))),
  };
}

export async function read(
  format: FormatName,
  file: Buffer | ByteSource,
  limits: Partial<ArchiveLimits> = {},
): Promise<ReadBack[]> {
  const source = Buffer.isBuffer(file) ? sourceOf(file) : file;
  const entries: ReadBack[] = [];
  const given = { ...DEFAULT_ARCHIVE_LIMITS, ...limits };
  for await (const entry of archiveFormatFor(format).read(source, given, neverAborted)) {
    const pieces: Uint8Array[] = [];
    for await (const piece of entry.read()) pieces.push(piece);
    const content = Buffer.concat(pieces);
    // Not by `expect`, which would take most of the time for many entries.
    if (content.length !== entry.sizeBytes) throw new Error(`${entry.name} is not as long as it said`);
    entries.push({ name: entry.name, content, modifiedAt: entry.modifiedAt });
  }
  return entries;
}

/** Names to contents as text. */
export function textsOf(entries: readonly ReadBack[]): Record<string, string> {
  return Object.fromEntries(entries.map(({ name, content }) => [name, content.toString()]));
}
