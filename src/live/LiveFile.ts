/**
 * The newest known state of one configuration, and who is told when it changes.
 *
 * Hints say that a look is worth it; what counts is the content. Commits of this process come without a look. A file that
 * is missing, blank or unreadable is looked at again for a moment before that is told, because editors replace, empty and
 * rewrite files.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationChange, ConfigurationChangeType } from '../../interfaces/live.js';
import { handOut, type CachedConfiguration } from '../cache/ConfigurationCache.js';
import type { Clock } from '../engine/Clock.js';
import type { Peek } from '../engine/Queries.js';
import type { PersistenceError } from '../errors/PersistenceError.js';
import type { EndHints, HintRequest } from '../storage/port/ChangeHints.js';
import type { Location } from '../storage/port/Work.js';
import type { ProcessCommit, ProcessCommits } from './ProcessCommits.js';

const { GRACE_MS, GRACE_STEP_MS, MAX_SETTLE_MS, SETTLE_MS } = CONFIG_PERSISTENCE_CONSTANTS.LIVE;

/** A change as all are told it, each with the path that it has given. */
export type LiveChange = Omit<ConfigurationChange, 'filePath'>;

export type LiveListener = (change: LiveChange) => void;

export interface LiveFileParts {
  readonly clock: Clock;
  /** Stands for the module or handle that watches. */
  readonly source: object;
  /** Looks at the file, by the path that was watched first. */
  readonly look: () => Promise<Peek>;
  readonly hints: (request: Pick<HintRequest, 'location' | 'onHint'>) => EndHints;
  readonly commits: ProcessCommits;
  /** What loads of this module would find for a commit of another one; undefined where only a look can tell. */
  readonly adopt: (commit: ProcessCommit) => CachedConfiguration | undefined;
}

export class LiveFile {
  readonly #parts: LiveFileParts;
  readonly #listeners = new Set<LiveListener>();
  readonly #ends: (() => void)[] = [];
  #endCommits: (() => void) | undefined;
  #location: Location;
  #entry: CachedConfiguration | undefined;
  /** Why it cannot be read now. */
  #trouble: PersistenceError | undefined;
  /** Since when it has been missing, blank or unreadable without that being told. */
  #unsettledSinceMs: number | undefined;
  #isLooking = false;
  #isToLookAgain = false;
  #isEnded = false;
  /** Counts the commits that were told, so that a look that began before one is not believed. */
  #commitCount = 0;
  #timer: unknown;
  #firstHintMs: number | undefined;

  /** @param first what a look has just found; hints that came since are not lost, as long as `begin` is called at once. */
  constructor(parts: LiveFileParts, first: Peek) {
    this.#parts = parts;
    this.#location = first.location;
    this.#entry = first.entry;
    this.#trouble = first.error;
  }

