/** The closed vocabularies of the public contract. */

export enum PersistenceOperationType {
  SAVE = 'save',
  LOAD = 'load',
  DELETE = 'delete',
  BACKUP = 'backup',
  RESTORE = 'restore',
  ROLLBACK = 'rollback',
  EXPORT = 'export',
  IMPORT = 'import',
  CLEANUP = 'cleanup',
  VERIFY = 'verify',
  LOCK = 'lock',
  UNLOCK = 'unlock',
}

export enum ConfigurationFormat {
  JSON = 'json',
  YAML = 'yaml',
  TOML = 'toml',
  INI = 'ini',
  XML = 'xml',
  PROPERTIES = 'properties',
}

export enum ExportFormat {
  JSON = 'json',
  YAML = 'yaml',
  TOML = 'toml',
  INI = 'ini',
  XML = 'xml',
  PROPERTIES = 'properties',
  ZIP = 'zip',
  TAR_GZ = 'tar.gz',
  BACKUP = 'backup',
}

export enum IntegrityIssueType {
  CHECKSUM_MISMATCH = 'checksum-mismatch',
  FILE_CORRUPTION = 'file-corruption',
  METADATA_INCONSISTENCY = 'metadata-inconsistency',
  ENCODING_ERROR = 'encoding-error',
  STRUCTURE_VIOLATION = 'structure-violation',
}

export enum IssueSeverity {
  CRITICAL = 'critical',
  HIGH = 'high',
  MEDIUM = 'medium',
  LOW = 'low',
  INFO = 'info',
}

export enum ConflictType {
  MODIFICATION_CONFLICT = 'modification-conflict',
  DELETION_CONFLICT = 'deletion-conflict',
  TYPE_CONFLICT = 'type-conflict',
  SCHEMA_CONFLICT = 'schema-conflict',
  PERMISSION_CONFLICT = 'permission-conflict',
}

export enum ConflictResolution {
  KEEP_LOCAL = 'keep-local',
  KEEP_REMOTE = 'keep-remote',
  MERGE = 'merge',
  MANUAL = 'manual',
  SKIP = 'skip',
}

export enum ChangeType {
  ADDED = 'added',
  MODIFIED = 'modified',
  DELETED = 'deleted',
  MOVED = 'moved',
  RENAMED = 'renamed',
}

export enum DifferenceType {
  VALUE_CHANGE = 'value-change',
  TYPE_CHANGE = 'type-change',
  STRUCTURE_CHANGE = 'structure-change',
  ADDITION = 'addition',
  DELETION = 'deletion',
}

export enum DifferenceSeverity {
  BREAKING = 'breaking',
  SIGNIFICANT = 'significant',
  MINOR = 'minor',
  COSMETIC = 'cosmetic',
}

export enum LockType {
  EXCLUSIVE = 'exclusive',
  SHARED = 'shared',
  READ_ONLY = 'read-only',
}

export enum HealthStatus {
  HEALTHY = 'healthy',
  WARNING = 'warning',
  CRITICAL = 'critical',
  UNKNOWN = 'unknown',
}

export enum HealthIssueType {
  DISK_SPACE = 'disk-space',
  FILE_CORRUPTION = 'file-corruption',
  PERMISSION_ISSUE = 'permission-issue',
  PERFORMANCE_DEGRADATION = 'performance-degradation',
  BACKUP_FAILURE = 'backup-failure',
  ORPHANED_DATA = 'orphaned-data',
}

export enum RetentionStrategy {
  FIFO = 'fifo',
  LIFO = 'lifo',
  PRIORITY_BASED = 'priority-based',
  SIZE_BASED = 'size-based',
  AGE_BASED = 'age-based',
}

export enum RetentionAction {
  KEEP = 'keep',
  DELETE = 'delete',
  COMPRESS = 'compress',
  ARCHIVE = 'archive',
}

export enum StorageHealthScore {
  EXCELLENT = 'excellent',
  GOOD = 'good',
  FAIR = 'fair',
  POOR = 'poor',
  CRITICAL = 'critical',
}
