/**
 * What the compiler promises. `npm run typecheck` is the test: every `@ts-expect-error` must be one. The one test that runs
 * keeps the file a suite.
 */
import {
  ConfigPersistence,
  type ConfigPersistenceModule,
  ModuleRegistry,
  type ConfigPersistenceOptions,
  type ConfigurationData,
  type IConfigPersistenceModule,
  type Mutate,
  type UpdateOptions,
} from '../../src/index.js';

interface Settings {
  server: { port: number };
  theme?: string;
}

interface Providers {
  providers: string[];
}

/** Never called: only compiled. */
export async function typed(module: ConfigPersistenceModule<Settings>): Promise<void> {
  const { data } = await module.loadConfiguration();
  data.server.port.toFixed();
  // @ts-expect-error a misspelt member
  String(data.serverr);
  const other: ConfigurationData<Providers> = await module.loadConfiguration<Providers>('./providers.json');
  other.data.providers.at(0);

  await module.saveConfiguration({ server: { port: 1 } });
  // @ts-expect-error a number is expected
  await module.saveConfiguration({ server: { port: '1' } });
  await module.saveConfiguration<Providers>({ providers: [] }, './providers.json');
  // @ts-expect-error the same for the other name
  await module.saveConfigurationAtomic({ server: {} });

  await module.updateConfiguration((draft) => {
    draft.server.port = 2;
  });
  await module.updateConfiguration((draft) => ({ ...draft, theme: 'dark' }));
  await module.updateConfiguration(async (draft) => Promise.resolve(draft));
  await module.updateConfiguration<Providers>((draft) => void draft.providers.push('one'), './providers.json');
  // @ts-expect-error an arrow without braces returns the number
  await module.updateConfiguration((draft) => (draft.server.port = 9));
  // @ts-expect-error an arrow without braces returns true
  await module.updateConfiguration((draft) => delete draft.theme);
  // @ts-expect-error what is returned is no whole configuration
  await module.updateConfiguration(() => ({ theme: 'dark' }));
  // @ts-expect-error another shape than the module's
  await module.updateConfiguration((draft: Providers) => ({ ...draft }));
  await module.updateConfiguration(() => undefined, undefined, { initial: { server: { port: 1 } } });
  // @ts-expect-error `initial` is a configuration
  await module.updateConfiguration(() => undefined, undefined, { initial: { port: 1 } });

  module.configure({ validate: ({ server }) => server.port > 0 });
  // @ts-expect-error a misspelt key
  module.configure({ defaultConfigpath: './data/app.json' });
  // @ts-expect-error a value of another type
  module.configure({ retentionCount: '5' });
  // @ts-expect-error an unknown option of a method
  await module.saveConfiguration({ server: { port: 1 } }, undefined, { pretty: true });
}

/** Never called: only compiled. Where nothing is said of the shape, everything compiles as before. */
export async function untyped(): Promise<void> {
  const module = await ModuleRegistry.getInstance().createModule('config-persistence', {
    id: 'a',
    name: 'a',
    version: '1',
    description: 'a',
    type: 'config-persistence',
  });
  const same: ConfigPersistenceModule = module;
  same.configure({ defaultConfigPath: './config/app.json', enableBackup: true, retentionCount: 5 });
  await module.saveConfiguration({ any: 'thing' });
  const { data } = await module.loadConfiguration();
  data.any.thing = 1;
  await module.updateConfiguration((value: { count: number }) => ({ count: value.count + 1 }));
  const options: ConfigPersistenceOptions = { supportedFormats: ['json', 'yaml'] };
  // A host that knows modules only as such may configure whatever it likes.
  const configurable: { configure(config: object): void } = module;
  configurable.configure({ ...options, anything: true });

  const opened: ConfigPersistence<Settings> = await ConfigPersistence.open<Settings>({ validate: (value) => !!value });
  const dependent: IConfigPersistenceModule<Settings> = opened;
  await dependent.saveConfiguration({ server: { port: 1 } });
  // @ts-expect-error the interface is as strict
  await dependent.saveConfiguration({});
  const mutate: Mutate<Settings> = (draft) => draft;
  const update: UpdateOptions<Settings> = { initial: { server: { port: 1 } }, user: 'ann' };
  await opened.updateConfiguration(mutate, undefined, update);
}

/** A class of the application that stands in for the module in its tests. */
export class Stub implements Pick<IConfigPersistenceModule<Settings>, 'loadConfiguration'> {
  loadConfiguration<U = Settings>(): Promise<ConfigurationData<U>> {
    return Promise.reject(new Error('not there'));
  }
}

it('is checked by the compiler', () => {
  expect([typed, untyped, Stub]).toHaveLength(3);
});
