/**
 * Prunes the snapshots of one configuration, and never more than that.
 *
 * The retention policy decides about backups; a content that one of the kept versions needs stays as `.version` when its
 * backup goes; of damaged files the newest few stay. While the live file is damaged or was removed by somebody else,
 * nothing goes.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { BackupRetentionPolicy, RetentionDecision } from '../../interfaces/backups.js';
import { RetentionAction, RetentionStrategy } from '../../interfaces/enums.js';
import type { ConfigurationReader } from '../engine/ConfigurationReader.js';
import type { Operation } from '../engine/Operation.js';
import { surplusQuarantine } from '../engine/quarantine.js';
import type { ConfigStore, Location, Work } from '../storage/port/ConfigStore.js';
import type { Snapshot, SnapshotManifest, SnapshotPlace } from '../storage/port/SnapshotStore.js';
import { candidateOf } from './backupInfo.js';
import { hasKeepRules } from './retention/keepRules.js';
import { planRetention, type RetentionCandidate } from './retention/planRetention.js';
import { isOfStrategy } from './retention/strategies.js';
import { leaves } from './retention/Verdict.js';
import type { SnapshotVault } from './SnapshotVault.js';

const { FILE_SYSTEM, BACKUP_REASONS } = CONFIG_PERSISTENCE_CONSTANTS;

export interface CleanupParts {
  readonly store: ConfigStore;
  readonly reader: ConfigurationReader;
  readonly vault: SnapshotVault;
}

export interface CleanupRequest {
  readonly policy: BackupRetentionPolicy;
  /** False where a user asked for it. */
  readonly isAutomatic: boolean;
  /** Manifests that are not written down yet. */
  readonly known?: ReadonlyMap<string, SnapshotManifest>;
}

/** What is to be done with the snapshots of one configuration. */
export interface CleanupPlan {
  /** About every backup, newest first. */
  readonly decisions: readonly RetentionDecision[];
  readonly removed: readonly Snapshot[];
  /** Backups whose content stays as a version. */
  readonly demoted: readonly Snapshot[];
  /** Copied to the archive before they are removed or demoted. */
  readonly archived: readonly Snapshot[];
  /** Ids of backups that a rule wants compressed. */
  readonly compressed: ReadonlySet<string>;
}

interface CleanupSubject {
  readonly place: SnapshotPlace;
  readonly snapshots: readonly Snapshot[];
  readonly isLiveHealthy: boolean;
}

interface VersionContents {
  readonly isWanted: (snapshot: Snapshot) => boolean;
}

interface Question {
  readonly backups: readonly Snapshot[];
  readonly candidates: readonly RetentionCandidate[];
  readonly policy: BackupRetentionPolicy;
  readonly isLiveHealthy: boolean;
  readonly isAutomatic: boolean;
}

export class BackupCleanup {
  readonly #parts: CleanupParts;

  constructor(parts: CleanupParts) {
    this.#parts = parts;
  }

