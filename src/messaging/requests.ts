/** Requests as modules send them, each made by one call: `module.request(kind, data)` takes both members. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { RequestData, RequestDescription, RequestKind } from '../../interfaces/requests.js';

const KIND = CONFIG_PERSISTENCE_CONSTANTS.DATA_TRANSFER_TYPES;

/** Saves a configuration. `request` resolves to its `PersistenceResult`. */
export function createSaveRequest(
  config: unknown,
  filePath?: string,
  options?: RequestData['save-request']['options'],
): RequestDescription<'save-request'> {
  return describe(KIND.SAVE_REQUEST, { config, filePath, options });
}

/** Loads a configuration. */
export function createLoadRequest(
  filePath?: string,
  options?: RequestData['load-request']['options'],
): RequestDescription<'load-request'> {
  return describe(KIND.LOAD_REQUEST, { filePath, options });
}

/** Deletes a configuration. */
export function createDeleteRequest(
  filePath: string,
  options?: RequestData['delete-request']['options'],
): RequestDescription<'delete-request'> {
  return describe(KIND.DELETE_REQUEST, { filePath, options });
}

/** Makes a backup. */
export function createBackupRequest(
  filePath?: string,
  backupName?: string,
  options?: RequestData['backup-request']['options'],
): RequestDescription<'backup-request'> {
  return describe(KIND.BACKUP_REQUEST, { filePath, backupName, options });
}

/** Takes the content of a backup back. */
export function createRestoreRequest(
  backupId: string,
  targetPath?: string,
  options?: RequestData['restore-request']['options'],
): RequestDescription<'restore-request'> {
  return describe(KIND.RESTORE_REQUEST, { backupId, targetPath, options });
}

/** Takes an earlier version back. */
export function createRollbackRequest(
  versionId: string,
  options?: RequestData['rollback-request']['options'],
): RequestDescription<'rollback-request'> {
  return describe(KIND.ROLLBACK_REQUEST, { versionId, options });
}

/** Exports a configuration. */
export function createExportRequest(
  format: RequestData['export-request']['format'],
  filePath?: string,
  options?: RequestData['export-request']['options'],
): RequestDescription<'export-request'> {
  return describe(KIND.EXPORT_REQUEST, { format, filePath, options });
}

/** Imports a file. */
export function createImportRequest(
  importPath: string,
  format?: RequestData['import-request']['format'],
  targetPath?: string,
  options?: RequestData['import-request']['options'],
): RequestDescription<'import-request'> {
  return describe(KIND.IMPORT_REQUEST, { importPath, format, targetPath, options });
}

/** Members that are undefined are left out. */
function describe<K extends RequestKind>(
  kind: K,
  data: { [M in keyof RequestData[K]]: RequestData[K][M] | undefined },
) {
  const given = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
  return { kind, data: given as unknown as RequestData[K] };
}
