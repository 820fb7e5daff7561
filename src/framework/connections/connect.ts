/** Both ends of a connection in one call. */
import type { ConnectionInfo } from '../../../interfaces/framework.js';
import { persistenceError } from '../../errors/PersistenceError.js';

/** What can be connected: modules of this framework, and of others with the same members. */
export interface ConnectableModule {
  getInfo(): { readonly id: string };
  addOutputConnection(connection: ConnectionInfo): void;
  removeOutputConnection(connectionId: string): void;
  addInputConnection(connection: ConnectionInfo): void;
  removeInputConnection(connectionId: string): void;
}

export interface ConnectOptions {
  /** Of both ends. Default: made of the two modules' ids and the kinds. */
  readonly id?: string;
  /** Joins each transfer on it. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface Connected {
  readonly id: string;
  /** Takes both ends away. */
  readonly disconnect: () => void;
}

/**
 * Connects two modules in one direction: an output connection of the first and an input connection of the second.
 *
 * @param kinds what may pass, such as `save-request`; none: everything.
 * @throws PersistenceError `ERR_INVALID_REQUEST` for what is no module, and for a module with itself.
 */
export function connect(
  from: ConnectableModule,
  to: ConnectableModule,
  kinds: readonly string[] = [],
  options: ConnectOptions = {},
): Connected {
  const [sourceModuleId, targetModuleId] = [idOf(from), idOf(to)];
  if (sourceModuleId === targetModuleId) {
    throw persistenceError('ERR_INVALID_REQUEST', 'a module is not connected with itself');
  }
  const { id = [sourceModuleId, targetModuleId, ...kinds].join(' '), metadata } = options;
  const both = {
    id,
    sourceModuleId,
    targetModuleId,
    dataTypes: [...kinds],
    ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
  };
  to.addInputConnection({ ...both, type: 'input' });
  try {
    from.addOutputConnection({ ...both, type: 'output' });
  } catch (error) {
    to.removeInputConnection(id);
    throw error;
  }
  return {
    id,
    disconnect: () => {
      from.removeOutputConnection(id);
      to.removeInputConnection(id);
    },
  };
}

function idOf(module: ConnectableModule): string {
  const given = module as Partial<ConnectableModule> | null | undefined;
  if (typeof given?.getInfo === 'function') return given.getInfo().id;
  throw persistenceError('ERR_INVALID_REQUEST', 'only modules can be connected');
}
