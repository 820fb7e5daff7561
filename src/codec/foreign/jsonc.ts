/** JSON with comments and trailing commas, for imports: the files whose names tell it are configurations themselves. */
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { JsonCodec } from '../json/JsonCodec.js';
import { hasJsonComment } from '../json/jsonComments.js';
import { withoutByteOrderMark } from './byteOrderMark.js';

const json = new JsonCodec({ hasComments: true });

/**
 * @throws PersistenceError `ERR_PARSE` for a comment that does not end, and otherwise what `JsonCodec.decode` throws.
 */
export function decodeJsonc(text: string): ConfigurationValue {
  return json.decode(withoutByteOrderMark(text));
}

/** Of a text that `decodeJsonc` reads. */
export function hasJsoncComment(text: string): boolean {
  return hasJsonComment(text);
}
