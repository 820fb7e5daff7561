/**
 * Lets a module start once and stop once, whoever asks and however often.
 *
 * Steps never overlap: a stop that is asked for during a start follows it, and the other way round, so that the last
 * request decides how things end.
 */

import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { persistenceError, PersistenceError } from '../../errors/PersistenceError.js';

const { CONFIGURED_TOO_LATE } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

/** `created`: never started, or only starts that failed. `destroyed`: stopped; it may be started again. */
export type LifecycleState = 'created' | 'initializing' | 'initialized' | 'destroying' | 'destroyed';

interface Step {
  readonly kind: 'start' | 'stop';
  done: Promise<void>;
  state: 'pending' | 'done' | 'failed';
}

export class Lifecycle {
  #state: LifecycleState = 'created';
  #last: Step | undefined;

  get state(): LifecycleState {
    return this.#state;
  }

  /** From the beginning of a start to the end of the stop. */
  get isActive(): boolean {
    return this.#state !== 'created' && this.#state !== 'destroyed';
  }

  /** The error for what needs a started module: ERR_NOT_INITIALIZED, or ERR_DESTROYED from the beginning of the stop. */
  notStartedError(advice: string): PersistenceError {
    const isOver = this.#state === 'destroyed' || this.#state === 'destroying';
    return persistenceError(isOver ? 'ERR_DESTROYED' : 'ERR_NOT_INITIALIZED', advice);
  }

  /**
   * Runs `work` unless a start is the last step already: then its own promise is the answer. After a failure the state
   * is what it was before, and the next call tries again.
   */
  start(work: () => Promise<void>): Promise<void> {
    const last = this.#last;
    if (last?.kind === 'start' && last.state !== 'failed') return last.done;
    return this.#follow('start', async () => {
      const before = this.#state;
      this.#state = 'initializing';
      try {
        await work();
        this.#state = 'initialized';
      } catch (error) {
        this.#state = before;
        throw error;
      }
    });
  }

  /**
   * Runs `work` unless a stop is the last step already. A failed stop rejects once and is not repeated: the state is
   * `destroyed` either way.
   */
  stop(work: (wasInitialized: boolean) => Promise<void>): Promise<void> {
    const last = this.#last;
    if (last?.kind === 'stop') return last.state === 'failed' ? Promise.resolve() : last.done;
    return this.#follow('stop', async () => {
      const wasInitialized = this.#state === 'initialized';
      this.#state = 'destroying';
      try {
        await work(wasInitialized);
      } finally {
        this.#state = 'destroyed';
      }
    });
  }

  /** Begins at once where nothing runs, so that the state has changed when the call returns. */
  #follow(kind: Step['kind'], run: () => Promise<void>): Promise<void> {
    const previous = this.#last;
    const step: Step = { kind, done: Promise.resolve(), state: 'pending' };
    const track = async (): Promise<void> => {
      try {
        await run();
        step.state = 'done';
      } catch (error) {
        step.state = 'failed';
        throw error;
      }
    };
    this.#last = step;
    step.done = previous?.state === 'pending' ? previous.done.then(track, track) : track();
    return step.done;
  }
}

/** @throws ERR_INVALID_OPTION for the first of these keys that cannot be changed any more. */
export function requireChangeable(keys: readonly string[], isTunable: (key: string) => boolean): void {
  const fixed = keys.find((key) => !isTunable(key));
  if (fixed === undefined) return;
  const reason = `${fixed} cannot be changed after initialize(); set it before`;
  throw new PersistenceError('ERR_INVALID_OPTION', `${CONFIGURED_TOO_LATE}: ${reason}`);
}
