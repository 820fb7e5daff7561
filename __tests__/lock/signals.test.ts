/** What happens to locks, to the application and to its exit status when a signal comes. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { temporaryFolder } from '../support/moduleFixture.js';
import { moduleScript, startProcess, type OtherProcess } from '../support/otherProcess.js';

const STAYS = 'setInterval(() => undefined, 1000);';
const SIGNAL_EXIT = new URL('../../node_modules/signal-exit/dist/mjs/index.js', import.meta.url).href;

let folder: string;

beforeEach(() => {
  // The record of an owner that has ended stays for a while.
  folder = temporaryFolder({ mayKeepTraces: true });
});

/** A process that holds the lock of `app.json`, after `before` and with `after`. */
async function holder(before: string, after = STAYS): Promise<OtherProcess> {
  const other = startProcess(`${moduleScript(folder)}
    ${before}
    const path = ${JSON.stringify(join(folder, 'app.json'))};
    const lock = await module.acquireFileLock(path);
    ${after}
    console.log('locked');`);
  expect(await other.nextLine()).toBe('locked');
  return other;
}

function lockFile(): string {
  const key = readdirSync(join(folder, 'locks')).find((name) => name.startsWith('app.json-'));
  const [name = '', ...others] = readdirSync(join(folder, 'locks', key!));
  expect(others).toEqual([]);
  return name;
}

function lockState(): string {
  return extname(lockFile());
}

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s', (signal) => {
  it('ends a process that does not listen to it, as it would without a lock, and the lock is free', async () => {
    const other = await holder('');
    other.child.kill(signal);
    await other.ended();
    expect(other.child.signalCode).toBe(signal);
    // The next holder looks for what an operation that was cut off may have left.
    expect(lockFile()).toMatch(/^\d+\.unswept\.free$/u);
  });

  // The ways to listen differ in nothing that a signal has to do with.
  it.each(signal === 'SIGTERM' ? ['on', 'once', 'prependOnceListener'] : ['once'])(
    'is left to an application that listens with %s: it ends in its own time and way, and the lock is free',
    async (listen) => {
      const other = await holder(`
        process.${listen}('${signal}', async () => {
          // Longer than it takes for a signal that is sent once more to arrive.
          for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
          console.log((await module.saveConfiguration({ saved: 'at the end' })).success);
          process.exit(7);
        });`);
      other.child.kill(signal);
      expect(await other.nextLine()).toBe('true');
      await other.ended();
      expect(other.child.exitCode).toBe(7);
      expect(lockState()).toBe('.free');
      expect(readFileSync(join(folder, 'app.json'), 'utf8')).toContain('at the end');
    },
  );
});

describe('SIGTERM', () => {
  it('is answered by the cleaning of signal-exit too, and ends the process', async () => {
    const other = await holder(`
      const { onExit } = await import(${JSON.stringify(SIGNAL_EXIT)});
      onExit((code, signal) => console.log('cleaned at', signal));`);
    other.child.kill('SIGTERM');
    expect(await other.nextLine()).toBe('cleaned at SIGTERM');
    await other.ended();
    expect(other.child.signalCode).toBe('SIGTERM');
    expect(lockState()).toBe('.free');
  });

  it('is left to the application also where signal-exit listens beside it', async () => {
    const other = await holder(`
      const { onExit } = await import(${JSON.stringify(SIGNAL_EXIT)});
      onExit(() => undefined);
      process.once('SIGTERM', () => setTimeout(() => process.exit(7), 5));`);
    other.child.kill('SIGTERM');
    await other.ended();
    expect(other.child.exitCode).toBe(7);
    expect(lockState()).toBe('.free');
  });

  it('frees also the locks that were taken after one that the process has survived', async () => {
    const other = await holder(`
      const { onExit } = await import(${JSON.stringify(SIGNAL_EXIT)});
      let isSecond = false;
      onExit((code, signal) => {
        if (isSecond) return false;
        isSecond = true;
        console.log('survived');
        return true;
      });
      process.stdin.once('data', async () => {
        console.log((await module.acquireFileLock(path)).success);
      });`);
    other.child.kill('SIGTERM');
    expect(await other.nextLine()).toBe('survived');
    expect(lockState()).toBe('.free');
    other.child.stdin!.write('go on\n');
    expect(await other.nextLine()).toBe('true');
    other.child.kill('SIGTERM');
    await other.ended();
    expect(other.child.signalCode).toBe('SIGTERM');
    expect(lockState()).toBe('.free');
  });

  it('ends a process that has two copies of this package', async () => {
    const other = await holder(`
      const { listenToEndingSignals } = await import(
        ${JSON.stringify(new URL('../../dist/src/lock/endingSignals.js', import.meta.url).href)} + '?second'
      );
      listenToEndingSignals(() => console.log('the other one lets go'));`);
    other.child.kill('SIGTERM');
    expect(await other.nextLine()).toBe('the other one lets go');
    await other.ended();
    expect(other.child.signalCode).toBe('SIGTERM');
    expect(lockState()).toBe('.free');
  });
});

describe('a process without a lock', () => {
  it('has no listener of this package and the functions that it started with', async () => {
    const other = startProcess(`
      const before = [process.emit, process.reallyExit];
      const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGXFSZ', 'exit'];
      const counts = names.map((name) => process.listenerCount(name));
      ${moduleScript(folder)}
      await module.saveConfiguration({ a: 1 });
      const { lockId } = await module.acquireFileLock(${JSON.stringify(join(folder, 'app.json'))});
      const during = process.listenerCount('SIGTERM');
      await module.releaseFileLock(lockId);
      const left = names.map((name, index) => process.listenerCount(name) - counts[index]);
      console.log(JSON.stringify([during, left, before[0] === process.emit, before[1] === process.reallyExit]));
      await module.destroy();
      console.log(process.listenerCount('exit') - counts[4]);`);
    // One at exit takes the owner record away, which stays until the module ends.
    expect(JSON.parse(await other.nextLine())).toEqual([1, [0, 0, 0, 0, 1], true, true]);
    expect(await other.nextLine()).toBe('0');
    await other.ended();
  });
});

it('process.exit() frees the lock and keeps its code', async () => {
  const other = await holder('', 'setTimeout(() => process.exit(3), 5);');
  await other.ended();
  expect(other.child.exitCode).toBe(3);
  expect(lockState()).toBe('.free');
});