  /** From now on changes are noticed. */
  begin(): void {
    this.#ends.push(
      this.#parts.hints({
        location: this.#location,
        onHint: () => {
          this.#hint();
        },
      }),
    );
    this.#followCommits(this.#location.id);
    // What has changed between the first look and now.
    this.#hint();
  }

  /** What loads would find; undefined where there is no file. While it is unreadable, what was known before. */
  get entry(): CachedConfiguration | undefined {
    return this.#entry;
  }

  /** Why it cannot be read now. */
  get trouble(): PersistenceError | undefined {
    return this.#trouble;
  }

  /** @returns ends it. */
  subscribe(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get isUsed(): boolean {
    return this.#listeners.size > 0;
  }

  end(): void {
    this.#isEnded = true;
    this.#listeners.clear();
    this.#endCommits?.();
    for (const end of this.#ends.splice(0)) end();
    this.#parts.clock.clearTimer(this.#timer);
  }

  #hint(): void {
    if (this.#isEnded) return;
    const { clock } = this.#parts;
    const now = clock.monotonicMs();
    this.#firstHintMs ??= now;
    const left = Math.max(0, Math.min(SETTLE_MS, this.#firstHintMs + MAX_SETTLE_MS - now));
    clock.clearTimer(this.#timer);
    this.#timer = clock.setTimer(() => {
      this.#firstHintMs = undefined;
      void this.#look();
    }, left);
  }

  /** One look at a time; what is asked for meanwhile is one more look afterwards. */
  async #look(): Promise<void> {
    if (this.#isLooking) {
      this.#isToLookAgain = true;
      return;
    }
    this.#isLooking = true;
    do {
      this.#isToLookAgain = false;
      const found = await this.#found();
      if (found !== undefined && !this.#isEnded) this.#take(found);
    } while (this.#mustLookAgain());
    this.#isLooking = false;
  }

  #mustLookAgain(): boolean {
    return this.#isToLookAgain && !this.#isEnded;
  }

  /** Undefined for a look beside a commit of this process, which says itself what is there, and ends with another look. */
  async #found(): Promise<Peek | undefined> {
    const commitCount = this.#commitCount;
    let found: Peek;
    try {
      found = await this.#parts.look();
    } catch (error) {
      // Such as a path that leads out of the allowed folders since a link was turned.
      found = { location: this.#location, error: error as PersistenceError };
    }
    if (this.#parts.commits.isCommitting(found.location.id)) return undefined;
    if (this.#commitCount === commitCount) return found;
    this.#isToLookAgain = true;
    return undefined;
  }

  #take(found: Peek): void {
    if (found.location.id !== this.#location.id) {
      this.#followCommits(found.location.id);
      this.#location = found.location;
    }
    const { entry, error } = found;
    if (!this.#isSettled(found)) return;
    this.#unsettledSinceMs = undefined;
    if (error !== undefined) this.#meetTrouble(error);
    else if (entry === undefined) this.#meetAbsence();
    else this.#meetEntry(entry, false);
  }

  /** Whether what was found is to be believed already. Otherwise there will be another look soon. */
  #isSettled({ entry, error }: Peek): boolean {
    const isKnown =
      error === undefined ? this.#entry === undefined && entry === undefined : this.#trouble !== undefined;
    const isWhole = entry !== undefined && (entry.metadata.fileSize > 0 || entry.save !== undefined);
    if (isKnown || isWhole) return true;
    const now = this.#parts.clock.monotonicMs();
    this.#unsettledSinceMs ??= now;
    if (now - this.#unsettledSinceMs >= GRACE_MS) return true;
    this.#parts.clock.setTimer(() => void this.#look(), GRACE_STEP_MS);
    return false;
  }

  #meetTrouble(error: PersistenceError): void {
    const isTold = this.#trouble !== undefined;
    this.#trouble = error;
    if (!isTold) this.#tell('unreadable', this.#entry, { error });
  }

  #meetAbsence(): void {
    const before = this.#entry;
    this.#entry = undefined;
    this.#trouble = undefined;
    if (before !== undefined) this.#tell('deleted', before, { isOwn: false });
  }

  #meetEntry(entry: CachedConfiguration, isOwn: boolean): void {
    const before = this.#entry;
    const wasUnreadable = this.#trouble !== undefined;
    this.#entry = entry;
    this.#trouble = undefined;
    if (before === undefined) this.#tell('created', undefined, { isOwn });
    else if (before.metadata.checksum !== entry.metadata.checksum) this.#tell('changed', before, { isOwn });
    else if (wasUnreadable) this.#tell('readable', before, { isOwn });
  }

  #followCommits(id: string): void {
    this.#endCommits?.();
    this.#endCommits = this.#parts.commits.follow(id, {
      onCommit: (commit) => {
        this.#meetCommit(commit);
      },
      onQuiet: () => {
        this.#hint();
      },
    });
  }

  #meetCommit(commit: ProcessCommit): void {
    this.#commitCount += 1;
    const isOwn = commit.source === this.#parts.source;
    if (commit.entry === undefined) {
      const before = this.#entry;
      this.#entry = undefined;
      this.#trouble = undefined;
      const { user } = commit;
      const by = { isOwn, revision: commit.sequence, ...(user === undefined ? {} : { user }) };
      if (before !== undefined) this.#tell('deleted', before, by);
      return;
    }
    const entry = isOwn && commit.entry.judged !== undefined ? commit.entry : this.#parts.adopt(commit);
    if (entry === undefined) this.#hint();
    else this.#meetEntry(entry, isOwn);
  }

  #tell(type: ConfigurationChangeType, before: CachedConfiguration | undefined, more: Partial<LiveChange>): void {
    if (this.#listeners.size === 0) return;
    const change = { ...describe(type, this.#entry, before), ...more, timestamp: this.#parts.clock.now() };
    for (const listener of [...this.#listeners]) listener(change);
  }
}

/** What is told of an entry that came after another one. */
function describe(
  type: ConfigurationChangeType,
  entry: CachedConfiguration | undefined,
  before: CachedConfiguration | undefined,
): Omit<LiveChange, 'timestamp'> {
  const issues = entry === undefined ? [] : [...entry.issues, ...(entry.judged?.issues ?? [])];
  const findings = [...issues, ...(entry?.judged?.notes ?? [])];
  const { sequence, user } = entry?.save ?? {};
  return {
    type,
    isOwn: false,
    ...(entry === undefined ? {} : { data: handOut(entry, 'frozen'), checksum: entry.metadata.checksum }),
    ...(before === undefined
      ? {}
      : { previousData: handOut(before, 'frozen'), previousChecksum: before.metadata.checksum }),
    ...(sequence === undefined ? {} : { revision: sequence }),
    ...(user === undefined ? {} : { user }),
    isValid: type !== 'unreadable' && issues.length === 0,
    ...(findings.length === 0 ? {} : { validationResults: findings.map((issue) => ({ ...issue })) }),
  };
}

/** The first change for whoever knows an older content: what became of it, as far as that can be told. */
export function changeSince(file: LiveFile, since: string | null, timestamp: number): LiveChange | undefined {
  const { entry } = file;
  const now = entry?.metadata.checksum ?? null;
  if (now === since) return undefined;
  const type = entry === undefined ? 'deleted' : since === null ? 'created' : 'changed';
  const known = since === null ? {} : { previousChecksum: since };
  return { ...describe(type, entry, undefined), ...known, timestamp };
}
