/** JSON with a check value in front, so that a file that is not whole is noticed. */
import { checksumOf } from '../../value/checksum.js';

export function checkedJson(value: unknown): string {
  const text = JSON.stringify(value);
  return `${checksumOf(Buffer.from(text))} ${text}\n`;
}

/** Undefined where it is not what was written. */
export function parseCheckedJson(text: string): unknown {
  const separator = text.indexOf(' ');
  const json = text.slice(separator + 1, -1);
  return text.slice(0, separator) === checksumOf(Buffer.from(json)) ? (JSON.parse(json) as unknown) : undefined;
}
