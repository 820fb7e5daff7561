/** Periodic checks, and who is told of what they find. */
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { HealthStatus } from '../../interfaces/enums.js';
import type { ConnectionInfo, DataTransfer } from '../../interfaces/framework.js';
import type { PersistenceAlert } from '../../interfaces/messages.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { AlertRules } from '../../src/health/AlertRules.js';
import { ManualClock } from '../support/ManualClock.js';
import { startModule, temporaryFolder, until } from '../support/moduleFixture.js';

const { ALERT_REPEAT_MS, HEALTH_CHECK_INTERVAL_MS: INTERVAL_MS } = CONFIG_PERSISTENCE_CONSTANTS.HEALTH_MONITORING;
const { HEALTHY, WARNING, CRITICAL, UNKNOWN } = HealthStatus;

describe('AlertRules', () => {
  let clock: ManualClock;
  let rules: AlertRules;

  beforeEach(() => {
    clock = new ManualClock();
    rules = new AlertRules(clock);
  });

  function changesOver(...statuses: readonly HealthStatus[]): (string | undefined)[] {
    return statuses.map((status) => rules.observe([{ name: 'a', status }])[0]?.change);
  }

  it('raise a warning when it stays, and what is critical at once', () => {
    expect(changesOver(WARNING, WARNING, WARNING)).toEqual([undefined, 'raised', undefined]);
    expect(changesOver(CRITICAL, CRITICAL, WARNING)).toEqual(['raised', undefined, undefined]);
  });

  it('do not raise what comes and goes', () => {
    expect(changesOver(WARNING, HEALTHY, WARNING, HEALTHY)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('resolve once, when it stays healthy, and only what was told', () => {
    expect(changesOver(CRITICAL, HEALTHY, HEALTHY, HEALTHY)).toEqual(['raised', undefined, 'resolved', undefined]);
    expect(changesOver(WARNING, HEALTHY, HEALTHY)).toEqual([undefined, undefined, undefined]);
  });

  it('tell of what returns, or stays, only after a while', () => {
    expect(changesOver(CRITICAL, HEALTHY, HEALTHY, CRITICAL, HEALTHY, HEALTHY)).toEqual([
      'raised',
      undefined,
      'resolved',
      undefined,
      undefined,
      undefined,
    ]);
    clock.advance(ALERT_REPEAT_MS);
    expect(changesOver(CRITICAL, CRITICAL)).toEqual(['raised', undefined]);
    clock.advance(ALERT_REPEAT_MS);
    expect(changesOver(CRITICAL)).toEqual(['raised']);
  });

  it('leave a check as it was that knows nothing', () => {
    expect(changesOver(WARNING, UNKNOWN, WARNING)).toEqual([undefined, undefined, 'raised']);
  });
});

describe('A running module', () => {
  let folder: string;
  let path: string;
  let clock: ManualClock;
  let alerts: PersistenceAlert[];

  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder, 'app.json');
    clock = new ManualClock();
    alerts = [];
  });

  function start(options: ConfigPersistenceOptions = {}): Promise<ConfigPersistenceModule> {
    return startModule(folder, { alerts: (alert) => alerts.push(alert), ...options }, { clock });
  }

  /** Lets the next periodic check come, and waits for its end. */
  async function nextCheck(): Promise<void> {
    clock.advance(INTERVAL_MS);
    await until(() => clock.timerCount > 0);
  }

  it('checks after an interval, tells once, and tells the end once', async () => {
    const module = await start({ autoBackupEnabled: false, maxVersionHistory: 1 });
    expect(clock.timerCount).toBe(1);
    await module.saveConfiguration({ a: 1 });
    writeFileSync(path, '{');
    await nextCheck();
    await nextCheck();
    expect(alerts).toMatchObject([{ type: 'health', check: 'configurations', status: 'raised', filePath: path }]);
    await module.saveConfiguration({ a: 1 });
    await nextCheck();
    await nextCheck();
    await nextCheck();

    expect(alerts.slice(1)).toMatchObject([{ check: 'configurations', status: 'resolved', severity: 'info' }]);
  });

  it('follows configure() while it runs, and leaves no timer behind', async () => {
    const module = await start();
    module.configure({ enableHealthChecks: false });
    expect(clock.timerCount).toBe(0);
    module.configure({ enableHealthChecks: true, healthCheckInterval: 10 });
    expect(clock.timerCount).toBe(1);
    clock.advance(10);
    await module.destroy();
    expect(clock.timerCount).toBe(0);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('alerts failed');
      },
    ],
    ['never answers', () => new Promise<never>(() => undefined)],
  ])('does not mind an alert function that %s', async (_, listener) => {
    const module = await start({ alerts: listener, autoBackupEnabled: false, maxVersionHistory: 1 });
    await module.saveConfiguration({ a: 1 });
    writeFileSync(path, '{');

    expect((await module.validateStorageHealth()).overallHealth).toBe(CRITICAL);
  });

  it('may be called back from an alert', async () => {
    const again: Promise<unknown>[] = [];
    const module = await start({
      autoBackupEnabled: false,
      maxVersionHistory: 1,
      alerts: () => again.push(module.validateStorageHealth()),
    });
    await module.saveConfiguration({ a: 1 });
    writeFileSync(path, '{');
    await module.validateStorageHealth();

    await Promise.all(again);
    expect(again).toHaveLength(1);
  });

  it('sends reports over the connections that are meant for them', async () => {
    const module = await start({ autoBackupEnabled: false, maxVersionHistory: 1 });
    const sent: DataTransfer[] = [];
    module.setModuleLookup({
      getModule: () => ({ receiveData: (transfer: DataTransfer) => Promise.resolve(void sent.push(transfer)) }),
    });
    const output = (id: string, more: Partial<ConnectionInfo> = {}): void => {
      module.addOutputConnection({ id, type: 'output', sourceModuleId: 'here', targetModuleId: 'there', ...more });
    };
    output('replies');
    output('health', { metadata: { type: 'health-status-output' } });
    output('errors', { dataTypes: ['error-report'] });
    await module.saveConfiguration({ a: 1 });
    await module.validateStorageHealth();
    await module.validateStorageHealth();
    writeFileSync(path, '{');
    await nextCheck();
    await until(() => sent.length === 3);

    expect(sent.map(({ sourceConnectionId, metadata }) => [sourceConnectionId, metadata?.type])).toEqual([
      ['health', 'health-report'],
      ['errors', 'error-report'],
      ['health', 'health-report'],
    ]);
    expect(sent[2]?.data).toMatchObject({ overallHealth: CRITICAL });
    expect(sent[1]?.data).toMatchObject({ requestType: 'alert', code: 'health:configurations', filePath: path });
  });

  it('makes an alert of a request that nobody could be told of', async () => {
    const module = await start();
    const transfer = (data: object, type: string): DataTransfer => ({
      id: 'request-1',
      sourceConnectionId: 'a',
      targetConnectionId: 'b',
      data,
      timestamp: Date.now(),
      metadata: { type },
    });
    await module.receiveData(transfer({}, 'load-request'));
    await module.receiveData(transfer({ config: { a: 1 } }, 'save-request'));

    expect(alerts).toMatchObject([
      { type: 'request-failed', code: 'ERR_FILE_NOT_FOUND', filePath: path },
      { type: 'reply-undelivered', filePath: path },
    ]);
  });

  it('tells its log of a check that could not be made, and goes on', async () => {
    const lines: string[] = [];
    const surroundings = {
      clock,
      interference: () => ({
        opendir: () => {
          throw new TypeError('a mistake');
        },
      }),
    };
    const module = await startModule(folder, {}, surroundings);
    module.setDebugModule({ log: (level, text) => lines.push(`${level} ${text}`) });
    await module.saveConfiguration({ a: 1 });
    clock.advance(INTERVAL_MS);

    await until(() => lines.some((line) => line.includes('health check could not be made')));
    await expect(module.validateStorageHealth()).rejects.toThrow(TypeError);
    unlinkSync(path);
  });
});
