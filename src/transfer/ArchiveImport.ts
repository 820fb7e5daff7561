/**
 * Imports all configurations of an archive as one change.
 *
 * The whole archive is read, judged and staged before the first configuration is touched, so that one bad entry refuses all
 * of it.
 */
import { randomBytes } from 'node:crypto';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ExportFormat, PersistenceOperationType } from '../../interfaces/enums.js';
import type { ImportOptions, ImportResult, TransferredFile } from '../../interfaces/transfer.js';
import { foreignFormatOfExtension } from '../codec/foreign/foreignFormats.js';
import { resultOf } from '../engine/ContentCommitter.js';
import type { Operation } from '../engine/Operation.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { Location } from '../storage/port/Work.js';
import { importCodecOf, plainConfigurations, type FoundConfiguration } from './archiveConfigurations.js';
import { archiveFormatFor } from './archives/archiveFormats.js';
import { DEFAULT_ARCHIVE_LIMITS } from './archives/EntryJudge.js';
import { backupConfigurations } from './backupArchive/backupConfigurations.js';
import { adoptionOf } from './backupArchive/adoption.js';
import { nameBelow, withExtension, type ArchiveFormatName } from './exportNames.js';
import { decodeImport, FOREIGN_MEANS, importFormatOf } from './importContent.js';
import { about, withInput } from './importInput.js';
import type { ImportJudge, ImportDecision } from './ImportJudge.js';
import type { ImportPlan, PlannedChange } from './importSet/ImportPlan.js';
import { ImportSet } from './importSet/ImportSet.js';
import { StagedContents } from './importSet/StagedContents.js';
import { Progress } from './progress.js';
import type { TransferParts } from './TransferParts.js';

