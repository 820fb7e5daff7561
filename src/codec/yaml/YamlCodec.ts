/**
 * YAML 1.2 with its core schema, read and written by js-yaml.
 *
 * - Dates have no type in the core schema: they load as strings as they are spelled. A date that stood unquoted in the file
 *   stays unquoted while its text is unchanged; every other string that looks like a date is written in quotes.
 * - Aliases and merge keys (`<<`) load as copies, within budgets, and are written out in full on the next save. A key `<<`
 *   in quotes is an ordinary key.
 * - Keys are strings in their own spelling: `1.10: x` has the key "1.10".
 * - What any reader of YAML 1.1 would take for a boolean, number, date or null is written in double quotes.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { acceptFresh } from '../../value/freshValues.js';
import { copyIntoDomain, refuse } from '../../value/valueDomain.js';
import type { Difference } from '../../edits/Difference.js';
import type { Codec, CodecCapabilities, CodecSettings, EditedText, EncodeOptions } from '../Codec.js';
import { NO_CONVENTIONS, type Conventions } from '../conventions.js';
import { refuseManyMarks } from '../text/entryLimit.js';
import { refuseInexactNumbers } from '../text/inexactNumbers.js';
import { hasYamlComment } from './yamlComments.js';
import { constructYaml, isWithoutContent, readYamlEvents } from './yamlEvents.js';
import { editYaml } from './yamlEdit.js';
import { OLD_READ_SCHEMA, READ_SCHEMA } from './yamlSchema.js';
import { OLD_YAML, type YamlSettings } from './yamlSettings.js';
import { writeDocuments, writeYaml } from './yamlWriting.js';

const { FILE_SYSTEM, PERFORMANCE_LIMITS, VALUE_LIMITS } = CONFIG_PERSISTENCE_CONSTANTS;

/** Keys that `<<` brings into other mappings, in one document. */
const MAX_MERGED_KEYS = 10_000;
/** A number needs this many digits in a row, hexadecimal ones too, or an exponent, to be beyond what JavaScript holds. */
const MAY_BE_INEXACT = /[\dA-Fa-f]{14}|[eE][-+]?\d{2}/;

/** Every member, item and document has one of these, and the parser makes all of them before it can be stopped. */
const ENTRY_MARKS = ['\n', '\r', ',', '[', '{', '- ', '? '];

const STANDARD: YamlSettings = { isOld: false, hasDocuments: false };
const NO_DOCUMENTS_ROOT = 'must be the list of the documents, as the option documents says';

export class YamlCodec implements Codec {
  readonly format = ConfigurationFormat.YAML;
  readonly capabilities: CodecCapabilities = {
    extensions: [FILE_SYSTEM.FILE_EXTENSION_YAML, FILE_SYSTEM.FILE_EXTENSION_YML],
    usesPrevious: true,
    nonFiniteNumbers: true,
  };

  readonly #settings: YamlSettings;

  constructor(settings: YamlSettings = STANDARD) {
    this.#settings = settings;
  }

  configured({ owner, documents }: CodecSettings): Codec {
    const isOld = owner === OLD_YAML;
    const hasDocuments = documents === true;
    return isOld || hasDocuments ? new YamlCodec({ isOld, hasDocuments }) : this;
  }

  /**
   * A file without a value, which has comments at most, is an empty object.
   *
   * @throws PersistenceError `ERR_PARSE` for text that is not YAML, several documents, a key written twice, tags outside the core schema, keys that are lists or mappings, too many aliases or merged keys, and nesting
   *   beyond the limit. `ERR_INVALID_CONFIGURATION_DATA` for the key `__proto__`, `null` as the whole document, values that
   *   contain themselves or exceed the limits once aliases are expanded, and numbers that JavaScript cannot hold.
   */
  decode(text: string): ConfigurationValue {
    const { hasDocuments, isOld } = this.#settings;
    refuseManyMarks(text, ENTRY_MARKS);
    const events = readYamlEvents(text, hasDocuments);
    if (!hasDocuments && isWithoutContent(events)) return {};
    const limits = { maxAliases: VALUE_LIMITS.MAX_ALIASES, maxTotalMergeKeys: MAX_MERGED_KEYS };
    const schema = isOld ? OLD_READ_SCHEMA : READ_SCHEMA;
    const documents = constructYaml(events, { source: text, schema, ...limits });
    const value: unknown = hasDocuments ? documents : documents[0];
    const mayHaveAliases = text.includes('*');
    if (mayHaveAliases) checkExpandedSize(value);
    if (MAY_BE_INEXACT.test(text)) refuseInexactNumbers(value);
    // What aliases repeat stands in several places, and becomes a copy in each.
    return mayHaveAliases ? copyIntoDomain(value, this.capabilities) : acceptFresh(value, this.capabilities);
  }

  encode(value: ConfigurationValue, { previous }: EncodeOptions = {}): string {
    if (!this.#settings.hasDocuments) return writeYaml(value, { previous });
    if (!Array.isArray(value)) refuse([{ path: '(root)', reason: NO_DOCUMENTS_ROOT }]);
    return writeDocuments(value as ConfigurationValue[]);
  }

  edit(previous: string, before: ConfigurationValue, difference: Difference): EditedText | undefined {
    return editYaml(previous, before, difference, this.#settings);
  }

  /** The core schema has a form for every value, NaN and the infinities included. */
  conventions(): Conventions {
    return NO_CONVENTIONS;
  }

  hasComments(text: string): boolean {
    return hasYamlComment(text);
  }
}

/**
 * Sizes a value whose parts are shared, before anything walks it: nine aliases in each of nine levels are a billion nodes.
 * Looks at every shared part once, so the cost is that of the text.
 *
 * @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` where the copies would have more members and items, more text
 *   or more levels than a configuration may have; a value that contains itself has endless levels.
 */
function checkExpandedSize(value: unknown): void {
  const { nodes, characters } = sizeOf(value, 1, new Map());
  const isTooLarge = nodes > VALUE_LIMITS.MAX_NODES || characters > PERFORMANCE_LIMITS.MAX_FILE_SIZE_BYTES;
  if (isTooLarge) refuseRoot('exceeds the size limit');
}

type Size = Readonly<Record<'nodes' | 'characters', number>>;

function sizeOf(value: unknown, depth: number, known: Map<object, Size>): Size {
  if (typeof value === 'string') return { nodes: 1, characters: value.length };
  if (typeof value !== 'object' || value === null) return { nodes: 1, characters: 0 };
  if (depth > VALUE_LIMITS.MAX_DEPTH) refuseRoot(`is nested deeper than ${VALUE_LIMITS.MAX_DEPTH} levels`);
  const sized = known.get(value);
  if (sized !== undefined) return sized;
  let nodes = 1;
  let characters = 0;
  for (const [key, member] of Object.entries(value)) {
    const size = sizeOf(member, depth + 1, known);
    nodes += size.nodes;
    characters += key.length + size.characters;
  }
  known.set(value, { nodes, characters });
  return { nodes, characters };
}

function refuseRoot(reason: string): void {
  refuse([{ path: '(root)', reason: `with all aliases expanded, the value ${reason}` }]);
}
