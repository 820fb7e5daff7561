/** How much a value holds, as far as a record that keeps it alive needs to know. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';

const { MAX_GLANCED_MEMBERS, MAX_GLANCED_TEXT_LENGTH, RECORDED_NODE_SIZE } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

/** True for what can be seen at a glance to hold little: a few numbers, flags and short texts. False says nothing. */
export function isPlainlySmall(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false;
  let count = 0;
  for (const key in value) {
    const member: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
    const isShort = typeof member === 'string' && member.length <= MAX_GLANCED_TEXT_LENGTH;
    count += 1;
    if (count > MAX_GLANCED_MEMBERS || !(isShort || typeof member === 'number' || typeof member === 'boolean'))
      return false;
  }
  return true;
}

/**
 * True where the value holds more than about `maxSize` bytes. A value that cannot be walked (its accessor throws, or it is an
 * instance whose content is hidden, such as a Map with entries) counts as larger.
 */
export function isLargerThan(value: unknown, maxSize: number): boolean {
  try {
    return sizeUpTo(value, maxSize) > maxSize;
  } catch {
    return true;
  }
}

/**
 * About the bytes that a value holds. The cost is bounded by `maxSize`, not by the value: a long array or text is recognised
 * by its length, and beyond it the answer is only more than that.
 *
 * @throws what an accessor in the value throws.
 */
export function sizeUpTo(value: unknown, maxSize: number): number {
  const open: unknown[] = [value];
  let size: number = RECORDED_NODE_SIZE;
  while (open.length > 0 && size <= maxSize) {
    const next = open.pop();
    size += ownSize(next);
    if (typeof next !== 'object' || next === null || ArrayBuffer.isView(next)) continue;
    const length = Array.isArray(next) ? next.length : Object.keys(next).length;
    size += length * RECORDED_NODE_SIZE;
    if (size > maxSize) break;
    for (const [key, member] of Object.entries(next)) {
      size += key.length;
      open.push(member);
    }
  }
  return size;
}

function ownSize(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  if (value instanceof Map || value instanceof Set) return value.size === 0 ? 0 : Infinity;
  return 0;
}
