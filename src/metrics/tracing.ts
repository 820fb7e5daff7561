/**
 * Publishes the operations on tracing channels of `diagnostics_channel`, in the form of its `tracePromise`.
 *
 * It does so itself because `tracePromise` would also publish the result, which may be a configuration. While nobody
 * subscribes, an operation costs the question whether somebody does.
 */
import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { PersistenceOperationType } from '../../interfaces/enums.js';
import type { OperationTraceContext } from '../../interfaces/tracing.js';
import type { OperationEnd, OperationTrace, StartTrace } from '../engine/Operations.js';
import { PersistenceError } from '../errors/PersistenceError.js';
import { describeError } from '../framework/module/DebugLog.js';

const { CHANNEL_PREFIX } = CONFIG_PERSISTENCE_CONSTANTS.TRACING;

type Channel = TracingChannel<unknown, OperationTraceContext>;

/** For each type of operation. Kept, because a channel that nobody holds loses its subscribers. */
export const OPERATION_CHANNELS = Object.fromEntries(
  Object.values(PersistenceOperationType).map((type) => [
    type,
    tracingChannel<unknown, OperationTraceContext>(`${CHANNEL_PREFIX}${type}`),
  ]),
) as Readonly<Record<PersistenceOperationType, Channel>>;

/** @param instanceId of the module whose operations these are. @param workingDirectory what its relative paths mean. */
export function tracesOf(instanceId: string, workingDirectory: string): StartTrace {
  return ({ operationType, filePath, origin = 'caller' }, user) => {
    const channel = OPERATION_CHANNELS[operationType];
    if (!channel.hasSubscribers) return undefined;
    return new Trace(channel, {
      operationType,
      filePath,
      origin,
      ...(user === undefined ? {} : { user }),
      instanceId,
      workingDirectory,
    });
  };
}

/** A load that was answered from the cache: it is over by now. */
export function traceCacheHit(
  hit: Pick<OperationTraceContext, 'instanceId' | 'workingDirectory' | 'filePath'> & { readonly durationMs: number },
): void {
  const operationType = PersistenceOperationType.LOAD;
  const channel = OPERATION_CHANNELS[operationType];
  if (!channel.hasSubscribers) return;
  const context = { ...hit, operationType, origin: 'caller', isCacheHit: true } as const;
  channel.start.runStores(context, () => channel.end.publish(context));
  channel.asyncStart.publish(context);
  channel.asyncEnd.publish(context);
}

class Trace implements OperationTrace {
  readonly #channel: Channel;
  readonly #context: OperationTraceContext;

  constructor(channel: Channel, context: OperationTraceContext) {
    this.#channel = channel;
    this.#context = context;
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    const { start, end } = this.#channel;
    // What a subscriber throws Node keeps away from here, and reports as an uncaught exception.
    return start.runStores(this.#context, () => {
      const running = work().finally(() => {
        this.#publishEnd();
      });
      end.publish(this.#context);
      return running;
    });
  }

  readonly ended = ({ filePath, durationMs, error }: OperationEnd): void => {
    this.#context.filePath = filePath;
    this.#context.durationMs = durationMs;
    if (error !== undefined) this.#context.error = shownError(error);
  };

  #publishEnd(): void {
    const { asyncStart, asyncEnd, error } = this.#channel;
    if (this.#context.error !== undefined) error.publish(this.#context);
    asyncStart.publish(this.#context);
    asyncEnd.publish(this.#context);
  }
}

/** Messages of the caller's own functions may hold values; those of this package do not. */
function shownError(error: Error): Error {
  if (error instanceof PersistenceError) return error;
  return Object.assign(new Error(describeError(error)), { name: error.name });
}