const { IMPORT_PLAN, PERFORMANCE_LIMITS, EXCHANGE, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

/** What the whole archive came to. */
interface Staged {
  readonly path: string;
  readonly target: string;
  readonly changes: readonly PlannedChange[];
  readonly files: readonly TransferredFile[];
  readonly isTransformed: boolean;
}

export class ArchiveImport {
  readonly #parts: TransferParts;
  readonly #judge: ImportJudge;
  readonly #set: ImportSet;

  constructor(parts: TransferParts, judge: ImportJudge) {
    this.#parts = parts;
    this.#judge = judge;
    this.#set = new ImportSet(parts);
  }

  import(
    importPath: string,
    format: ArchiveFormatName,
    targetPath: string | undefined,
    options: ImportOptions,
  ): Promise<ImportResult> {
    const { operations, settings } = this.#parts;
    if (options.expectedChecksum !== undefined) {
      const reason = 'expectedChecksum is about one configuration, and an archive may hold several; leave it out';
      throw persistenceError('ERR_INVALID_OPTION', reason);
    }
    const filePath = targetPath ?? dirname(settings.defaultPath());
    const context = { operationType: PersistenceOperationType.IMPORT, filePath, options, isMeasured: true };
    const request = { importPath, format, targetPath, options };
    if (options.dryRun === true) {
      return operations.query(context, async (operation) => {
        const warnings: string[] = [];
        const staged = await this.#stage(request, undefined, warnings, operation);
        return this.#result(request, staged, new Map(), warnings, operation);
      });
    }
    return operations.wait(context, (operation) =>
      this.#set.exclusively(operation, (warnings) => this.#importAll(request, warnings, operation)),
    );
  }

  /** @returns what was finished or undone. Waits for no import that runs. */
  async recover(): Promise<readonly string[]> {
    // Nobody wants to read of every start that nothing was to be done.
    if (!this.#set.isInterrupted()) return [];
    const context = {
      operationType: PersistenceOperationType.IMPORT,
      filePath: this.#parts.settings.tempDirectory,
      options: { lockTimeout: 0, timeout: EXCHANGE.MAX_DURATION_MS },
      origin: 'upkeep' as const,
    };
    return this.#parts.operations.wait(context, (operation) =>
      this.#set.exclusively(operation, (warnings) => Promise.resolve(warnings)),
    );
  }

  async #importAll(request: Request, warnings: string[], operation: Operation): Promise<ImportResult> {
    const token = randomBytes(IMPORT_PLAN.TOKEN_BYTES).toString('hex');
    const contents = await StagedContents.create(this.#parts, token, operation);
    const backups = new Map<string, string | undefined>();
    let staged: Staged;
    try {
      staged = await this.#stage(request, contents, warnings, operation);
      if (staged.changes.length > 0) await contents.publish();
    } finally {
      await contents.discard();
    }
    const { changes, path } = staged;
    const progress = new Progress(request.options.progress, changes.length, this.#parts.onListenerFailure);
    if (changes.length > 0) {
      const plan: ImportPlan = {
        kind: IMPORT_PLAN.KIND,
        format: IMPORT_PLAN.FORMAT_VERSION,
        staged: contents.name,
        importedFrom: path,
        phase: 'finish',
        changes,
      };
      const { user, lockTimeout, signal } = request.options;
      const own = {
        ...(user === undefined ? {} : { user }),
        ...(lockTimeout === undefined ? {} : { lockTimeout }),
        ...(signal === undefined ? {} : { signal }),
      };
      await this.#set.commit(plan, own, operation, (change, { backupId, warnings: further }) => {
        backups.set(change.filePath, backupId);
        warnings.push(...further.map((warning) => `${change.filePath}: ${warning}`));
        progress.add(change.filePath, change.content.length);
      });
    }
    return this.#result(request, staged, backups, warnings, operation);
  }

  /** Reads all of the archive. @param contents where the new contents go; undefined where they are only judged. */
  async #stage(
    { importPath, format, targetPath, options }: Request,
    contents: StagedContents | undefined,
    warnings: string[],
    operation: Operation,
  ): Promise<Staged> {
    const { formats, settings, store } = this.#parts;
    const passedOver: string[] = [];
    const changes: PlannedChange[] = [];
    const files: TransferredFile[] = [];
    const met = new Set<string>();
    let isTransformed = false;
    const isFile = targetPath !== undefined && formats.recognise(targetPath) !== undefined;
    const folder = resolve(settings.workingDirectory, targetPath ?? dirname(settings.defaultPath()));
    const limits = { maxBytes: PERFORMANCE_LIMITS.MAX_IMPORT_SIZE_BYTES, encryption: options.encryption };
    const path = await withInput(this.#parts, importPath, limits, operation, async (input) => {
      const archive = archiveFormatFor(format === ExportFormat.BACKUP ? ExportFormat.TAR_GZ : format);
      const entries = archive.read(
        input.source,
        { ...DEFAULT_ARCHIVE_LIMITS, maxEntryBytes: store.capabilities.maxBytes },
        operation.signal,
      );
      const configurations =
        format === ExportFormat.BACKUP
          ? backupConfigurations(entries, (bytes) => contents?.add(bytes) ?? Promise.resolve({ offset: 0, length: 0 }))
          : plainConfigurations(entries, formats, (name) => passedOver.push(name));
      for await (const found of configurations) {
        if (isFile && files.length > 0) throw needsFolder();
        operation.checkpoint();
        const target = isFile ? folder : await this.#insideOf(folder, targetNameOf(found.name), operation);
        const location = await store.resolve(target, operation);
        if (met.has(location.id)) throw collision(found.name);
        met.add(location.id);
        const decision = await this.#judged({ location, archive: input.path }, found, options, operation);
        isTransformed ||= decision.isTransformed;
        files.push(fileOf(found, decision));
        warnings.push(...(decision.written?.warnings ?? []).map((warning) => `${found.name}: ${warning}`));
        const change = await this.#plan(found, decision, options, contents, warnings, operation);
        if (change !== undefined) changes.push(change);
      }
      if (files.length === 0) throw persistenceError('ERR_ARCHIVE_REFUSED', 'there is no configuration in it');
      return input.path;
    });
    if (passedOver.length > 0) warnings.push(passedOverWarning(passedOver));
    return { path, target: folder, changes, files, isTransformed };
  }

  /** The path of an entry, which no link may lead out of the folder. @throws PersistenceError `ERR_ARCHIVE_REFUSED` */
  async #insideOf(folder: string, name: string, operation: Operation): Promise<string> {
    const { exchange } = this.#parts;
    const target = join(folder, name);
    const root = dirname(await exchange.resolve(join(folder, IMPORT_PLAN.NAME), operation));
    const isBelow = nameBelow(folder, target) !== undefined && !isAbsolute(name) && !name.includes('\0');
    if (isBelow && nameBelow(root, await exchange.resolve(target, operation)) !== undefined) return target;
    throw persistenceError('ERR_ARCHIVE_REFUSED', `its entry ${JSON.stringify(name)} leads out of the target folder`);
  }

  async #judged(
    { location, archive }: { readonly location: Location; readonly archive: string },
    { name, bytes, metadata, backup }: FoundConfiguration,
    options: ImportOptions,
    operation: Operation,
  ): Promise<ImportDecision> {
    const { formats } = this.#parts;
    const codec =
      backup === undefined
        ? formats.require('', importCodecOf(name, formats)?.format)
        : formats.recorded(backup.record.format, location.name);
    const fileName = backup === undefined ? name : '';
    const content = await about(`${name} in ${archive}`, () => decodeImport(bytes, importFormatOf(codec, fileName)));
    const past = backup?.record.changes ?? [];
    const saves = past.filter((change) => change.kind === 'save').map(({ checksum }) => checksum);
    const origins = metadata === undefined ? saves.reverse() : [metadata.sourceChecksum];
    return about(location.name, () => this.#judge.judge(location, { content, origins }, options, operation));
  }

  /** Undefined where the configuration stays as it is. */
  async #plan(
    { name, metadata, backup }: FoundConfiguration,
    { location, codec, written, stored }: ImportDecision,
    { user, description, tags }: ImportOptions,
    contents: StagedContents | undefined,
    warnings: string[],
    operation: Operation,
  ): Promise<PlannedChange | undefined> {
    const adoption =
      backup === undefined
        ? undefined
        : await adoptionOf(this.#parts.store, location, backup, written?.checksum ?? backup.record.checksum, operation);
    if (written === undefined && adoption === undefined) return undefined;
    if (backup !== undefined && adoption === undefined) {
      warnings.push(`${name}: ${WARNING_MESSAGES.HISTORY_NOT_IMPORTED}`);
    }
    if (written === undefined) return undefined;
    const { content: local, saved } = stored;
    const stage = async (bytes: Uint8Array) => (await contents?.add(bytes)) ?? { offset: 0, length: bytes.length };
    const record = {
      kind: PersistenceOperationType.IMPORT,
      source: name,
      ...(user === undefined ? {} : { user }),
      ...(description === undefined ? {} : { description }),
      ...(tags === undefined ? {} : { tags }),
    };
    return {
      filePath: location.name,
      format: codec.format,
      encoding: written.encoding ?? 'utf8',
      content: await stage(written.bytes),
      before: local?.checksum ?? null,
      after: written.checksum,
      ...(local === undefined
        ? {}
        : { previous: { ...(await stage(local.bytes)), format: saved?.format ?? codec.format } }),
      ...(metadata === undefined || Object.keys(metadata.fields).length === 0
        ? {}
        : { metadata: { fields: metadata.fields } }),
      record: adoption?.record ?? record,
      ...(adoption === undefined ? {} : adoption.planned),
    };
  }

  #result(
    { format, options }: Request,
    { path, target, changes, files, isTransformed }: Staged,
    backups: ReadonlyMap<string, string | undefined>,
    warnings: readonly string[],
    operation: Operation,
  ): ImportResult {
    const [first] = files;
    const isOne = files.length === 1 && first !== undefined;
    const told = files.map((file) => {
      const backupId = backups.get(file.filePath);
      return backupId === undefined ? file : { ...file, backupId };
    });
    const backupIds = [...backups.values()].filter((id) => id !== undefined);
    const conflicts = files.flatMap(({ conflictsResolved = [] }) => conflictsResolved);
    return {
      ...resultOf(
        operation,
        { warnings },
        isOne ? { checksum: first.checksum ?? '', fileSize: first.fileSize ?? 0 } : {},
      ),
      changed: changes.length > 0,
      importedFromPath: path,
      format,
      targetFilePath: isOne ? first.filePath : target,
      dataTransformed: isTransformed,
      validationPerformed: options.validate !== false,
      backupCreated: backupIds.length > 0,
      ...(isOne && backupIds[0] !== undefined ? { backupId: backupIds[0] } : {}),
      ...(conflicts.length === 0 ? {} : { conflictsResolved: conflicts }),
      files: told,
      ...(options.dryRun === true ? { dryRun: true } : {}),
    };
  }
}

