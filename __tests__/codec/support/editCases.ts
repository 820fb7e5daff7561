/** Saves over a text, as the engine makes them, without a file: for tables of texts before and after, and for random edits. */
import fc from 'fast-check';
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import type { Codec } from '../../../src/codec/Codec.js';
import { codecFor, type FormatOption } from '../../../src/codec/codecs.js';
import type { TextSettings } from '../../../src/codec/Formats.js';
import { decodeBytes } from '../../../src/engine/contentText.js';
import { encodeOver } from '../../../src/engine/layoutKeeping.js';
import { plainCopyOf } from '../../../src/value/copyOnWriteView.js';
import { key, value } from '../domainValues.js';

const MAX_BYTES = 100_000_000;

/** Edits a draft of the value, or gives a whole new one. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a draft looks like is the text's business
export type Change = (draft: any) => unknown;

export interface EditedFile {
  readonly text: string;
  readonly value: ConfigurationValue;
  readonly warnings: readonly string[];
}

export interface EditSettings extends TextSettings {
  readonly path?: string;
}

export function configuredCodec(format: FormatOption, settings: EditSettings = {}): Codec {
  const codec = codecFor(format);
  return codec.configured?.({ path: '', ...settings }) ?? codec;
}

/** What a save of a changed value makes of a file. */
export function saveOver(
  format: FormatOption,
  before: string | Uint8Array,
  change: Change,
  settings: EditSettings = {},
): EditedFile {
  const codec = configuredCodec(format, settings);
  const text = decodeBytes(typeof before === 'string' ? Buffer.from(before) : before, codec);
  const old = codec.decode(text.text);
  const draft = plainCopyOf(old);
  const after = (change(draft) ?? draft) as ConfigurationValue;
  return saveValueOver(codec, text, old, after, settings.owner);
}

export function saveValueOver(
  codec: Codec,
  text: ReturnType<typeof decodeBytes>,
  old: ConfigurationValue,
  after: ConfigurationValue,
  owner?: string,
): EditedFile {
  const rules = { preserve: 'on', owner, maxBytes: MAX_BYTES } as const;
  const { bytes, value: saved, warnings } = encodeOver(codec, after, { found: { value: old, text } }, rules);
  return { text: Buffer.from(bytes).toString(), value: saved, warnings };
}

/** A name, the text before, the change, and the text after. */
export type EditCase = readonly [name: string, before: string, change: Change, after: string];

/** One test for each case: exactly these bytes, and nothing lost. */
export function testEdits(format: FormatOption, cases: readonly EditCase[], settings: EditSettings = {}): void {
  it.each(cases)('%s', (_, before, change, after) => {
    expect(saveOver(format, before, change, settings)).toMatchObject({ text: after, warnings: [] });
  });
}

/** One test for each text: a save that changes nothing keeps every byte. */
export function testUnchanged(
  format: FormatOption,
  texts: Readonly<Record<string, string>>,
  settings: EditSettings = {},
) {
  it.each(Object.entries(texts))('keeps every byte of a file with %s', (_, text) => {
    expect(saveOver(format, text, () => undefined, settings)).toMatchObject({ text, warnings: [] });
  });
}

interface RandomEdit {
  /** Picks a place, from the outside to the inside. */
  readonly way: readonly number[];
  readonly kind: 'set' | 'add' | 'remove' | 'move' | 'rename';
  readonly key: string;
  readonly value: ConfigurationValue;
}

/** A few edits at random places; each makes another value of the one before. */
export function randomEdits(
  nonFiniteNumbers: boolean,
): fc.Arbitrary<(before: ConfigurationObject) => ConfigurationObject> {
  const edit = fc.record<RandomEdit>({
    way: fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }),
    kind: fc.constantFrom('set', 'set', 'add', 'remove', 'move', 'rename'),
    key,
    value: value(nonFiniteNumbers),
  });
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => (before) => {
    const draft = plainCopyOf(before) as ConfigurationObject;
    for (const one of edits) apply(draft, one, 0);
    return draft;
  });
}

function apply(place: ConfigurationObject | ConfigurationValue[], edit: RandomEdit, depth: number): void {
  const names: (string | number)[] = Array.isArray(place) ? [...place.keys()] : Object.keys(place);
  const chosen = names[(edit.way[depth] ?? 0) % Math.max(1, names.length)];
  const members = place as Record<string | number, ConfigurationValue>;
  const inner = chosen === undefined ? undefined : members[chosen];
  if (typeof inner === 'object' && inner !== null && depth < edit.way.length - 1) return apply(inner, edit, depth + 1);
  if (Array.isArray(place)) return applyToArray(place, edit, Number(chosen ?? 0));
  if (edit.kind === 'add' || chosen === undefined) place[edit.key] = edit.value;
  else if (edit.kind === 'remove') Reflect.deleteProperty(place, chosen);
  else if (edit.kind === 'rename') {
    Reflect.deleteProperty(place, chosen);
    place[edit.key] = inner as ConfigurationValue;
  } else place[chosen] = edit.value;
}

function applyToArray(array: ConfigurationValue[], { kind, value: given, way }: RandomEdit, index: number): void {
  if (kind === 'add' || array.length === 0) array.splice(index, 0, given);
  else if (kind === 'remove') array.splice(index, 1);
  else if (kind === 'move') array.splice((way[0] ?? 0) % array.length, 0, ...array.splice(index, 1));
  else array[index] = given;
}
