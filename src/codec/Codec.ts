/** What a format must offer. A new format is one file that implements this and one line in `codecs.ts`. */
import type { ConfigurationFormat } from '../../interfaces/enums.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Difference } from '../edits/Difference.js';
import type { Conventions } from './conventions.js';

/** Facts about a format that the engine decides by. */
export interface CodecCapabilities {
  /** Extensions with their dot, in lower case; the first is the one that new files get. */
  readonly extensions: readonly string[];
  /** Whether the encoder makes use of the text that is on disk. */
  readonly usesPrevious: boolean;
  /** Whether the format has its own form for NaN and the infinities. */
  readonly nonFiniteNumbers: boolean;
  /** The encoding of files that are not valid UTF-8, where the format's own rules name one. */
  readonly fallbackEncoding?: 'latin1';
  /**
   * The encoding that the bytes of a file say they have, by the format's own rules; undefined where they say none, or UTF-8.
   * A text that `edit` gives is written back in the encoding that the old one had; what `encode` gives is UTF-8.
   */
  readonly encodingOf?: (bytes: Uint8Array) => 'latin1' | 'utf-16le' | 'utf-16be' | undefined;
}

export interface EncodeOptions {
  /** The text that stands on disk now, where there is one and it decodes. */
  readonly previous?: string;
  /** The rules of the program that owns the file, where they differ from the format's. */
  readonly owner?: string;
}

export interface DecodeOptions {
  /** The text is known to come from `encode`: what only foreign text can have wrong need not be looked for. */
  readonly isOwn?: boolean;
  /** The rules of the program that owns the file, where they differ from the format's. */
  readonly owner?: string;
}

/** A file's text in which only what differs was changed. */
export interface EditedText {
  readonly text: string;
  /** What of the old text's layout could not be kept, each with its place; empty where every other byte stayed. */
  readonly lost: readonly LostLayout[];
  /**
   * What the text decodes to, where that is not quite the new value: a file of another program that cannot say what is new
   * in it, such as that a list has one item. `lost` names the places. Undefined where it decodes to the new value.
   */
  readonly readsAs?: ConfigurationValue;
}

export interface LostLayout {
  /** As `formatPath` writes it. */
  readonly path: string;
  /** Such as "comments were lost"; never a value. */
  readonly description: string;
}

export interface EditOptions {
  /** The rules of the program that owns the file, where they differ from the format's. */
  readonly owner?: string;
}

export interface Codec {
  readonly format: ConfigurationFormat;
  readonly capabilities: CodecCapabilities;
  /**
   * Text of a file, without byte order mark, to a fresh value of the domain.
   *
   * @throws PersistenceError `ERR_PARSE` where the text breaks the format's rules or a limit; the message has line and
   *   column where known and never quotes the text. `ERR_INVALID_CONFIGURATION_DATA` where it holds what the domain has
   *   not, with the paths.
   */
  decode(text: string, options?: DecodeOptions): ConfigurationValue;
  /**
   * A checked value of the domain to the text of a file.
   *
   * @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` with the paths, where the format cannot carry the value.
   */
  encode(value: ConfigurationValue, options?: EncodeOptions): string;
  /**
   * The text with the edits that make it stand for the new value, in its own style. The caller decodes what comes out, and
   * falls back on `encode` where that is not the new value.
   *
   * @param previous decodes to `before`; `difference` leads from there to the new value.
   * @returns undefined where this text cannot be edited.
   */
  edit?(
    previous: string,
    before: ConfigurationValue,
    difference: Difference,
    options: EditOptions,
  ): EditedText | undefined;
  /**
   * Where `encode` of a checked value, without a previous text, writes something that stands for the value by a convention
   * of this module only. Numbers and booleans as plain words count as native in every format: nobody writes them in another
   * way. It never throws, also for a value that `encode` refuses.
   */
  conventions(value: ConfigurationValue): Conventions;
  /**
   * Whether a text that `decode` takes has comments, or anything else for people and tools, that a new encoding would not
   * have. Time grows with the length of the text.
   */
  hasComments(text: string, options?: DecodeOptions): boolean;
}
