/**
 * The versions that configurations have of themselves: semantic versions or whole numbers.
 *
 * Only the exact form counts. A range, a leading `v` and build metadata have no place in an order, and a number that was
 * meant as text (`1.10` in YAML is 1.1) must not pass for another version.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { DataVersion } from '../../interfaces/migrations.js';

const { MAX_VERSION_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.MIGRATIONS;

/** All versions of one plan are of one of these. */
export type VersionKind = 'semantic version' | 'whole number';

export type CompareVersions = (left: DataVersion, right: DataVersion) => number;

/** https://semver.org/#backusnaur-form-grammar-for-valid-semver-versions, without build metadata. */
const SEMANTIC =
  /^(?:0|[1-9]\d{0,14})(?:\.(?:0|[1-9]\d{0,14})){2}(?:-(?:0|[1-9]\d*|\d*[a-z-][\da-z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-z-][\da-z-]*))*)?$/iu;
const WHOLE = /^(?:0|[1-9]\d{0,14})$/u;

/** Undefined for what is no version. */
export function kindOfVersion(version: unknown): VersionKind | undefined {
  if (typeof version === 'number') return Number.isSafeInteger(version) && version >= 0 ? 'whole number' : undefined;
  if (typeof version !== 'string' || version.length > MAX_VERSION_LENGTH) return undefined;
  if (WHOLE.test(version)) return 'whole number';
  return SEMANTIC.test(version) ? 'semantic version' : undefined;
}

/** The order of the versions of a kind: as Semantic Versioning says it, pre-releases included, or that of the numbers. */
export async function comparisonOf(kind: VersionKind): Promise<CompareVersions> {
  if (kind === 'whole number') return (left, right) => Number(left) - Number(right);
  // Only who has such a plan pays for loading it.
  const { default: compare } = await import('semver/functions/compare.js');
  return (left, right) => compare(String(left), String(right));
}
