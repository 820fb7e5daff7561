/** Where an export goes: a draft that is encrypted on its way where that is asked for, and published when it is complete. */
import type { EncryptionOptions } from '../../interfaces/backups.js';
import type { Operation } from '../engine/Operation.js';
import { KeyRing } from '../packing/KeyRing.js';
import type { PublishedFile } from '../storage/port/ExchangeFiles.js';
import type { ByteSink } from './archives/ArchiveFormat.js';
import { sealingSink } from './sealing.js';
import type { TransferParts } from './TransferParts.js';

export interface OutputSettings {
  readonly path: string;
  readonly isReplacing: boolean;
  /** Undefined for plain text. */
  readonly keys: KeyRing | undefined;
}

/** The keys that the option `encryption` of an export asks for; undefined for none. */
export function exportKeys(
  option: EncryptionOptions | boolean | undefined,
  own: KeyRing,
  isSecretByDefault: boolean,
): KeyRing | undefined {
  if (option === true) return own;
  if (typeof option === 'object') return new KeyRing(option);
  return option === undefined && isSecretByDefault && own.isEncrypting ? own : undefined;
}

/** Writes a file, as a whole or not at all. @param write gives all of it to the sink. */
export async function writeOutput(
  { exchange }: Pick<TransferParts, 'exchange'>,
  { path, isReplacing, keys }: OutputSettings,
  operation: Operation,
  write: (sink: ByteSink) => Promise<void>,
): Promise<PublishedFile> {
  const draft = await exchange.create(path, isReplacing, operation);
  try {
    const sink = keys === undefined ? undefined : await sealingSink(draft, keys);
    await write(sink ?? draft);
    await sink?.end();
    operation.checkpoint();
    return await draft.publish();
  } finally {
    await draft.discard();
  }
}
