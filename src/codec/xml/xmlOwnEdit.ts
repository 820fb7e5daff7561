/** Edits of the XML that this module writes: see `xmlOwn.ts` for its convention. Comments and layout stay. */
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import type { ArrayDifference, Difference, ObjectDifference } from '../../edits/Difference.js';
import { formatPath } from '../../value/valuePath.js';
import { valueAfter } from '../../edits/valueAfter.js';
import { XmlEdits, type InsertedChild, type WriteElement } from './XmlEdits.js';
import { isElementName, keyOf, ownTextOf, typeOf, writeOwnItem, writeOwnMember } from './xmlOwn.js';
import type { XmlElement } from './xmlReader.js';

export class OwnXmlEdit {
  readonly edits: XmlEdits;
  readonly #root: XmlElement;
  readonly #path: (string | number)[] = [];
  /** The root cannot be replaced as a part of itself. */
  #isPossible = true;

  constructor(text: string, root: XmlElement) {
    this.edits = new XmlEdits(text, root);
    this.#root = root;
  }

  /** False where the text cannot be edited. */
  run(before: ConfigurationValue, difference: Difference): boolean {
    this.#edit(this.#root, before, difference);
    return this.#isPossible;
  }

  #edit(element: XmlElement, before: ConfigurationValue, difference: Difference): void {
    if (difference.kind === 'same') return;
    if (isEmptying(difference) && !element.attributes.has('type')) this.#replace(element, {});
    else if (difference.kind === 'object') this.#editMembers(element, before as ConfigurationObject, difference);
    else if (difference.kind === 'array') this.#editItems(element, before as readonly ConfigurationValue[], difference);
    else this.#setScalar(element, before, difference.value);
  }

  #setScalar(element: XmlElement, before: ConfigurationValue, after: ConfigurationValue): void {
    const text = ownTextOf(after, this.edits.layout);
    const isSameType =
      typeOf(before, false) === typeOf(after, false) && ownTextOf(before, this.edits.layout) !== undefined;
    if (text === undefined || !isSameType) {
      this.#replace(element, after);
    } else {
      // A section of CDATA that holds JSON would have to be told from one that holds text.
      const plain = typeOf(after, false) === 'json' ? ']]>' : text;
      this.edits.setText(element, text, { plain, path: formatPath(this.#path) });
    }
  }

  #replace(element: XmlElement, after: ConfigurationValue): void {
    if (element === this.#root) this.#isPossible = false;
    else this.edits.replaceElement(element, this.#writeLater(after));
  }

  #writeLater(value: ConfigurationValue): WriteElement {
    const step = this.#path.at(-1) ?? '';
    return (indent, layout) =>
      typeof step === 'string' ? writeOwnMember(step, value, indent, layout) : writeOwnItem(value, indent, layout);
  }

  #editMembers(element: XmlElement, before: ConfigurationObject, { members, added }: ObjectDifference): void {
    const children = new Map(element.children.map((child) => [keyOf(child), child]));
    const removed = new Set<XmlElement>();
    const inserted: InsertedChild[] = [];
    for (const [key, member] of members) {
      const child = children.get(key);
      if (member.kind === 'same' || child === undefined) continue;
      this.#at(key, () => {
        if (member.kind === 'removed') {
          removed.add(child);
        } else if (member.kind !== 'renamed') {
          this.#edit(child, before[key] ?? null, member);
        } else if (member.within.kind === 'same' && isElementName(key) && isElementName(member.key)) {
          this.edits.renameElement(child, member.key);
        } else {
          const value = valueAfter(before[key] ?? null, member.within);
          this.edits.replaceElement(child, (indent, layout) => writeOwnMember(member.key, value, indent, layout));
        }
      });
    }
    const after = element.children.findLast((child) => !removed.has(child));
    for (const { key, value } of added) {
      this.#at(key, () => inserted.push({ after, write: this.#writeLater(value) }));
    }
    this.edits.changeChildren(element, { removed, inserted });
  }

  #editItems(element: XmlElement, before: readonly ConfigurationValue[], { items }: ArrayDifference): void {
    const removed = new Set(element.children);
    const inserted: InsertedChild[] = [];
    const first = items.flatMap((item) => (item.kind === 'kept' ? [element.children[item.from]] : []))[0];
    let last = -1;
    let after: XmlElement | undefined;
    items.forEach((item, index) => {
      const child = item.kind === 'kept' ? element.children[item.from] : undefined;
      this.#at(index, () => {
        if (item.kind === 'kept' && child !== undefined && item.from > last) {
          last = item.from;
          removed.delete(child);
          this.#edit(child, before[item.from] ?? null, item.within);
          after = child;
        } else {
          const value = item.kind === 'kept' ? valueAfter(before[item.from] ?? null, item.within) : item.value;
          const isFirst = after === undefined && first !== undefined;
          inserted.push({ ...(isFirst ? { before: first } : { after }), write: this.#writeLater(value) });
        }
      });
    });
    this.edits.changeChildren(element, { removed, inserted });
  }

  #at(step: string | number, work: () => void): void {
    this.#path.push(step);
    work();
    this.#path.pop();
  }
}

/** Whether nothing is left of an object. */
function isEmptying(difference: Difference): boolean {
  if (difference.kind !== 'object' || difference.added.length > 0) return false;
  return [...difference.members.values()].every(({ kind }) => kind === 'removed');
}
