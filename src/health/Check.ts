/** What a health check is: it looks at one thing, and tells what it found and how that can be mended. */
import type { HealthIssueType, IssueSeverity } from '../../interfaces/enums.js';
import type { Clock } from '../engine/Clock.js';
import type { Operation } from '../engine/Operation.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { StoreInspection } from '../storage/port/StoreInspection.js';
import type { ClockWatch } from './ClockWatch.js';
import type { OperationActivity } from './OperationActivity.js';
import type { Survey } from './survey/Survey.js';
import type { Verification } from './verify/Verifier.js';

/** One thing that can be done about an issue. */
export interface Repair {
  readonly filePath: string;
  /** What it does, in the past tense. */
  readonly action: string;
  /** Looks again first; false where there was nothing to mend any more. Takes the locks that it needs. */
  readonly run: (operation: Operation) => Promise<boolean>;
}

export interface FoundIssue {
  readonly type: HealthIssueType;
  readonly severity: IssueSeverity;
  readonly description: string;
  readonly recommendation: string;
  readonly affectedFiles?: readonly string[];
  /** None: somebody has to decide. */
  readonly repairs?: readonly Repair[];
}

export interface CheckOutcome {
  readonly issues: readonly FoundIssue[];
  readonly metrics?: Record<string, number>;
  readonly details?: Record<string, unknown>;
  /** Why there is nothing to check. */
  readonly leftOut?: string;
}

/** What the checks of one run share. What several of them need is found out once. */
export interface CheckContext {
  readonly operation: Operation;
  readonly store: ConfigStore;
  /** Undefined for a store that is none of files. */
  readonly inspection: StoreInspection | undefined;
  readonly clock: Clock;
  readonly clockWatch: ClockWatch;
  readonly activity: OperationActivity;
  /** Whether the module makes backups by itself. */
  readonly keepsBackups: boolean;
  /** How long a lock may be held that a repair takes. */
  readonly leaseMs: number;
  readonly survey: () => Promise<Survey>;
  readonly verification: () => Promise<Verification>;
  readonly mend: Menders;
}

/** Repairs of configurations, by their names. */
export interface Menders {
  /** Brings the newest good backup back; false where the configuration is no longer damaged. */
  readonly restore: (name: string, operation: Operation) => Promise<boolean>;
  readonly backUp: (name: string, operation: Operation) => Promise<boolean>;
  readonly clearLeftovers: (name: string, operation: Operation) => Promise<boolean>;
}

export interface Check {
  readonly name: string;
  readonly description: string;
  /** Of the issues that it may find. */
  readonly types: readonly HealthIssueType[];
  /** What it throws is an issue of its own; only the end of the operation ends the whole run. */
  readonly run: (context: CheckContext) => CheckOutcome | Promise<CheckOutcome>;
}
