/**
 * Sends `configuration-data` when a configuration changes, over the output connections that name that kind: of the default
 * configuration, or of the files that the connection's metadata names (`filePath`, `filePaths`).
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConnectionInfo } from '../../interfaces/framework.js';
import type { ConfigurationChange, ConfigurationListener, ConfigurationWatch } from '../../interfaces/live.js';
import { replyDataOf } from './replies.js';

const { CONFIGURATION_DATA } = CONFIG_PERSISTENCE_CONSTANTS.DATA_TRANSFER_TYPES;

export interface LiveTransfersParts {
  readonly outputs: () => readonly ConnectionInfo[];
  readonly defaultPath: () => string;
  readonly watch: (filePath: string, listener: ConfigurationListener) => Promise<ConfigurationWatch>;
  readonly send: (data: object, connectionId: string, metadata: Record<string, unknown>) => void;
  /** Told why a file cannot be watched. */
  readonly onFailure: (filePath: string, error: unknown) => void;
}

export class LiveTransfers {
  readonly #parts: LiveTransfersParts;
  readonly #watches = new Map<string, Promise<ConfigurationWatch | undefined>>();
  #isRunning = false;

  constructor(parts: LiveTransfersParts) {
    this.#parts = parts;
  }

  /** From now on. */
  async start(): Promise<void> {
    this.#isRunning = true;
    await this.retune();
  }

  /** The watches end with whoever gave them. */
  end(): void {
    this.#isRunning = false;
    this.#watches.clear();
  }

  /** To be called when connections or the default path have changed. */
  async retune(): Promise<void> {
    if (!this.#isRunning) return;
    const wanted = new Set(this.#parts.outputs().flatMap((connection) => this.#filesOf(connection)));
    for (const [filePath, watching] of this.#watches) {
      if (wanted.has(filePath)) continue;
      this.#watches.delete(filePath);
      void watching.then((watch) => watch?.close());
    }
    for (const filePath of wanted) {
      if (!this.#watches.has(filePath)) this.#watches.set(filePath, this.#watch(filePath));
    }
    await Promise.all(this.#watches.values());
  }

  async #watch(filePath: string): Promise<ConfigurationWatch | undefined> {
    try {
      return await this.#parts.watch(filePath, (change) => {
        this.#tell(filePath, change);
      });
    } catch (error) {
      this.#parts.onFailure(filePath, error);
      this.#watches.delete(filePath);
      return undefined;
    }
  }

  #tell(filePath: string, { type, error, ...change }: ConfigurationChange): void {
    const told = {
      ...change,
      change: type,
      loadTimestamp: change.timestamp,
      // The whole error has a stack and a cause, which are nobody else's business.
      ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
    };
    const data = replyDataOf(CONFIGURATION_DATA, told, '');
    const metadata = { type: CONFIGURATION_DATA, change: type, live: true };
    for (const connection of this.#parts.outputs()) {
      if (this.#filesOf(connection).includes(filePath)) this.#parts.send(data, connection.id, metadata);
    }
  }

  #filesOf({ dataTypes, metadata }: ConnectionInfo): string[] {
    if (dataTypes?.includes(CONFIGURATION_DATA) !== true) return [];
    const given: unknown = metadata?.filePaths ?? metadata?.filePath;
    const named = (Array.isArray(given) ? given : [given]).filter((path) => typeof path === 'string');
    return named.length === 0 ? [this.#parts.defaultPath()] : named;
  }
}
