/**
 * What is to be done with the snapshots of one configuration: decided from facts, without looking at anything.
 *
 * Automatic backups of one burst count as one. The retention policy decides about backups; a content that one of the kept versions needs stays as a version when its
 * backup goes; of damaged files the newest few stay. While the live file is damaged or was removed by somebody else,
 * nothing goes.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { BackupRetentionPolicy, RetentionDecision } from '../../interfaces/backups.js';
import { RetentionAction, RetentionStrategy } from '../../interfaces/enums.js';
import { hasContent, type Snapshot, type SnapshotManifest } from '../storage/port/Snapshot.js';
import { candidateOf } from './backupInfo.js';
import { surplusQuarantine } from './quarantine.js';
import { mergedInBursts } from './retention/bursts.js';
import { hasKeepRules } from './retention/keepRules.js';
import { newestFirstByVersion } from './retention/orderOfBackups.js';
import { planRetention, type RetentionCandidate } from './retention/planRetention.js';
import { isOfStrategy, strategyOf } from './retention/strategies.js';
import { leaves } from './retention/Verdict.js';

const { BACKUP_REASONS } = CONFIG_PERSISTENCE_CONSTANTS;

export interface CleanupFacts {
  /** Newest first. */
  readonly snapshots: readonly Snapshot[];
  /** The backups that the policy may decide about, each with what is known of it. */
  readonly backups: ReadonlyMap<string, SnapshotManifest | undefined>;
  /** Ids of snapshots that were opened in vain: their manifests tell only of the past. */
  readonly unreadable: ReadonlySet<string>;
  /** Checksums of the contents that kept versions have. The present one too: its file may be damaged tomorrow. */
  readonly versions: readonly string[];
  /** Where records are lost, all that was kept before this moment may be a version; epoch milliseconds. */
  readonly recordsLostUntil: number;
  readonly policy: BackupRetentionPolicy;
  /** Milliseconds within which automatic backups count as one; 0 where each counts. */
  readonly mergeWindowMs: number;
  /** Number of the saved version; 0 where that is not known. */
  readonly presentSequence: number;
  readonly isLiveHealthy: boolean;
  /** False where a user asked for it. */
  readonly isAutomatic: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

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
  /** Ids of the snapshots that have to be whole: without those, something could go that is needed. */
  readonly reliedOn: ReadonlySet<string>;
}

export function planCleanup(facts: CleanupFacts): CleanupPlan {
  const { snapshots, isLiveHealthy } = facts;
  const good = goodBackups(facts);
  const { decisions, reliedOn } = decide(facts, good);
  const going = new Map(
    decisions.filter(({ action }) => leaves(action)).map(({ backupId, action }) => [backupId, action]),
  );
  const split = isLiveHealthy ? splitGoing(facts, going, good) : { removed: [], demoted: [], reliedOn: [] };
  return {
    decisions,
    removed: isLiveHealthy ? [...split.removed, ...surplusQuarantine(snapshots)] : [],
    demoted: split.demoted,
    archived: snapshots.filter(({ id }) => going.get(id) === RetentionAction.ARCHIVE),
    compressed: new Set(
      decisions.filter(({ action }) => action === RetentionAction.COMPRESS).map(({ backupId }) => backupId),
    ),
    reliedOn: new Set([...reliedOn, ...split.reliedOn]),
  };
}

/**
 * A part of a plan that removes no more than so many. Safe by itself, because what stays by the plan makes up for each that
 * goes; a new plan then shows the rest.
 */
export function partOf(plan: CleanupPlan, maxRemoved: number): CleanupPlan {
  if (plan.removed.length <= maxRemoved) return plan;
  const removed = plan.removed.slice(-maxRemoved);
  const touched = new Set([...removed, ...plan.demoted]);
  return { ...plan, removed, archived: plan.archived.filter((snapshot) => touched.has(snapshot)) };
}

/** Ids of the backups that can be read, as far as that is known. */
function goodBackups({ backups, unreadable }: CleanupFacts): ReadonlySet<string> {
  const good = [...backups].filter(([id, manifest]) => manifest?.isReadable === true && !unreadable.has(id));
  return new Set(good.map(([id]) => id));
}

