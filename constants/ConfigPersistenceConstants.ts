/**
 * Every tunable, limit, name and message of the module, grouped by the part that uses it. No other file holds one, but for
 * the reasons that complete the first words of an error: they stand where they are found out.
 *
 * Units are in the names: `_MS` milliseconds, `_BYTES` bytes, `_HOURS` hours. Where an option overrides a value, the
 * comment names the option.
 */

import { ConfigurationFormat, LockType, PersistenceOperationType, RetentionStrategy } from '../interfaces/enums.js';

const KIB = 1024;
const MIB = KIB * KIB;
const GIB = KIB * MIB;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const constants = {
  MODULE_NAME: 'ConfigPersistenceModule',
  /** Equals the version in package.json; a test keeps them together. */
  MODULE_VERSION: '0.1.0',
  MODULE_DESCRIPTION: 'Durable, cross-process, lossless configuration files',
  MODULE_TYPE: 'config-persistence',

  FILE_SYSTEM: {
    DEFAULT_CONFIG_FILENAME: 'config.json',
    PROVIDER_CONFIG_FILENAME: 'provider.json',
    /** Option `defaultConfigPath` moves it together with the five folders below. */
    DEFAULT_CONFIG_DIR: './config',
    /** Option `backupDirectory`. */
    BACKUP_DIR: './config/backups',
    /** Option `tempDirectory`. */
    TEMP_DIR: './config/temp',
    /** Option `lockDirectory`. */
    LOCK_DIR: './config/locks',
    /** Option `metadataDirectory`. */
    METADATA_DIR: './config/metadata',
    /** Option `archiveDirectory`. */
    ARCHIVE_DIR: './config/archive',
    DEFAULT_ENCODING: 'utf8',
    /** In the folders that are made for side files. */
    IGNORE_FILE: '.gitignore',
    IGNORE_TEXT: '*\n',
    FILE_EXTENSION_JSON: '.json',
    /** Files of JSON that are known to have comments and trailing commas, by the ends and the starts of their names. */
    JSON_WITH_COMMENTS: {
      ENDINGS: ['.jsonc', '.code-workspace', '.eslintrc'],
      STARTS: ['tsconfig', 'jsconfig', '.eslintrc'],
    },
    FILE_EXTENSION_YAML: '.yaml',
    FILE_EXTENSION_YML: '.yml',
    FILE_EXTENSION_TOML: '.toml',
    FILE_EXTENSION_INI: '.ini',
    FILE_EXTENSION_XML: '.xml',
    FILE_EXTENSION_PROPERTIES: '.properties',
    BACKUP_EXTENSION: '.backup',
    TEMP_EXTENSION: '.tmp',
    LOCK_EXTENSION: '.lock',
    METADATA_EXTENSION: '.meta',
    COMPRESSED_EXTENSION: '.gz',
    /** What a delete renames its file to before the file goes; swept like a temporary file. */
    DELETED_EXTENSION: '.deleted',
    /** Longest file name that the common file systems take. */
    MAX_FILENAME_BYTES: 255,
    /** Option `inPlaceFallback`. */
    IN_PLACE_FALLBACK: false,
    /** Longest path that Linux takes. */
    MAX_PATH_LENGTH: 4096,
    /** As many symbolic links as Linux follows before it says ELOOP. */
    MAX_LINKS: 40,
    /** How much of a file's own name stays readable in the names of its temporary file and its journal folder. */
    READABLE_STEM_BYTES: 64,
    /** Random part of a temporary name: 64 bits cannot be guessed, so nobody can plant a link there. */
    RANDOM_NAME_BYTES: 8,
    /** Hexadecimal digits of the hash that names a configuration's journal and lock folders. */
    KEY_HASH_DIGITS: 16,
  },

  ATOMIC_OPERATIONS: {
    MAX_ATOMIC_RETRIES: 3,
    ATOMIC_RETRY_DELAY_MS: 100,
    ATOMIC_TIMEOUT_MS: 30 * SECOND_MS,
    VERIFY_AFTER_WRITE: true,
    FSYNC_ENABLED: true,
    BACKUP_BEFORE_ATOMIC: true,
    /** Piece in which files are read and compared, so that a check of a large file holds no second copy of it. */
    CHUNK_BYTES: MIB,
  },

  BACKUP_SETTINGS: {
    /** Option `retentionCount` (or `backupRetentionCount`). */
    DEFAULT_RETENTION_COUNT: 3,
    MIN_RETENTION_COUNT: 1,
    MAX_RETENTION_COUNT: 50,
    /** Option `backupMergeWindow`. */
    MERGE_WINDOW_MS: 10 * SECOND_MS,
    /** Option `autoBackupEnabled` (or `enableBackup`). */
    AUTO_BACKUP_ENABLED: true,
    /** Option `compressionEnabled`. */
    COMPRESSION_ENABLED: true,
    VERIFY_BACKUP_INTEGRITY: true,
    COMPRESSION_LEVEL: 6,
    MAX_BACKUP_SIZE_BYTES: 100 * MIB,
    CLEANUP_INTERVAL_MS: HOUR_MS,
    /** How long upkeep that is due may put off the end of a process that has nothing else to do. */
    EXIT_BUDGET_MS: SECOND_MS,
    /** A kept content whose automatic backup was pruned, and that a version still needs. */
    VERSION_EXTENSION: '.version',
    /** A damaged file that was kept before anything was written over it. */
    QUARANTINE_EXTENSION: '.corrupt',
    ENCRYPTED_EXTENSION: '.enc',
    /** Longest name that `createBackup` takes, as UTF-8: it becomes a part of a file's name. */
    MAX_NAME_BYTES: 80,
    /** Damaged files that are kept of one configuration; the oldest goes when there is one more. */
    MAX_QUARANTINED: 5,
    /** How long after a change its backup is compressed, encrypted and pruned; further changes start the time again. */
    MAINTENANCE_DELAY_MS: SECOND_MS,
    /** How long maintenance waits for the lock; what it cannot do now the next one does. */
    MAINTENANCE_LOCK_TIMEOUT_MS: 2 * SECOND_MS,
    /**
     * Changes of one configuration that wait together at most, as a number, as bytes and as time. Each maintenance flushes a few
     * dozen times, so an application that saves without a pause must not be followed by one every moment.
     */
    MAX_UNMAINTAINED: 500,
    MAX_UNMAINTAINED_BYTES: 64 * MIB,
    MAX_MAINTENANCE_DELAY_MS: 10 * SECOND_MS,
    /**
     * How long after the first change by a process it is looked how many backups there are: the processes before it may all
     * have been killed before they could look after theirs. Where there are this many more than are to stay, it begins at once.
     */
    BACKLOG_DELAY_MS: 100,
    MAX_BACKLOG: 250,
    /**
     * Backups that go while the lock is held once, so that nobody waits for long: so many, or this share of all that are to
     * go where that is more, because to find out which costs about as much as to remove them.
     */
    PRUNED_AT_ONCE: 50,
    PRUNED_SHARE: 0.25,
    /** Between two such times: longer than another process takes until it asks for the lock again. */
    PRUNING_PAUSE_MS: 25,
    /** Configurations whose backups are looked after at once. */
    MAX_MAINTAINED_AT_ONCE: 4,
    /** How long the recovery of a damaged file waits for its lock, so that a load does not wait for a long holder. */
    RECOVERY_LOCK_TIMEOUT_MS: 2 * SECOND_MS,
    /** How many backups an error about a damaged file names. */
    MAX_NAMED_CANDIDATES: 3,
    /** Files that are written beside each other, each with a buffer and a descriptor. */
    MAX_WRITTEN_AT_ONCE: 8,
    /** A manifest above this size is not one of ours. */
    MAX_MANIFEST_BYTES: 2 * MIB,
    /** Raised when a reader of an older release could misread the manifests. */
    MANIFEST_VERSION: 1,
  },

  RETENTION: {
    /** Field `maxTotalBytes` of option `retentionPolicy`. */
    DEFAULT_MAX_TOTAL_BYTES: GIB,
    /** Rules of one policy. */
    MAX_RULES: 100,
    /** Characters of one rule's condition. */
    MAX_CONDITION_LENGTH: 1000,
    /** Brackets inside brackets in one condition. */
    MAX_CONDITION_DEPTH: 20,
    /** Highest count that a keep rule takes, and highest amount of one unit in `keepWithin`. */
    MAX_KEEP_COUNT: 10_000,
    /** Tags in `keepTags`. */
    MAX_KEEP_TAGS: 100,
  },

  BACKUP_ENCRYPTION: {
    CIPHER: 'aes-256-gcm',
    KEY_BYTES: 32,
    /** The length that GCM is specified for. */
    NONCE_BYTES: 12,
    TAG_BYTES: 16,
    SALT_BYTES: 16,
    /** scrypt: about 32 MiB and a tenth of a second for each passphrase and process. */
    SCRYPT_COST: 2 ** 15,
    SCRYPT_BLOCK_SIZE: 8,
    SCRYPT_PARALLELIZATION: 1,
    /** What a file that somebody else wrote may make this process spend on its key. */
    MAX_SCRYPT_COST: 2 ** 17,
    /** First word of an encrypted backup. */
    MAGIC: 'rcc-encrypted-backup',
    /** Raised when a reader of an older release could misread the header. */
    FORMAT_VERSION: 1,
    MAX_HEADER_BYTES: 4 * KIB,
    /** Tells a wrong key from a damaged file. */
    KEY_CHECK_BYTES: 16,
    /** What is signed for it, before the nonce; keeps the HMAC apart from any other use of the key. */
    KEY_CHECK_LABEL: 'rcc-encrypted-backup key check',
    /** Of the key check and of the header's check value. */
    HASH: 'sha256',
    HEADER_CHECK_DIGITS: 16,
    /** Derived keys that are kept, by passphrase and salt. */
    MAX_CACHED_KEYS: 100,
    /** Earlier keys that may still be read with. */
    MAX_PREVIOUS_KEYS: 20,
  },

  /** Of exports; what is not here is as in `BACKUP_ENCRYPTION`. */
  EXPORT_ENCRYPTION: {
    /** First word of an encrypted export. */
    MAGIC: 'rcc-encrypted-export',
    /** Raised when a reader of an older release could misread the header. */
    FORMAT_VERSION: 1,
    MAX_HEADER_BYTES: 4 * KIB,
    /** What is encrypted in one piece, and held for it. */
    FRAME_BYTES: 64 * KIB,
    /** Of a frame's number: enough for 256 TiB. */
    COUNTER_BYTES: 4,
    SALT_BYTES: 32,
    /** Keeps the keys of exports apart from any other use of the configured key. */
    FILE_KEY_LABEL: 'rcc-encrypted-export file key',
  },

  /** Exports and imports, besides what is true of archives alone. */
  EXCHANGE: {
    /** Extension of an archive that holds a configuration with its history and its backups. */
    BACKUP_ARCHIVE_EXTENSION: '.backup',
    ENCRYPTED_EXTENSION: '.enc',
    /** A whole export or import, where the option `timeout` says nothing else: it may be of thousands of files. */
    MAX_DURATION_MS: HOUR_MS,
    /** A draft that nobody has written to for so long was left by a process that is gone. */
    ABANDONED_AFTER_MS: HOUR_MS,
    /** Metadata beside an export, or in an archive. */
    MAX_METADATA_BYTES: MIB,
    /** Names that are tried for an export that names no path. */
    MAX_NAME_ATTEMPTS: 100,
    /** Files that a pattern may lead to. */
    MAX_MATCHED_FILES: 100_000,
    /** Names of files that were passed over, which one warning lists. */
    MAX_LISTED_NAMES: 10,
    /** Problems that one look at an archive lists. */
    MAX_LISTED_PROBLEMS: 100,
  },

  /** What a conversion loses, in words. */
  CONVERSION_WORDS: {
    COMMENTS: 'the comments of the file',
    MORE_PLACES: 'further places are written by a convention',
  },

  /** The archive of the kind `backup`. */
  BACKUP_ARCHIVE: {
    KIND: 'rcc-configuration-backup',
    /** Raised when a reader of an older release could misread the archive. */
    FORMAT_VERSION: 1,
    MANIFEST_NAME: 'manifest.json',
    RECORD_NAME: 'record.json',
    CONTENT_NAME: 'content',
    SNAPSHOT_FOLDER: 'snapshots',
    /** Items of one list in a record or a manifest. */
    MAX_LISTED: 1_000_000,
    /** UTF-16 units of one text in a record. */
    MAX_TEXT_LENGTH: 10_000,
    /** Highest number of a version; the journal has its own limit, which is higher. */
    MAX_COUNT: 2 ** 40,
    /** End of the range of dates. */
    MAX_TIME_MS: 8.64e15,
  },

  /** What an import of several configurations leaves in the folder for temporary files while it runs. */
  IMPORT_PLAN: {
    KIND: 'rcc-import-plan',
    FORMAT_VERSION: 1,
    NAME: 'import.plan',
    STAGED_PREFIX: 'import-',
    STAGED_EXTENSION: '.staged',
    STAGED_NAME: '^import-[0-9a-f]{32}\\.staged$',
    TOKEN_BYTES: 16,
    /** For 100,000 configurations, and some more. */
    MAX_BYTES: 256 * MIB,
  },

  COMPARISON: {
    /** Insertions and deletions that two arrays are aligned by; beyond, equal items are paired in order of appearance. */
    MAX_EDIT_LENGTH: 500,
    /** The same for short arrays, whatever their length would allow: 2.5 ms for each such pair at worst. */
    MIN_EDIT_LIMIT: 200,
    /** Differences that one comparison lists. */
    MAX_DIFFERENCES: 10_000,
    /** Changes that one version of a history lists. */
    MAX_CHANGES: 100,
    /**
     * Work grows with the square of the edits. This bound on the square keeps it linear in the items when there are many
     * arrays of a few hundred items, each just below the edit limit: 18 ms for each such pair without it, 2.5 ms with it.
     */
    MAX_SQUARED_EDITS_PER_ITEM: 32,
    /** Members by which the items of an array are told apart, the first that all of them have. */
    IDENTIFYING_MEMBERS: ['id', 'name', 'key'],
    /** Shorter strings, such as `localhost`, are equal by chance too often to tell that a key was renamed. */
    MIN_TELLING_STRING_LENGTH: 12,
    /** Contents above this size are not compared for the history; `compareVersions` compares them. */
    MAX_COMPARED_BYTES: MIB,
    /** Contents above this size are not compared at all: it would hold up everything else for seconds. */
    MAX_COMPARABLE_BYTES: 16 * MIB,
  },

  FILE_LOCKING: {
    /** Option `lockTimeout`. */
    DEFAULT_LOCK_TIMEOUT_MS: 30 * SECOND_MS,
    MAX_LOCK_TIMEOUT_MS: 5 * MINUTE_MS,
    /** Option `staleLockThreshold`: the lease of a lock, after which others may take it over. */
    STALE_LOCK_THRESHOLD_MS: 10 * MINUTE_MS,
    /** Lowest value that option `staleLockThreshold` takes: a lease must outlast a slow disk's flush. */
    MIN_STALE_LOCK_THRESHOLD_MS: 100,
    /** Highest value that option `staleLockThreshold` takes, and the longest lease that a lock's name can claim. */
    MAX_STALE_LOCK_THRESHOLD_MS: 24 * HOUR_MS,
    LOCK_CLEANUP_INTERVAL_MS: MINUTE_MS,
    /** First wait between two looks at a lock that somebody else holds; grows up to the maximum. */
    LOCK_RETRY_INTERVAL_MS: 1,
    MAX_LOCK_RETRY_INTERVAL_MS: 10,
    /** Highest number of a lock's state: fifteen digits, as many as its name can hold. */
    MAX_GENERATION: 10 ** 15 - 1,
    /** Folder of the owner records inside the lock folder. */
    OWNER_FOLDER: 'owners',
    /** No extension of a format or of source code, or watchers of those would see a change with every start. */
    OWNER_EXTENSION: '.owner',
    /** Of the records of older releases, which are still read and swept. */
    FORMER_OWNER_EXTENSION: '.json',
    /** An owner record above this size is not one of ours. */
    MAX_OWNER_BYTES: 4 * KIB,
    /** Owner records that an instance keeps in memory. */
    MAX_CACHED_OWNERS: 1000,
    /** How long the record of an owner whose process is gone stays: longer than any lease that may name it. */
    DEAD_OWNER_KEPT_MS: HOUR_MS,
  },

  PERFORMANCE_LIMITS: {
    MAX_FILE_SIZE_BYTES: 100 * MIB,
    WARNING_FILE_SIZE_BYTES: 10 * MIB,
    /** Option `maxConcurrentOperations`. */
    MAX_CONCURRENT_OPERATIONS: 10,
    /** Highest value that option `maxConcurrentOperations` takes. */
    MAX_CONCURRENT_OPERATIONS_LIMIT: 1000,
    /** Option `operationTimeout`. */
    MAX_OPERATION_TIME_MS: 2 * MINUTE_MS,
    SLOW_OPERATION_THRESHOLD_MS: 5 * SECOND_MS,
    MAX_IMPORT_SIZE_BYTES: 200 * MIB,
    CRITICAL_DISK_SPACE_THRESHOLD: 0.95,
    WARNING_DISK_SPACE_THRESHOLD: 0.85,
    /** Longest delay that a Node timer takes. */
    MAX_TIMER_MS: 2_147_483_647,
  },

  /** Budgets that hold for every value in every format, before a write and after a read. */
  VALUE_LIMITS: {
    /** Containers inside containers; the root counts as 1. */
    MAX_DEPTH: 100,
    /** Members and items in total, after aliases are expanded: more than any configuration has, within time and memory. */
    MAX_NODES: 1_000_000,
    /** UTF-16 units of one key. */
    MAX_KEY_LENGTH: KIB,
    /** How many refused places one error lists. */
    MAX_REPORTED_PATHS: 10,
    /** Longest path that an error shows; the rest is cut. */
    MAX_REPORTED_PATH_LENGTH: 256,
    /** Uses of YAML aliases in one document. */
    MAX_ALIASES: 1000,
  },

  /** What a format has no form of its own for, and what its encoder writes instead. */
  FORMAT_CONVENTIONS: {
    /** Places that one list names; the others are counted. */
    MAX_LISTED: 1000,
    NULL_AS_TABLE: 'null is written as the table { "~null" = true }',
    RESERVED_KEY: 'the key is written with one more "~", so that it is not taken for a convention of this module',
    NULL_AS_WORD: 'null is written as the word null, which other programs read as text',
    ARRAY_AS_LINES: 'the array is written as one "key[] = item" line for each item',
    ARRAY_AS_JSON: 'the array is written as text, in the spelling of JSON',
    EMPTY_OBJECT_AS_TEXT: 'the empty object is written as the text {}',
    QUOTED_STRING: 'the string is written in quotes, in the spelling of JSON, so that it is not read as something else',
    ESCAPED_KEY: 'characters of the key are written as escapes that start with "~"',
    DOTTED_SECTION: 'the object inside another one is written as a section with a dotted name',
    OWN_VALUE: 'the member is written as the value of the key that its object stands under',
    ROOT_VALUE: 'a configuration that is no object is written as the value of the key "~"',
    KEY_AS_ATTRIBUTE: 'the key is written in an attribute of an <item> element, because it cannot name an element',
    ARRAY_AS_ITEMS: 'the array is written as <item> elements, and marked by an attribute',
    NULL_AS_ATTRIBUTE: 'null is written as an empty element, and marked by an attribute',
    EMPTY_OBJECT_AS_ATTRIBUTE: 'the empty object is written as an empty element, and marked by an attribute',
    STRING_AS_JSON:
      'the string is written in the spelling of JSON, and marked by an attribute: XML forbids its characters',
  },

  INTEGRITY_CHECKING: {
    CHECKSUM_ALGORITHM: 'sha256',
    VERIFY_ON_LOAD: true,
    VERIFY_ON_SAVE: true,
    VERIFY_BACKUPS: true,
    AUTO_REPAIR_ENABLED: false,
  },

  VERSION_CONTROL: {
    ENABLE_VERSION_HISTORY: true,
    /** Option `maxVersionHistory`. */
    MAX_VERSION_HISTORY: 10,
    /** Highest value that option `maxVersionHistory` takes. */
    MAX_VERSION_HISTORY_LIMIT: 1000,
    ROLLBACK_SAFETY_CHECK: true,
  },

  /** What one change may record about itself: all of it together stays far below the limit of one journal record. */
  OPERATION_OPTIONS: {
    /** UTF-16 units of option `user`, of the module and of an operation. */
    MAX_USER_LENGTH: 1000,
    /** UTF-16 units of option `description`. */
    MAX_DESCRIPTION_LENGTH: 10_000,
    /** Option `tags`. */
    MAX_TAGS: 100,
    /** UTF-16 units of one of them. */
    MAX_TAG_LENGTH: 200,
  },

  EXPECTATIONS: {
    /** Places that the findings of one load list; the others are counted. */
    MAX_FINDINGS: 100,
    /** Rules of one of the options `schema`, `defaults` and `migrations`, and patterns of one rule. */
    MAX_RULES: 1000,
    /** Names of files for which it is known what is expected of them. */
    MAX_KNOWN_FILES: 1000,
    /** What `$schema` names to the module of ajv that knows it. Default: draft-07. */
    JSON_SCHEMA_DIALECTS: {
      'https://json-schema.org/draft/2019-09/schema': 'ajv/dist/2019.js',
      'https://json-schema.org/draft/2020-12/schema': 'ajv/dist/2020.js',
    },
  },

  MIGRATIONS: {
    /** Steps of one plan. */
    MAX_STEPS: 1000,
    /** Characters of a version, which must fit into the name of a backup. */
    MAX_VERSION_LENGTH: 60,
    /** Keys from the root of a configuration to its version. */
    MAX_KEY_DEPTH: 10,
    /** In the name of the backup that is made before; the newest version follows. */
    BACKUP_NAME: 'before-migration-',
  },

  JOURNAL: {
    /** Raised when a reader of an older release could misread the records. */
    FORMAT_VERSION: 1,
    FILE_PREFIX: 'journal.',
    /** Digits of the segment in a journal's file name, so that names sort. */
    GENERATION_DIGITS: 8,
    /** A journal above this size is compacted after the save that found it so. */
    COMPACT_ABOVE_BYTES: 64 * KIB,
    /** Beyond any real number of changes, and far enough from the largest exact integer to count on. */
    MAX_REVISION: 2 ** 52,
    /** End of the part that was read before and is compared before only the rest is read. */
    COMPARED_TAIL_BYTES: 64,
    /** A journal above this size is refused: the module never writes one. */
    MAX_BYTES: 64 * MIB,
    /** One record, the custom metadata fields included. */
    MAX_RECORD_BYTES: MIB,
    /** Hexadecimal digits of a line's check value. */
    CHECK_DIGITS: 16,
    /** How often an append is repeated when another writer or a compaction came between. */
    MAX_APPEND_ATTEMPTS: 5,
    /** What a damaged journal is renamed to: it is kept, never written over. */
    DAMAGED_EXTENSION: '.damaged',
  },

  /** The history of operations, a log in files of its own. */
  OPERATION_LOG: {
    /** Raised when a reader of an older release could misread the records. */
    FORMAT_VERSION: 1,
    /** Folder in that of the metadata. */
    FOLDER: 'operations',
    EXTENSION: '.audit',
    /** Follows the other one while a segment has a writer. */
    OPEN_EXTENSION: '.open',
    /** Id, mark of its end, whether it has a writer. */
    FILE_NAME: '^(\\d{15}-[0-9a-f]{12})(?:\\.([0-9a-f]{32}))?\\.audit(\\.open)?$',
    /** Of the time in the id of a segment, so that ids sort. */
    ID_TIME_DIGITS: 15,
    /** Hexadecimal digits of a line's hash. */
    HASH_DIGITS: 32,
    /** Random bytes in the id of a segment, and of a writer. */
    ID_BYTES: 6,
    ENTRY_ID: '^(\\d{1,16})-([0-9a-f]{12})-\\d{1,16}$',
    /** In the ids of changes that only the records of their configurations tell of. */
    NO_WRITER: '000000000000',
    /** How long after its change an operation may end, for an older page to know it again. */
    JOIN_MARGIN_MS: 2 * MINUTE_MS,
    /** How long entries may wait to be written, and what is written to be durable: what a power cut can take. */
    WRITE_AFTER_MS: 500,
    /** Changes before its own that a commit tells of, in case that their process was killed before it wrote them down. */
    EARLIER_CHANGES: 8,
    /** Changes of this instance that it remembers to have written down. */
    MAX_REMEMBERED: 1000,
    /** Entries that wait while they cannot be written; those beyond are counted only. */
    MAX_WAITING: 10_000,
    /** A segment above this size is ended, and another one begun. */
    SEGMENT_BYTES: 4 * MIB,
    /** All segments together; the oldest go. */
    MAX_BYTES: 512 * MIB,
    MAX_SEGMENTS: 1000,
    MAX_AGE_MS: 400 * DAY_MS,
    /** One that was not ended and was written to less than this ago may have a living writer. */
    MAYBE_ALIVE_MS: HOUR_MS,
    /** How far the times of files may be behind those of records, and how long what was written may not be durable yet. */
    CLOCK_MARGIN_MS: 5 * SECOND_MS,
    /** Digits of a line's hash that a verification remembers. */
    REMEMBERED_DIGITS: 12,
    /** Other segments whose last lines a new one notes. */
    MAX_HEADS: 32,
    /** Bytes that are read at once. */
    BLOCK_BYTES: 64 * KIB,
    /** A longer line is no line of a log. */
    MAX_LINE_BYTES: 256 * KIB,
    DEFAULT_LIMIT: 100,
    MAX_LIMIT: 10_000,
    /** Breaks that a verification tells; it counts no further ones. */
    MAX_BREAKS: 1000,
    MAX_ERROR_LENGTH: 1000,
  },

  IMPORT_EXPORT: {
    /** Option `supportedFormats` narrows it. */
    SUPPORTED_FORMATS: ['json', 'yaml', 'toml', 'ini', 'xml', 'properties'],
    /** Read by imports, never written. */
    IMPORT_ONLY_FORMATS: ['jsonc', 'json5'],
    EXPORT_FORMATS: ['json', 'yaml', 'toml', 'ini', 'xml', 'properties', 'zip', 'tar.gz', 'backup'],
    VALIDATE_ON_IMPORT: true,
    BACKUP_BEFORE_IMPORT: true,
  },

  /** What an archive may be, the same for writing and for reading: what is exported can be imported again. */
  TRANSFER: {
    /** Files and folders of one archive; its folders that have no entry of their own are as many at most. */
    MAX_ENTRIES: 100_000,
    /** All names of one archive as UTF-8: they are kept until its end, to find twins. */
    MAX_NAMES_BYTES: 8 * MIB,
    /** One entry's name as UTF-8: far below the longest path of a system, for it is put behind a folder's. */
    MAX_ENTRY_NAME_BYTES: KIB,
    /** Folders and file of one entry's name. */
    MAX_ENTRY_DEPTH: 32,
    /** Content of all entries. */
    MAX_UNPACKED_BYTES: GIB,
    /**
     * Unpacked bytes for each byte of the archive. They are never in memory together, so what this bounds is the work that a
     * small file can ask for. Deflate ends at 1,032; a `.tar.gz` of 10,000 equal files was measured at 80 to 130.
     */
    MAX_UNPACKED_RATIO: 500,
    /** Below so many unpacked bytes the ratio does not matter: they take a third of a second. */
    RATIO_FREE_BYTES: 64 * MIB,
    /** What a tar may hold besides contents, for each entry that it may have: header, long name, padding. */
    TAR_OVERHEAD_BYTES: 2 * KIB,
    /** The same without any entry: the zeros behind the end, which go up to a full record. */
    TAR_FREE_OVERHEAD_BYTES: 2 * MIB,
    /** One extended header of a tar, the only part of it that is read into memory at once. */
    MAX_TAR_EXTENSION_BYTES: 64 * KIB,
    /** Extended headers before one entry. */
    MAX_TAR_EXTENSIONS: 8,
    /** Piece in which an archive's file is read. */
    WINDOW_BYTES: 256 * KIB,
    /** Piece in which contents come and archives are written. */
    PIECE_BYTES: 64 * KIB,
    COMPRESSION_LEVEL: 6,
    /** Characters of an entry's name that an error shows. */
    MAX_SHOWN_NAME_LENGTH: 120,
  },

  ERROR_HANDLING: {
    MAX_RETRY_ATTEMPTS: 3,
    RETRY_DELAY_MS: SECOND_MS,
    BACKOFF_MULTIPLIER: 2,
    MAX_BACKOFF_DELAY_MS: 10 * SECOND_MS,
    /** How often a load starts again because the file was replaced while it was read. */
    MAX_READ_RACES: 20,
  },

  HEALTH_MONITORING: {
    /** Option `enableHealthChecks`. */
    ENABLE_HEALTH_CHECKS: true,
    /** Option `healthCheckInterval`. */
    HEALTH_CHECK_INTERVAL_MS: 5 * MINUTE_MS,
    DISK_USAGE_WARNING_THRESHOLD: 0.85,
    DISK_USAGE_CRITICAL_THRESHOLD: 0.95,
    ERROR_RATE_WARNING_THRESHOLD: 0.05,
    ERROR_RATE_CRITICAL_THRESHOLD: 0.2,
    /** Share of operations above `SLOW_OPERATION_THRESHOLD_MS` from which they are told of. */
    SLOW_RATE_WARNING_THRESHOLD: 0.05,
    /** Operations below which a share of them says nothing. */
    MIN_JUDGED_OPERATIONS: 20,
    /** The window that operations are counted in, and its parts: one goes when a new one comes. */
    ACTIVITY_BUCKETS: 60,
    ACTIVITY_BUCKET_MS: MINUTE_MS,
    /** Option `maxDurationMs` of `validateStorageHealth`: how long contents are read; the next check goes on there. */
    VERIFICATION_MS: MINUTE_MS,
    /** The same for the periodic checks, which nobody waits for. */
    PERIODIC_VERIFICATION_MS: 2 * SECOND_MS,
    /** Configurations whose contents are read beside each other: each may hold a whole one. */
    MAX_VERIFIED_AT_ONCE: 4,
    /** After so long without a pause everybody else has a turn. */
    SLICE_MS: 10,
    /** Files of one finding that are named, and repaired by one call. */
    MAX_AFFECTED_FILES: 1000,
    /** Names in one folder that are not the module's; beyond, the rest of the folder is not looked at. */
    MAX_FOREIGN_NAMES: 100_000,
    /** Names in all folders that are remembered, so that unchanged folders need not be listed again. */
    MAX_REMEMBERED_NAMES: 1_000_000,
    /** Snapshots whose state is remembered as verified; further ones are read each time. */
    MAX_REMEMBERED_SNAPSHOTS: 1_000_000,
    /** Configurations whose state is remembered as verified. */
    MAX_REMEMBERED_CONFIGURATIONS: 100_000,
    /** How long after a change its content may be without a verified backup. */
    BACKUP_OVERDUE_MS: HOUR_MS,
    /** How far the time of day may move against the monotonic clock between two checks: clock servers correct by less. */
    CLOCK_JUMP_MS: MINUTE_MS,
    /** Damaged files among all files, above which the score is poor. */
    POOR_DAMAGE_SHARE: 0.01,
    /** When the next check is worth while, by what this one has found. */
    NEXT_CHECK_MS: { healthy: HOUR_MS, warning: 5 * MINUTE_MS, critical: MINUTE_MS, unknown: HOUR_MS },
    /** Signs in a row until a warning is an alert; what is critical is one at once. */
    RUNS_UNTIL_RAISED: 2,
    /** Healthy runs in a row until an alert is over. */
    RUNS_UNTIL_RESOLVED: 2,
    /** An alert is not told again before this, whatever comes and goes meanwhile. */
    ALERT_REPEAT_MS: HOUR_MS,
  },

  /** What health checks find, and what to do; figures are added to them. */
  HEALTH_FINDINGS: {
    CHECK_FAILED: 'The check could not be made',
    CHECK_FAILED_ADVICE: 'Correct what the message names, then check again',
    NO_INSPECTION: 'The store is none of files, so there is nothing to look at',
    NO_BACKUPS_WANTED: 'Automatic backups are switched off',
    TOO_FEW_OPERATIONS: 'Too few operations to judge',
    DISK_SPACE: 'The disk is nearly full',
    DISK_SPACE_ADVICE: 'Free some space: remove files, or keep fewer backups (cleanupOldBackups)',
    INODES: 'The file system has nearly no room for further files',
    INODES_ADVICE: 'Remove files, or keep fewer backups (cleanupOldBackups)',
    EXCESS_MODE: 'Files or folders may be used by others than the option permissions says',
    EXCESS_MODE_ADVICE: 'Call repairStorage() to take these rights away, or name them in the option permissions',
    MISSING_MODE: 'Files or folders cannot be used by their own owner',
    MISSING_MODE_ADVICE: 'Call repairStorage() to give the owner its rights back',
    FOREIGN_OWNER: 'Files or folders belong to somebody else than the folder that they serve',
    FOREIGN_OWNER_ADVICE: 'Give them to the owner of the folder (chown), and run all programs as that user',
    UNREADABLE_FOLDER: 'Folders cannot be looked at',
    UNREADABLE_FOLDER_ADVICE: 'Make them readable for the user that the program runs as',
    CONFIGURATION_DAMAGED: 'Configurations are damaged',
    CONFIGURATION_DAMAGED_ADVICE: 'Call repairStorage() to restore the newest good backup; the damaged file is kept',
    CONFIGURATION_LOST: 'Configurations are damaged, and have no good backup',
    CONFIGURATION_LOST_ADVICE: 'Repair them by hand, or save them anew; the damaged file is kept then',
    CONFIGURATION_UNREADABLE: 'Configurations cannot be read',
    CONFIGURATION_UNREADABLE_ADVICE: 'Make the files readable for the user that the program runs as',
    CONFIGURATION_MISSING: 'Configurations were removed by another program',
    CONFIGURATION_MISSING_ADVICE: 'Restore a backup (restoreFromBackup), or call deleteConfiguration if that was meant',
    JOURNAL_DAMAGED: 'Journals are damaged',
    JOURNAL_DAMAGED_ADVICE:
      'Check the configuration; its next save sets the damaged journal aside and starts a new one',
    BACKUP_DAMAGED: 'Backups are damaged',
    BACKUP_DAMAGED_ADVICE: 'Make a new backup (createBackup), then remove the damaged ones (deleteBackup)',
    BACKUP_LOCKED: 'Backups are encrypted under a key that is not configured',
    BACKUP_LOCKED_ADVICE: 'Name the earlier key in encryption.previous, and call rotateBackupEncryption',
    BACKUP_OVERDUE: 'Configurations have no verified backup of their last change or since',
    BACKUP_OVERDUE_ADVICE: 'Call repairStorage() to make one, and look for what has kept the automatic ones away',
    STALE_LOCK: 'Locks are held by processes that are gone, or longer than they may be',
    STALE_LOCK_ADVICE: 'Call repairStorage() to free them; the next change would take them over too',
    DEAD_OWNER: 'Records of processes that are gone lie among the locks',
    DEAD_OWNER_ADVICE: 'Call repairStorage() to remove them; a later start would too',
    LEFTOVER: 'Temporary files of processes that are gone were left behind',
    LEFTOVER_ADVICE: 'Call repairStorage() to clear them away',
    TOMBSTONE: 'Deleted files whose deletion nobody knows of were left behind',
    TOMBSTONE_ADVICE: 'Look at them: each may be the only copy. Rename one to its configuration, or remove it by hand',
    ORPHANED_BACKUPS: 'Backups of configurations that are not there any more',
    ORPHANED_BACKUPS_ADVICE: 'Restore one to a path (restoreFromBackup), or remove them (deleteBackup)',
    ORPHANED_RECORDS: 'Records that name no configuration',
    ORPHANED_RECORDS_ADVICE: 'Look at these folders; one whose journal is damaged belongs to the file of its name',
    FOLDER_CUT: 'Folders hold so many other files that the rest of them was not looked at',
    FOLDER_CUT_ADVICE: 'Move the files of other programs out of these folders',
    ERROR_RATE: 'Many operations fail',
    ERROR_RATE_ADVICE: 'Look for the errors in the debug log; the codes and counts are in the details',
    SLOW_OPERATIONS: 'Many operations are slow',
    SLOW_OPERATIONS_ADVICE: 'Look at the load of the disk, and for holders of locks that wait for something else',
    CLOCK_BACK: 'The time of day was set back',
    CLOCK_ADVICE: 'Check the clock: the order and the age of backups go by it',
    FUTURE_TIMES: 'Files are dated in the future',
    BROKEN_PROMISE: 'The file system did not keep what it had promised',
    BROKEN_PROMISE_ADVICE: 'Check the disk and its cables, and move the configuration to another one',
    UNDELIVERED_FAILURE: 'A request failed, and nobody could be told of it',
  },

  /** What repairs do. */
  HEALTH_REPAIRS: {
    SET_MODE: 'set its mode to what the option permissions says',
    RESTORE: 'restored the newest good backup; the damaged file is kept',
    BACK_UP: 'made a backup',
    FREE_LOCK: 'freed the lock',
    REMOVE_OWNER: 'removed the record',
    CLEAR_LEFTOVERS: 'cleared away what ended changes had left',
    REMOVE_LEFTOVER: 'removed the file',
  },

  MESSAGING: {
    /** Requests of one module that have not been answered. */
    MAX_PENDING_REQUESTS: 20_000,
    /** About what they hold, together. */
    MAX_PENDING_BYTES: 256 * MIB,
    /** Option `validationTimeout`. */
    VALIDATION_TIMEOUT_MS: 30 * SECOND_MS,
    /** Verdicts that are kept because their requests have not come yet. */
    MAX_KNOWN_VERDICTS: 1000,
    /** Of what a validator says, in the report to whoever asked. */
    MAX_SHOWN_ERRORS: 10,
  },
  LIVE: {
    /** Before a change is looked at: several notices come for one. */
    SETTLE_MS: 10,
    /** However many notices come, the first of them is not let wait longer. */
    MAX_SETTLE_MS: 100,
    /** An editor that replaces or rewrites a file leaves it missing, empty or cut for a moment. */
    GRACE_MS: 250,
    /** Between two looks during that. */
    GRACE_STEP_MS: 25,
    /** Option `interval`, where the system gives notices and where it does not. */
    SAFETY_INTERVAL_MS: 5000,
    POLLING_INTERVAL_MS: 1000,
    MIN_INTERVAL_MS: 10,
    /** Paths into a configuration that are not taken apart again. */
    MAX_KNOWN_PATHS: 1000,
    /** Changes that wait for whoever iterates. */
    MAX_BUFFERED_CHANGES: 1000,
  },
  CACHE_SETTINGS: {
    /** Option `enableCaching`. */
    ENABLE_CACHING: true,
    /** Option `cacheTTL`. */
    CONFIG_CACHE_TTL_MS: 5 * MINUTE_MS,
    METADATA_CACHE_TTL_MS: 10 * MINUTE_MS,
    MAX_CACHED_CONFIGS: 50,
    MAX_CACHED_METADATA: 100,
    /** Names of journal and lock folders by configuration. */
    MAX_CACHED_KEYS: 1000,
    /** Folders that were found to be allowed. */
    MAX_CACHED_FOLDERS: 100,
    /** Bytes of files whose values are kept, all entries together. */
    MAX_CACHED_BYTES: 64 * MIB,
    /** Values from files below this size are handed out as plain copies, larger ones as copy-on-write views. */
    VIEW_THRESHOLD_BYTES: 32 * KIB,
    /** Containers inside a view with at most this many members and items in all are copied when they are reached. */
    PLAIN_BELOW_NODES: 256,
    /** A file changed more recently than this before it was read is not trusted by its times alone. */
    RACY_WINDOW_MS: 20,
    /** Files up to this size are read at once to compare them then: a trip through the thread pool would cost more. */
    MAX_COMPARED_NOW_BYTES: 64 * KIB,
  },

  FRAMEWORK: {
    /** Transfers that `getSentData()` and `getReceivedData()` keep, each. */
    MAX_TRANSFER_RECORDS: 100,
    /** How long `sendRequest` waits when the caller gives no time. */
    DEFAULT_REQUEST_TIMEOUT_MS: 30 * SECOND_MS,
    /** About the bytes of one transfer's data that a record may keep alive. */
    MAX_RECORDED_DATA_SIZE: 64 * KIB,
    /** What one member, item or scalar counts there: near what V8 spends on it. */
    RECORDED_NODE_SIZE: 16,
    /** What is small without being counted: so many members, none longer than so many characters. */
    MAX_GLANCED_MEMBERS: 8,
    MAX_GLANCED_TEXT_LENGTH: 256,
    /** Message priorities run from 0 to this, the most urgent. */
    MAX_PRIORITY: 9,
    /** Of messages that name none; higher ones are delivered first. */
    DEFAULT_PRIORITY: 5,
    /** Source of the notifications that the message center sends by itself. */
    CENTER_ID: 'MessageCenter',
    /** The notifications that every other module gets, with the payload `{ moduleId }`. */
    MODULE_REGISTERED: 'module_registered',
    MODULE_UNREGISTERED: 'module_unregistered',
    /** What `getConfig()` shows instead of a secret. */
    HIDDEN_VALUE: '[hidden]',
    /** Entries of a module's debug log that are kept, at most. `setDebugConfig({ maxLogEntries })` keeps fewer. */
    MAX_LOG_ENTRIES: 1000,
    /** About the bytes of one entry's data that the log may keep alive. */
    MAX_LOGGED_DATA_SIZE: 4 * KIB,
    /** What an entry has in the place of larger data. */
    OMITTED_DATA: '[omitted]',
    SECOND_MS,
    PERCENT: 100,
    /** Of `getUptime()`: each with how many make one of the next. */
    UPTIME_UNITS: [
      ['s', 60],
      ['m', 60],
      ['h', 24],
      ['d', undefined],
    ],
    /** What `getModuleSubscriptions` shows for a module that gets every topic. */
    EVERY_TOPIC: '*',
    /** Random bytes in the id of a module that was given no info. */
    ID_BYTES: 6,
    /** Levels of debug modules of the original host's form. */
    HOST_LOG_LEVELS: { debug: 0, info: 1, warn: 2, error: 3 },
    /** Texts that hosts compare, so they stand without a prefix. */
    WRONG_CONNECTION_TYPE: {
      input: 'Invalid connection type for input',
      output: 'Invalid connection type for output',
    },
    CONFIGURED_TOO_LATE: 'Cannot configure module after initialization',
    /** `%s` is what they are about. */
    UNKNOWN_MODULE_TYPE: "Module type '%s' is not registered",
    UNKNOWN_TARGET: 'Target module %s not found',
    UNKNOWN_MODULE: 'Module %s is not registered',
    INCOMPLETE_MESSAGE: {
      id: 'Message must have an ID',
      type: 'Message must have a type',
      source: 'Message must have a source',
    },
  },

  LOGGING: {
    /** The least serious level that goes to the option `logger` where the option `debug` is not given. */
    LOGGER_LEVEL: 'info',
    /** What stands in a line instead of a secret. */
    REDACTED_VALUE: '[redacted]',
    /** What stands in a line instead of details that cannot be read. */
    UNREADABLE_VALUE: '[unreadable]',
    /** Details deeper than this are not looked at, and so not shown. */
    MAX_DETAIL_DEPTH: 8,
    /** Regular expressions, upper and lower case alike, of the keys whose values are secrets. Option `redact` adds to them. */
    SECRET_KEYS: [
      'pass(?:word|wd|phrase|code)',
      '^pass$',
      '^pwd$',
      'secret',
      'token',
      'credential',
      'authori[sz]ation',
      '^auth$',
      'bearer',
      'cookie',
      'session[-_ ]?id',
      '(?:api|access|private|encryption|signing|master|account|shared)[-_ ]?key',
      'connection[-_ ]?string',
    ],
  },

  METRICS: {
    /** Upper bounds of the histograms in seconds: a load from the cache takes microseconds, a save milliseconds. */
    DURATION_BOUNDS_SECONDS: [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
    /** What the label `outcome` says besides the code of an error. */
    OUTCOME_OK: 'ok',
    /** Failures of the caller's own functions, and whatever else has no code that is known. */
    OUTCOME_OTHER: 'other',
    OPERATIONS: {
      name: 'rcc_config_operations_total',
      help: 'Operations that have ended, by their outcome: ok, or the code of the error.',
    },
    DURATIONS: {
      name: 'rcc_config_operation_duration_seconds',
      help: 'How long operations took, waiting included.',
    },
    RUNNING: { name: 'rcc_config_operations_running', help: 'Operations that have begun and not ended.' },
    LOCK_WAITS: {
      name: 'rcc_config_lock_wait_seconds',
      help: 'How long operations took to get the lock of their file, or gave up waiting for it.',
    },
    CACHE_LOOKUPS: {
      name: 'rcc_config_cache_lookups_total',
      help: 'Loads that were answered from the cache (hit) and from the file (miss).',
    },
    BYTES_READ: { name: 'rcc_config_read_bytes_total', help: 'Bytes that operations read from files.' },
    BYTES_WRITTEN: { name: 'rcc_config_written_bytes_total', help: 'Bytes that operations wrote to files.' },
    FLUSHES: { name: 'rcc_config_flushes_total', help: 'Flushes of files and folders to the disk.' },
  },

  TRACING: {
    /** The type of the operation follows. */
    CHANNEL_PREFIX: 'rcc-config-persistence:',
    TRACER_NAME: 'rcc-config-persistence',
    /** The type of the operation follows. */
    SPAN_PREFIX: 'config.',
    /** Names of attributes; those of `file` and `error` are of the semantic conventions. */
    ATTRIBUTES: {
      FILE_PATH: 'file.path',
      FILE_NAME: 'file.name',
      FILE_EXTENSION: 'file.extension',
      ERROR_TYPE: 'error.type',
      OPERATION_TYPE: 'rcc_config.operation.type',
      OPERATION_ORIGIN: 'rcc_config.operation.origin',
      INSTANCE_ID: 'rcc_config.instance.id',
      CACHE_HIT: 'rcc_config.cache.hit',
    },
  },

  CONNECTION_TYPES: {
    CONFIG_DATA_INPUT: 'config-data-input',
    PERSISTENCE_RESULT_OUTPUT: 'persistence-result-output',
    BACKUP_NOTIFICATION_OUTPUT: 'backup-notification-output',
    ERROR_OUTPUT: 'error-output',
    VALIDATION_INPUT: 'validation-input',
    METADATA_OUTPUT: 'metadata-output',
    HEALTH_STATUS_OUTPUT: 'health-status-output',
  },

  DATA_TRANSFER_TYPES: {
    SAVE_REQUEST: 'save-request',
    LOAD_REQUEST: 'load-request',
    DELETE_REQUEST: 'delete-request',
    BACKUP_REQUEST: 'backup-request',
    RESTORE_REQUEST: 'restore-request',
    ROLLBACK_REQUEST: 'rollback-request',
    EXPORT_REQUEST: 'export-request',
    IMPORT_REQUEST: 'import-request',
    PERSISTENCE_RESULT: 'persistence-result',
    CONFIGURATION_DATA: 'configuration-data',
    BACKUP_NOTIFICATION: 'backup-notification',
    HEALTH_REPORT: 'health-report',
    ERROR_REPORT: 'error-report',
    PERFORMANCE_METRICS: 'performance-metrics',
    VALIDATION_RESULT: 'validation-result',
  },

  /** The first words of each error's message; what follows names the file, the reason and what to do. */
  ERROR_MESSAGES: {
    FILE_NOT_FOUND: 'Configuration file not found',
    INVALID_FILE_PATH: 'Invalid file path',
    INVALID_CONFIGURATION_DATA: 'Invalid configuration data',
    INVALID_METADATA: 'Invalid configuration metadata',
    INVALID_OPTION: 'Invalid module option',
    /** Of one call, where the other is of the module. */
    INVALID_OPERATION_OPTION: 'Invalid option',
    INVALID_REQUEST: 'Invalid request',
    UNSUPPORTED_FORMAT: 'Unsupported configuration format',
    PARSE_FAILED: 'Configuration file cannot be parsed',
    FILE_TOO_LARGE: 'File exceeds the size limit',
    IMPORT_INTERRUPTED: 'Import was interrupted half-way',
    FILE_EXISTS: 'File exists already',
    NOT_A_FILE: 'Path is not a regular file',
    INTEGRITY_CHECK_FAILED: 'Configuration integrity check failed',
    WRITE_VERIFICATION_FAILED: 'Written data could not be verified',
    CONFLICT: 'Configuration was changed by another writer',
    INDETERMINATE: 'Change may or may not have happened',
    LOCK_TIMEOUT: 'File lock acquisition timed out',
    LOCK_LOST: 'File lock was lost before the change was committed',
    LOCK_NOT_RELEASED: 'File lock could not be released',
    LOCK_NOT_FOUND: 'this module does not hold a lock of that id',
    LOCK_EXPIRED: 'its lease had ended and another holder took it',
    JOURNAL_DAMAGED: 'Configuration journal is damaged',
    BACKUP_NOT_FOUND: 'Backup not found',
    BACKUP_DAMAGED: 'Backup is damaged',
    BACKUP_MISMATCH: 'Backup is not the one that its name tells',
    BACKUP_FAILED: 'Backup could not be made or opened',
    INVALID_BACKUP_NAME: 'Invalid backup name',
    WRONG_KEY: 'Backup is encrypted with another key',
    KEY_REQUIRED: 'Backup is encrypted and no key is configured',
    NOT_ENCRYPTED: 'Backup is not encrypted although it should be',
    VERSION_NOT_FOUND: 'Version not found',
    LAYOUT_LOST: 'The layout of the file would be lost',
    VALIDATION_FAILED: 'Configuration is not valid',
    NEWER_VERSION: 'Configuration is of a newer version',
    UNREADABLE_VERSION: 'Version of the configuration cannot be read',
    MIGRATION_FAILED: 'Configuration could not be migrated',
    TOO_MANY_REQUESTS: 'Too many requests are waiting',
    OPERATION_TIMEOUT: 'Operation timed out',
    OPERATION_ABORTED: 'Operation was aborted',
    NOT_INITIALIZED: 'Module is not initialized',
    DESTROYED: 'Module is destroyed',
    PERMISSION_DENIED: 'Permission denied',
    DISK_FULL: 'Insufficient disk space',
    STORAGE_FAILED: 'File system operation failed',
    ATOMIC_REPLACE_IMPOSSIBLE: 'File cannot be replaced atomically',
    ARCHIVE_REFUSED: 'Archive was refused',
    GOOD_BACKUPS: 'These backups would do',
    LOCKED_BACKUPS: 'encrypted under a key that is not configured',
    NOT_RECOVERED: 'It could not be restored by itself',
    RESTORE_ADVICE: 'Restore a backup, or repair the file by hand',
  },

  SUCCESS_MESSAGES: {
    CONFIGURATION_SAVED: 'Configuration saved',
    CONFIGURATION_LOADED: 'Configuration loaded',
    CONFIGURATION_DELETED: 'Configuration deleted',
    CONFIGURATION_UPDATED: 'Configuration updated',
    METADATA_SAVED: 'Configuration metadata saved',
    INTEGRITY_VERIFIED: 'Configuration integrity verified',
    LOCK_ACQUIRED: 'File lock acquired',
    LOCK_RELEASED: 'File lock released',
    MODULE_INITIALIZED: 'Module initialized',
    MODULE_DESTROYED: 'Module destroyed',
  },

  /** Findings about a file: what was found, and what to do. */
  INTEGRITY_FINDINGS: {
    CHANGED_OUTSIDE: 'The file is not what was last saved through the module: another program has changed it',
    CHANGED_OUTSIDE_ADVICE: 'Check the change; saving it through the module makes it the known state',
    EMPTIED: 'The file is empty; what was saved last was not',
    NOT_READABLE: 'The content cannot be read in its format',
    NOT_READABLE_ADVICE: 'Restore a backup, or repair the file by hand',
    WRONG_ENCODING: 'The content is not valid UTF-8',
    WRONG_ENCODING_ADVICE: 'Convert the file to UTF-8',
    RECOVERED_MEANWHILE: 'The file was damaged, and was restored by another operation meanwhile',
    RECOVERED_ADVICE: 'Check what was changed since that backup; the damaged file is kept in quarantine',
    RECORDS_DAMAGED:
      'The journal of this configuration is damaged, so it cannot tell whether the content is the saved one',
    RECORDS_DAMAGED_ADVICE: 'Check the content; the next save sets the damaged journal aside and starts a new one',
    NOT_AS_THE_SCHEMA: 'The value does not fit the schema',
    FURTHER_PLACES: 'further places do not fit the schema',
    NOT_AS_THE_SCHEMA_ADVICE: 'Correct the value; one that does not fit cannot be saved',
    MIGRATED_IN_MEMORY: 'The value was migrated in memory only, because the file cannot be written',
    MIGRATED_IN_MEMORY_ADVICE: 'Make the file and the folders beside it writable; the next process migrates it then',
  },

  /** What the history says of changes that nobody has described; the id of the backup or version follows. */
  VERSION_DESCRIPTIONS: {
    RESTORED: 'Restored from backup',
    ROLLED_BACK: 'Rolled back to version',
    RECOVERED: 'The file was damaged; restored from backup',
    /** The old version, if it has one, and the new one are added. */
    MIGRATED: 'Migrated',
  },

  /** Why a backup stays or goes; figures and rules are added to them. */
  BACKUP_REASONS: {
    SAME_BURST: 'made in the same burst of changes (backupMergeWindow) as the one that stays for it,',
    SAME_CONTENT: 'an automatic backup with the content of the newer',
    NONE_PROVEN: 'none of those that would stay could be opened, so nothing goes',
    LIVE_DAMAGED: 'the configuration itself is damaged: nothing is removed before it is repaired',
    LAST_VERIFIED: 'the newest verified backup: no other verified one would stay',
    NONE_VERIFIED: 'the newest backup: none is verified, and one has to stay',
    NAMED: 'it has a name, and named backups are not removed automatically (keepNamed)',
    BEFORE_MIGRATION: 'made before the newest migration, and not removed automatically',
    WITHIN_LIMITS: 'within the limits of the policy',
    NO_KEEP_RULE: 'no keep rule keeps it',
    KEPT_BY: 'kept by',
    OLDEST_FIRST: 'and the oldest go first',
    NEWEST_FIRST: 'and the newest go first',
    LARGEST_FIRST: 'and the largest go first',
  },

  YAML_READING: {
    /** Closing brackets at their key's own indentation, for each of which the text is read once more. */
    MAX_MOVED_BRACKETS: 500,
    /** Of all those readings together. */
    MAX_REPARSED_CHARACTERS: 20_000_000,
  },

  /** Saves that change what changed in the file that is there, and nothing else. */
  FORMATTING: {
    /** Default of the option `preserveFormatting`. */
    PRESERVE: 'on',
    PRESERVE_CHOICES: ['require', 'on', 'off'],
    /** Rounds of proving an edit, each with wider parts written anew, before the whole file is. */
    MAX_ATTEMPTS: 6,
    /** Places that one round widens. */
    MAX_PLACES: 20,
    /** Places of lost layout that a result lists. */
    MAX_TOLD: 10,
    MORE_PLACES: 'more places',
    FILE_UNREADABLE: 'the file that is there cannot be read in this format, so nothing of it would stay',
    FILE_REWRITTEN: 'the whole file was written anew, without its comments and its layout',
    PART_REWRITTEN: 'this part was written anew, without its comments and its layout',
    COMMENTS_LOST: 'comments inside were lost',
    ALIAS_LOST: 'the alias was replaced by its value',
  },

  WARNING_MESSAGES: {
    LAYOUT_LOST: 'Layout of the file was lost',
    SNAPSHOT_NOT_EXPORTED: 'A backup cannot be opened and is not in the export',
    COMMENTS_NOT_IMPORTED: 'Comments of the imported file are lost, because the configuration has another format',
    ENTRIES_PASSED_OVER: 'Files of the archive whose names tell no format were passed over',
    HISTORY_NOT_IMPORTED: 'The configuration has a history of its own here; only its content was imported',
    IMPORT_FINISHED: 'An import that was interrupted was finished',
    IMPORT_UNDONE: 'An import that was interrupted was undone',
    NOT_UNDONE: 'changed by somebody else meanwhile, and left as they are',
    COMMENTS_NOT_EXPORTED: 'Comments of the file are not in the export, because its format is another one',
    NO_EFFECT_YET: 'Option is valid but has no effect in this release',
    UNKNOWN_OPTION: 'Unknown option has no effect',
    DURABILITY_NOT_CONFIRMED:
      'Published, but the folder could not be flushed: a power cut within the next seconds may undo it',
    LARGE_FILE: 'Configuration is larger than the recommended size',
    DERIVED_METADATA_KEPT: 'These metadata fields describe the file and were not changed',
    WRITTEN_IN_PLACE: 'The file could not be replaced and was rewritten: other programs may have seen a part of it',
    IN_PLACE_UNFINISHED:
      'Saved, but the file could not be rewritten completely; the next change finishes it, until then only this module reads the complete content',
    DELETED_FILE_KEPT: 'Deleted, but the renamed file beside it could not be cleared away yet',
    OWNER_NOT_KEPT: 'The file now belongs to this process: the system did not let it keep its owner',
    JOURNAL_SET_ASIDE: 'The damaged journal was set aside and a new one was started',
    BACKUP_NOT_READABLE: 'Backed up as it is, but the content cannot be read in its format',
    REPLY_UNDELIVERED: 'A request was served, and no output connection has taken the reply',
    VERDICT_IGNORED: 'A validation result was ignored: it is malformed, or came over no connection for it',
    WATCHING_BY_POLLING: 'The system gives no notices of changes, so watched files are looked at from time to time',
    HISTORY_NOT_WRITTEN: 'The history of operations could not be written',
    BACKUPS_NOT_MAINTAINED: 'Backups could not be checked, packed or pruned; the next change tries again',
    ORPHANED_BACKUPS: 'nothing tells any more which file these backups are of, or it may not be touched',
    STILL_THERE: 'it is still there',
    EXPORT_STAYS: 'an export; remove it by hand where nobody needs it',
    BEYOND_REACH:
      'Exports and copies in other places, and what file systems and disks keep of removed files, cannot be reached',
    OUTSIDE_EDIT_REPLACED: 'The file had been changed outside the module since the last save',
  },

  PERMISSIONS: {
    CONFIG_FILE: 0o600,
    BACKUP_FILE: 0o600,
    TEMP_FILE: 0o600,
    ARCHIVE_ENTRY: 0o600,
    LOCK_FILE: 0o600,
    METADATA_FILE: 0o600,
    CONFIG_DIR: 0o700,
    BACKUP_DIR: 0o700,
    TEMP_DIR: 0o700,
    LOCK_DIR: 0o700,
    METADATA_DIR: 0o700,
  },

  MEMORY_STORE: {
    /** Committed changes that watchers can still be told of, at least; one that falls behind further learns that. */
    MAX_EVENTS: 10_000,
    /** Hexadecimal digits of a content's checksum in the ids of versions and snapshots. */
    CHECKSUM_DIGITS: 16,
  },
} as const;

/**
 * The groups that modules of the original host know, over what stands above: aliases of the enums, and limits and texts under
 * those names. A limit that stands twice has one value.
 */
const groups = {
  OPERATION_TYPES: PersistenceOperationType,
  CONFIG_FORMATS: ConfigurationFormat,
  LOCK_TYPES: LockType,
  RETENTION_STRATEGIES: RetentionStrategy,

  /** What is checked before anything is written, and of values after they were read too. */
  VALIDATION_RULES: {
    ALLOWED_TYPES: ['null', 'boolean', 'number', 'string', 'array', 'object'],
    /** As a key of a configuration it is refused at every depth. */
    FORBIDDEN_KEYS: ['__proto__'],
    MAX_DEPTH: constants.VALUE_LIMITS.MAX_DEPTH,
    MAX_NODES: constants.VALUE_LIMITS.MAX_NODES,
    MAX_KEY_LENGTH: constants.VALUE_LIMITS.MAX_KEY_LENGTH,
    MAX_FILE_SIZE_BYTES: constants.PERFORMANCE_LIMITS.MAX_FILE_SIZE_BYTES,
    MAX_IMPORT_SIZE_BYTES: constants.PERFORMANCE_LIMITS.MAX_IMPORT_SIZE_BYTES,
    MAX_PATH_LENGTH: constants.FILE_SYSTEM.MAX_PATH_LENGTH,
    MAX_FILENAME_BYTES: constants.FILE_SYSTEM.MAX_FILENAME_BYTES,
    MAX_BACKUP_NAME_BYTES: constants.BACKUP_SETTINGS.MAX_NAME_BYTES,
    MAX_USER_LENGTH: constants.OPERATION_OPTIONS.MAX_USER_LENGTH,
    MAX_DESCRIPTION_LENGTH: constants.OPERATION_OPTIONS.MAX_DESCRIPTION_LENGTH,
    MAX_TAGS: constants.OPERATION_OPTIONS.MAX_TAGS,
    MAX_TAG_LENGTH: constants.OPERATION_OPTIONS.MAX_TAG_LENGTH,
  },

  /** What the health checks and the log go by. */
  MONITORING: {
    ENABLE_HEALTH_CHECKS: constants.HEALTH_MONITORING.ENABLE_HEALTH_CHECKS,
    HEALTH_CHECK_INTERVAL_MS: constants.HEALTH_MONITORING.HEALTH_CHECK_INTERVAL_MS,
    SLOW_OPERATION_THRESHOLD_MS: constants.PERFORMANCE_LIMITS.SLOW_OPERATION_THRESHOLD_MS,
    DISK_USAGE_WARNING_THRESHOLD: constants.HEALTH_MONITORING.DISK_USAGE_WARNING_THRESHOLD,
    DISK_USAGE_CRITICAL_THRESHOLD: constants.HEALTH_MONITORING.DISK_USAGE_CRITICAL_THRESHOLD,
    ERROR_RATE_WARNING_THRESHOLD: constants.HEALTH_MONITORING.ERROR_RATE_WARNING_THRESHOLD,
    ERROR_RATE_CRITICAL_THRESHOLD: constants.HEALTH_MONITORING.ERROR_RATE_CRITICAL_THRESHOLD,
    ALERT_REPEAT_MS: constants.HEALTH_MONITORING.ALERT_REPEAT_MS,
    /** Entries that `getOperationHistory()` gives where no limit is named, and the highest one. */
    DEFAULT_HISTORY_LIMIT: constants.OPERATION_LOG.DEFAULT_LIMIT,
    MAX_HISTORY_LIMIT: constants.OPERATION_LOG.MAX_LIMIT,
    /** Entries of a module's debug log. */
    MAX_LOG_ENTRIES: constants.FRAMEWORK.MAX_LOG_ENTRIES,
  },

  REGEX_PATTERNS: {
    /** Every `checksum`. */
    CHECKSUM: /^[0-9a-f]{64}$/u,
    /** Every `lockId`. */
    LOCK_ID: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u,
    /** A name that `createBackup` takes, if it has no more than `VALIDATION_RULES.MAX_BACKUP_NAME_BYTES` bytes. */
    BACKUP_NAME: /^(?!.*\.\.)[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} ._+@-]*[\p{L}\p{M}\p{N}_+@-])?$/u,
    /** A file whose extension names one of the six formats. */
    CONFIGURATION_FILE: /\.(?:jsonc?|code-workspace|eslintrc|ya?ml|toml|ini|xml|properties)$/iu,
  },

  /** What a first save may begin with, and who a module is that nobody says it of. */
  DEFAULT_TEMPLATES: {
    CONFIGURATION: {},
    PROVIDER_CONFIGURATION: { providers: [] },
    MODULE_INFO: {
      name: constants.MODULE_NAME,
      version: constants.MODULE_VERSION,
      description: constants.MODULE_DESCRIPTION,
      type: constants.MODULE_TYPE,
    },
  },
} as const;

