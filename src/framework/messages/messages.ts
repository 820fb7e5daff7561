/** The shape of messages and of their answers. */
import { randomUUID } from 'node:crypto';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { Message, MessageResponse } from '../../../interfaces/framework.js';
import { persistenceError, PersistenceError } from '../../errors/PersistenceError.js';

const { MAX_TIMER_MS } = CONFIG_PERSISTENCE_CONSTANTS.PERFORMANCE_LIMITS;
const { INCOMPLETE_MESSAGE, MAX_PRIORITY, UNKNOWN_TARGET } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

const REQUIRED_TEXTS = ['id', 'type', 'source'] as const;
const OPTIONAL_TEXTS = ['target', 'correlationId', 'topic'] as const;

/** What can be registered. The answer to a one-way message is dropped. */
export interface MessageReceiver {
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- how modules of other hosts declare it
  handleMessage(message: Message): Promise<MessageResponse | undefined | void>;
}

/** The parts of a message that its sender chooses. */
export type MessageParts = Pick<Message, 'type' | 'source'> & {
  [Part in 'payload' | 'target' | 'metadata' | 'ttl' | 'priority']?: Message[Part] | undefined;
};

/** A message with a fresh id and the time of now; undefined parts are left out. */
export function createMessage(parts: MessageParts): Message {
  const given = Object.entries(parts).filter(([, value]) => value !== undefined);
  const { type, source, payload } = parts;
  return { ...Object.fromEntries(given), type, source, payload, id: randomUUID(), timestamp: Date.now() };
}

/**
 * @throws ERR_INVALID_REQUEST naming the field: `id`, `type` and `source` must be non-empty strings, `timestamp` a
 * positive number; `target`, `correlationId` and `topic` non-empty strings, `ttl` at least 0 and `priority` 0 to 9, where given.
 */
export function checkMessage(message: Message): void {
  const given: unknown = message;
  if (typeof given !== 'object' || given === null) {
    throw persistenceError('ERR_INVALID_REQUEST', 'the message must be an object');
  }
  for (const field of REQUIRED_TEXTS) {
    if (isText(message[field])) continue;
    throw new PersistenceError('ERR_INVALID_REQUEST', `${INCOMPLETE_MESSAGE[field]}: a non-empty string`);
  }
  for (const field of OPTIONAL_TEXTS) {
    if (message[field] !== undefined) requireText(field, message[field]);
  }
  requireNumber('timestamp', message.timestamp, 1, Infinity);
  if (message.ttl !== undefined) requireNumber('ttl', message.ttl, 0, Infinity);
  if (message.priority !== undefined) requireNumber('priority', message.priority, 0, MAX_PRIORITY);
}

/** @throws ERR_INVALID_REQUEST for what a timer cannot wait for: Node would turn it into one millisecond. */
export function checkTimeout(timeoutMs: number): void {
  requireNumber('timeout', timeoutMs, 1, MAX_TIMER_MS);
}

/** True where the time to live is over; 0 means no limit. */
export function isExpired(message: Message): boolean {
  return message.ttl !== undefined && message.ttl !== 0 && Date.now() - message.timestamp > message.ttl;
}

/**
 * The response as the sender gets it, whatever the handler returned: nothing is a success without data, and the ids
 * are always those of the message.
 */
export function completeResponse(message: Message, answer: unknown): MessageResponse {
  const given = isResponse(answer) ? answer : { success: true };
  return { timestamp: Date.now(), ...given, ...idsOf(message) };
}

/** A response that says that the message was not served, and why. */
export function failureResponse(message: Message, error: unknown): MessageResponse {
  const text = error instanceof Error ? error.message : String(error);
  return { ...idsOf(message), success: false, error: text, timestamp: Date.now() };
}

/** ERR_TIMEOUT for a message that outlived its time, ERR_INVALID_REQUEST for one whose target does not exist. */
export function undeliverableError(message: Message, hasExpired: boolean): Error {
  const what = `message ${JSON.stringify(message.type)}`;
  if (hasExpired) return persistenceError('ERR_TIMEOUT', `${what} was not delivered within its time to live`);
  const text = UNKNOWN_TARGET.replace('%s', () => message.target ?? '');
  return new PersistenceError('ERR_INVALID_REQUEST', `${text}: ${what} was not delivered`);
}

function idsOf(message: Message): { messageId: string; correlationId: string } {
  const given = message as Partial<Message> | null | undefined;
  return { messageId: given?.id ?? '', correlationId: given?.correlationId ?? given?.id ?? '' };
}

function isResponse(answer: unknown): answer is { success: boolean } {
  return typeof answer === 'object' && answer !== null && 'success' in answer && typeof answer.success === 'boolean';
}

function requireText(field: string, value: unknown): void {
  if (isText(value)) return;
  throw persistenceError('ERR_INVALID_REQUEST', `the message's ${field} must be a non-empty string`);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function requireNumber(field: string, value: unknown, least: number, most: number): void {
  if (typeof value === 'number' && value >= least && value <= most) return;
  const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  throw persistenceError('ERR_INVALID_REQUEST', `the message's ${field} must be a number ${range}`);
}
