/** What a codec makes of a text of a published suite. */
import type { ConfigurationValue } from '../../../interfaces/value.js';

export function attempt(decode: () => ConfigurationValue): {
  readonly value?: ConfigurationValue;
  readonly error?: unknown;
} {
  try {
    return { value: decode() };
  } catch (error) {
    return { error };
  }
}
