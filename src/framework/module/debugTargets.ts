/** Debug modules of both forms behind one: this package's own, and the original host's. None is given the data of a transfer. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { DebugModule, HostDebugModule, ModuleInfo } from '../../../interfaces/framework.js';

const { HOST_LOG_LEVELS } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

/** What a debug module may be told besides lines. */
export interface DebugTarget extends DebugModule {
  recordDataFlow?(sourceId: string, targetId: string, data: object): unknown;
  addModuleConnection?(moduleId: string, direction: 'input' | 'output'): unknown;
}

/** The debug module of last resort. The only place of the product that prints. */
export const stderrDebugModule: DebugTarget = {
  log(level, message, details) {
    process.stderr.write(`[${level}] ${lineOf(message, details)}\n`);
  },
};

/** @param info of the module whose debug module it is: the original's form is given it with each line. */
export function debugTargetOf(given: DebugModule | HostDebugModule, info: ModuleInfo): DebugTarget {
  if (!isOfHostForm(given)) return given;
  return {
    // It has no place for details, and its levels are numbers.
    log: (level, message, details) => given.log(lineOf(message, details), HOST_LOG_LEVELS[level], { ...info }),
    recordDataFlow: (...flow) => given.recordDataFlow?.(...flow),
    addModuleConnection: (...connection) => given.addModuleConnection?.(...connection),
  };
}

function isOfHostForm(given: DebugModule | HostDebugModule): given is HostDebugModule {
  const { recordDataFlow, addModuleConnection } = given as Partial<HostDebugModule>;
  return typeof recordDataFlow === 'function' || typeof addModuleConnection === 'function';
}

function lineOf(message: string, details: object | undefined): string {
  return details === undefined ? message : `${message} ${JSON.stringify(details)}`;
}
