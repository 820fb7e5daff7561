/**
 * Values that a file of another program cannot tell apart: its texts have no types, a list of one is one, an empty list is
 * none, and an empty object is an empty text.
 */
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import { isObject } from '../../value/valueDomain.js';
import { formatPath } from '../../value/valuePath.js';
import type { EditedText, LostLayout } from '../Codec.js';

/** Whether a string was wanted, and what is read has the same text. */
export function isTextAlike(wanted: ConfigurationValue, read: ConfigurationValue): boolean {
  if (wanted === read) return true;
  if (typeof wanted !== 'string') return false;
  return typeof read === 'object' && read !== null ? JSON.stringify(read) === wanted : String(read) === wanted;
}

/** The places where what is read is only alike; undefined where it is something else anywhere. */
function findAlike(wanted: ConfigurationValue, read: ConfigurationValue): LostLayout[] | undefined {
  const search = new AlikeSearch();
  return search.compare(wanted, read) ? search.found : undefined;
}

/**
 * An edited text that may stand for something else than was wanted, with what it is read as.
 *
 * @returns undefined where it is not even alike.
 */
export function toldAlike(
  { text, lost }: EditedText,
  wanted: ConfigurationValue,
  readsAs: ConfigurationValue,
): EditedText | undefined {
  const alike = findAlike(wanted, readsAs);
  if (alike === undefined) return undefined;
  return alike.length === 0 ? { text, lost } : { text, lost: [...lost, ...alike], readsAs };
}

class AlikeSearch {
  readonly found: LostLayout[] = [];
  readonly #path: (string | number)[] = [];

  /** False where the two are not alike. */
  compare(wanted: ConfigurationValue | undefined, read: ConfigurationValue | undefined): boolean {
    if (Object.is(wanted, read)) return true;
    if (wanted === undefined) return false;
    if (Array.isArray(wanted)) return this.#compareArray(wanted, read);
    if (read === undefined) return false;
    if (isObject(wanted)) return this.#compareObject(wanted, read);
    return isTextAlike(wanted, read) && this.#note('the text is read as a value of another type');
  }

  #compareArray(wanted: readonly ConfigurationValue[], read: ConfigurationValue | undefined): boolean {
    if (wanted.length === 0 && (read === undefined || read === '')) return this.#note('an empty list is not written');
    if (Array.isArray(read)) {
      return wanted.length === read.length && wanted.every((item, index) => this.#step(index, item, read[index]));
    }
    return wanted.length === 1 && this.#step(0, wanted[0], read) && this.#note('a list of one is read as its item');
  }

  #compareObject(wanted: ConfigurationObject, read: ConfigurationValue): boolean {
    const keys = Object.keys(wanted);
    if (!isObject(read)) {
      if (read === '' && keys.length === 0) return this.#note('an empty object is read as an empty text');
      return false;
    }
    const known = (key: string) => (Object.hasOwn(read, key) ? read[key] : undefined);
    if (Object.keys(read).some((key) => !Object.hasOwn(wanted, key))) return false;
    return keys.every((key) => this.#step(key, wanted[key], known(key)));
  }

  #step(step: string | number, wanted: ConfigurationValue | undefined, read: ConfigurationValue | undefined): boolean {
    this.#path.push(step);
    const isAlike = this.compare(wanted, read);
    this.#path.pop();
    return isAlike;
  }

  #note(description: string): true {
    this.found.push({ path: formatPath(this.#path), description });
    return true;
  }
}
