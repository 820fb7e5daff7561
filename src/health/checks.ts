/** The health checks, in the order in which they run. A new one is a file in `checks/` and a line here. */
import type { Check } from './Check.js';
import { backupAge } from './checks/backupAge.js';
import { backups } from './checks/backups.js';
import { clock } from './checks/clock.js';
import { configurations } from './checks/configurations.js';
import { diskSpace } from './checks/diskSpace.js';
import { errorRate } from './checks/errorRate.js';
import { fileSystem } from './checks/fileSystem.js';
import { leftovers } from './checks/leftovers.js';
import { locks } from './checks/locks.js';
import { orphans } from './checks/orphans.js';
import { permissions } from './checks/permissions.js';
import { slowOperations } from './checks/slowOperations.js';

/** Repairs run in this order too: first what the others need, and a backup only of what has been restored. */
export const CHECKS: readonly Check[] = [
  diskSpace,
  fileSystem,
  permissions,
  locks,
  leftovers,
  configurations,
  backups,
  backupAge,
  orphans,
  errorRate,
  slowOperations,
  clock,
];
