// @ts-check
// Works with a configuration, and hears of every change of it.
import { BaseModule } from 'rcc-config-persistence';

/** @import { ConfigurationChange, DataTransfer } from 'rcc-config-persistence' */

export class Server extends BaseModule {
  /** Called with each port that the server is to listen on. @type {(port: number, by: string) => void} */
  onPort = () => undefined;

  /** @override @param {DataTransfer} transfer */
  async onDataReceived({ data }) {
    const { data: config, user = 'an editor' } = /** @type {ConfigurationChange<{ port: number }>} */ (data);
    if (config !== undefined) this.onPort(config.port, user);
  }
}
