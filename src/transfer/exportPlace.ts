/** Where an export lands: at the path that was asked for, or under a free name in the archive folder. */
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ExportFormat } from '../../interfaces/enums.js';
import type { ExportOptions } from '../../interfaces/transfer.js';
import type { Operation } from '../engine/Operation.js';
import { hasErrorCode, persistenceError } from '../errors/PersistenceError.js';
import { fileExists } from '../storage/port/conditions.js';
import type { PublishedFile } from '../storage/port/ExchangeFiles.js';
import { exportName, isArchive, metadataNameOf } from './exportNames.js';
import type { OutputSettings } from './exportOutput.js';
import type { TransferParts } from './TransferParts.js';

const { EXCHANGE, FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;

export interface ExportPlace {
  /** What an export is called that names no path: a configuration, or what several are called together. */
  readonly subject: string;
  /** Of a single configuration: what an export must not take the place of. */
  readonly ownPath?: string;
  readonly format: ExportFormat;
  readonly isCompressed: boolean;
  /** Whether a second file stands beside it. */
  readonly hasMetadataBeside: boolean;
  readonly keys: OutputSettings['keys'];
  readonly options: Pick<ExportOptions, 'exportPath' | 'overwrite'>;
}

/** @throws PersistenceError `ERR_FILE_EXISTS`, `ERR_INVALID_FILE_PATH`; what `write` throws. Nothing has its name then. */
export async function writeExport<P extends PublishedFile>(
  { exchange, clock, settings }: TransferParts,
  { subject, ownPath, format, isCompressed, hasMetadataBeside, keys, options }: ExportPlace,
  operation: Operation,
  write: (settings: OutputSettings) => Promise<P>,
): Promise<P & { readonly path: string }> {
  const isReplacing = options.overwrite === true;
  if (options.exportPath !== undefined) {
    const path = await exchange.resolve(options.exportPath, operation);
    if (path === ownPath) {
      throw persistenceError('ERR_INVALID_FILE_PATH', 'an export would take the place of its own configuration');
    }
    const beside = metadataNameOf(path);
    // Before anything is written: one of two files alone would look like all of it.
    if (hasMetadataBeside && !isReplacing && exchange.exists(beside)) throw fileExists(beside);
    return { path, ...(await write({ path, isReplacing, keys })) };
  }
  const time = clock.now();
  for (let attempt = 0; ; attempt++) {
    const plain = exportName(subject, format, time, attempt);
    const packed = isCompressed && !isArchive(format) ? `${plain}${FILE_SYSTEM.COMPRESSED_EXTENSION}` : plain;
    const name = keys === undefined ? packed : `${packed}${EXCHANGE.ENCRYPTED_EXTENSION}`;
    const path = await exchange.resolve(join(settings.archiveDirectory, name), operation);
    try {
      return { path, ...(await write({ path, isReplacing: false, keys })) };
    } catch (error) {
      // Exports of the same name within one millisecond.
      if (!hasErrorCode(error, 'ERR_FILE_EXISTS') || attempt >= EXCHANGE.MAX_NAME_ATTEMPTS) throw error;
    }
  }
}
