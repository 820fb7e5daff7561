/** Edits of the XML of another program: see `xmlForeign.ts` for its shape. */
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import type { Difference, ItemDifference, MemberDifference, ObjectDifference } from '../../edits/Difference.js';
import { differenceOf } from '../../edits/differenceOf.js';
import { isObject } from '../../value/valueDomain.js';
import { findDifferences } from '../../value/valueEquality.js';
import { formatPath } from '../../value/valuePath.js';
import { valueAfter } from '../../edits/valueAfter.js';
import { encodeText, isTextValue } from '../text/typedText.js';
import { XmlEdits, type InsertedChild, type WriteElement } from './XmlEdits.js';
import {
  ATTRIBUTE_PREFIX,
  contentOf,
  decodeElementText,
  ForeignWriter,
  isAlternating,
  MIXED_REASON,
  NAME_REASON,
  NO_PLACE,
  refuseForeign,
  ROOT_REASON,
  TEXT_KEY,
} from './xmlForeign.js';
import type { XmlElement } from './xmlReader.js';
import { isXmlName, type XmlLayout } from './xmlText.js';

/** @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` with the path of what the document's shape cannot hold. */
export class ForeignXmlEdit {
  readonly edits: XmlEdits;
  /** False where a text was written that is read as another value. */
  isExact = true;
  readonly #root: XmlElement;
  readonly #path: string[] = [];

  constructor(text: string, root: XmlElement) {
    this.edits = new XmlEdits(text, root);
    this.#root = root;
  }

  run(before: ConfigurationValue, difference: Difference): void {
    const { name } = this.#root;
    const member = difference.kind === 'object' ? difference.members.get(name) : undefined;
    if (difference.kind === 'object' && member?.kind === 'object' && difference.added.length === 0) {
      this.#at(name, () => this.#editElement(this.#root, (before as ConfigurationObject)[name] ?? null, member));
      return;
    }
    const after = valueAfter(before, difference);
    const [root, ...others] = isTextValue(after) ? [] : Object.entries(after);
    const extra = others.slice(0, 1).map(([key]) => key);
    if (root === undefined || others.length > 0) refuseForeign(extra, ROOT_REASON);
    const [newName, content] = root;
    this.#at(newName, () => {
      const old = isObject(before) ? (before[name] ?? null) : null;
      if (!isXmlName(newName)) refuseForeign(this.#path, NAME_REASON);
      const item = this.#onlyItem(content);
      const within = differenceOf(old, item);
      if (newName === name) this.#editElement(this.#root, old, within);
      else if (within.kind === 'same') this.edits.renameElement(this.#root, newName);
      else this.edits.replaceElement(this.#root, this.#writeLater(newName, item));
    });
  }

  #onlyItem(content: ConfigurationValue): ConfigurationValue {
    const [only, ...others] = looseItems(content);
    if (only === undefined || others.length > 0) refuseForeign(this.#path, ROOT_REASON);
    if (only !== content) this.isExact = false;
    return only;
  }

  #editElement(element: XmlElement, before: ConfigurationValue, difference: Difference): void {
    if (difference.kind === 'same') return;
    if (difference.kind === 'object' && isObject(before) && element.attributes.size + element.children.length > 0) {
      this.#editMembers(element, before, difference);
    } else {
      this.#renew(element, valueAfter(before, difference));
    }
  }

  #renew(element: XmlElement, after: ConfigurationValue): void {
    const isBare = element.attributes.size === 0 && element.children.length === 0;
    if (isTextValue(after) && isBare) {
      this.#setText(element, after);
    } else if (isObject(after) && isBare && element.text === '') {
      this.#addMembers(element, Object.entries(after));
    } else if (isEmptyObject(after) && element.attributes.size === 0) {
      this.isExact = false;
      this.edits.changeChildren(element, { removed: new Set(element.children), inserted: [] });
    } else {
      this.edits.replaceElement(element, this.#writeLater(element.name, after));
    }
  }

