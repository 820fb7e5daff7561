/** The form of a snapshot's manifest on disk: one line with a check value, as in the journal. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../../../interfaces/enums.js';
import { checkedLine, parseCheckedLine } from '../../../value/checkedLine.js';
import type { SnapshotManifest } from '../../port/Snapshot.js';

const { MANIFEST_VERSION } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS;
const FORMATS: readonly unknown[] = Object.values(ConfigurationFormat);
const CHECKSUM = /^[0-9a-f]{64}$/u;

/** `configuration` is the path of the configuration, relative to the manifest's folder. */
interface StoredManifest extends SnapshotManifest {
  readonly manifest: number;
  readonly configuration: string;
}

export function formatManifest(manifest: SnapshotManifest, configuration: string): string {
  const stored: StoredManifest = { manifest: MANIFEST_VERSION, configuration, ...manifest };
  return checkedLine(JSON.stringify(stored));
}

/** What a stored manifest tells of its snapshot. */
export function withoutStorage(stored: StoredManifest): SnapshotManifest {
  const known: Record<string, unknown> = { ...stored };
  delete known.manifest;
  delete known.configuration;
  return known as unknown as SnapshotManifest;
}

/** Undefined for what is damaged, of a newer release, or no manifest. */
export function parseManifest(text: string): StoredManifest | undefined {
  const value = parseCheckedLine(text.trimEnd());
  return isManifest(value) ? value : undefined;
}

/** Whether a whole manifest stands there that only a newer release understands. */
export function isOfNewerRelease(text: string): boolean {
  const value: unknown = parseCheckedLine(text.trimEnd());
  if (typeof value !== 'object' || value === null || !('manifest' in value)) return false;
  return typeof value.manifest === 'number' && value.manifest > MANIFEST_VERSION;
}

function isManifest(value: unknown): value is StoredManifest {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  return (
    isCount(fields.manifest) &&
    fields.manifest >= 1 &&
    fields.manifest <= MANIFEST_VERSION &&
    typeof fields.id === 'string' &&
    typeof fields.configuration === 'string' &&
    typeof fields.checksum === 'string' &&
    CHECKSUM.test(fields.checksum) &&
    isCount(fields.size) &&
    (fields.format === undefined || FORMATS.includes(fields.format)) &&
    typeof fields.isReadable === 'boolean' &&
    isCount(fields.verifiedAt) &&
    isMetadata(fields.metadata) &&
    isOptionalText(fields.user) &&
    isOptionalText(fields.description) &&
    isTagList(fields.tags)
  );
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

/** Only handed out again; what the module itself reads of it is checked. */
function isMetadata(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === 'object' && value !== null && isTagList((value as Record<string, unknown>).tags);
}

function isTagList(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((tag) => typeof tag === 'string'));
}
