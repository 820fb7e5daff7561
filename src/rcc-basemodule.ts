/** The module on the published framework: `rcc-config-persistence/rcc-basemodule`. It needs `rcc-basemodule`. */
import type { ConfigPersistenceOptions } from '../interfaces/options.js';
import { PublishedHost } from './published/PublishedHost.js';
import { withConfigPersistence } from './withConfigPersistence.js';

/**
 * `ConfigPersistenceModule` as an instance of the `BaseModule` of `rcc-basemodule`, registered with the `MessageCenter` of that
 * package while it runs.
 *
 * @typeParam T the shape of the default configuration.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the value's shape is the application's
export class ConfigPersistenceModule<T = any> extends withConfigPersistence(PublishedHost)<T> {
  // Only the known keys: the host's own method takes any object.
  override configure(options: ConfigPersistenceOptions<T>): void {
    super.configure(options);
  }
}

export { ConfigPersistenceModule as default };
export type { PublishedDebugConfig, PublishedMessageCenter } from './published/PublishedBaseModule.js';
