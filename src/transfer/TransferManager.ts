/** Import, export and conversion: the one way in for every part of the product. */
import type { ExportFormat } from '../../interfaces/enums.js';
import type {
  BatchExportOptions,
  BatchImportOptions,
  BatchResult,
  ConversionResult,
  ConvertOptions,
  ExportOptions,
  ExportResult,
  ImportOptions,
  ImportResult,
  ImportValidation,
} from '../../interfaces/transfer.js';
import { BatchTransfer } from './BatchTransfer.js';
import { Converter } from './Converter.js';
import { Exporter } from './Exporter.js';
import { Importer } from './Importer.js';
import { ImportValidator } from './ImportValidator.js';
import type { FileSelection } from './selectFiles.js';
import type { TransferParts } from './TransferParts.js';

export class TransferManager {
  readonly #exporter: Exporter;
  readonly #importer: Importer;
  readonly #batch: BatchTransfer;
  readonly #converter: Converter;
  readonly #validator: ImportValidator;

  constructor(parts: TransferParts) {
    this.#exporter = new Exporter(parts);
    this.#importer = new Importer(parts);
    this.#batch = new BatchTransfer({ ...parts, exporter: this.#exporter, importer: this.#importer });
    this.#converter = new Converter(parts);
    this.#validator = new ImportValidator(parts);
  }

  export(format: ExportFormat, filePath: string, options: ExportOptions): Promise<ExportResult> {
    return this.#exporter.export(format, filePath, options);
  }

  exportAll(selection: FileSelection, format: ExportFormat, options: BatchExportOptions): Promise<BatchResult> {
    return this.#batch.export(selection, format, options);
  }

  import(
    importPath: string,
    format: ExportFormat,
    targetPath: string | undefined,
    options: ImportOptions,
  ): Promise<ImportResult> {
    return this.#importer.import(importPath, format, targetPath, options);
  }

  importAll(
    selection: FileSelection,
    format: ExportFormat | undefined,
    options: BatchImportOptions,
  ): Promise<BatchResult> {
    return this.#batch.import(selection, format, options);
  }

  convert(source: string, target: string, options: ConvertOptions): Promise<ConversionResult> {
    return this.#converter.convert(source, target, options);
  }

  validate(
    data: unknown,
    format: ExportFormat,
    options: { signal?: AbortSignal; timeout?: number },
  ): Promise<ImportValidation> {
    return this.#validator.validate(data, format, options);
  }

  /** Finishes or undoes the import of several configurations that a killed process has left half-way; says which. */
  recover(): Promise<readonly string[]> {
    return this.#importer.recover();
  }
}
