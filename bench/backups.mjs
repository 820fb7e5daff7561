// @ts-check
// What backups cost: beside a save, among the backups of many other files, and when they are made and restored.
import { runKeeping } from './backups/keeping.mjs';
import { runNeighbours } from './backups/neighbours.mjs';
import { runRestoring } from './backups/restoring.mjs';

/** @typedef {typeof import('./contenders/ours.mjs').openModule} OpenModule */

/**
 * What each of the parts gets.
 *
 * @typedef {object} BackupBench
 * @property {string} folder
 * @property {boolean} short
 * @property {OpenModule} openModule
 * @property {(text: string) => void} print
 */

/** Nothing where this package is left out. @param {Omit<BackupBench, 'openModule'> & { openModule: OpenModule | undefined }} context */
export async function runBackups({ openModule, ...context }) {
  if (openModule === undefined) return undefined;
  const bench = { ...context, openModule };
  return {
    keeping: await runKeeping(bench),
    neighbours: await runNeighbours(bench),
    restoring: await runRestoring(bench),
  };
}
