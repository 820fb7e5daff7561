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
}

export interface EncodeOptions {
  /** The text that stands on disk now, where there is one and it decodes. */
  readonly previous?: string;
}

export interface DecodeOptions {
  /** The text is known to come from `encode`: what only foreign text can have wrong need not be looked for. */
  readonly isOwn?: boolean;
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

/** What the options of a module say about the files of a format, and the name of one. */
export interface CodecSettings {
  /** The file's path in lower case, with `/`; empty where it is not known. */
  readonly path: string;
  /** The program whose rules the file follows, where they differ from the format's. */
  readonly owner?: string | undefined;
  /** JSON with comments and trailing commas, also where the file's name does not tell. */
  readonly comments?: boolean | undefined;
  /** YAML whose root is the list of its documents. */
  readonly documents?: boolean | undefined;
  /** INI: what follows a value after a blank and a mark is a comment. */
  readonly inlineComments?: boolean | undefined;
  /** For a content that was saved once: nothing is refused that some settings take. */
  readonly isRecorded?: boolean | undefined;
}

export interface Codec {
  readonly format: ConfigurationFormat;
  readonly capabilities: CodecCapabilities;
  /** The encoding that the first characters of a file name, for formats whose files can say so; ASCII is told as UTF-8. */
  declaredEncoding?(start: string): 'latin1' | 'utf8' | 'utf16' | undefined;
  /** The program whose rules it follows, where they are not the format's own. */
  readonly owner?: string | undefined;
  /** Whether a file of this path, in lower case, is of the format although no extension says so. */
  isWellKnown?(path: string): boolean;
  /** The codec as these settings want it; this one where they change nothing. Codecs have no state. */
  configured?(settings: CodecSettings): Codec;
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
  edit?(previous: string, before: ConfigurationValue, difference: Difference): EditedText | undefined;
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
  hasComments(text: string): boolean;
}
