/**
 * The rules of the programs that own INI files, as data: there is no standard, and they contradict each other. Where the
 * owner is not known, the rules are those of `GENERAL`, which IniCodec.ts describes.
 */
import type { CodecSettings } from '../Codec.js';

export interface IniDialect {
  /** A line that starts with one of them is a comment, or nothing of ours. */
  readonly comments: string;
  /** What starts a comment behind a value. */
  readonly inlineComments: string;
  /** Whether a blank must stand before such a comment. */
  readonly needsBlank: boolean;
  /** What may enclose a value. */
  readonly quotes: string;
  /** Quotes start and end anywhere in a value. */
  readonly quotesAnywhere: boolean;
  /** What a backslash and a character stand for; undefined where a backslash is one. */
  readonly escapes: Readonly<Record<string, string>> | undefined;
  /** Whether escapes stand in quotes only. */
  readonly escapesInQuotesOnly: boolean;
  /** Values are typed text in JSON's quotes, as this module writes them. */
  readonly hasOwnQuotes: boolean;
  /** What may stand between a key and its value; a `:` with `needsBlank` only where a blank follows. */
  readonly delimiters: '=' | '=:' | '=: ';
  /** How a value goes on in the next line: by its indentation, or after a backslash that stands for this text. */
  readonly indentContinues: 'never' | 'always' | 'unless-pair';
  readonly backslashContinues: 'never' | 'always' | 'after-blank';
  readonly backslashStandsFor: string;
  /** Whether a key that is given several times is a list of its values. */
  readonly repeatedKeys: 'list' | 'refused';
  /** Whether a key may have no value; it is null. */
  readonly hasBareKeys: boolean;
  /** Whether a dot in the name of a section nests it. */
  readonly sections: 'dotted' | 'plain';
  /** Whether `key[] = item` is an item of a list. */
  readonly hasItemKeys: boolean;
  /** Whether `%%` is a percent sign, and `%(name)s` the value of another key: see `iniInterpolation.ts`. */
  readonly hasInterpolation: boolean;
  /** Texts that this program takes for something else where they stand without quotes. */
  readonly unsafe: RegExp | undefined;
}

/** What most of them agree on. */
const PLAIN: IniDialect = {
  comments: ';#',
  inlineComments: '',
  needsBlank: true,
  quotes: '',
  quotesAnywhere: false,
  escapes: undefined,
  escapesInQuotesOnly: false,
  hasOwnQuotes: false,
  delimiters: '=',
  indentContinues: 'never',
  backslashContinues: 'never',
  backslashStandsFor: '',
  repeatedKeys: 'refused',
  hasBareKeys: false,
  sections: 'plain',
  hasItemKeys: false,
  hasInterpolation: false,
  unsafe: undefined,
};

const CONFIGPARSER: IniDialect = { ...PLAIN, delimiters: '=:', indentContinues: 'always' };

export const GENERAL: IniDialect = {
  ...PLAIN,
  inlineComments: ';#',
  quotes: '"\'',
  hasOwnQuotes: true,
  delimiters: '=: ',
  indentContinues: 'unless-pair',
  backslashContinues: 'after-blank',
  sections: 'dotted',
  hasItemKeys: true,
};

const C_ESCAPES = { '"': '"', '\\': '\\', n: '\n', t: '\t', b: '\b' };

/** By the name that the option `owner` takes. */
export const INI_OWNERS: Readonly<Record<string, IniDialect>> = {
  php: {
    ...PLAIN,
    inlineComments: ';',
    needsBlank: false,
    quotes: '"\'',
    escapes: { '"': '"', '\\': '\\' },
    escapesInQuotesOnly: true,
    repeatedKeys: 'list',
    hasBareKeys: true,
    hasItemKeys: true,
    // Operators and words that PHP computes with, and what its scanner stops at.
    unsafe: /[?{}|&~!()^$"=;[\]`\\']|^(?:yes|no|on|off|true|false|none|null)$/i,
  },
  git: {
    ...PLAIN,
    inlineComments: ';#',
    needsBlank: false,
    quotes: '"',
    quotesAnywhere: true,
    escapes: C_ESCAPES,
    backslashContinues: 'always',
    repeatedKeys: 'list',
    hasBareKeys: true,
  },
  systemd: {
    ...PLAIN,
    backslashContinues: 'always',
    backslashStandsFor: ' ',
    repeatedKeys: 'list',
  },
  // Most programs that use it have switched the interpolation off.
  configparser: CONFIGPARSER,
  'configparser-interpolation': { ...CONFIGPARSER, hasInterpolation: true },
  mysql: {
    ...PLAIN,
    // Lines with an exclamation mark include other files.
    comments: ';#!',
    inlineComments: '#',
    needsBlank: false,
    quotes: '"\'',
    escapes: { ...C_ESCAPES, "'": "'", r: '\r', s: ' ' },
    repeatedKeys: 'list',
    hasBareKeys: true,
  },
  editorconfig: PLAIN,
  desktop: { ...PLAIN, comments: '#' },
};

/** The names of well-known files. */
const WELL_KNOWN: readonly (readonly [owner: string, name: RegExp])[] = [
  ['php', /(?:^|\/)(?:php[\w.-]*|\.user)\.ini$/],
  ['git', /(?:^|\/)(?:\.?gitconfig|\.gitmodules|\.?git\/config(?:\.worktree)?)$/],
  [
    'systemd',
    /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope|network|netdev|link|nspawn)$/,
  ],
  ['systemd', /(?:^|\/)systemd\/(?:.*\/)?[^/]+\.conf$/],
  ['configparser-interpolation', /(?:^|\/)alembic\.ini$/],
  ['configparser', /(?:^|\/)(?:setup\.cfg|(?:tox|pytest|mypy)\.ini|\.?pylintrc|\.flake8|\.coveragerc|pip\.conf)$/],
  ['mysql', /(?:^|\/)\.?(?:my|mysql|mysqld|mariadb)\.(?:cnf|ini)$|(?:^|\/)(?:mysql|mariadb)\/(?:.*\/)?[^/]+\.cnf$/],
  ['editorconfig', /(?:^|\/)\.editorconfig$/],
  ['desktop', /\.desktop$/],
];

/** The owner that a file's name tells, for the option `owner`; undefined where it tells none. */
export function ownerFromName(path: string): string | undefined {
  const name = path.toLowerCase().replaceAll('\\', '/');
  return WELL_KNOWN.find(([, pattern]) => pattern.test(name))?.[0];
}

/** The owner that is named, or else the one that the name tells. */
export function ownerOf({ owner, path }: CodecSettings): string | undefined {
  return owner !== undefined && Object.hasOwn(INI_OWNERS, owner) ? owner : ownerFromName(path);
}

/** The rules for a file: of the owner that is named, or else of the one that the name tells. */
export function dialectFor(settings: CodecSettings): IniDialect {
  const { inlineComments, isRecorded } = settings;
  const named = ownerOf(settings);
  const dialect = named === undefined ? GENERAL : (INI_OWNERS[named] ?? GENERAL);
  if (inlineComments !== false && isRecorded !== true) return dialect;
  return {
    ...dialect,
    ...(inlineComments === false && { inlineComments: '' }),
    ...(isRecorded === true && { repeatedKeys: 'list', hasBareKeys: true }),
  };
}
