/**
 * Every live module of the process by its id.
 *
 * A leaf under both `BaseModule` and `ModuleRegistry`, so that a module finds the targets of its transfers without
 * knowing the registry. A module is listed from its creation by the registry, or from `initialize()`, until it is
 * destroyed.
 */
import type { DataTransfer, ModuleInfo } from '../../../interfaces/framework.js';
import { persistenceError } from '../../errors/PersistenceError.js';

/** What a transfer can be handed to. */
export interface TransferReceiver {
  /** What it resolves to is the reply, where it makes one. */
  receiveData(transfer: DataTransfer): Promise<unknown>;
}

/** Finds the target of a transfer. `ModuleRegistry` is one; a host with another registry brings its own. */
export interface ModuleLookup {
  getModule(moduleId: string): TransferReceiver | undefined;
}

type ListedModule = TransferReceiver & { getInfo(): ModuleInfo };

class ModuleDirectory implements ModuleLookup {
  readonly #modules = new Map<string, ListedModule>();

  /**
   * Lists the module; false where it is listed already.
   *
   * @throws ERR_INVALID_REQUEST where another module has its id.
   */
  add(module: ListedModule): boolean {
    const { id } = module.getInfo();
    const holder = this.#modules.get(id);
    if (holder === module) return false;
    if (holder !== undefined) throw duplicateModule(id);
    this.#modules.set(id, module);
    return true;
  }

  /** Takes the module itself off the list, never another one of the same id. */
  remove(module: ListedModule): void {
    const { id } = module.getInfo();
    if (this.#modules.get(id) === module) this.#modules.delete(id);
  }

  getModule(moduleId: string): ListedModule | undefined {
    return this.#modules.get(moduleId);
  }

  /** In the order in which they were listed. */
  getAllModules(): ListedModule[] {
    return [...this.#modules.values()];
  }
}

/** The one directory of the process. */
export const moduleDirectory = new ModuleDirectory();

/** The error for an id that is taken. */
export function duplicateModule(id: string): Error {
  return persistenceError(
    'ERR_INVALID_REQUEST',
    `a module with the id ${JSON.stringify(id)} exists already; destroy it first or choose another id`,
  );
}
