/** What is found wrong with a stored configuration, in the contract's words. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { IntegrityIssueType, IssueSeverity } from '../../interfaces/enums.js';
import type { IntegrityIssue } from '../../interfaces/results.js';
import type { PersistenceError } from '../errors/PersistenceError.js';
import type { StoredConfiguration } from '../storage/port/ConfigStore.js';
import { checksumOf } from '../value/checksum.js';

const { INTEGRITY_FINDINGS } = CONFIG_PERSISTENCE_CONSTANTS;

const EMPTIED: IntegrityIssue = {
  type: IntegrityIssueType.FILE_CORRUPTION,
  severity: IssueSeverity.CRITICAL,
  description: INTEGRITY_FINDINGS.EMPTIED,
  recommendation: INTEGRITY_FINDINGS.NOT_READABLE_ADVICE,
};

/** What stands in a blank file: blanks, line ends, and byte order marks. */
const BLANK_BYTES: ReadonlySet<number> = new Set([
  ...Buffer.from(' \t\r\n\0\uFEFF'),
  ...Buffer.from('\uFEFF\uFFFE', 'utf16le'),
]);

/** Of what a save leaves that is blank itself. */
const BLANK_CHECKSUMS = ['', '\n', '\r\n'].map((text) => checksumOf(Buffer.from(text)));

/** Whether somebody has left nothing of what was saved: some formats would read that as an empty object. */
export function isEmptied({ state, content, saved }: StoredConfiguration): boolean {
  if (state !== 'changed-outside' || content === undefined || saved === undefined) return false;
  if (BLANK_CHECKSUMS.includes(saved.checksum)) return false;
  return content.bytes.every((byte) => BLANK_BYTES.has(byte));
}

/** Findings about the relation of a content to its records; none where it is the saved one or has no records. */
export function findingsOfState(stored: StoredConfiguration): IntegrityIssue[] {
  const { state } = stored;
  if (state === 'changed-outside') {
    return [
      {
        type: IntegrityIssueType.CHECKSUM_MISMATCH,
        severity: IssueSeverity.HIGH,
        description: INTEGRITY_FINDINGS.CHANGED_OUTSIDE,
        recommendation: INTEGRITY_FINDINGS.CHANGED_OUTSIDE_ADVICE,
      },
      ...(isEmptied(stored) ? [EMPTIED] : []),
    ];
  }
  if (state === 'records-damaged') {
    return [
      {
        type: IntegrityIssueType.METADATA_INCONSISTENCY,
        severity: IssueSeverity.MEDIUM,
        description: INTEGRITY_FINDINGS.RECORDS_DAMAGED,
        recommendation: INTEGRITY_FINDINGS.RECORDS_DAMAGED_ADVICE,
      },
    ];
  }
  return [];
}

/** The finding for a content that could not be decoded. */
export function findingOfFailure(error: PersistenceError, isTextReadable: boolean): IntegrityIssue {
  if (!isTextReadable) {
    return {
      type: IntegrityIssueType.ENCODING_ERROR,
      severity: IssueSeverity.CRITICAL,
      description: INTEGRITY_FINDINGS.WRONG_ENCODING,
      recommendation: INTEGRITY_FINDINGS.WRONG_ENCODING_ADVICE,
    };
  }
  const isOutsideDomain = error.code === 'ERR_INVALID_CONFIGURATION_DATA';
  const section = error.paths?.join(', ');
  return {
    type: isOutsideDomain ? IntegrityIssueType.STRUCTURE_VIOLATION : IntegrityIssueType.FILE_CORRUPTION,
    severity: IssueSeverity.CRITICAL,
    description: `${INTEGRITY_FINDINGS.NOT_READABLE}: ${error.message}`,
    ...(section === undefined ? {} : { affectedSection: section }),
    recommendation: INTEGRITY_FINDINGS.NOT_READABLE_ADVICE,
  };
}
