/** What the health of one running module is made of. */
import type { Clock } from '../engine/Clock.js';
import type { Operations } from '../engine/Operations.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Menders } from './Check.js';
import type { ClockWatch } from './ClockWatch.js';
import type { OperationActivity } from './OperationActivity.js';
import type { Verifier } from './verify/Verifier.js';

export interface HealthParts {
  readonly store: ConfigStore;
  readonly operations: Operations;
  readonly clock: Clock;
  readonly clockWatch: ClockWatch;
  readonly activity: OperationActivity;
  readonly verifier: Verifier;
  readonly mend: Menders;
  readonly keepsBackups: boolean;
  readonly leaseMs: number;
}