  #editMembers(element: XmlElement, before: ConfigurationObject, { members, added }: ObjectDifference): void {
    const groups = new Map<string, XmlElement[]>();
    for (const child of element.children) {
      const group = groups.get(child.name);
      if (group === undefined) groups.set(child.name, [child]);
      else group.push(child);
    }
    const changes = { removed: new Set<XmlElement>(), inserted: [] as InsertedChild[] };
    for (const [key, member] of members) {
      if (member.kind === 'same') continue;
      this.#at(key, () => {
        if (key.startsWith(ATTRIBUTE_PREFIX)) this.#editAttribute(element, key, before[key] ?? null, member);
        else if (key === TEXT_KEY && element.text !== '') this.#editText(element, before[key] ?? null, member);
        else
          this.#editGroup({ parent: element, elements: groups.get(key) ?? [], changes }, before[key] ?? null, member);
      });
    }
    const anchor = element.children.findLast((child) => !changes.removed.has(child));
    const isMixed = isAlternating(element.children);
    for (const { key, value } of added) {
      this.#at(key, () => {
        if (this.#addAttribute(element, key, value)) return;
        if (isMixed && looseItems(value).length > 0) refuseForeign(this.#path, NO_PLACE);
        this.#collectChildren(element, key, value).forEach((write) => changes.inserted.push({ after: anchor, write }));
      });
    }
    // An element with nothing left in it is read as a text.
    if (changes.removed.size === element.children.length && changes.inserted.length === 0) this.isExact = false;
    this.edits.changeChildren(element, changes);
  }

  /** To an element that has nothing yet. */
  #addMembers(element: XmlElement, members: readonly (readonly [string, ConfigurationValue])[]): void {
    const inserted: InsertedChild[] = [];
    for (const [key, value] of members) {
      this.#at(key, () => {
        if (this.#addAttribute(element, key, value)) return;
        this.#collectChildren(element, key, value).forEach((write) => inserted.push({ write }));
      });
    }
    this.edits.changeChildren(element, { removed: new Set(), inserted });
  }

  /** False for what is no attribute, and no text that can be set. */
  #addAttribute(element: XmlElement, key: string, value: ConfigurationValue): boolean {
    if (key.startsWith(ATTRIBUTE_PREFIX)) {
      this.edits.addAttribute(element, this.#writer(this.edits.layout, this.#path).attribute(key, value));
      return true;
    }
    if (key !== TEXT_KEY) return false;
    if (element.children.length > 0) refuseForeign(this.#path, MIXED_REASON);
    this.#setText(element, value);
    return true;
  }

  #collectChildren(element: XmlElement, key: string, value: ConfigurationValue): WriteElement[] {
    if (element.text !== '') refuseForeign(this.#path, MIXED_REASON);
    const items = looseItems(value);
    if (Array.isArray(value) && items.length < 2) this.isExact = false;
    return items.map((item) => this.#writeLater(key, item));
  }

  #writeLater(name: string, value: ConfigurationValue): WriteElement {
    // There is more than one way in which what is written for these can be read as something else.
    if (!isTextValue(value)) this.isExact = false;
    const path = this.#path.slice(0, -1);
    return (indent, layout) => this.#writer(layout, path).write(name, value, indent);
  }

  #editAttribute(element: XmlElement, key: string, before: ConfigurationValue, member: MemberDifference): void {
    const name = key.slice(ATTRIBUTE_PREFIX.length);
    const [newKey, difference] =
      member.kind === 'renamed' ? ([member.key, member.within] as const) : ([key, member] as const);
    if (difference.kind === 'removed') {
      this.edits.replaceAttribute(element, name, undefined);
      return;
    }
    if (!newKey.startsWith(ATTRIBUTE_PREFIX)) refuseForeign(this.#path, 'an attribute cannot become an element');
    const value = valueAfter(before, difference);
    this.edits.replaceAttribute(element, name, this.#writer(this.edits.layout, this.#path).attribute(newKey, value));
  }

  #editText(element: XmlElement, before: ConfigurationValue, member: MemberDifference): void {
    if (member.kind === 'renamed') refuseForeign(this.#path, 'a text cannot become an element');
    this.#setText(element, member.kind === 'removed' ? '' : valueAfter(before, member));
  }

  #setText(element: XmlElement, value: ConfigurationValue): void {
    const hasOwnQuotes = element.text.startsWith('"') && typeof decodeElementText(element.text) === 'string';
    const isKept = hasOwnQuotes && decodeElementText(element.text) !== element.text && isTextValue(value);
    const plain = isKept ? encodeText(value) : this.#plainTextOf(value);
    const escaped = new ForeignWriter(this.edits.layout, () => plain, { path: this.#path }).text('');
    this.edits.setText(element, escaped, { plain, path: formatPath(this.#path) });
  }

  #editGroup({ parent, elements, changes }: ElementGroup, before: ConfigurationValue, member: MemberDifference): void {
    if (member.kind === 'removed') {
      for (const element of elements) changes.removed.add(element);
    } else if (member.kind === 'renamed') {
      if (member.within.kind !== 'same' || member.key.startsWith(ATTRIBUTE_PREFIX) || member.key === TEXT_KEY) {
        refuseForeign(this.#path, 'an element cannot become an attribute or a text');
      }
      if (!isXmlName(member.key)) refuseForeign([...this.#path.slice(0, -1), member.key], NAME_REASON);
      for (const element of elements) this.edits.renameElement(element, member.key);
    } else {
      const [only, ...others] = elements;
      const after = valueAfter(before, member);
      const isTextArray = others.length === 0 && Array.isArray(before);
      const items = isTextArray && Array.isArray(after) && after.length < 2 ? [after] : looseItems(after);
      if (Array.isArray(after) && items !== after && !isTextArray && items.length < 2) this.isExact = false;
      if (Array.isArray(after) && items === after && after.length < 2) this.isExact = false;
      if (only !== undefined && others.length === 0 && items.length === 1 && items[0] !== undefined) {
        this.#editElement(only, before, items[0] === after ? member : differenceOf(before, items[0]));
        return;
      }
      const difference = differenceOf(elements.map(contentOf), [...items]);
      if (difference.kind === 'array') this.#editItems({ parent, elements, changes }, difference.items, items);
    }
  }

  #editItems(
    { parent, elements, changes }: ElementGroup,
    plan: readonly ItemDifference[],
    items: readonly ConfigurationValue[],
  ): void {
    const name = elements[0]?.name ?? '';
    const first = elements[0] === undefined ? -1 : parent.children.indexOf(elements[0]);
    const isTogether = elements.every((element, index) => parent.children[first + index] === element);
    const kept = new Set<number>();
    let last = -1;
    const pending: WriteElement[] = [];
    let after: XmlElement | undefined;
    plan.forEach((item, index) => {
      const element = item.kind === 'kept' ? elements[item.from] : undefined;
      if (item.kind === 'kept' && element !== undefined && item.from > last) {
        last = item.from;
        kept.add(last);
        this.#editElement(element, contentOf(element), item.within);
        for (const write of pending.splice(0)) changes.inserted.push({ before: element, write });
        after = element;
      } else {
        if (!isTogether) refuseForeign(this.#path, NO_PLACE);
        const isMoved = item.kind === 'kept' && element !== undefined && item.within.kind === 'same';
        const write = isMoved ? copyOf(element) : this.#writeLater(name, items[index] ?? null);
        if (after === undefined) pending.push(write);
        else changes.inserted.push({ after, write });
      }
    });
    // Nothing of the group stays: the new elements come where it was.
    const neighbour = parent.children.slice(0, Math.max(first, 0)).findLast((child) => !changes.removed.has(child));
    for (const write of pending) changes.inserted.push({ after: neighbour, write });
    for (const [index, element] of elements.entries()) if (!kept.has(index)) changes.removed.add(element);
  }

  #at(key: string, work: () => void): void {
    this.#path.push(key);
    work();
    this.#path.pop();
  }

  #writer(layout: XmlLayout, path: readonly string[]): ForeignWriter {
    return new ForeignWriter(layout, (value) => this.#plainTextOf(value), { path, itemsOf: looseItems });
  }

  /** A text of the file has no quotes: what it is read as is the reader's affair. */
  #plainTextOf(value: ConfigurationValue): string {
    const text = isEmptyObject(value) ? '' : typeof value === 'string' ? value : encodeText(value);
    if (findDifferences(decodeElementText(text), value).length > 0) this.isExact = false;
    return text;
  }
}

interface ElementGroup {
  readonly parent: XmlElement;
  readonly elements: readonly XmlElement[];
  readonly changes: { readonly removed: Set<XmlElement>; readonly inserted: InsertedChild[] };
}

/** One element for each item, also for lists of one and of none; a list of lists has no elements. */
function looseItems(value: ConfigurationValue): readonly ConfigurationValue[] {
  return Array.isArray(value) && !value.some((item) => Array.isArray(item)) ? value : [value];
}

function isEmptyObject(value: ConfigurationValue): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

/** The element as it stands, for another place among its siblings. */
function copyOf({ source, offset, end }: XmlElement): WriteElement {
  return (indent, { lineEnd }) => indent + source.slice(offset, end) + lineEnd;
}
