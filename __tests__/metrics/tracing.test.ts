/** The tracing channels of `diagnostics_channel`, and the spans that the bridge to OpenTelemetry makes of them. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import type { OperationTraceContext } from '../../interfaces/tracing.js';
import { ConfigPersistence } from '../../src/index.js';
import { traceWithOpenTelemetry } from '../../src/opentelemetry.js';
import { ManualClock } from '../support/ManualClock.js';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';
import { startProcess } from '../support/otherProcess.js';

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

let folder: string;
let ends: (() => void)[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => {
  for (const end of ends) end();
  ends = [];
});

function start() {
  // Time stands still: maintenance would be traced too.
  return startModule(folder, {}, { clock: new ManualClock() });
}

function channelOf(operationType: string): TracingChannel<unknown, OperationTraceContext> {
  return tracingChannel<unknown, OperationTraceContext>(`rcc-config-persistence:${operationType}`);
}

/** Collects the events of one type of operation until the test ends. */
function eventsOf(operationType: string): { event: string; operation: OperationTraceContext }[] {
  const events: { event: string; operation: OperationTraceContext }[] = [];
  const collect = (event: string) => (operation: OperationTraceContext) => void events.push({ event, operation });
  const subscribers = Object.fromEntries(EVENTS.map((event) => [event, collect(event)])) as never;
  channelOf(operationType).subscribe(subscribers);
  ends.push(() => channelOf(operationType).unsubscribe(subscribers));
  return events;
}

