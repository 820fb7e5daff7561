/**
 * How a store tells that a configuration may have another content now, whoever has changed it. A hint says no more than that
 * a look is worth it: there may be several for one change, and some for none.
 */
import type { Location } from './Work.js';

export interface HintRequest {
  readonly location: Location;
  /** Called soon after a change, never before the request has returned. Must not throw. */
  readonly onHint: () => void;
  /** Told, once, why the store looks by itself from time to time only, instead of being told of changes at once. */
  readonly onFallback: (reason: string) => void;
  /** Milliseconds between two looks of the store's own, where it cannot be told, or may miss something. */
  readonly intervalMs: number;
  /** Whether it is to look only by itself. */
  readonly isPolling: boolean;
}

/** Ends the hints at once. */
export type EndHints = () => void;