  /** Decides; changes nothing. */
  async plan(location: Location, request: CleanupRequest, operation: Operation): Promise<CleanupPlan> {
    const { store, reader } = this.#parts;
    const place = store.snapshots.placeOf(location);
    const snapshots = await store.snapshots.list(place, operation);
    const isLiveHealthy = await reader.isHealthy(location, operation);
    const { decisions, good } = await this.#decide({ place, snapshots, isLiveHealthy }, request, operation);
    const going = new Map(
      decisions.filter(({ action }) => leaves(action)).map(({ backupId, action }) => [backupId, action]),
    );
    const isGoing = ({ id }: Snapshot): boolean => going.has(id);
    const archived = snapshots.filter(({ id }) => going.get(id) === RetentionAction.ARCHIVE);
    const versions = await this.#versionContents(location, operation);
    const staying = new Map(
      snapshots
        .filter((snapshot) => good.has(snapshot.id) && !isGoing(snapshot))
        .map((snapshot) => [snapshot.checksumStart, snapshot]),
    );
    const demoted: Snapshot[] = [];
    const removed: Snapshot[] = [];
    // Nothing at all goes while the live file is damaged or gone.
    const subjects = isLiveHealthy ? snapshots.filter((one) => isGoing(one) || one.role === 'version') : [];
    for (const snapshot of subjects) {
      const { checksumStart, role } = snapshot;
      if (versions.isWanted(snapshot) && !(await this.#isWhole(staying.get(checksumStart), operation))) {
        staying.set(checksumStart, snapshot);
        if (role === 'backup') demoted.push(snapshot);
      } else {
        removed.push(snapshot);
      }
    }
    if (isLiveHealthy) removed.push(...surplusQuarantine(snapshots));
    const compressed = new Set(decisions.filter(({ action }) => action === RetentionAction.COMPRESS).map(idOf));
    return { decisions, removed, demoted, archived, compressed };
  }

  /**
   * A part of a plan that removes no more than so many. Safe by itself, because what stays by the plan makes up for each that
   * goes; a new plan then shows the rest.
   */
  partOf(plan: CleanupPlan, maxRemoved: number): CleanupPlan {
    if (plan.removed.length <= maxRemoved) return plan;
    const removed = plan.removed.slice(-maxRemoved);
    const touched = new Set([...removed, ...plan.demoted]);
    return { ...plan, removed, archived: plan.archived.filter((snapshot) => touched.has(snapshot)) };
  }

  /** For the holder of the lock. Returns the bytes that are free now. */
  async apply({ removed, demoted, archived }: CleanupPlan, work: Work): Promise<number> {
    const { snapshots } = this.#parts.store;
    for (const snapshot of archived) await snapshots.archive(snapshot, work);
    if (demoted.length > 0) await snapshots.changeRole(demoted, 'version', work);
    if (removed.length > 0) await snapshots.remove(removed, work);
    const moved = new Set(archived.map(({ id }) => id));
    return removed.reduce((sum, { id, storedBytes }) => sum + (moved.has(id) ? 0 : storedBytes), 0);
  }

  async #decide(
    { place, snapshots, isLiveHealthy }: CleanupSubject,
    { policy, isAutomatic, known }: CleanupRequest,
    operation: Operation,
  ): Promise<{ decisions: RetentionDecision[]; good: ReadonlySet<string> }> {
    const backups = snapshots.filter(({ role }) => role === 'backup');
    const candidates: RetentionCandidate[] = [];
    const described = await this.#parts.store.snapshots.describedIds(place, operation);
    for (const snapshot of backups) {
      const isUnknown = isAutomatic && !described.has(snapshot.id);
      const manifest =
        known?.get(snapshot.id) ??
        (isUnknown ? undefined : await this.#manifest(snapshot, place, isAutomatic, operation));
      // What came after the proving, or cannot be proven, is no business of a cleanup that nobody has asked for.
      if (manifest !== undefined || !isAutomatic) candidates.push(candidateOf(snapshot, manifest));
    }
    const good = new Set(candidates.filter(({ isVerified }) => isVerified).map(({ id }) => id));
    const question = { backups, candidates, policy, isLiveHealthy, isAutomatic };
    for (;;) {
      const { decisions, reliedOn } = choose(question, good);
      const unproven = await this.#findUnproven(
        backups.filter(({ id }) => reliedOn.has(id) && known?.has(id) !== true),
        operation,
      );
      if (unproven === undefined) {
        const isProven = reliedOn.size > 0 || !decisions.some(({ action }) => leaves(action));
        return { decisions: isProven ? decisions : decisions.map(keepUnproven), good };
      }
      good.delete(unproven.id);
    }
  }

  /** A manifest tells only of the past, so what others go for is looked at once more. */
  async #findUnproven(reliedOn: readonly Snapshot[], operation: Operation): Promise<Snapshot | undefined> {
    for (const snapshot of reliedOn) {
      if (!(await this.#isWhole(snapshot, operation))) return snapshot;
    }
    return undefined;
  }

  #manifest(
    snapshot: Snapshot,
    place: SnapshotPlace,
    isAutomatic: boolean,
    operation: Operation,
  ): Promise<SnapshotManifest | undefined> {
    const { store, vault } = this.#parts;
    return isAutomatic ? store.snapshots.manifest(snapshot, operation) : vault.manifestOf(snapshot, place, operation);
  }

