/**
 * What the compiler promises. `npm run typecheck` is the test: every `@ts-expect-error` must be one. The one test that runs
 * keeps the file a suite.
 */
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
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

/** Never called: only compiled. The schema tells the type, in its own words for what it accepts. */
export async function typedBySchema(): Promise<void> {
  const byZod = await ConfigPersistence.open({
    schema: z.object({ port: z.number(), host: z.string().default('localhost'), at: z.string().transform(Number) }),
  });
  const { data } = await byZod.loadConfiguration();
  data.port.toFixed();
  // What is stored, not what the schema would make of it.
  data.at.trim();
  // @ts-expect-error may be left out, because the schema has a default
  data.host.trim();
  await byZod.saveConfiguration({ port: 1, at: '1' });
  // @ts-expect-error a number is expected
  await byZod.saveConfiguration({ port: '1', at: '1' });
  byZod.configure({ schema: z.object({ port: z.number(), host: z.string().optional(), at: z.string() }) });
  // @ts-expect-error a schema of another shape
  byZod.configure({ schema: z.object({ port: z.string() }) });
  byZod.configure({ schema: [{ files: './users-*.json', schema: z.object({ name: z.string() }) }] });
  byZod.configure({ defaults: { port: 80 } });
  // @ts-expect-error a default of another type
  byZod.configure({ defaults: { port: '80' } });

  const byValibot = await ConfigPersistence.open({ schema: v.object({ port: v.number() }), defaults: { port: 80 } });
  (await byValibot.loadConfiguration()).data.port.toFixed();
  const byArktype = await ConfigPersistence.open({ schema: type({ port: 'number', 'list?': 'string[]' }) });
  (await byArktype.loadConfiguration()).data.list?.map((item) => item.trim());
  // @ts-expect-error there is no such member
  String((await byArktype.loadConfiguration()).data.prot);

  // A JSON Schema says nothing to the compiler, and a type that was given stays.
  const byJsonSchema = await ConfigPersistence.open<Settings>({
    schema: { type: 'object' },
    defaults: { theme: 'dark' },
  });
  (await byJsonSchema.loadConfiguration()).data.server.port.toFixed();
  const untypedJson = await ConfigPersistence.open({ schema: { type: 'object' } });
  await untypedJson.saveConfiguration({ any: 'thing' });
  const named = await ConfigPersistence.open<Providers>({ schema: z.object({ providers: z.array(z.string()) }) });
  (await named.loadConfiguration()).data.providers.at(0);
  // @ts-expect-error a schema of another shape than the type that was given
  await ConfigPersistence.open<Settings>({ schema: z.object({ providers: z.array(z.string()) }) });

  const result = await byZod.migrateConfiguration('./app.json', { dryRun: true });
  const steps: (string | number)[] = result.steps;
  String([steps, result.fromVersion, result.changes?.[0]?.path]);
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
