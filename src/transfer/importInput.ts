/** Opens what is imported: decrypted where it is encrypted, whatever it is. */
import type { ImportOptions } from '../../interfaces/transfer.js';
import type { Operation } from '../engine/Operation.js';
import { completeError, PersistenceError, persistenceError } from '../errors/PersistenceError.js';
import { KeyRing } from '../packing/KeyRing.js';
import type { ByteSource } from './archives/ArchiveFormat.js';
import { metadataNameOf } from './exportNames.js';
import { parseMetadata, type ImportedMetadata } from './metadataFile.js';
import { isSealed, unsealedSource } from './sealing.js';
import type { TransferParts } from './TransferParts.js';

export interface ImportInput {
  /** Absolute. */
  readonly path: string;
  readonly source: ByteSource;
}

/** Works on an opened file, and closes it. @throws as `ExchangeFiles.open`; `ERR_WRONG_KEY`, `ERR_KEY_REQUIRED` */
export async function withInput<T>(
  { exchange, keys }: TransferParts,
  importPath: string,
  { maxBytes, encryption }: { readonly maxBytes: number; readonly encryption: ImportOptions['encryption'] },
  operation: Operation,
  work: (input: ImportInput) => Promise<T>,
): Promise<T> {
  const path = await exchange.resolve(importPath, operation);
  const file = await exchange.open(path, maxBytes, operation);
  try {
    const ring = typeof encryption === 'object' ? new KeyRing(encryption) : keys;
    const source = (await isSealed(file)) ? await unsealedSource(file, ring) : file;
    return await about(path, () => work({ path, source }));
  } finally {
    await file.close();
  }
}

/** What fails in it is told with this file, where it names none itself. */
export async function about<T>(filePath: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PersistenceError) completeError(error, { filePath });
    throw error;
  }
}

/** Everything of a source. @throws PersistenceError `ERR_FILE_TOO_LARGE` */
export async function readAll(source: ByteSource, maxBytes: number): Promise<Uint8Array> {
  if (source.sizeBytes <= maxBytes) return source.read(0, source.sizeBytes);
  throw persistenceError('ERR_FILE_TOO_LARGE', `${source.sizeBytes} bytes, at most ${maxBytes} are imported`);
}

/** What lies beside an exported file, where that tells about this content. */
export async function metadataBeside(
  parts: TransferParts,
  path: string,
  options: { readonly maxBytes: number; readonly encryption: ImportOptions['encryption'] },
  operation: Operation,
): Promise<ImportedMetadata | undefined> {
  const beside = metadataNameOf(path);
  if (!parts.exchange.exists(beside)) return undefined;
  return withInput(parts, beside, options, operation, async ({ source }) =>
    parseMetadata(await readAll(source, options.maxBytes)),
  );
}
