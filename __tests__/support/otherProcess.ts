/** Other processes that work on the same files, through the built package. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The same package as the compiler has written it, for scripts that put something in the place of a part of it. */
export const PARTS_URL = new URL('../../dist/src/index.js', import.meta.url).href;
export const PACKAGE_URL = new URL('../../dist/bundle/index.js', import.meta.url).href;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Starts a running module as `module` over `app.json` in `folder`; for the head of scripts. */
export function moduleScript(folder: string, options: object = {}): string {
  const configuration = JSON.stringify({ defaultConfigPath: `${folder}/app.json`, ...options });
  return `
    import { ConfigPersistenceModule } from ${JSON.stringify(PACKAGE_URL)};
    const module = new ConfigPersistenceModule({
      id: 'other-' + process.pid, name: 'other', version: '1.0.0', description: 'other process', type: 'config-persistence',
    });
    module.configure(${configuration});
    await module.initialize();
  `;
}

export interface OtherProcess {
  readonly child: ChildProcess;
  /** The next line that it prints. */
  nextLine(): Promise<string>;
  /** Resolves when it has ended by itself. */
  ended(): Promise<void>;
  /** Ends it as a crash would. Resolves when it is gone. */
  kill(): Promise<void>;
}

let started: OtherProcess[] = [];

afterEach(async () => {
  const running = started;
  started = [];
  await Promise.all(running.map((other) => other.kill()));
});

/** Runs a script in a new process. It is killed after the test if it still runs. */
export function startProcess(script: string): OtherProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const other: OtherProcess = {
    child,
    async nextLine() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the other process ended without a word');
      return value;
    },
    async ended() {
      await exited;
    },
    async kill() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
  started.push(other);
  return other;
}