  async #isWhole(snapshot: Snapshot | undefined, operation: Operation): Promise<boolean> {
    return snapshot !== undefined && (await this.#parts.vault.openIfGood(snapshot, operation)) !== undefined;
  }

  /**
   * Whether a version needs a content. The present one too: its file may be damaged tomorrow. Where records are lost, all
   * that was kept before.
   */
  async #versionContents(location: Location, operation: Operation): Promise<VersionContents> {
    const { store } = this.#parts;
    const lostUntil = (await store.lostRecordsUntil(location, operation)) ?? -Infinity;
    const saves = (await store.history(location, operation)).filter((change) => change.record === 'save');
    const wanted = new Set(saves.map(({ checksum }) => checksum.slice(0, FILE_SYSTEM.KEY_HASH_DIGITS)));
    return { isWanted: ({ createdAt, checksumStart }) => createdAt <= lostUntil || wanted.has(checksumStart) };
  }
}

/** The decisions, and the backups that have to be whole for them: without those, something could go that is needed. */
function choose(
  { backups, candidates, policy, isLiveHealthy, isAutomatic }: Question,
  good: ReadonlySet<string>,
): { decisions: RetentionDecision[]; reliedOn: ReadonlySet<string> } {
  const repeated = isLiveHealthy && mayDropRepeated(policy) ? repeatedIds(backups, good) : new Map<string, string>();
  const distinct = candidates
    .filter(({ id }) => !repeated.has(id))
    .map((candidate) => ({ ...candidate, isVerified: good.has(candidate.id) }));
  const planned = planRetention(distinct, policy, { now: Date.now(), isLiveHealthy, isAutomatic });
  const decided = new Map(planned.map((decision) => [decision.backupId, decision]));
  const decisions = backups.flatMap(({ id }) => {
    const newer = repeated.get(id);
    if (newer === undefined) return decided.get(id) ?? [];
    return { backupId: id, action: RetentionAction.DELETE, reason: `${BACKUP_REASONS.SAME_CONTENT} ${newer}` };
  });
  const isStaying = ({ backupId, action }: RetentionDecision): boolean => !leaves(action) && good.has(backupId);
  const lastGood = planned.find(isStaying)?.backupId;
  const hasRemoval = decisions.some(({ action }) => leaves(action));
  return {
    decisions,
    reliedOn: new Set([...repeated.values(), ...(hasRemoval && lastGood !== undefined ? [lastGood] : [])]),
  };
}

/**
 * Automatic backups of a content that a newer good automatic one has too, with the id of that one: an application that
 * saves the same settings again and again must not push out what it could want back.
 */
function repeatedIds(backups: readonly Snapshot[], good: ReadonlySet<string>): Map<string, string> {
  const newest = new Map<string, string>();
  const repeated = new Map<string, string>();
  for (const { id, isAutomatic, checksumStart } of backups) {
    if (!isAutomatic) continue;
    const newer = newest.get(checksumStart);
    if (newer !== undefined) repeated.set(id, newer);
    else if (good.has(id)) newest.set(checksumStart, id);
  }
  return repeated;
}

/** Where nothing is known to be whole, damaged or only out of reach, everything could be the last good one. */
function keepUnproven(decision: RetentionDecision): RetentionDecision {
  if (!leaves(decision.action)) return decision;
  return { ...decision, action: RetentionAction.KEEP, reason: BACKUP_REASONS.NONE_PROVEN };
}

/** Other strategies and the keep rules choose by more than the time, so each backup may matter to them. */
function mayDropRepeated(policy: BackupRetentionPolicy): boolean {
  return isOfStrategy(policy, RetentionStrategy.FIFO, RetentionStrategy.AGE_BASED) && !hasKeepRules(policy);
}

function idOf({ backupId }: RetentionDecision): string {
  return backupId;
}
