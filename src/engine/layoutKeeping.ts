/**
 * A new value in the file that is there: the codec edits the text, and what comes out is decoded and held against the value
 * before it counts. Where an edit cannot be proven, the smallest part around the wrong place is written anew, and at last
 * the whole file; what that costs of the layout is told, or refused.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { PreserveFormatting } from '../../interfaces/options.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Codec, EditedText, LostLayout } from '../codec/Codec.js';
import type { Difference } from '../edits/Difference.js';
import { differenceOf } from '../edits/differenceOf.js';
import { rewritingAt } from '../edits/rewritingAt.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { findDifferingPaths } from '../value/valueEquality.js';
import { formatPath, type ValuePath } from '../value/valuePath.js';
import {
  assertFits,
  encodeText,
  encodeVerified,
  isDeclaredOtherwise,
  PLAIN_UTF8,
  type DecodedText,
  type EncodedValue,
  type TextEncoding,
} from './contentText.js';

const { FORMATTING, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;
const { MAX_ATTEMPTS, MAX_PLACES, MAX_TOLD } = FORMATTING;

/** Of a file that is nothing of its format. */
const UNREADABLE: LostLayout = { path: formatPath([]), description: FORMATTING.FILE_UNREADABLE };

/** A text that stands for a value. */
export interface ReadText {
  readonly text: DecodedText;
  readonly value: ConfigurationValue;
}

export interface LayoutRules {
  readonly preserve: PreserveFormatting;
  readonly maxBytes: number;
}

export interface NewText extends EncodedValue {
  readonly encoding: TextEncoding['encoding'];
  /** What of the layout was lost, and where. */
  readonly warnings: readonly string[];
}

interface ProvenText {
  readonly text: string;
  readonly value: ConfigurationValue;
  readonly lost: readonly LostLayout[];
}

/**
 * @param present what stands in the file, where there is one; nothing of it is kept where it is not found in the format.
 * @throws PersistenceError as `encodeVerified`, and `ERR_LAYOUT_LOST` with the places where the layout is required.
 */
export function encodeOver(
  codec: Codec,
  value: ConfigurationValue,
  present: { readonly found: ReadText | undefined } | undefined,
  { preserve, maxBytes }: LayoutRules,
): NewText {
  const before = present?.found;
  if (before === undefined && present !== undefined) told([UNREADABLE], preserve === 'require' ? preserve : 'off');
  if (before === undefined || preserve === 'off') return plain(codec, value, undefined, maxBytes);
  const proven = edit(codec, value, before);
  const bytes = proven === undefined ? undefined : encodeText(proven.text, before.text);
  if (proven !== undefined && bytes !== undefined) {
    assertFits(bytes, maxBytes);
    return { bytes, value: proven.value, encoding: before.text.encoding, warnings: told(proven.lost, preserve) };
  }
  const written = plain(codec, value, before.text, maxBytes);
  const lost = { path: formatPath([]), description: FORMATTING.FILE_REWRITTEN };
  return { ...written, warnings: told(hasLayout(codec, before) ? [lost] : [], preserve) };
}

function plain(codec: Codec, value: ConfigurationValue, before: DecodedText | undefined, maxBytes: number): NewText {
  const encoded = encodeVerified(codec, value, before?.text, maxBytes);
  if (before === undefined || before.encoding === 'latin1') return { ...encoded, ...asPlain };
  const text = Buffer.from(encoded.bytes).toString();
  if (isDeclaredOtherwise({ ...before, text }, codec)) return { ...encoded, ...asPlain };
  const bytes = encodeText(text, before) ?? encoded.bytes;
  assertFits(bytes, maxBytes);
  return { bytes, value: encoded.value, encoding: before.encoding, warnings: [] };
}

const asPlain = { encoding: PLAIN_UTF8.encoding, warnings: [] } as const;

/** Undefined where no edit of the text could be proven. */
function edit(
  codec: Codec,
  value: ConfigurationValue,
  { text: { text }, value: before }: ReadText,
): ProvenText | undefined {
  let difference: Difference = differenceOf(before, value);
  if (difference.kind === 'same') return { text, value: before, lost: [] };
  const rewritten: LostLayout[] = [];
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const edited = editIfPossible(codec, text, before, difference);
    // What the file cannot say in its own way is read as something alike, and told.
    const proof = edited === undefined ? undefined : prove(codec, edited.text, edited.readsAs ?? value);
    if (edited === undefined || proof === undefined) return undefined;
    if (proof.wrong.length === 0) {
      return { text: edited.text, value: proof.value, lost: [...edited.lost, ...rewritten] };
    }
    for (const path of proof.wrong) {
      const wider = rewritingAt(difference, value, path);
      if (wider === undefined) return undefined;
      difference = wider.difference;
      rewritten.push({ path: formatPath(wider.path), description: FORMATTING.PART_REWRITTEN });
    }
  }
  return undefined;
}

/** An edit that fails is none: a save must not depend on the layout of a file. */
function editIfPossible(codec: Codec, ...args: Parameters<NonNullable<Codec['edit']>>): EditedText | undefined {
  try {
    return codec.edit?.(...args);
  } catch {
    return undefined;
  }
}

/** Read as a file of anybody's, because most of it is; undefined where it cannot be read at all. */
function prove(
  codec: Codec,
  text: string,
  value: ConfigurationValue,
): { readonly value: ConfigurationValue; readonly wrong: readonly ValuePath[] } | undefined {
  let decoded: ConfigurationValue;
  try {
    decoded = codec.decode(text);
  } catch {
    return undefined;
  }
  return { value: decoded, wrong: findDifferingPaths(value, decoded, MAX_PLACES) };
}

/** Whether the file is more than what this module would write for its value. */
function hasLayout(codec: Codec, { text: { text }, value }: ReadText): boolean {
  if (codec.hasComments(text)) return true;
  try {
    return codec.encode(value) !== text;
  } catch {
    return true;
  }
}

/** @throws PersistenceError `ERR_LAYOUT_LOST` */
function told(lost: readonly LostLayout[], preserve: PreserveFormatting): string[] {
  if (lost.length === 0) return [];
  const places = lost.slice(0, MAX_TOLD).map(({ path, description }) => `${path}: ${description}`);
  if (lost.length > MAX_TOLD) places.push(`${lost.length - MAX_TOLD} ${FORMATTING.MORE_PLACES}`);
  if (preserve === 'require') {
    const paths = lost.slice(0, MAX_TOLD).map(({ path }) => path);
    throw persistenceError('ERR_LAYOUT_LOST', `${places.join('; ')}; nothing was written`, { paths });
  }
  return places.map((place) => `${WARNING_MESSAGES.LAYOUT_LOST}: ${place}`);
}
