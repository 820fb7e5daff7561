/** The module on this package's own host. What its methods promise is said in `interfaces/IConfigPersistenceModule.ts`. */
import type { ModuleInfo } from '../interfaces/framework.js';
import type { ConfigPersistenceOptions } from '../interfaces/options.js';
import type { FileOperations, WatchFolder } from './compose.js';
import type { Clock } from './engine/Clock.js';
import { BaseModule } from './framework/module/BaseModule.js';
import { makeModuleInfo } from './framework/module/moduleInfo.js';
import { isTunableOption } from './options/resolveOptions.js';
import { withConfigPersistence } from './withConfigPersistence.js';

declare module './framework/module/ModuleRegistry.js' {
  interface ModuleTypes {
    'config-persistence': ConfigPersistenceModule;
  }
}

/** @typeParam T the shape of the default configuration. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the value's shape is the application's
export class ConfigPersistenceModule<T = any> extends withConfigPersistence(BaseModule)<T> {
  /**
   * @param info who the module is; without it the constants say, and the id is one that no other module has.
   * @throws PersistenceError `ERR_INVALID_OPTION` where a field is missing, of the wrong type or, but for `description`, empty.
   */
  constructor(info: ModuleInfo = makeModuleInfo()) {
    super(info);
  }

  // Only the known keys: the host's own method takes any object.
  override configure(options: ConfigPersistenceOptions<T>): void {
    super.configure(options);
  }

  /** The same as `getInfo()`. */
  getModuleInfo(): ModuleInfo {
    return this.getInfo();
  }

  /** The same as `getConfig()`. */
  get moduleConfig(): Record<string, unknown> {
    return this.getConfig();
  }

  protected override isRuntimeTunable(key: string): boolean {
    return isTunableOption(key);
  }

  /** The system calls that the module works with. Fault tests put a layer of their own here. @internal */
  protected get fileOperations(): FileOperations | undefined {
    return undefined;
  }

  /** The system's notices about folders. Tests put their own here. @internal */
  protected get watchFolder(): WatchFolder | undefined {
    return undefined;
  }

  /** The time that the module goes by. Tests hand in a clock that they set. @internal */
  protected get clock(): Clock | undefined {
    return undefined;
  }
}
