/** Keys and passphrases cannot be reached from outside. */
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ConfigPersistence } from '../../src/ConfigPersistence.js';
import { destroyAfterTest, newModule, temporaryFolder } from '../support/moduleFixture.js';

const SECRET = 'correct horse battery staple';
const KEY = Buffer.from('0123456789abcdef0123456789abcdef');

/** Whatever a debugger's helper would show, to any depth. */
function everythingOf(subject: object): string {
  return inspect(subject, { showHidden: true, getters: true, depth: 12, maxArrayLength: null, maxStringLength: null });
}

it.each<[string, object]>([
  ['a passphrase', { passphrase: SECRET }],
  ['an older passphrase', { passphrase: 'another', previous: [{ passphrase: SECRET }] }],
  ['a key', { key: KEY }],
])('%s is not in a module, whoever looks', async (_, encryption) => {
  const folder = temporaryFolder();
  const module = newModule(folder);
  module.configure({ encryption: encryption });
  const core = new ConfigPersistence();
  destroyAfterTest({ destroy: () => core.close() });
  core.configure({ defaultConfigPath: join(folder, 'app.json'), encryption: encryption });
  const look = (): void => {
    for (const subject of [module, core]) {
      const shown = everythingOf(subject);
      expect(shown).not.toContain(SECRET);
      expect(shown).not.toContain('48, 49, 50, 51');
      expect(shown).not.toContain('30 31 32 33');
    }
    const config = (module as unknown as { config: object }).config;
    expect(JSON.stringify(config)).not.toContain(SECRET);
    expect(JSON.stringify(config)).not.toContain('[48,49,50');
    expect(JSON.stringify(module.getConfig())).toContain('[hidden]');
  };
  look();
  await module.initialize();
  await core.start();
  look();
});
