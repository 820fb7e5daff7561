/**
 * Reads configurations, journals and kept contents, and remembers in which state each was verified, so that what has not
 * changed since is not read again. Bounded in time; what it has not come to is the first that the next call reads.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { Operation } from '../../engine/Operation.js';
import type { InspectedEntry } from '../../storage/port/StoreInspection.js';
import { FoundList } from '../FoundList.js';
import type { Survey, SurveyedSet, VerifiedBefore } from '../survey/Survey.js';
import type { ConfigurationProbe, ProbedConfiguration } from './ConfigurationProbe.js';
import { SnapshotMemory } from './SnapshotMemory.js';
import type { SnapshotProbe } from './SnapshotProbe.js';

const { MAX_VERIFIED_AT_ONCE } = CONFIG_PERSISTENCE_CONSTANTS.HEALTH_MONITORING;

export interface VerifiedCounts {
  /** Read now. */
  verified: number;
  /** Verified before, and unchanged since. */
  unchanged: number;
  /** Not looked at yet. */
  remaining: number;
}

export interface FailedFile {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** What is known when it has ended. */
export interface Verification {
  readonly configurations: VerifiedCounts;
  readonly snapshots: VerifiedCounts;
  readonly damaged: FoundList<string>;
  readonly unreadable: FoundList<FailedFile>;
  readonly missing: FoundList<string>;
  readonly journals: FoundList<string>;
  readonly damagedBackups: FoundList<FailedFile>;
  readonly lockedBackups: FoundList<string>;
  /** When each configuration was changed last, by its name. */
  readonly changedAt: Map<string, number>;
  /** Of all compressed contents that are known. */
  readonly packed: { storedBytes: number; contentBytes: number };
}

export interface VerifyRequest {
  readonly survey: Survey;
  /** When to stop, by `performance.now()`. */
  readonly untilMs: number;
  readonly operation: Operation;
  /** Lets others have a turn; throws when the operation has ended. */
  readonly breathe: () => Promise<void>;
}

export class Verifier implements VerifiedBefore {
  readonly #configurations: ConfigurationProbe;
  readonly #snapshots: SnapshotProbe;
  readonly #memory = new SnapshotMemory();

  constructor(configurations: ConfigurationProbe, snapshots: SnapshotProbe) {
    this.#configurations = configurations;
    this.#snapshots = snapshots;
  }

  /** Before a survey asks `isGood` about everything that there is. */
  beginSurvey(): void {
    this.#memory.beginPass();
  }

  /** After a survey that was not interrupted: forgets what is gone. */
  endSurvey(): void {
    this.#memory.endPass();
  }

  isGood(snapshot: NonNullable<InspectedEntry['snapshot']>, mark: string): boolean | undefined {
    const known = this.#memory.find(snapshot.id, mark);
    return known === undefined ? undefined : known.problem === undefined;
  }

  async verify(request: VerifyRequest): Promise<Verification> {
    const { survey } = request;
    const result: Verification = {
      configurations: { verified: 0, unchanged: 0, remaining: 0 },
      snapshots: { verified: 0, unchanged: 0, remaining: 0 },
      damaged: new FoundList(),
      unreadable: new FoundList(),
      missing: new FoundList(),
      journals: new FoundList(),
      damagedBackups: new FoundList(),
      lockedBackups: new FoundList(),
      changedAt: new Map(),
      packed: { storedBytes: 0, contentBytes: 0 },
    };
    await beside(survey.configurations, (name) => this.#configuration(name, request, result));
    const pending = survey.sets.filter(({ pending: some }) => some.length > 0);
    await beside(pending, (set) => this.#set(set, request, result));
    for (const { path, mark, problem, isCompressed, storedBytes, contentBytes } of this.#memory.seen()) {
      if (problem !== undefined) addProblem(result, { path, ...problem });
      else if (isCompressed && mark !== '') {
        result.packed.storedBytes += storedBytes;
        result.packed.contentBytes += contentBytes;
      }
    }
    const pendingCount = result.snapshots.verified + result.snapshots.remaining;
    result.snapshots.unchanged = Math.max(0, survey.verifiableSnapshots - pendingCount);
    return result;
  }

  async #configuration(
    name: string,
    { operation, untilMs, breathe }: VerifyRequest,
    result: Verification,
  ): Promise<void> {
    await breathe();
    const { configurations: counts } = result;
    let probed = await this.#configurations.known(name, operation);
    if (probed !== undefined) counts.unchanged += 1;
    else if (performance.now() >= untilMs) counts.remaining += 1;
    else {
      probed = await this.#configurations.probe(name, operation);
      counts.verified += 1;
    }
    if (probed !== undefined) addConfiguration(result, name, probed);
  }

  async #set(set: SurveyedSet, request: VerifyRequest, result: Verification): Promise<void> {
    const { operation, untilMs, breathe } = request;
    const { snapshots: counts } = result;
    if (performance.now() >= untilMs) {
      counts.remaining += set.pending.length;
      return;
    }
    const open = await this.#snapshots.opener(set, operation);
    for (const entry of set.pending) {
      await breathe();
      if (performance.now() >= untilMs) {
        counts.remaining += 1;
        continue;
      }
      const outcome = await open(entry, operation);
      // It is gone, or has another name by now.
      if (outcome === undefined) continue;
      counts.verified += 1;
      this.#memory.add(entry, outcome);
      if (outcome.problem === undefined) set.newestGoodAt = Math.max(set.newestGoodAt, entry.snapshot?.createdAt ?? 0);
    }
  }
}

function addConfiguration(result: Verification, name: string, { state, changedAt, error }: ProbedConfiguration): void {
  if (changedAt !== undefined) result.changedAt.set(name, changedAt);
  if (state === 'damaged') result.damaged.add(() => name);
  if (state === 'missing') result.missing.add(() => name);
  if (state === 'journal-damaged' || state === 'both-damaged') result.journals.add(() => name);
  if (state === 'both-damaged') result.damaged.add(() => name);
  if (state === 'unreadable' && error !== undefined) result.unreadable.add(() => ({ path: name, ...error }));
}

function addProblem(result: Verification, { path, code, message }: FailedFile): void {
  if (code === 'ERR_WRONG_KEY' || code === 'ERR_KEY_REQUIRED') result.lockedBackups.add(() => path);
  else result.damagedBackups.add(() => ({ path, code, message }));
}

/** A few at a time. The first failure ends all of them, and is thrown when they have ended. */
async function beside<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let hasFailed = false;
  const takeAll = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true && !hasFailed; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  const taking = Array.from({ length: MAX_VERIFIED_AT_ONCE }, takeAll);
  await Promise.allSettled(taking);
  await Promise.all(taking);
}