const MESSAGES = constants.ERROR_MESSAGES;

/**
 * Further keys of `ERROR_MESSAGES`: one for each type of operation, for an application's own messages, because an error says
 * what was wrong and not which operation it was; and other names of texts that errors do begin with.
 */
const furtherMessages = {
  SAVE_FAILED: 'Configuration could not be saved',
  LOAD_FAILED: 'Configuration could not be loaded',
  DELETE_FAILED: 'Configuration could not be deleted',
  RESTORE_FAILED: 'Backup could not be restored',
  ROLLBACK_FAILED: 'Version could not be restored',
  EXPORT_FAILED: 'Configuration could not be exported',
  IMPORT_FAILED: 'Configuration could not be imported',
  CLEANUP_FAILED: 'Backups could not be cleaned up',
  VERIFY_FAILED: 'Configuration could not be verified',
  LOCK_FAILED: 'File could not be locked',
  UNLOCK_FAILED: MESSAGES.LOCK_NOT_RELEASED,
  HEALTH_CHECK_FAILED: constants.HEALTH_FINDINGS.CHECK_FAILED,

  CONFIG_NOT_FOUND: MESSAGES.FILE_NOT_FOUND,
  INVALID_CONFIG_DATA: MESSAGES.INVALID_CONFIGURATION_DATA,
  INVALID_FORMAT: MESSAGES.UNSUPPORTED_FORMAT,
  PARSE_ERROR: MESSAGES.PARSE_FAILED,
  FILE_CORRUPTED: MESSAGES.INTEGRITY_CHECK_FAILED,
  CHECKSUM_MISMATCH: MESSAGES.INTEGRITY_CHECK_FAILED,
  FILE_LOCKED: MESSAGES.LOCK_TIMEOUT,
  LOCK_ACQUISITION_FAILED: MESSAGES.LOCK_TIMEOUT,
  LOCK_RELEASE_FAILED: MESSAGES.LOCK_NOT_RELEASED,
  FILE_ACCESS_DENIED: MESSAGES.PERMISSION_DENIED,
  INSUFFICIENT_DISK_SPACE: MESSAGES.DISK_FULL,
  ATOMIC_OPERATION_FAILED: MESSAGES.ATOMIC_REPLACE_IMPOSSIBLE,
  CONCURRENT_MODIFICATION: MESSAGES.CONFLICT,
  VERSION_CONFLICT: MESSAGES.CONFLICT,
  BACKUP_CREATION_FAILED: MESSAGES.BACKUP_FAILED,
  BACKUP_CORRUPTED: MESSAGES.BACKUP_DAMAGED,
  MODULE_NOT_INITIALIZED: MESSAGES.NOT_INITIALIZED,
  MODULE_DESTROYED: MESSAGES.DESTROYED,
  OPERATION_CANCELLED: MESSAGES.OPERATION_ABORTED,
} as const;

const all = { ...constants, ...groups, ERROR_MESSAGES: { ...MESSAGES, ...furtherMessages } } as const;

/** Deeply read-only, also at run time: a caller cannot change a limit for everybody else in the process. */
export const CONFIG_PERSISTENCE_CONSTANTS = freezeDeep(all);

function freezeDeep<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) freezeDeep(member as object);
  }
  return Object.freeze(value);
}
