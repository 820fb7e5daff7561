/** The bytes of a tar, with headers made by the library `tar`: ustar, and pax records for what ustar cannot hold. */
import type { Header, Pax } from 'tar';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import type { NewEntry } from '../ArchiveFormat.js';
import type { EntryJudge } from '../EntryJudge.js';
import { BLOCK_BYTES } from './tarHeader.js';

const { ARCHIVE_ENTRY } = CONFIG_PERSISTENCE_CONSTANTS.PERMISSIONS;

const MS_PER_SECOND = 1000;
const END_BLOCKS = 2;

/** Neither owners nor other times than that of the content: the same entries give the same bytes everywhere. */
export async function* writeTar(
  entries: AsyncIterable<NewEntry> | Iterable<NewEntry>,
  judge: EntryJudge,
): AsyncGenerator<Uint8Array, void> {
  const library = await import('tar');
  for await (const entry of entries) {
    judge.acceptFile(entry.name, entry.bytes.length);
    const header = encodeHeader(entry, library);
    const padding = Buffer.alloc((BLOCK_BYTES - (entry.bytes.length % BLOCK_BYTES)) % BLOCK_BYTES);
    judge.acceptOverhead(header.length + padding.length);
    yield header;
    yield entry.bytes;
    yield padding;
  }
  const end = Buffer.alloc(END_BLOCKS * BLOCK_BYTES);
  judge.acceptOverhead(end.length);
  yield end;
}

interface TarLibrary {
  readonly Header: typeof Header;
  readonly Pax: typeof Pax;
}

function encodeHeader({ name, bytes, modifiedAt }: NewEntry, library: TarLibrary): Buffer {
  const fields = {
    path: name,
    size: bytes.length,
    // Whole seconds, as ustar has them, whether pax records are needed or not.
    mtime: new Date(Math.max(0, Math.floor(modifiedAt / MS_PER_SECOND)) * MS_PER_SECOND),
  };
  const header = new library.Header({ ...fields, mode: ARCHIVE_ENTRY, type: 'File' });
  const block = Buffer.alloc(BLOCK_BYTES);
  const needsPax = header.encode(block, 0);
  return needsPax ? Buffer.concat([new library.Pax(fields).encode(), block]) : block;
}