interface Request {
  readonly importPath: string;
  readonly format: ArchiveFormatName;
  readonly targetPath: string | undefined;
  readonly options: ImportOptions;
}

function fileOf(
  { name, bytes }: FoundConfiguration,
  { location, written, stored, conflicts }: ImportDecision,
): TransferredFile {
  const checksum = written?.checksum ?? stored.content?.checksum;
  return {
    filePath: location.name,
    success: true,
    changed: written !== undefined,
    importedFrom: name,
    ...(checksum === undefined ? {} : { checksum }),
    fileSize: (written?.bytes ?? stored.content?.bytes ?? bytes).length,
    ...(conflicts.length === 0 ? {} : { conflictsResolved: [...conflicts] }),
  };
}

/** A format that is only imported becomes the one that it stands for. */
function targetNameOf(name: string): string {
  return foreignFormatOfExtension(name) === undefined ? name : withExtension(name, `.${FOREIGN_MEANS}`);
}

function passedOverWarning(names: readonly string[]): string {
  const listed = names.slice(0, EXCHANGE.MAX_LISTED_NAMES).join(', ');
  const more = names.length > EXCHANGE.MAX_LISTED_NAMES ? ', …' : '';
  return `${WARNING_MESSAGES.ENTRIES_PASSED_OVER}: ${names.length} (${listed}${more})`;
}

function needsFolder(): Error {
  const reason = 'the archive holds several configurations; give a folder as target, not a file';
  return persistenceError('ERR_INVALID_REQUEST', reason);
}

function collision(name: string): Error {
  const reason = `two of its entries lead to one configuration, the second is ${JSON.stringify(name)}`;
  return persistenceError('ERR_ARCHIVE_REFUSED', reason);
}
