/** What all kinds of schemas have in common: a value goes in, a verdict comes out. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { IntegrityIssueType, IssueSeverity } from '../../interfaces/enums.js';
import type { IntegrityIssue } from '../../interfaces/results.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { persistenceError, type PersistenceError } from '../errors/PersistenceError.js';

const { INTEGRITY_FINDINGS } = CONFIG_PERSISTENCE_CONSTANTS;
const { MAX_FINDINGS } = CONFIG_PERSISTENCE_CONSTANTS.EXPECTATIONS;
const { MAX_REPORTED_PATHS } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

/** Runs a function of the caller's as the operation that it belongs to needs it: bounded in time, in nobody's way. */
export type RunCallback = <T>(call: () => T | Promise<T>) => Promise<T>;

/** A place that does not fit. Never says what stands there. */
export interface Violation {
  readonly path: string;
  /** The rule that it breaks, where the schema's own language has a word for it. */
  readonly rule?: string;
}

/** Why a value does not fit. */
export interface Verdict {
  /** In the schema's order, none twice, at most `MAX_FINDINGS`. */
  readonly violations: readonly Violation[];
  /** How many issues there are besides. */
  readonly furtherCount: number;
  /** What the library said; it may quote the value. */
  readonly issues: readonly unknown[];
}

/**
 * Undefined for a value that fits.
 *
 * @throws PersistenceError `ERR_VALIDATION` where the schema itself fails, `ERR_INVALID_OPTION` where it is none.
 */
export type SchemaCheck = (value: ConfigurationValue, run: RunCallback) => Promise<Verdict | undefined>;

/** @param describe what one of the library's issues is about; its text is not looked at. */
export function verdictOf(issues: readonly unknown[], describe: (issue: unknown) => Violation): Verdict {
  const found = new Map<string, Violation>();
  for (const issue of issues.slice(0, MAX_FINDINGS)) {
    const violation = describe(issue);
    found.set(`${violation.rule ?? ''} ${violation.path}`, violation);
  }
  return { violations: [...found.values()], furtherCount: Math.max(0, issues.length - MAX_FINDINGS), issues };
}

/** The error of a value that does not fit: which places, never what stands there. */
export function refusedBySchema({ violations, issues }: Verdict): PersistenceError {
  const shown = violations.slice(0, MAX_REPORTED_PATHS);
  const places = shown.map(({ path, rule }) => (rule === undefined ? path : `${path} (${rule})`)).join(', ');
  const paths = [...new Set(shown.map(({ path }) => path))];
  return persistenceError('ERR_VALIDATION', `it does not fit the schema at ${places}`, { paths, issues });
}

/** The same, for a value that stands in a file. */
export function findingsOf({ violations, furtherCount }: Verdict): IntegrityIssue[] {
  const common = { type: IntegrityIssueType.STRUCTURE_VIOLATION, severity: IssueSeverity.HIGH };
  const recommendation = INTEGRITY_FINDINGS.NOT_AS_THE_SCHEMA_ADVICE;
  const findings: IntegrityIssue[] = violations.map(({ path, rule }) => ({
    ...common,
    description: `${INTEGRITY_FINDINGS.NOT_AS_THE_SCHEMA}${rule === undefined ? '' : ` (${rule})`}`,
    affectedSection: path,
    recommendation,
  }));
  if (furtherCount > 0) {
    findings.push({ ...common, description: `${furtherCount} ${INTEGRITY_FINDINGS.FURTHER_PLACES}`, recommendation });
  }
  return findings;
}
