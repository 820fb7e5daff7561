/** The shortest way to one settings file: `await using settings = await openConfiguration('settings.json')`. */
import type { ConfigPersistenceOptions } from '../interfaces/options.js';
import type { MigrationPlan } from '../interfaces/migrations.js';
import type { Defaults, Schema, SchemaInput, StandardSchema } from '../interfaces/schemas.js';
import type { NotInferred } from '../interfaces/value.js';
import { ConfigPersistence } from './ConfigPersistence.js';
import { leadingToCaller } from './errors/callerStack.js';
import { callQuietly } from './framework/module/DebugLog.js';
import { fileOf, type ConfigurationPlace } from './handle/applicationFile.js';
import { Configuration } from './handle/Configuration.js';
import { frozenCopyOf } from './value/frozenCopy.js';
import { copyIntoDomain } from './value/valueDomain.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is the configuration value, whose shape is the application's */

/** The options of the module that make sense for one file, and how it is watched. */
export interface OpenConfigurationOptions<T = any> extends Omit<
  ConfigPersistenceOptions<T>,
  'defaultConfigPath' | 'schema' | 'defaults' | 'migrations'
> {
  /** What the configuration must look like; its type is the type of the handle. */
  schema?: Schema<T>;
  /** Laid under the value, and never written. */
  defaults?: Defaults<NotInferred<T>>;
  migrations?: MigrationPlan;
  /** How changes by others are noticed; as for `watchConfiguration`. */
  watch?: { readonly polling?: boolean; readonly interval?: number; readonly persistent?: boolean };
}

/** What `defaults` may be is narrower for one file; the compiler cannot follow that. */
type Options<T> = ConfigPersistenceOptions<T>;

/**
 * Opens one configuration. There need not be a file yet: the value is that of the defaults then, and the first change makes
 * one. Its backups and records are in folders beside it.
 *
 * @param place the file, or the name of an application: `{ appName: 'editor' }` is `config.json` in the folder where the
 *   system keeps the settings of applications, such as `~/.config/editor`.
 * @throws PersistenceError `ERR_INVALID_FILE_PATH`, `ERR_UNSUPPORTED_FORMAT`, `ERR_INVALID_OPTION`; for a file that cannot be
 *   read what `loadConfiguration` throws.
 */
export function openConfiguration<S extends StandardSchema<any>>(
  place: ConfigurationPlace,
  options: Omit<OpenConfigurationOptions<SchemaInput<S>>, 'schema'> & { readonly schema: S },
): Promise<Configuration<SchemaInput<S>>>;
export function openConfiguration<T = any>(
  place: ConfigurationPlace,
  options?: OpenConfigurationOptions<T>,
): Promise<Configuration<T>>;
export function openConfiguration<T>(
  place: ConfigurationPlace,
  options: OpenConfigurationOptions<T> = {},
): Promise<Configuration<T>> {
  return leadingToCaller(async () => {
    const filePath = fileOf(place);
    const { watch = {}, ...others } = options;
    const absent = frozenCopyOf(
      others.defaults === undefined ? {} : copyIntoDomain(others.defaults, { nonFiniteNumbers: true }),
    );
    const persistence = await ConfigPersistence.open<T>({ ...others, defaultConfigPath: filePath } as Options<T>);
    try {
      const call = (work: () => unknown): void => {
        callQuietly(work, persistence.onListenerFailure);
      };
      return await new Configuration<T>({ persistence, filePath, absent, call }).begin(watch);
    } catch (error) {
      await persistence.close();
      throw error;
    }
  });
}
