// @ts-check
// A second module of the host: asks the first one over a connection.
import { BaseModule } from 'rcc-config-persistence';

export class EditorModule extends BaseModule {
  /** @param {unknown} config @param {string} filePath */
  save(config, filePath) {
    return this.request('save-request', { config, filePath });
  }

  /** @param {string} filePath */
  load(filePath) {
    return this.request('load-request', { filePath });
  }
}
