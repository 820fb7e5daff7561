/** The bridge to OpenTelemetry: `rcc-config-persistence/opentelemetry`. It needs `@opentelemetry/api`. */
export { traceWithOpenTelemetry, type OpenTelemetryOptions } from './metrics/openTelemetry.js';
