/** Which format a configuration has, as an option names it, otherwise as its extension does; and how it is read. */
import type { ConfigurationFormat } from '../../interfaces/enums.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { Codec, CodecSettings } from './Codec.js';
import { codecFor, formatOfExtension, type FormatOption } from './codecs.js';

/** What the options of a module say about the texts of its files. */
export type TextSettings = Omit<CodecSettings, 'path' | 'isRecorded'>;

export class Formats {
  readonly #supported: readonly ConfigurationFormat[];
  readonly #settings: TextSettings;

  /** @param supported the formats that are switched on. */
  constructor(supported: readonly ConfigurationFormat[], settings: TextSettings = {}) {
    this.#supported = supported;
    this.#settings = settings;
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
    return format === undefined ? undefined : this.#configured(format, name, false);
  }

  /** For a content that was saved in this format, as the configuration of this name where that is known. */
  recorded(format: FormatOption, name = ''): Codec {
    return this.#configured(format, name, true);
  }

  #configured(format: FormatOption, name: string, isRecorded: boolean): Codec {
    const codec = codecFor(format);
    const path = name.toLowerCase().replaceAll('\\', '/');
    return codec.configured?.({ ...this.#settings, path, isRecorded }) ?? codec;
  }
}
