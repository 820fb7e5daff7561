/**
 * Makes OpenTelemetry spans of the operations, from what the tracing channels tell. The only file that needs
 * `@opentelemetry/api`, which is the user's to install.
 */
import { basename, extname, resolve } from 'node:path';
import { context, SpanKind, SpanStatusCode, trace, type Attributes, type Span, type Tracer } from '@opentelemetry/api';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { OperationTraceContext } from '../../interfaces/tracing.js';
import { PersistenceError } from '../errors/PersistenceError.js';
import { callQuietly } from '../framework/module/DebugLog.js';
import { OPERATION_CHANNELS } from './tracing.js';

const { MODULE_VERSION, TRACING } = CONFIG_PERSISTENCE_CONSTANTS;
const { ATTRIBUTES, SPAN_PREFIX, TRACER_NAME } = TRACING;

export interface OpenTelemetryOptions {
  /** Default: that of the global provider, under the name of this package. */
  readonly tracer?: Tracer;
}

/**
 * From now on every operation of this process is a span `config.<operation type>`, a child of the span that is active where
 * it was asked for; upkeep, which nobody asked for, begins traces of its own. A span tells the file, and of a failure its
 * code and message; never a value of a configuration.
 *
 * What the tracer throws has no effect.
 *
 * @returns ends that, and the spans that are open. Further calls do nothing.
 */
export function traceWithOpenTelemetry({ tracer }: OpenTelemetryOptions = {}): () => void {
  const spans = new Map<OperationTraceContext, Span>();
  const used = tracer ?? trace.getTracer(TRACER_NAME, MODULE_VERSION);
  const subscribers = {
    start: quietly((operation) => {
      spans.set(operation, startSpan(used, operation));
    }),
    end: () => undefined,
    asyncStart: () => undefined,
    asyncEnd: quietly((operation) => {
      const span = spans.get(operation);
      spans.delete(operation);
      if (span !== undefined) endSpan(span, operation);
    }),
    error: () => undefined,
  };
  const channels = Object.values(OPERATION_CHANNELS);
  for (const channel of channels) channel.subscribe(subscribers);
  return () => {
    for (const channel of channels) channel.unsubscribe(subscribers);
    for (const span of spans.values()) {
      callQuietly(
        () => span.end(),
        () => undefined,
      );
    }
    spans.clear();
  };
}

function startSpan(tracer: Tracer, operation: OperationTraceContext): Span {
  const { operationType, origin, instanceId, isCacheHit } = operation;
  const attributes: Attributes = {
    [ATTRIBUTES.OPERATION_TYPE]: operationType,
    [ATTRIBUTES.OPERATION_ORIGIN]: origin,
    [ATTRIBUTES.INSTANCE_ID]: instanceId,
    ...(isCacheHit === undefined ? {} : { [ATTRIBUTES.CACHE_HIT]: isCacheHit }),
    ...fileAttributes(operation),
  };
  const options = { kind: SpanKind.INTERNAL, attributes, root: origin === 'upkeep' };
  return tracer.startSpan(`${SPAN_PREFIX}${operationType}`, options, context.active());
}

function endSpan(span: Span, operation: OperationTraceContext): void {
  const { error } = operation;
  // Of an operation about an id, the file is known only now.
  span.setAttributes(fileAttributes(operation));
  if (error !== undefined) {
    const code = error instanceof PersistenceError ? error.code : error.name;
    span.setAttribute(ATTRIBUTES.ERROR_TYPE, code);
    span.recordException(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: code });
  }
  span.end();
}

function fileAttributes({ filePath, workingDirectory }: OperationTraceContext): Attributes {
  if (filePath === '') return {};
  const extension = extname(filePath).slice(1);
  return {
    [ATTRIBUTES.FILE_PATH]: resolve(workingDirectory, filePath),
    [ATTRIBUTES.FILE_NAME]: basename(filePath),
    ...(extension === '' ? {} : { [ATTRIBUTES.FILE_EXTENSION]: extension }),
  };
}

/** Node would end the process for what a subscriber throws. */
function quietly(subscriber: (operation: OperationTraceContext) => void): (message: unknown) => void {
  return (message) => {
    callQuietly(
      () => {
        subscriber(message as OperationTraceContext);
      },
      () => undefined,
    );
  };
}
