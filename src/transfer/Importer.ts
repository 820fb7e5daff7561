/** Imports: a file as one change of one configuration, an archive as one change of many. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ExportFormat } from '../../interfaces/enums.js';
import { PersistenceOperationType } from '../../interfaces/enums.js';
import type { ImportOptions, ImportResult } from '../../interfaces/transfer.js';
import type { FormatOption } from '../codec/codecs.js';
import { commitChange } from '../engine/commitChange.js';
import { resultOf } from '../engine/ContentCommitter.js';
import type { Operation } from '../engine/Operation.js';
import { assertExpectedChecksum } from '../storage/port/conditions.js';
import type { Guard, Location } from '../storage/port/Work.js';
import { checksumOf } from '../value/checksum.js';
import { ArchiveImport } from './ArchiveImport.js';
import { withTime } from './Exporter.js';
import { isArchive, textFormatOf } from './exportNames.js';
import { decodeImport, decompressed, importFormatOf } from './importContent.js';
import { metadataBeside, readAll, withInput } from './importInput.js';
import { ImportJudge, type Incoming, type ImportDecision } from './ImportJudge.js';
import type { ImportedMetadata } from './metadataFile.js';
import { Progress } from './progress.js';
import type { TransferParts } from './TransferParts.js';

const { PERFORMANCE_LIMITS, EXCHANGE } = CONFIG_PERSISTENCE_CONSTANTS;

interface Prepared {
  readonly location: Location;
  readonly path: string;
  readonly incoming: Incoming;
  readonly metadata: ImportedMetadata | undefined;
}

export class Importer {
  readonly #parts: TransferParts;
  readonly #judge: ImportJudge;
  readonly #archives: ArchiveImport;

  constructor(parts: TransferParts) {
    this.#parts = parts;
    this.#judge = new ImportJudge(parts);
    this.#archives = new ArchiveImport(parts, this.#judge);
  }

  import(
    importPath: string,
    format: ExportFormat,
    targetPath: string | undefined,
    options: ImportOptions,
  ): Promise<ImportResult> {
    const timed = withTime(options);
    return isArchive(format)
      ? this.#archives.import(importPath, format, targetPath, timed)
      : this.#importFile(importPath, textFormatOf(format), targetPath, timed);
  }

  /** Finishes or undoes what a killed process has left half-way. */
  recover(): Promise<readonly string[]> {
    return this.#archives.recover();
  }

  #importFile(
    importPath: string,
    format: FormatOption,
    targetPath: string | undefined,
    options: ImportOptions,
  ): Promise<ImportResult> {
    const { operations, store, settings } = this.#parts;
    const target = targetPath ?? settings.defaultPath();
    const context = { operationType: PersistenceOperationType.IMPORT, filePath: target, options };
    const prepare = (operation: Operation): Promise<Prepared> =>
      this.#prepare(importPath, format, target, options, operation);
    if (options.dryRun === true) {
      return operations.query({ ...context, isMeasured: true }, async (operation) => {
        const prepared = await prepare(operation);
        return this.#result(prepared, await this.#judged(prepared, options, operation), format, options, operation);
      });
    }
    return operations.change(context, store.nameOf(target), prepare, async (prepared, guard, operation) => {
      const decision = await this.#judged(prepared, options, operation);
      const committed = await this.#commit(prepared, decision, options, guard, operation);
      const progress = new Progress(options.progress, 1, this.#parts.onListenerFailure);
      progress.add(prepared.location.name, decision.written?.bytes.length ?? 0);
      return { ...this.#result(prepared, decision, format, options, operation), ...committed };
    });
  }

  async #prepare(
    importPath: string,
    format: FormatOption,
    target: string,
    { encryption, format: targetFormat }: ImportOptions,
    operation: Operation,
  ): Promise<Prepared> {
    const { store, formats } = this.#parts;
    const location = await store.resolve(target, operation);
    formats.require(location.name, targetFormat);
    const codec = formats.require('', format);
    const { maxBytes } = store.capabilities;
    const limits = { maxBytes: PERFORMANCE_LIMITS.MAX_IMPORT_SIZE_BYTES, encryption };
    return withInput(this.#parts, importPath, limits, operation, async ({ path, source }) => {
      const bytes = await decompressed(await readAll(source, maxBytes), maxBytes);
      const beside = await metadataBeside(
        this.#parts,
        path,
        { maxBytes: EXCHANGE.MAX_METADATA_BYTES, encryption },
        operation,
      );
      const metadata = beside?.exportChecksum === checksumOf(bytes) ? beside : undefined;
      const content = decodeImport(bytes, importFormatOf(codec, path));
      // What was edited since it was exported still comes from the same version.
      const origins = beside === undefined ? [] : [beside.sourceChecksum];
      return { location, path, incoming: { content, origins }, metadata };
    });
  }

  async #judged(
    { location, incoming }: Prepared,
    options: ImportOptions,
    operation: Operation,
  ): Promise<ImportDecision> {
    const decision = await this.#judge.judge(location, incoming, options, operation);
    assertExpectedChecksum(options.expectedChecksum, decision.stored.content?.checksum ?? null);
    return decision;
  }

  async #commit(
    { location, path, metadata }: Prepared,
    { written, codec, stored }: ImportDecision,
    options: ImportOptions,
    guard: Guard,
    operation: Operation,
  ): Promise<Partial<ImportResult>> {
    if (written === undefined) return {};
    const { committer, store } = this.#parts;
    const result = await committer.commit(
      location,
      {
        ...written,
        codec,
        kind: PersistenceOperationType.IMPORT,
        source: path,
        options,
        // An editor knows no locks: what was judged must still be what it was.
        expectedChecksum: stored.content?.checksum ?? null,
        seen: stored.etag,
        keep: 'backup',
      },
      guard,
      operation,
    );
    if (metadata !== undefined && Object.keys(metadata.fields).length > 0) {
      const change = { kind: 'metadata' as const, ...committer.changeFields({}, codec), fields: metadata.fields };
      await commitChange(store, location, change, guard, operation);
      committer.forget(location);
    }
    const { backupCreated = false, backupId } = result.metadata ?? {};
    const warnings = [...(result.warnings ?? []), ...written.warnings];
    return {
      ...result,
      ...(warnings.length === 0 ? {} : { warnings }),
      backupCreated,
      ...(backupId === undefined ? {} : { backupId }),
    };
  }

  #result(
    { location, path }: Prepared,
    { written, stored, isTransformed, conflicts }: ImportDecision,
    format: FormatOption,
    options: ImportOptions,
    operation: Operation,
  ): ImportResult {
    const checksum = written?.checksum ?? stored.content?.checksum;
    const fileSize = written?.bytes.length ?? stored.content?.bytes.length;
    return {
      ...resultOf(
        operation,
        { warnings: written?.warnings ?? [] },
        {
          ...(checksum === undefined ? {} : { checksum }),
          ...(fileSize === undefined ? {} : { fileSize }),
        },
      ),
      changed: written !== undefined,
      importedFromPath: path,
      format,
      targetFilePath: location.name,
      dataTransformed: isTransformed,
      validationPerformed: options.validate !== false,
      backupCreated: false,
      ...(conflicts.length === 0 ? {} : { conflictsResolved: [...conflicts] }),
      ...(options.dryRun === true ? { dryRun: true } : {}),
    };
  }
}
