/** The contents of an import on their way: one file, encrypted where backups are, so that no plain copy lies about. */
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ExchangeDraft } from '../../storage/port/ExchangeFiles.js';
import type { Work } from '../../storage/port/Work.js';
import type { ByteSource } from '../archives/ArchiveFormat.js';
import { isSealed, sealingSink, unsealedSource, type SealingSink } from '../sealing.js';
import type { TransferParts } from '../TransferParts.js';
import type { StagedRange } from './ImportPlan.js';

const { IMPORT_PLAN } = CONFIG_PERSISTENCE_CONSTANTS;

export class StagedContents {
  readonly name: string;
  readonly #draft: ExchangeDraft;
  readonly #sealing: SealingSink | undefined;
  #sizeBytes = 0;

  private constructor(name: string, draft: ExchangeDraft, sealing: SealingSink | undefined) {
    this.name = name;
    this.#draft = draft;
    this.#sealing = sealing;
  }

  static async create({ exchange, keys, settings }: TransferParts, token: string, work: Work) {
    const name = `${IMPORT_PLAN.STAGED_PREFIX}${token}${IMPORT_PLAN.STAGED_EXTENSION}`;
    const draft = await exchange.create(join(settings.tempDirectory, name), false, work);
    try {
      return new StagedContents(name, draft, keys.isEncrypting ? await sealingSink(draft, keys) : undefined);
    } catch (error) {
      await draft.discard();
      throw error;
    }
  }

  async add(bytes: Uint8Array): Promise<StagedRange> {
    const range = { offset: this.#sizeBytes, length: bytes.length };
    await (this.#sealing ?? this.#draft).write(bytes);
    this.#sizeBytes += bytes.length;
    return range;
  }

  async publish(): Promise<void> {
    await this.#sealing?.end();
    await publishDurably(this.#draft);
  }

  discard(): Promise<void> {
    return this.#draft.discard();
  }
}

/** What is to be finished after a crash must be there after it. */
export async function publishDurably(draft: ExchangeDraft): Promise<void> {
  const { flushFailure } = await draft.publish();
  if (flushFailure !== undefined) throw flushFailure;
}

/** Works on contents that were staged. */
export async function withStaged<T>(
  { exchange, keys, settings }: TransferParts,
  name: string,
  work: Work,
  use: (read: (range: StagedRange) => Promise<Uint8Array>) => Promise<T>,
): Promise<T> {
  const file = await exchange.open(join(settings.tempDirectory, name), Number.MAX_SAFE_INTEGER, work);
  try {
    const source: ByteSource = (await isSealed(file)) ? await unsealedSource(file, keys) : file;
    return await use(({ offset, length }) => source.read(offset, length));
  } finally {
    await file.close();
  }
}
