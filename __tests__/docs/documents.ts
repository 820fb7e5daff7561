/** Reads the README and the pages in `docs/`, and finds the code in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One fenced block of a page. */
export interface Block {
  /** Such as `docs/guide/starting.md:12`, where the line is that of the opening fence. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
  /** What stands between the end of the block before (or the start of the page) and this one. */
  readonly before: string;
}

/** One program that a page shows: a block, or several of which each goes on where the one before it ended. */
export interface Program {
  /** Of its last block. */
  readonly place: string;
  readonly extension: 'ts' | 'js';
  readonly source: string;
  /** What it prints, where the page says so. */
  readonly output: string | undefined;
  /** Files that the page shows before, by name. */
  readonly files: ReadonlyMap<string, string>;
  /** The name under which it is a file for later programs; it is not run by itself then. */
  readonly fileName: string | undefined;
}

const FENCE = /^```(?<language>[^\n]*)\n(?<text>.*?)^```$/gmsu;
const CONTINUES = '<!-- continues -->';
const FILE = /<!-- file: (?<name>[\w.-]+) -->\s*$/u;

const EXTENSIONS: Readonly<Record<string, Program['extension']>> = {
  ts: 'ts',
  typescript: 'ts',
  js: 'js',
  mjs: 'js',
};

/** The pages that a user reads, as paths from the root of the repository. */
export function pages(): string[] {
  const inDocs = readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !/^api[/\\]/u.test(name))
    .map((name) => join('docs', name));
  return ['README.md', ...inDocs.sort()];
}

export function textOf(page: string): string {
  return readFileSync(page, 'utf8');
}

export function blocksOf(page: string): Block[] {
  const text = textOf(page);
  let end = 0;
  return [...text.matchAll(FENCE)].map((match) => {
    const before = text.slice(end, match.index);
    end = match.index + match[0].length;
    const line = text.slice(0, match.index).split('\n').length;
    return { place: `${page}:${line}`, language: match.groups?.language ?? '', text: match.groups?.text ?? '', before };
  });
}

/** The programs of a page in order. A `text` block right behind a program is what it prints. */
export function programsOf(page: string): Program[] {
  const blocks = blocksOf(page);
  const programs: Program[] = [];
  const files = new Map<string, string>();
  for (const [index, block] of blocks.entries()) {
    const extension = EXTENSIONS[block.language];
    if (extension === undefined) continue;
    const next = blocks[index + 1];
    const printed = next?.language === 'text' && next.before.trim() === '' ? next.text : undefined;
    const isContinued = block.before.trimEnd().endsWith(CONTINUES);
    const earlier = isContinued ? programs.pop() : undefined;
    if (isContinued && earlier === undefined) throw new Error(`${block.place} continues nothing`);
    const fileName = FILE.exec(block.before)?.groups?.name;
    programs.push({
      place: block.place,
      extension,
      source: (earlier?.source ?? '') + block.text,
      output: printed === undefined ? earlier?.output : (earlier?.output ?? '') + printed,
      files: new Map(files),
      fileName,
    });
    if (fileName !== undefined) files.set(fileName, block.text);
  }
  return programs;
}
