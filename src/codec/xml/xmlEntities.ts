/** Finds the `&` that starts no entity: the parser only notices where the text ends, or the next entity does. */

const OPENING = /<!--|<!\[CDATA\[|<\?|&/g;
const CLOSINGS: Readonly<Record<string, string>> = { '<!--': '-->', '<![CDATA[': ']]>', '<?': '?>' };
const ENTITY = /&(?:lt|gt|amp|quot|apos|#\d+|#x[\dA-Fa-f]+);/y;

/** The offset of the first one before `end`, where a `&` means something; undefined where there is none. */
export function findBareAmpersand(text: string, end: number): number | undefined {
  OPENING.lastIndex = 0;
  for (let found = OPENING.exec(text); found !== null && found.index < end; found = OPENING.exec(text)) {
    const next = found[0] === '&' ? endOfEntity(text, found.index) : endOf(text, found.index, CLOSINGS[found[0]] ?? '');
    if (next === undefined) return found[0] === '&' ? found.index : undefined;
    OPENING.lastIndex = next;
  }
  return undefined;
}

function endOfEntity(text: string, start: number): number | undefined {
  ENTITY.lastIndex = start;
  return ENTITY.test(text) ? ENTITY.lastIndex : undefined;
}

function endOf(text: string, start: number, closing: string): number | undefined {
  const end = text.indexOf(closing, start);
  return end === -1 ? undefined : end + closing.length;
}
