/** Gives a configuration another format, and says first what that format cannot carry in its own way. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { PersistenceOperationType } from '../../interfaces/enums.js';
import type { ConversionLoss, ConversionResult, ConvertOptions } from '../../interfaces/transfer.js';
import type { Codec } from '../codec/Codec.js';
import { resultOf } from '../engine/ContentCommitter.js';
import { encodeVerified, type EncodedValue } from '../engine/contentText.js';
import type { Operation } from '../engine/Operation.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { fileExists } from '../storage/port/conditions.js';
import type { Location } from '../storage/port/Work.js';
import { checksumOf } from '../value/checksum.js';
import { withTime } from './Exporter.js';
import { readSource, type ExportSource } from './exportSource.js';
import { Progress } from './progress.js';
import type { TransferParts } from './TransferParts.js';

const { CONVERSION_WORDS } = CONFIG_PERSISTENCE_CONSTANTS;

interface Prepared {
  readonly location: Location;
  readonly source: ExportSource;
  readonly codec: Codec;
  readonly encoded: EncodedValue;
  readonly losses: ConversionLoss[];
}

export class Converter {
  readonly #parts: TransferParts;

  constructor(parts: TransferParts) {
    this.#parts = parts;
  }

  convert(source: string, target: string, options: ConvertOptions): Promise<ConversionResult> {
    const { operations, store, committer, onListenerFailure } = this.#parts;
    const timed = withTime(options);
    const context = { operationType: PersistenceOperationType.EXPORT, filePath: target, options: timed };
    const prepare = (operation: Operation): Promise<Prepared> => this.#prepare(source, target, options, operation);
    if (options.dryRun === true) {
      return operations.query({ ...context, isMeasured: true }, async (operation) => {
        const prepared = await prepare(operation);
        return { ...resultOf(operation, { warnings: [] }, sizeOf(prepared)), ...told(prepared), dryRun: true };
      });
    }
    return operations.change(context, store.nameOf(target), prepare, async (prepared, guard, operation) => {
      const { location, codec, encoded } = prepared;
      const content = {
        ...encoded,
        codec,
        kind: 'convert',
        source: prepared.source.location.name,
        options: timed,
        // Nobody's configuration is replaced that was not meant.
        expectedChecksum: options.expectedChecksum ?? (options.overwrite === true ? undefined : null),
      };
      if (content.expectedChecksum === null && (await store.has(location, operation))) throw fileExists(location.name);
      const result = await committer.commit(location, content, guard, operation);
      new Progress(options.progress, 1, onListenerFailure).add(location.name, encoded.bytes.length);
      const { backupCreated = false, backupId } = result.metadata ?? {};
      return {
        ...result,
        ...told(prepared),
        backupCreated,
        ...(backupId === undefined ? {} : { backupId }),
      };
    });
  }

  async #prepare(
    sourcePath: string,
    target: string,
    { sourceFormat, targetFormat, validate = true }: ConvertOptions,
    operation: Operation,
  ): Promise<Prepared> {
    const { store, formats, values } = this.#parts;
    const location = await store.resolve(target, operation);
    const codec = formats.require(location.name, targetFormat);
    const source = await readSource(this.#parts, sourcePath, { format: sourceFormat, mustPass: false }, operation);
    if (source.location.id === location.id) {
      throw persistenceError('ERR_INVALID_REQUEST', 'source and target are one file; give the target another name');
    }
    const given = { value: source.read.value, isTransformed: false };
    const { value, isTransformed } = validate
      ? await values.acceptForeign(given.value, location, codec, operation)
      : given;
    const isCopy = source.codec.format === codec.format && !isTransformed;
    const encoded = isCopy
      ? { bytes: source.read.content.bytes, value }
      : encodeVerified(codec, value, undefined, store.capabilities.maxBytes);
    return { location, source, codec, encoded, losses: lossesOf(source, codec) };
  }
}

/** What the target writes in a way of its own, or not at all. */
function lossesOf({ codec: from, read }: ExportSource, to: Codec): ConversionLoss[] {
  if (from.format === to.format) return [];
  const losses: ConversionLoss[] = [];
  if (from.hasComments(read.text.text)) {
    losses.push({ type: 'comments', path: '', description: CONVERSION_WORDS.COMMENTS });
  }
  const { listed, unlisted } = to.conventions(read.value);
  for (const { path, description } of listed) losses.push({ type: 'convention', path, description });
  if (unlisted > 0) {
    const description = `${unlisted} ${CONVERSION_WORDS.MORE_PLACES}`;
    losses.push({ type: 'more', path: '', description });
  }
  return losses;
}

function told({ source, codec, losses }: Prepared) {
  return {
    sourcePath: source.location.name,
    sourceFormat: source.codec.format,
    targetFormat: codec.format,
    losses,
    backupCreated: false,
  };
}

function sizeOf({ encoded: { bytes } }: Prepared) {
  return { checksum: checksumOf(bytes), fileSize: bytes.length };
}
