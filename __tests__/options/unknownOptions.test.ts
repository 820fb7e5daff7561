/** Keys that there are not: who is told, when, and in which words. */
import { join } from 'node:path';
import type { DebugModule } from '../../interfaces/framework.js';
import type { PersistenceAlert } from '../../interfaces/messages.js';
import { ConfigPersistence } from '../../src/ConfigPersistence.js';
import { didYouMean } from '../../src/options/didYouMean.js';
import { OPTION_RULES } from '../../src/options/optionRules.js';
import { destroyAfterTest, newModule, temporaryFolder } from '../support/moduleFixture.js';

/** The product description's key, misspelt; its value must never be shown. */
const MISSPELT = { defaultConfigpath: './planted-secret.json' };

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

function listener(): { alerts: (alert: PersistenceAlert) => void; told: PersistenceAlert[] } {
  const told: PersistenceAlert[] = [];
  return { told, alerts: (alert) => told.push(alert) };
}

describe('an unknown key', () => {
  it('is a warning in the debug log that says what was probably meant', () => {
    const lines: string[] = [];
    const debugModule: DebugModule = { log: (level, message) => lines.push(`${level} ${message}`) };
    const module = newModule(folder);
    module.setDebugModule(debugModule);
    module.configure(MISSPELT as never);
    const warnings = lines.filter((line) => line.startsWith('warn'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('Unknown option has no effect: defaultConfigpath; did you mean defaultConfigPath?');
  });

  it('is told of where debugging begins in the same call', () => {
    const written: string[] = [];
    const original = process.stderr.write.bind(process.stderr);
    process.stderr.write = (chunk: unknown) => written.push(String(chunk)) > 0;
    try {
      newModule(folder).configure({ ...MISSPELT, debug: true } as never);
      new ConfigPersistence().configure({ ...MISSPELT, debug: true } as never);
    } finally {
      process.stderr.write = original;
    }
    expect(written.filter((line) => line.includes('did you mean defaultConfigPath?'))).toHaveLength(2);
  });

  it('is an alert, once, without its value, and names the file that is used instead', async () => {
    const module = newModule(folder);
    const { alerts, told } = listener();
    module.configure({ ...MISSPELT, alerts } as never);
    await module.initialize();
    expect(told).toEqual([
      {
        type: 'unknown-option',
        severity: 'medium',
        filePath: join(folder, 'app.json'),
        option: 'defaultConfigpath',
        description: 'Unknown option has no effect: defaultConfigpath; did you mean defaultConfigPath?',
        timestamp: expect.any(Number) as number,
      },
    ]);
  });

  it('is an alert for a listener of a later call too', async () => {
    const module = newModule(folder, MISSPELT as never);
    const { alerts, told } = listener();
    module.configure({ alerts });
    await module.initialize();
    expect(told).toMatchObject([{ option: 'defaultConfigpath' }]);
    await module.destroy();
    const core = new ConfigPersistence();
    destroyAfterTest({ destroy: () => core.close() });
    core.configure({ defaultConfigPath: join(folder, 'app.json'), ...MISSPELT } as never);
    core.configure({ alerts });
    await core.start();
    expect(told).toHaveLength(2);
  });

  it('does no harm where the listener throws', () => {
    const module = newModule(folder);
    const alerts = (): never => {
      throw new Error('of the application');
    };
    expect(() => module.configure({ ...MISSPELT, alerts } as never)).not.toThrow();
  });
});

describe('strictOptions', () => {
  it('refuses an unknown key with ERR_INVALID_OPTION that names it, and nothing counts', () => {
    const module = newModule(folder, { user: 'ann' });
    expect(() => module.configure({ ...MISSPELT, strictOptions: true, user: 'bob' } as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_OPTION',
        message: expect.stringMatching(/defaultConfigpath; did you mean defaultConfigPath\?$/u) as string,
      }),
    );
    expect(module.getConfig()).toMatchObject({ user: 'ann' });
    expect(module.getConfig()).not.toHaveProperty('strictOptions');
  });

  it('refuses it too where one of the two came before the other', () => {
    const strict = newModule(folder, { strictOptions: true });
    expect(() => strict.configure(MISSPELT as never)).toThrow('defaultConfigpath');
    const late = newModule(folder, MISSPELT as never);
    expect(() => late.configure({ strictOptions: true })).toThrow('defaultConfigpath');
  });

  it('takes every key that there is', () => {
    const known = Object.keys(OPTION_RULES);
    expect(known).toContain('strictOptions');
    const module = newModule(folder, { strictOptions: true });
    expect(() => module.configure({ enableHealthChecks: true, user: 'ann' })).not.toThrow();
  });
});

describe('what was probably meant', () => {
  const known = Object.keys(OPTION_RULES);

  it.each([
    ['defaultConfigpath', 'defaultConfigPath'],
    ['defaultConfgPath', 'defaultConfigPath'],
    ['cacheTTl', 'cacheTTL'],
    ['cachettl', 'cacheTTL'],
    ['alert', 'alerts'],
    ['usre', 'user'],
    ['retentioncounts', 'retentionCount'],
    ['encrytpion', 'encryption'],
  ])('by %s is %s', (name, meant) => {
    expect(didYouMean(name, known)).toBe(`; did you mean ${meant}?`);
  });

  it.each(['colour', '', 'x', 'x'.repeat(100_000), 'password'])('is not guessed where nothing is near', (name) => {
    expect(didYouMean(name, known)).toBe('');
  });
});
