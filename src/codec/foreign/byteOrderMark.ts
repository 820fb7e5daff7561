/** The mark that some editors put at the start of a text; it is no part of the text, so no place in it counts it. */
const BYTE_ORDER_MARK = '\uFEFF';

export function withoutByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}
