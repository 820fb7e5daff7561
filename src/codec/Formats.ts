/** Which format a configuration has: as an option names it, otherwise as its extension does. */
import type { ConfigurationFormat } from '../../interfaces/enums.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { Codec } from './Codec.js';
import { codecFor, formatOfExtension, type FormatOption } from './codecs.js';

export class Formats {
  readonly #supported: readonly ConfigurationFormat[];

  /** @param supported the formats that are switched on. */
  constructor(supported: readonly ConfigurationFormat[]) {
    this.#supported = supported;
  }

  /** @throws PersistenceError `ERR_UNSUPPORTED_FORMAT` where neither option nor extension names one that is switched on. */
  require(name: string, option: FormatOption | undefined): Codec {
    const codec = this.recognise(name, option);
    if (codec === undefined) {
      const reason = 'the extension names no format; use a known one or give the format option';
      throw persistenceError('ERR_UNSUPPORTED_FORMAT', reason);
    }
    if (this.#supported.includes(codec.format)) return codec;
    throw persistenceError('ERR_UNSUPPORTED_FORMAT', `${codec.format} is switched off by supportedFormats`);
  }

  /** For judging what is there already: also a format that is switched off; undefined where nothing names one. */
  recognise(name: string, option?: FormatOption): Codec | undefined {
    const format = option ?? formatOfExtension(name);
    return format === undefined ? undefined : codecFor(format);
  }
}
