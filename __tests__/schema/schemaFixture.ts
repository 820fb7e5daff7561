/** One schema in the words of each library, and what tests look through for values that must not be there. */
import { inspect } from 'node:util';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';

/** A value that no message may have in it. */
export const SECRET = 'hunter2-hunter2-hunter2';

/** `{ token: string of at most 8 characters, port: number }`, and a `server.host` that is a string where it is there. */
export const SCHEMAS: Readonly<Record<string, NonNullable<ConfigPersistenceOptions['schema']>>> = {
  zod: z.object({
    token: z.string().max(8),
    port: z.number(),
    server: z.object({ host: z.enum(['a', 'b']) }).optional(),
  }),
  valibot: v.object({
    token: v.pipe(v.string(), v.maxLength(8)),
    port: v.number(),
    server: v.optional(v.object({ host: v.picklist(['a', 'b']) })),
  }),
  arktype: type({ token: 'string<=8', port: 'number', 'server?': { host: '"a"|"b"' } }),
  'JSON Schema': {
    type: 'object',
    required: ['token', 'port'],
    properties: {
      token: { type: 'string', maxLength: 8 },
      port: { type: 'number' },
      server: { type: 'object', properties: { host: { enum: ['a', 'b'] } } },
    },
  },
};

export const FITTING = { token: 'abc', port: 80, server: { host: 'a' } };
export const NOT_FITTING = { token: SECRET, port: 80, server: { host: `${SECRET}!` } };

/** All that is printed of an error, its causes included, but what only a debugger shows. */
export function printed(error: unknown): string {
  return `${inspect(error, { depth: 10 })} ${JSON.stringify(error)} ${String(error)}`;
}
