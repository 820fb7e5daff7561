/**
 * INI. There is no standard, so these are the rules where the owner of the file is not known (`iniDialects.ts` has those of
 * owners):
 *
 * - `[a.b]` holds the members of the object `b` in `a`; keys before the first section are the root's. A dot in a key means
 *   nothing. A section may come in several parts. `key = value`, or `key: value` with a blank after the colon; comments
 *   start with `;` or `#`.
 * - `list[] = item`, once for each item, is an array of scalars, as PHP and npm's `ini` have it. Other arrays are JSON.
 * - Values: see `iniValues.ts`; names: see `iniNames.ts`. A key that is also the name of a section, and a root that is no
 *   object: see `dottedTree.ts`. An empty file is an empty object.
 *
 * On writing, the scalars of an object come before its sections.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { acceptFresh } from '../../value/freshValues.js';
import type { Difference } from '../../edits/Difference.js';
import type { Codec, CodecCapabilities, CodecSettings, EditedText } from '../Codec.js';
import type { Conventions } from '../conventions.js';
import { toldAlike } from '../text/alike.js';
import { findDottedConventions } from '../text/dottedConventions.js';
import { valueAfter } from '../../edits/valueAfter.js';
import { dialectFor, GENERAL, ownerFromName, ownerOf, type IniDialect } from './iniDialects.js';
import { editIni } from './iniEdit.js';
import { hasIniComment, readIni } from './iniReader.js';
import { INI_RULES, writeIni } from './iniWriter.js';

export class IniCodec implements Codec {
  readonly format = ConfigurationFormat.INI;
  readonly capabilities: CodecCapabilities = {
    extensions: [CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM.FILE_EXTENSION_INI],
    usesPrevious: false,
    nonFiniteNumbers: false,
  };
  readonly owner: string | undefined;
  readonly #dialect: IniDialect;

  constructor(dialect = GENERAL, owner?: string) {
    this.#dialect = dialect;
    this.owner = owner;
  }

  isWellKnown(path: string): boolean {
    return ownerFromName(path) !== undefined;
  }

  configured(settings: CodecSettings): Codec {
    const [dialect, owner] = [dialectFor(settings), ownerOf(settings)];
    return dialect === this.#dialect && owner === this.owner ? this : new IniCodec(dialect, owner);
  }

  /**
   * @throws PersistenceError `ERR_PARSE` for a line that is neither section, key with value, comment nor blank, a key
   *   written twice and nesting beyond the limit. `ERR_INVALID_CONFIGURATION_DATA` for the key `__proto__`.
   */
  decode(text: string): ConfigurationValue {
    return acceptFresh(readIni(text, this.#dialect), this.capabilities);
  }

  /** @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` with the paths of what the owner's rules have no form for. */
  encode(value: ConfigurationValue): string {
    return writeIni(value, this.#dialect);
  }

  /**
   * By the rules that the codec is configured with.
   *
   * @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` with the paths of what these have no form for.
   */
  edit(previous: string, before: ConfigurationValue, difference: Difference): EditedText | undefined {
    const edited = editIni(previous, before, difference, this.#dialect);
    if (edited.isExact) return edited;
    return toldAlike(edited, valueAfter(before, difference), this.decode(edited.text));
  }

  conventions(value: ConfigurationValue): Conventions {
    return findDottedConventions(value, INI_RULES);
  }

  hasComments(text: string): boolean {
    return hasIniComment(text, this.#dialect);
  }
}
