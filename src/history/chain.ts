/**
 * The lines of the operation log: `<hash> <record as JSON>`.
 *
 * The hash is over the hash of the line before and the record, so that a line that was edited, taken out, put in or moved
 * shows. It needs no secret: whoever may write the whole log can make a new one.
 */
import { hash } from 'node:crypto';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';

const { OPERATION_LOG, INTEGRITY_CHECKING } = CONFIG_PERSISTENCE_CONSTANTS;

/** Before the first line of a segment. */
export const CHAIN_START = '';

export interface ChainedLine {
  readonly hash: string;
  /** The record. */
  readonly text: string;
}

const LINE = new RegExp(`^([0-9a-f]{${OPERATION_LOG.HASH_DIGITS}}) (\\{.*\\})$`, 'u');

/** @param previous hash of the line before. */
export function linkOf(previous: string, text: string): string {
  return hash(INTEGRITY_CHECKING.CHECKSUM_ALGORITHM, previous + text).slice(0, OPERATION_LOG.HASH_DIGITS);
}

export function formatLine({ hash: link, text }: ChainedLine): string {
  return `${link} ${text}\n`;
}

/** Undefined for what is no line of a log. @param line without its line feed. */
export function parseLine(line: string): ChainedLine | undefined {
  const [, link, text] = LINE.exec(line) ?? [];
  return link === undefined || text === undefined ? undefined : { hash: link, text };
}
