// @ts-check
// Judges configurations before they are saved.
import { BaseModule } from 'rcc-config-persistence';

/** @import { DataTransfer } from 'rcc-config-persistence' */

export class PortValidator extends BaseModule {
  /** @override */
  validationRules = [
    { field: 'port', type: /** @type {const} */ ('required'), message: 'port is missing' },
    { field: 'port', type: /** @type {const} */ ('number'), message: 'port must be a number' },
  ];

  /** Each save-request of the others comes here first. @override @param {DataTransfer} transfer */
  async onDataReceived({ data, metadata }) {
    const { config } = /** @type {{ config: unknown }} */ (data);
    const { isValid, errors } = this.validateInput(config);
    const verdict = { requestId: metadata?.['requestId'], isValid, errors };
    await this.transferData(verdict, undefined, { type: 'validation-result' });
  }
}
