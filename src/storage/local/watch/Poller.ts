/** Looks at files at intervals: one timer for all that have the same interval. It never keeps the process alive. */

/** Looks once. Must not throw. */
export type Look = () => Promise<void>;

interface Round {
  readonly looks: Set<Look>;
  readonly timer: NodeJS.Timeout;
}

export class Poller {
  readonly #rounds = new Map<number, Round>();

  /** @returns ends it. */
  add(intervalMs: number, look: Look): () => void {
    const round = this.#rounds.get(intervalMs) ?? this.#begin(intervalMs);
    round.looks.add(look);
    return () => {
      round.looks.delete(look);
      if (round.looks.size > 0 || this.#rounds.get(intervalMs) !== round) return;
      this.#rounds.delete(intervalMs);
      clearInterval(round.timer);
    };
  }

  #begin(intervalMs: number): Round {
    const looks = new Set<Look>();
    let isLooking = false;
    const lookAtAll = async (): Promise<void> => {
      // A round that takes longer than the interval is not overtaken by the next one.
      if (isLooking) return;
      isLooking = true;
      // One after the other, so that a thousand files do not fill the thread pool.
      for (const look of looks) await look();
      isLooking = false;
    };
    const timer = setInterval(() => void lookAtAll(), intervalMs).unref();
    const round = { looks, timer };
    this.#rounds.set(intervalMs, round);
    return round;
  }
}