describe('the tracing channels', () => {
  it('tell start and end of an operation in the order of tracePromise, with one object and no value', async () => {
    const module = await start();
    const events = eventsOf('save');
    await module.saveConfiguration({ planted: 'planted' }, undefined, { user: 'ann' });
    expect(events.map(({ event }) => event)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    const [first] = events;
    for (const { operation } of events) expect(operation).toBe(first?.operation);
    expect(first?.operation).toEqual({
      operationType: 'save',
      filePath: join(folder, 'app.json'),
      origin: 'caller',
      user: 'ann',
      instanceId: module.getInfo().id,
      workingDirectory: process.cwd(),
      durationMs: expect.any(Number),
    });
  });

  it('tell why an operation failed, and of what the caller threw only its name', async () => {
    const module = await start();
    const [loads, saves] = [eventsOf('load'), eventsOf('save')];
    const missing = await module.loadConfiguration(join(folder, 'none.json')).catch((error: unknown) => error);
    expect(loads.map(({ event }) => event)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect(loads[0]?.operation.error).toBe(missing);

    await module.saveConfiguration({ a: 1 });
    const failing = module.updateConfiguration(() => {
      throw new RangeError('planted');
    });
    await expect(failing).rejects.toThrow('planted');
    const { error } = saves.at(-1)!.operation;
    expect([error?.name, error?.message]).toEqual(['RangeError', 'RangeError']);
  });

  it('tell of a load that the cache answered', async () => {
    const module = await start();
    await module.saveConfiguration({ a: 1 });
    const events = eventsOf('load');
    await module.loadConfiguration();
    expect(events.map(({ event }) => event)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(events[0]?.operation).toMatchObject({ isCacheHit: true, durationMs: expect.any(Number) });
  });

  it('carry the storages of tracers into what the operation calls', async () => {
    const module = await start();
    const storage = new AsyncLocalStorage<string>();
    const channel = channelOf('save');
    channel.start.bindStore(storage, ({ operationType }) => operationType);
    ends.push(() => channel.start.unbindStore(storage));
    const seen: unknown[] = [];
    await module.updateConfiguration(() => void seen.push(storage.getStore()), undefined, { initial: {} });
    expect([...seen, storage.getStore()]).toEqual(['save', undefined]);
  });

  it('let no operation fail for what a subscriber throws', async () => {
    // Node reports it as an uncaught exception, which Jest would take for its own.
    const other = startProcess(`
      import { tracingChannel } from 'node:diagnostics_channel';
      import { ConfigPersistence } from '${join(process.cwd(), 'dist/bundle/index.js')}';
      let caught = 0;
      process.on('uncaughtException', () => (caught += 1));
      const fail = () => { throw new Error('of a subscriber'); };
      const subscribers = { start: fail, end: fail, asyncStart: fail, asyncEnd: fail, error: fail };
      tracingChannel('rcc-config-persistence:save').subscribe(subscribers);
      const settings = await ConfigPersistence.open({ defaultConfigPath: '${join(folder, 'app.json')}' });
      await settings.saveConfiguration({ a: 1 });
      const { data } = await settings.loadConfiguration();
      await settings.close();
      console.log(JSON.stringify({ data, caught }));`);
    expect(await other.nextLine()).toBe('{"data":{"a":1},"caught":4}');
    await other.ended();
  });
});

describe('traceWithOpenTelemetry', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(provider);
  });

  afterAll(async () => {
    trace.disable();
    context.disable();
    await provider.shutdown();
  });

  beforeEach(() => exporter.reset());

  function finished(): ReadableSpan[] {
    return exporter.getFinishedSpans();
  }

  it('makes a span of each operation, below the one that is active where it was asked for', async () => {
    const module = await start();
    ends.push(traceWithOpenTelemetry());
    await trace.getTracer('test').startActiveSpan('request', async (span) => {
      await module.saveConfiguration({ planted: 'planted' });
      span.end();
    });
    const [save, request] = finished();
    expect(save).toMatchObject({
      name: 'config.save',
      kind: SpanKind.INTERNAL,
      status: { code: SpanStatusCode.UNSET },
      parentSpanContext: { spanId: request?.spanContext().spanId },
      instrumentationScope: { name: 'rcc-config-persistence' },
      attributes: {
        'rcc_config.operation.type': 'save',
        'rcc_config.operation.origin': 'caller',
        'rcc_config.instance.id': module.getInfo().id,
        'file.path': join(folder, 'app.json'),
        'file.name': 'app.json',
        'file.extension': 'json',
      },
    });
    expect(JSON.stringify([save?.attributes, save?.events])).not.toContain('planted');
  });

  it('marks a span of a failure with the code, and records it without values', async () => {
    const module = await start();
    ends.push(traceWithOpenTelemetry());
    await module.loadConfiguration(join(folder, 'none.json')).catch(() => undefined);
    const failing = module.updateConfiguration(
      () => {
        throw new RangeError('planted');
      },
      undefined,
      { initial: {} },
    );
    await expect(failing).rejects.toThrow('planted');
    const [load, update] = finished();
    expect(load?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'ERR_FILE_NOT_FOUND' });
    expect(load?.attributes['error.type']).toBe('ERR_FILE_NOT_FOUND');
    expect(load?.events[0]?.attributes?.['exception.type']).toBe('ERR_FILE_NOT_FOUND');
    expect(update?.attributes['error.type']).toBe('RangeError');
    expect(JSON.stringify([update?.status, update?.events])).not.toContain('planted');
  });

  it('begins a trace of its own for upkeep, which inherits the context of the change before it', async () => {
    const clock = new ManualClock();
    const module = await startModule(folder, {}, { clock });
    ends.push(traceWithOpenTelemetry());
    await trace.getTracer('test').startActiveSpan('request', async (span) => {
      await module.saveConfiguration({ a: 1 });
      await module.saveConfiguration({ a: 2 });
      span.end();
    });
    await module.destroy();
    const upkeep = finished().filter(({ attributes }) => attributes['rcc_config.operation.origin'] === 'upkeep');
    expect(upkeep.length).toBeGreaterThan(0);
    for (const span of upkeep) expect(span.parentSpanContext).toBeUndefined();
  });

  it('survives a tracer that throws, and makes no spans any more when it has been ended', async () => {
    const settings = await ConfigPersistence.open({ defaultConfigPath: join(folder, 'app.json') });
    const startSpan = () => {
      throw new Error('of the tracer');
    };
    const end = traceWithOpenTelemetry({ tracer: { startSpan, startActiveSpan: startSpan } });
    await settings.saveConfiguration({ a: 1 });
    end();
    end();
    await settings.saveConfiguration({ a: 2 });
    await settings.close();
    expect(finished()).toEqual([]);
  });
});