/** Of what goes, and of the versions: what is not needed, and what stays for its content. */
function splitGoing(
  { snapshots, unreadable, versions, recordsLostUntil }: CleanupFacts,
  going: ReadonlyMap<string, RetentionAction>,
  good: ReadonlySet<string>,
): Pick<CleanupPlan, 'removed' | 'demoted'> & { readonly reliedOn: readonly string[] } {
  const isWanted = (snapshot: Snapshot): boolean =>
    snapshot.createdAt <= recordsLostUntil || versions.some((checksum) => hasContent(snapshot, checksum));
  const isGoing = ({ id }: Snapshot): boolean => going.has(id);
  const staying = new Map<string, Snapshot>();
  for (const one of snapshots) if (good.has(one.id) && !isGoing(one)) staying.set(one.checksumStart, one);
  const demoted: Snapshot[] = [];
  const removed: Snapshot[] = [];
  const reliedOn: string[] = [];
  for (const snapshot of snapshots.filter((one) => isGoing(one) || one.role === 'version')) {
    const { checksumStart, role } = snapshot;
    const twin = staying.get(checksumStart);
    const hasTwin = twin !== undefined && !unreadable.has(twin.id);
    if (!isWanted(snapshot)) removed.push(snapshot);
    else if (hasTwin) {
      removed.push(snapshot);
      reliedOn.push(twin.id);
    } else {
      staying.set(checksumStart, snapshot);
      if (role === 'backup') demoted.push(snapshot);
    }
  }
  return { removed, demoted, reliedOn };
}

/** What the policy says of each backup. */
function decide(facts: CleanupFacts, good: ReadonlySet<string>): Pick<CleanupPlan, 'decisions' | 'reliedOn'> {
  const { policy, isLiveHealthy, isAutomatic, now } = facts;
  const backups = newestFirstByVersion(
    facts.snapshots.filter(({ role }) => role === 'backup'),
    facts.presentSequence,
  );
  const candidates = backups
    .filter(({ id }) => facts.backups.has(id))
    .map((snapshot, index) => ({
      ...candidateOf(snapshot, facts.backups.get(snapshot.id)),
      isVerified: good.has(snapshot.id),
      rank: backups.length - index,
    }));
  const merged = isLiveHealthy ? mergedOf(candidates, facts) : new Map<string, string>();
  const single = backups.filter(({ id }) => !merged.has(id));
  const repeated = isLiveHealthy && mayDropRepeated(policy) ? repeatedIds(single, good) : new Map<string, string>();
  const distinct = candidates.filter(({ id }) => !merged.has(id) && !repeated.has(id));
  const planned = planRetention(distinct, policy, { now, isLiveHealthy, isAutomatic });
  const decided = new Map(planned.map((decision) => [decision.backupId, decision]));
  const decisions = backups.flatMap(({ id }) => {
    const reason =
      reasonFor(BACKUP_REASONS.SAME_BURST, merged.get(id)) ?? reasonFor(BACKUP_REASONS.SAME_CONTENT, repeated.get(id));
    return reason === undefined ? (decided.get(id) ?? []) : { backupId: id, action: RetentionAction.DELETE, reason };
  });
  const others = [...merged.values(), ...repeated.values()];
  if (!decisions.some(({ action }) => leaves(action))) return { decisions, reliedOn: new Set(others) };
  const isStaying = ({ backupId, action }: RetentionDecision): boolean => !leaves(action) && good.has(backupId);
  const lastGood = planned.find(isStaying)?.backupId;
  const reliedOn = new Set([...others, ...(lastGood === undefined ? [] : [lastGood])]);
  return { decisions: reliedOn.size > 0 ? decisions : decisions.map(keepUnverified), reliedOn };
}

function reasonFor(reason: string, other: string | undefined): string | undefined {
  return other === undefined ? undefined : `${reason} ${other}`;
}

/**
 * Automatic backups of a burst that another one stands for, with the id of that. What a rule decides about counts by itself,
 * as does what cannot be read.
 */
function mergedOf(
  candidates: readonly RetentionCandidate[],
  { policy, mergeWindowMs, now }: CleanupFacts,
): Map<string, string> {
  const decideByRule = strategyOf(policy).prepareSingleVerdicts?.(policy);
  const isFree = (one: RetentionCandidate): boolean => one.isAutomatic && one.isVerified;
  return mergedInBursts(
    candidates.filter((one) => isFree(one) && decideByRule?.(one, now) === undefined),
    mergeWindowMs,
  );
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
function keepUnverified(decision: RetentionDecision): RetentionDecision {
  if (!leaves(decision.action)) return decision;
  return { ...decision, action: RetentionAction.KEEP, reason: BACKUP_REASONS.NONE_PROVEN };
}

/** Other strategies and the keep rules choose by more than the time, so each backup may matter to them. */
function mayDropRepeated(policy: BackupRetentionPolicy): boolean {
  return isOfStrategy(policy, RetentionStrategy.FIFO, RetentionStrategy.AGE_BASED) && !hasKeepRules(policy);
}
