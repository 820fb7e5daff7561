/** Which rule counts for a file: the first whose patterns name it. */
import { resolve, sep } from 'node:path';
import type { FilePatterns } from '../../interfaces/schemas.js';

/** What is special in a glob, and may stand in the name of a folder. */
const GLOB_CHARACTERS = /[\\*?[\]{}()!+@|^$]/gu;

interface Rule<T> {
  readonly isFor: (path: string) => boolean;
  readonly value: T;
}

export class FileRules<T> {
  readonly #rules: readonly Rule<T>[];
  /** What names mean that are relative; those of stores without folders are. */
  readonly #base: string;

  private constructor(rules: readonly Rule<T>[], base: string) {
    this.#rules = rules;
    this.#base = base;
  }

  /** One value for all files. */
  static forAll<T>(value: T): FileRules<T> {
    return new FileRules([{ isFor: () => true, value }], '');
  }

  /** @param rules with absolute patterns. @param base what names are relative to that are not absolute. */
  static async forSome<T>(
    rules: readonly { readonly files: readonly string[]; readonly value: T }[],
    base: string,
  ): Promise<FileRules<T>> {
    // Only who has such rules pays for loading it.
    const { default: picomatch } = await import('picomatch');
    const options = { dot: true, nocase: process.platform === 'win32' };
    return new FileRules(
      rules.map(({ files, value }) => ({ isFor: picomatch([...files], options), value })),
      base,
    );
  }

  /** @param name full name of a configuration. */
  find(name: string): T | undefined {
    const path = withSlashes(resolve(this.#base, name));
    return this.#rules.find(({ isFor }) => isFor(path))?.value;
  }
}

/** Patterns that mean the same whatever the working directory becomes. Their slashes are `/` on every system. */
export function absolutePatterns(files: FilePatterns, base: string): readonly string[] {
  const patterns = typeof files === 'string' ? [files] : files;
  return Object.freeze(patterns.map((pattern) => absolutePattern(pattern, base)));
}

function absolutePattern(pattern: string, folder: string): string {
  if (pattern.startsWith('/') || /^[a-z]:\//iu.test(pattern)) return pattern;
  const base = withSlashes(folder).replace(/\/$/u, '').split('/');
  const steps = pattern.split('/');
  // Dots inside a glob mean nothing to it; those at its beginning lead away from the working directory.
  while (steps[0] === '.' || steps[0] === '..') {
    if (steps.shift() === '..' && base.length > 1) base.pop();
  }
  const literal = base.map((name) => name.replaceAll(GLOB_CHARACTERS, '\\$&')).join('/');
  return `${literal}/${steps.join('/')}`;
}

function withSlashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
