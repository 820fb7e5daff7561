/**
 * Gives work that is due the chance to be done when the process has nothing else to do any more.
 *
 * It may take a bounded time, once; then the process ends, and what is left is taken over by whoever comes next. Nothing is
 * listened to while nothing is due. A process that calls `process.exit()` gives no such chance.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';

const { EXIT_BUDGET_MS } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS;

/** Does what is due, as far as that is done before the deadline, a time of `performance.now()`. Must not reject. */
type DueWork = (deadlineMs: number) => Promise<void>;

const due = new Set<DueWork>();

export function addDueWork(work: DueWork): void {
  if (due.size === 0) process.on('beforeExit', doDueWork);
  due.add(work);
}

export function removeDueWork(work: DueWork): void {
  if (due.delete(work) && due.size === 0) process.removeListener('beforeExit', doDueWork);
}

function doDueWork(): void {
  const deadlineMs = performance.now() + EXIT_BUDGET_MS;
  const works = [...due];
  // Before they begin: the event comes again when they have ended.
  for (const work of works) removeDueWork(work);
  for (const work of works) void work(deadlineMs);
}
