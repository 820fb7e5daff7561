/** Edits of a text through its codec, proven the way a save does it. */
import assert from 'node:assert/strict';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import type { Codec, EditedText } from '../../../src/codec/Codec.js';
import { differenceOf } from '../../../src/edits/differenceOf.js';
import { findDifferences } from '../../../src/value/valueEquality.js';

/** A value that tests reach into without ceremony. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

/** An edited text that stands for something else. */
export class UnprovenError extends Error {}

/** The text with the edits that lead to a new value; it has to be read as that value, or as what it is told to be read as. */
export function editTo(codec: Codec, text: string, after: ConfigurationValue): EditedText | undefined {
  const before = codec.decode(text);
  const copy = structuredClone(before);
  const edited = codec.edit?.(text, before, differenceOf(before, after));
  assert.deepEqual(findDifferences(before, copy), [], 'the old value stays');
  if (edited === undefined) return undefined;
  const read = decodeProof(codec, edited.text);
  if (findDifferences(edited.readsAs ?? after, read).length > 0) throw new UnprovenError(edited.text);
  if (edited.readsAs !== undefined) assert.ok(edited.lost.length > 0, 'it is told what reads as something else');
  return edited;
}

function decodeProof(codec: Codec, text: string): ConfigurationValue {
  try {
    return codec.decode(text);
  } catch {
    throw new UnprovenError(text);
  }
}

/** The same for a change of a copy of what the text is read as. */
export function edit(codec: Codec, text: string, change: (value: Loose) => unknown): EditedText {
  const value = codec.decode(text);
  const result = change(value);
  const edited = editTo(codec, text, result === undefined ? value : (result as ConfigurationValue));
  assert.ok(edited, 'the text can be edited');
  return edited;
}
