/** The tables of a TOML text with every place that says something about them. */
import { readStatements, type KeyPart, type TomlHeader, type TomlPair } from './tomlStatements.js';

export type TomlNode = TomlPlainValue | TomlTable | TomlTables;

/** A key with its value. */
export interface TomlPlainValue {
  readonly kind: 'value';
  /** Where its key is written. */
  readonly mentions: KeyPart[];
  readonly pair: TomlPair;
}

export interface TomlTable {
  readonly kind: 'table';
  readonly mentions: KeyPart[];
  readonly members: Map<string, TomlNode>;
  /** What starts with its own header; that of the root has none. */
  block: TomlBlock | undefined;
  /** Of a table that keys with dots make: the block with them, and the parts of their keys up to its own name. */
  dotted: { readonly block: TomlBlock; readonly parts: readonly KeyPart[]; readonly last: TomlPair } | undefined;
  /** Keys from the root. */
  readonly path: readonly string[];
}

/** An array of tables with headers. */
export interface TomlTables {
  readonly kind: 'tables';
  readonly mentions: KeyPart[];
  readonly elements: TomlTable[];
}

/** A header with the pairs below it. */
export interface TomlBlock {
  readonly header: TomlHeader | undefined;
  readonly pairs: TomlPair[];
  /** Its place among the blocks. */
  readonly index: number;
}

export interface TomlTree {
  readonly root: TomlTable;
  readonly blocks: readonly TomlBlock[];
}

/** Of a text that the parser has accepted. @throws RangeError where it is none. */
export function tomlTree(text: string): TomlTree {
  let block: TomlBlock = { header: undefined, pairs: [], index: 0 };
  const blocks = [block];
  const root = newTable([], block);
  let table = root;
  for (const statement of readStatements(text)) {
    if ('pair' in statement) {
      block.pairs.push(statement.pair);
      addPair(table, statement.pair, block);
      continue;
    }
    const { header } = statement;
    block = { header, pairs: [], index: blocks.length };
    blocks.push(block);
    table = tableOf(root, header, block);
  }
  return { root, blocks };
}

/** All blocks of a table and of what is in it, in the order of the text. */
export function blocksOf(node: TomlNode): TomlBlock[] {
  const found: TomlBlock[] = [];
  const collect = (one: TomlNode): void => {
    if (one.kind === 'value') return;
    if (one.kind === 'tables') return one.elements.forEach(collect);
    if (one.block !== undefined) found.push(one.block);
    one.members.forEach(collect);
  };
  collect(node);
  return found.sort((left, right) => left.index - right.index);
}

/** Pairs with dots in their keys that make a table, and are not below a header of its own. */
export function dottedPairsOf(node: TomlNode): TomlPair[] {
  if (node.kind === 'value') return [node.pair];
  if (node.kind === 'tables' || node.dotted === undefined) return [];
  return [...node.members.values()].flatMap(dottedPairsOf);
}

function newTable(path: readonly string[], block?: TomlBlock): TomlTable {
  return { kind: 'table', mentions: [], members: new Map(), block, dotted: undefined, path };
}

function tableOf(root: TomlTable, { parts, isElement }: TomlHeader, block: TomlBlock): TomlTable {
  let table = root;
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const known = table.members.get(part.name);
    const path = [...table.path, part.name];
    if (isLast && isElement) {
      const tables: TomlTables = known?.kind === 'tables' ? known : { kind: 'tables', mentions: [], elements: [] };
      tables.mentions.push(part);
      const element = newTable(path, block);
      tables.elements.push(element);
      table.members.set(part.name, tables);
      return element;
    }
    if (known?.kind === 'value') throw new RangeError('the text is not TOML');
    known?.mentions.push(part);
    const next = known?.kind === 'tables' ? known.elements.at(-1) : known;
    const entered = next ?? newTable(path);
    if (known === undefined) {
      entered.mentions.push(part);
      table.members.set(part.name, entered);
    }
    table = entered;
  }
  table.block = block;
  return table;
}

function addPair(start: TomlTable, pair: TomlPair, block: TomlBlock): void {
  let table = start;
  const { parts } = pair;
  for (const [index, part] of parts.slice(0, -1).entries()) {
    const known = table.members.get(part.name);
    if (known !== undefined && known.kind !== 'table') throw new RangeError('the text is not TOML');
    const next = known ?? newTable([...table.path, part.name]);
    next.mentions.push(part);
    next.dotted ??= { block, parts: parts.slice(0, index + 1), last: pair };
    table.members.set(part.name, next);
    table = next;
  }
  const last = parts.at(-1);
  if (last === undefined) throw new RangeError('the text is not TOML');
  table.members.set(last.name, { kind: 'value', mentions: [last], pair });
}
