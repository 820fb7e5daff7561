/** One block of a tar as the header of something, by the library `tar`, without that library's leniency. */
import type { Header } from 'tar';
import { archiveRefused } from '../archiveRefused.js';
import { showName } from '../archiveRefused.js';

export const BLOCK_BYTES = 512;

export interface TarHeader {
  readonly type: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedAt: number | undefined;
}

/** Field of the size: POSIX pax, "ustar Interchange Format". */
const SIZE = { START: 124, END: 136 } as const;
const OCTAL = 8;
/** The first bit says that the rest is a number of base 256, as GNU tar writes large ones. */
const BINARY_MARK = 0x80;
const BYTE_VALUES = 256;

/**
 * @param block of `BLOCK_BYTES`.
 * @param HeaderClass of the library, which is loaded on first use.
 * @throws PersistenceError `ERR_ARCHIVE_REFUSED` for what is no header.
 */
export function readHeader(block: Buffer, HeaderClass: typeof Header): TarHeader {
  const header = decodeBlock(block, HeaderClass);
  const name = header.path ?? '';
  if (!header.cksumValid) throw archiveRefused('it has a damaged header');
  const time = header.mtime?.getTime() ?? NaN;
  return {
    type: header.type,
    name,
    sizeBytes: readSize(block.subarray(SIZE.START, SIZE.END), name),
    modifiedAt: Number.isFinite(time) ? time : undefined,
  };
}

function decodeBlock(block: Buffer, HeaderClass: typeof Header): Header {
  try {
    return new HeaderClass(block, 0);
  } catch (cause) {
    throw archiveRefused('it has a damaged header', { cause });
  }
}

/**
 * The size, which decides where the next header is looked for: programs that read a malformed one differently would see other
 * entries. The library reads `12x` as `12`, and says 0 for every folder.
 */
function readSize(field: Buffer, name: string): number {
  const [mark = 0] = field;
  let size = NaN;
  if (mark === BINARY_MARK) {
    size = field.subarray(1).reduce((sum, byte) => sum * BYTE_VALUES + byte, 0);
  } else {
    const [, digits] = /^ *([0-7]+)[ \0]*$/u.exec(field.toString('latin1')) ?? [];
    size = parseInt(digits ?? '', OCTAL);
  }
  if (Number.isSafeInteger(size)) return size;
  throw archiveRefused(`the size of ${showName(name)} is no number that a file can have`);
}
