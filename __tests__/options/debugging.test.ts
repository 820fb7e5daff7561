/** What the option `debug` lets be logged of operations, and that no listener of the application can do harm. */
import { join } from 'node:path';
import type { DebugModule, DebugOptions } from '../../interfaces/framework.js';
import { ManualClock } from '../support/ManualClock.js';
import { newModule, startModule, temporaryFolder } from '../support/moduleFixture.js';
import { moduleScript, startProcess } from '../support/otherProcess.js';

interface Line {
  level: string;
  message: string;
  details: Record<string, unknown> | undefined;
}

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

/** The lines about operations that a module logs while it saves, fails to load, and lists. */
async function operationLines(debug?: boolean | DebugOptions): Promise<Line[]> {
  const lines: Line[] = [];
  const debugModule: DebugModule = { log: (level, message, details) => lines.push({ level, message, details }) };
  // Time stands still: maintenance would add lines of its own.
  const module = newModule(folder, {}, { clock: new ManualClock() });
  module.setDebugModule(debugModule);
  if (debug !== undefined) module.configure({ debug });
  await module.initialize();
  await module.saveConfiguration({ a: 1 });
  await module.loadConfiguration(join(folder, 'none.json')).catch(() => undefined);
  await module.listBackups();
  await module.cleanupOldBackups();
  return lines.filter(({ message }) => message.includes('operation'));
}

describe('the debug log', () => {
  it('tells the end and the duration of every operation with enablePerformanceMonitoring', async () => {
    const lines = await operationLines({ enablePerformanceMonitoring: true });
    expect(lines.map(({ details }) => details?.operationType)).toEqual(['save', 'load', 'backup', 'cleanup']);
    for (const { details } of lines) expect(details?.durationMs).toEqual(expect.any(Number));
  });

  it.each([{}, { enableRequestLogging: true }, { logLevel: 'debug' as const }])(
    'tells only failures, and no duration, with %p',
    async (debug) => {
      const lines = await operationLines(debug);
      expect(lines).toMatchObject([{ level: 'error', details: { operationType: 'load', code: 'ERR_FILE_NOT_FOUND' } }]);
      expect(lines[0]?.details).not.toHaveProperty('durationMs');
    },
  );

  it.each([true, undefined])('tells everything with %p and a debug module', async (debug) => {
    const lines = await operationLines(debug);
    expect(lines).toHaveLength(4);
    for (const { details } of lines) expect(details).toHaveProperty('durationMs');
  });

  it('names no file for an operation that is about those of all configurations', async () => {
    const [saved, , listed, cleaned] = await operationLines();
    expect(saved?.details?.filePath).toBe(join(folder, 'app.json'));
    expect(listed?.details).not.toHaveProperty('filePath');
    expect(cleaned?.details).not.toHaveProperty('filePath');
  });
});

describe('listeners of the application', () => {
  /** Damages a file so that the next load gives an alert. */
  const recovery = `
    import { writeFileSync } from 'node:fs';
    await module.saveConfiguration({ a: 1 });
    await module.saveConfiguration({ a: 2 });
    writeFileSync(module.getDefaultConfigurationPath(), '{"cut');
    const { data } = await module.loadConfiguration();
    await module.destroy();
    console.log(JSON.stringify(data));`;

  it.each([
    ['alerts', `module.configure({ alerts: () => Promise.reject(new Error('of the application')) });`],
    ['a debug module', `module.setDebugModule({ log: () => Promise.reject(new Error('of the application')) });`],
  ])('do not end the process where %s rejects', async (_, listening) => {
    const head = moduleScript(folder, { autoRecover: true }).replace('await module.initialize();', '');
    const other = startProcess(`${head} ${listening} await module.initialize(); ${recovery}`);
    expect(await other.nextLine()).toBe('{"a":1}');
    await other.ended();
    expect(other.child.exitCode).toBe(0);
  });

  it('that reject for an alert stand in the debug log with the name of their error and nothing else', async () => {
    const lines: Line[] = [];
    const alerts = () => Promise.reject(new RangeError('planted secret'));
    const module = await startModule(folder, { alerts }, (real) => ({
      rename: (from, to) => (to.endsWith('.gz') ? Promise.reject(new Error('of the disk')) : real.rename(from, to)),
    }));
    module.setDebugModule({ log: (level, message, details) => lines.push({ level, message, details }) });
    await module.saveConfiguration({ a: 1 });
    await module.saveConfiguration({ a: 2 });
    await module.destroy();
    const failures = lines.filter(({ level, message }) => level === 'error' && message.includes('alerts'));
    expect(failures.map(({ details }) => details)).toEqual([{ error: 'RangeError' }]);
    expect(JSON.stringify(lines)).not.toContain('planted');
  });
});
