/** What `getMetrics()` counts, and that a scraper can read it. */
import { join } from 'node:path';
import parse, { type ParsedFamily } from 'parse-prometheus-text-format';
import type { IConfigPersistenceModule } from '../../interfaces/IConfigPersistenceModule.js';
import { PersistenceError } from '../../src/index.js';
import { expose } from '../../src/metrics/exposition.js';
import { ManualClock } from '../support/ManualClock.js';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
/** A sample without a timestamp, as the format's description has it. */
const SAMPLE = new RegExp(String.raw`^(?<series>(?<name>${NAME})(?:\{${LABEL}(?:,${LABEL})*\})?) (?<value>\S+)$`, 'u');

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

function start(options = {}) {
  // Time stands still: maintenance would be counted too.
  return startModule(folder, options, { clock: new ManualClock() });
}

function familyOf(module: Pick<IConfigPersistenceModule, 'getMetrics'>, name: string): ParsedFamily {
  const found = parse(module.getMetrics()).find((family) => family.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** The value of the series with exactly these labels; undefined where there is none. */
function valueOf(module: Pick<IConfigPersistenceModule, 'getMetrics'>, name: string, labels: Record<string, string>) {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  const { metrics } = familyOf(module, name);
  const found = metrics.find((metric) => JSON.stringify(Object.entries(metric.labels ?? {}).sort()) === wanted);
  return found?.value === undefined ? undefined : Number(found.value);
}

function endedOf(module: IConfigPersistenceModule, operation: string, outcome: string): number | undefined {
  return valueOf(module, 'rcc_config_operations_total', { operation, origin: 'caller', outcome });
}

function rising(left: number, right: number): number {
  return left - right;
}

function boundOf(text: string): number {
  return text === '+Inf' ? Infinity : Number(text);
}

describe('getMetrics', () => {
  it('is text that holds to every rule of the format', async () => {
    const module = await start();
    await module.saveConfiguration({ a: 1 });
    await module.loadConfiguration(join(folder, 'none.json')).catch(() => undefined);
    const text = module.getMetrics();
    const series = new Set<string>();
    const types = new Map<string, string>();
    let helped = '';
    let current = '';
    expect(text.endsWith('\n')).toBe(true);
    for (const line of text.slice(0, -1).split('\n')) {
      const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/u.exec(line) ?? [];
      if (keyword === 'HELP') helped = name;
      if (keyword === 'TYPE') {
        expect([helped, types.has(name)]).toEqual([name, false]);
        types.set(name, rest);
        current = name;
      }
      if (keyword !== undefined) continue;
      const sample = SAMPLE.exec(line)?.groups;
      // Behind its own TYPE, once, with a number, and named as its type asks.
      expect(sample?.name?.replace(types.get(current) === 'histogram' ? /_(?:bucket|sum|count)$/u : '', '')).toBe(
        current,
      );
      expect(Number(sample?.value)).not.toBeNaN();
      expect(series.has(sample?.series ?? '')).toBe(false);
      series.add(sample?.series ?? '');
      if (types.get(current) === 'counter') expect(current).toMatch(/_total$/u);
    }
    expect(series.size).toBeGreaterThan(40);
  });

  it('tells the same to a parser: counters, a gauge and histograms', async () => {
    const module = await start();
    await module.saveConfiguration({ a: 1 });
    const families = parse(module.getMetrics());
    expect(Object.fromEntries(families.map(({ name, type }) => [name, type]))).toEqual({
      rcc_config_operations_total: 'COUNTER',
      rcc_config_operation_duration_seconds: 'HISTOGRAM',
      rcc_config_operations_running: 'GAUGE',
      rcc_config_lock_wait_seconds: 'HISTOGRAM',
      rcc_config_cache_lookups_total: 'COUNTER',
      rcc_config_read_bytes_total: 'COUNTER',
      rcc_config_written_bytes_total: 'COUNTER',
      rcc_config_flushes_total: 'COUNTER',
    });
  });

  it('has histograms whose buckets add up to their count', async () => {
    const module = await start();
    await module.saveConfiguration({ a: 1 });
    await module.saveConfiguration({ a: 2 });
    const lines = module.getMetrics().split('\n');
    for (const histogram of [
      ['rcc_config_operation_duration_seconds', '{operation="save"}', '{operation="save",le='],
      ['rcc_config_lock_wait_seconds', '', '{le='],
    ] as const) {
      const [name, labels, head] = histogram;
      const buckets = lines.filter((line) => line.startsWith(`${name}_bucket${head}`));
      const counts = buckets.map((line) => Number(line.split(' ')[1]));
      const bounds = buckets.map((line) => boundOf(line.split('le="')[1]?.split('"')[0] ?? ''));
      expect([counts, bounds]).toEqual([[...counts].sort(rising), [...bounds].sort(rising)]);
      expect([counts.at(-1), bounds.at(-1)]).toEqual([2, Infinity]);
      expect(lines).toContain(`${name}_count${labels} 2`);
      const sum = lines.find((line) => line.startsWith(`${name}_sum${labels} `));
      expect(Number(sum?.split(' ')[1])).toBeGreaterThan(0);
    }
  });

  it('counts operations by type and outcome, with the codes of this package and of the system', async () => {
    const module = await start({ enableBackup: false });
    await module.saveConfiguration({ a: 1 });
    await module.saveConfiguration({ a: 2 });
    await module.loadConfiguration(join(folder, 'none.json')).catch(() => undefined);
    const failing = await startModule(folder, {}, () => ({
      rename: () => Promise.reject(Object.assign(new Error('planted'), { code: 'EIO', errno: -5, syscall: 'rename' })),
    }));
    await failing.saveConfiguration({ a: 3 }).catch(() => undefined);
    expect(endedOf(module, 'save', 'ok')).toBe(2);
    expect(endedOf(module, 'load', 'ERR_FILE_NOT_FOUND')).toBe(1);
    expect(endedOf(failing, 'save', 'EIO')).toBe(1);
    expect(endedOf(failing, 'save', 'ok')).toBe(0);
  });

  it('has one outcome for whatever functions of the caller throw, and no path anywhere', async () => {
    const module = await start();
    await module.saveConfiguration({ a: 1 });
    for (const error of [new RangeError('planted'), new PersistenceError('ERR_planted"\n', 'planted')]) {
      const failing = module.updateConfiguration(() => {
        throw error;
      });
      await expect(failing).rejects.toBe(error);
    }
    expect(endedOf(module, 'save', 'other')).toBe(2);
    expect(module.getMetrics()).not.toMatch(/planted|json|rcc-config-/u);
  });

  it('counts loads from the cache and from the file', async () => {
    const module = await start();
    await module.saveConfiguration({ a: 1 });
    await module.loadConfiguration();
    await module.getConfigurationMetadata();
    await module.loadConfiguration(join(folder, 'none.json')).catch(() => undefined);
    expect(valueOf(module, 'rcc_config_cache_lookups_total', { result: 'hit' })).toBe(2);
    expect(valueOf(module, 'rcc_config_cache_lookups_total', { result: 'miss' })).toBe(1);
    expect(endedOf(module, 'load', 'ok')).toBe(2);
  });

  it('counts what operations read, write and flush, and those that run', async () => {
    const module = await start();
    await module.saveConfiguration({ a: 1 });
    const { performanceMetrics } = await module.updateConfiguration(() => {
      expect(valueOf(module, 'rcc_config_operations_running', {})).toBe(1);
      return { a: 2 };
    });
    const written = valueOf(module, 'rcc_config_written_bytes_total', { operation: 'save' });
    expect(written).toBeGreaterThan(performanceMetrics?.diskIO.bytesWritten ?? Infinity);
    expect(valueOf(module, 'rcc_config_flushes_total', { operation: 'save' })).toBeGreaterThan(2);
    expect(valueOf(module, 'rcc_config_operations_running', {})).toBe(0);
  });

  it('is of one instance, from before its start to beyond its end', async () => {
    const [module, other] = [await start(), await startModule(folder)];
    await module.saveConfiguration({ a: 1 });
    await module.destroy();
    expect([endedOf(module, 'save', 'ok'), endedOf(other, 'save', 'ok')]).toEqual([1, 0]);
    module.configure({ defaultConfigPath: join(folder, 'app.json') });
    await module.initialize();
    await module.saveConfiguration({ a: 2 });
    expect(endedOf(module, 'save', 'ok')).toBe(2);
  });
});

describe('the exposition', () => {
  it('escapes what would end a line or a label early', () => {
    const value = 'a"b\\c\nd';
    const text = expose([
      { name: 'x', help: 'one\ntwo\\', type: 'gauge', samples: [{ labels: { value }, value: -0.5 }] },
    ]);
    expect(text).toBe('# HELP x one\\ntwo\\\\\n# TYPE x gauge\nx{value="a\\"b\\\\c\\nd"} -0.5\n');
    expect(parse(text)[0]?.metrics).toEqual([{ labels: { value }, value: '-0.5' }]);
  });
});
