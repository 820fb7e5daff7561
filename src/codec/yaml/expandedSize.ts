/**
 * Sizes a value whose parts are shared, before anything walks it: nine aliases in each of nine levels are a billion nodes.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { refuse } from '../../value/valueDomain.js';

const { PERFORMANCE_LIMITS, VALUE_LIMITS } = CONFIG_PERSISTENCE_CONSTANTS;

interface Size {
  readonly nodes: number;
  readonly characters: number;
}

/**
 * Looks at every shared part once, so the cost is that of the text and not of the value.
 *
 * @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` where the copies would have more members and items, more text
 *   or more levels than a configuration may have; a value that contains itself has endless levels.
 */
export function checkExpandedSize(value: unknown): void {
  const { nodes, characters } = measure(value, 1, new Map());
  const isTooLarge = nodes > VALUE_LIMITS.MAX_NODES || characters > PERFORMANCE_LIMITS.MAX_FILE_SIZE_BYTES;
  if (isTooLarge) refuseRoot('with all aliases expanded, the value exceeds the size limit');
}

function measure(value: unknown, depth: number, known: Map<object, Size>): Size {
  if (typeof value === 'string') return { nodes: 1, characters: value.length };
  if (typeof value !== 'object' || value === null) return { nodes: 1, characters: 0 };
  if (depth > VALUE_LIMITS.MAX_DEPTH) {
    refuseRoot(`with all aliases expanded, the value is nested deeper than ${VALUE_LIMITS.MAX_DEPTH} levels`);
  }
  const sized = known.get(value);
  if (sized !== undefined) return sized;
  let nodes = 1;
  let characters = 0;
  for (const [key, member] of Object.entries(value)) {
    const size = measure(member, depth + 1, known);
    nodes += size.nodes;
    characters += key.length + size.characters;
  }
  known.set(value, { nodes, characters });
  return { nodes, characters };
}

function refuseRoot(reason: string): void {
  refuse([{ path: '(root)', reason }]);
}
