/**
 * The entries of a tar, from its bytes.
 *
 * The blocks are walked here, with the headers read by the library `tar`. Its own `Parser` passes over much without a word that
 * makes programs see different entries: what follows the end, a missing end, unknown types, headers that are too long.
 */
import type { Header } from 'tar';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import type { ArchiveEntry } from '../ArchiveFormat.js';
import { archiveRefused } from '../archiveRefused.js';
import { EntryContent } from '../EntryContent.js';
import type { EntryJudge } from '../EntryJudge.js';
import type { PieceReader } from './PieceReader.js';
import {
  checkExtensionSize,
  EXTENSION_TYPES,
  readExtension,
  type ExtensionType,
  type TarExtension,
} from './tarExtension.js';
import { BLOCK_BYTES, readHeader, type TarHeader } from './tarHeader.js';

const { MAX_TAR_EXTENSIONS, PIECE_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.TRANSFER;

const FILE_TYPES: readonly string[] = ['File', 'OldFile', 'ContiguousFile'];
const FOLDER_TYPE = 'Directory';

/**
 * The files of a tar up to its end mark and the zeros behind it.
 *
 * @throws PersistenceError `ERR_ARCHIVE_REFUSED`; what the pieces throw, as it is.
 */
export async function* readTar(reader: PieceReader, judge: EntryJudge): AsyncGenerator<ArchiveEntry, void> {
  const { Header: HeaderClass } = await import('tar');
  for (;;) {
    const header = await nextHeader(reader, judge, HeaderClass);
    if (header === undefined) break;
    const { type, sizeBytes, modifiedAt } = header;
    const name = withoutDot(header.name);
    if (type === FOLDER_TYPE) {
      acceptFolder(header, name, judge);
      continue;
    }
    if (!FILE_TYPES.includes(type)) {
      throw archiveRefused('it is a link, a device or something else that is no plain file', { entry: name });
    }
    judge.acceptFile(name, sizeBytes);
    const content = new EntryContent(reader.takePieces(sizeBytes));
    try {
      yield { name, sizeBytes, modifiedAt, read: () => content.take() };
      await content.finish();
    } finally {
      await content.cancel();
    }
    await skipPadding(reader, judge, sizeBytes);
  }
  await readEnd(reader, judge);
}

/** The header of the next entry, with what extensions say of it; undefined at the first block of the end. */
async function nextHeader(
  reader: PieceReader,
  judge: EntryJudge,
  HeaderClass: typeof Header,
): Promise<TarHeader | undefined> {
  const extension: TarExtension = {};
  for (let extensions = 0; ; extensions += 1) {
    if (extensions > MAX_TAR_EXTENSIONS) throw archiveRefused('it has too many extended headers before one entry');
    const block = await reader.take(BLOCK_BYTES);
    judge.acceptOverhead(BLOCK_BYTES);
    if (isZero(block)) {
      if (extensions === 0) return undefined;
      throw archiveRefused('it has an extended header without an entry');
    }
    const header = readHeader(block, HeaderClass);
    if (!EXTENSION_TYPES.includes(header.type)) return extend(header, extension);
    checkExtensionSize(header.sizeBytes);
    const content = await reader.take(header.sizeBytes);
    judge.acceptOverhead(header.sizeBytes);
    readExtension(header.type as ExtensionType, content, extension);
    await skipPadding(reader, judge, header.sizeBytes);
  }
}

function extend(header: TarHeader, { name, sizeBytes, modifiedAt }: TarExtension): TarHeader {
  return {
    type: header.type,
    name: name ?? header.name,
    sizeBytes: sizeBytes ?? header.sizeBytes,
    modifiedAt: modifiedAt ?? header.modifiedAt,
  };
}

/** `tar` writes `./` before each name when it is given a folder as `.`, and an entry for that folder itself. */
function withoutDot(name: string): string {
  return name.startsWith('./') ? name.slice('./'.length) : name;
}

function acceptFolder({ sizeBytes }: TarHeader, fullName: string, judge: EntryJudge): void {
  if (sizeBytes !== 0) throw archiveRefused('it is a folder with content', { entry: fullName });
  if (fullName === '' || fullName === '.') return;
  judge.acceptFolder(fullName.endsWith('/') ? fullName.slice(0, -1) : fullName);
}

/** Contents are filled up to whole blocks, with what does not matter. */
async function skipPadding(reader: PieceReader, judge: EntryJudge, sizeBytes: number): Promise<void> {
  const length = (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
  judge.acceptOverhead(length);
  await reader.take(length);
}

/** A second block of zeros, and zeros up to the end of the record. */
async function readEnd(reader: PieceReader, judge: EntryJudge): Promise<void> {
  let zeros = await reader.take(BLOCK_BYTES);
  for (let more: Buffer | undefined = zeros; more !== undefined; more = await reader.takeSome(PIECE_BYTES)) {
    zeros = more;
    judge.acceptOverhead(zeros.length);
    if (!isZero(zeros)) throw archiveRefused('something follows the end of the tar in it');
  }
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
