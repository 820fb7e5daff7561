// @ts-check
// What a product must offer to take part, and the list of those that do.

/** @import { BenchValue } from '../values.mjs' */

/**
 * One product's hold on one folder.
 *
 * @typedef {object} Store
 * @property {(file: string, value: BenchValue) => Promise<unknown>} save Resolves when the product calls the save done.
 * @property {(file: string) => unknown} [load] The value, or a promise of it.
 * @property {() => Promise<unknown>} [rest] Does now what it would do in the background when it is left alone. Never timed.
 * @property {() => Promise<unknown>} close
 */

/**
 * A product, in one way of using it.
 *
 * @typedef {object} Contender
 * @property {string} name
 * @property {(folder: string) => Promise<Store>} open Never timed.
 */

/** Every product writes these bytes, so that the figures compare work and not layout. @param {unknown} value */
export const serialize = (value) => `${JSON.stringify(value, null, 2)}\n`;
