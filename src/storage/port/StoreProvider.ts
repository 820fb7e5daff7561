/** How a module gets its store: the option `store`. */
import type { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { ConfigStore } from './ConfigStore.js';

/** What a store is told about the module that it serves. */
export interface StoreContext {
  /** Names the module to the waiters for its locks, and in records. */
  readonly moduleId: string;
  /** Largest configuration in bytes. */
  readonly maxBytes: number;
  /** Committed contents that its history tells of. */
  readonly keptVersions: number;
  /** Whether bytes are a value in the format of a configuration; asked about contents that may not be as they were saved. */
  readonly probe: (bytes: Uint8Array, format: ConfigurationFormat, name: string) => boolean;
}

export interface StoreProvider {
  /** A store for one module, not opened yet. Several of one provider see the same configurations. */
  createStore(context: StoreContext): ConfigStore;
}
