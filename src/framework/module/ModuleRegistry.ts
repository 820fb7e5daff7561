/**
 * Creates modules by the name of their type and finds them by id.
 *
 * It lists every live module of the process: those that it created, from then on, and those made with `new`, from their
 * `initialize()` on. A destroyed module is off the list, whoever destroyed it. Creating never initializes.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ModuleInfo } from '../../../interfaces/framework.js';
import { persistenceError, PersistenceError } from '../../errors/PersistenceError.js';
import { BaseModule } from './BaseModule.js';
import { moduleDirectory, type ModuleLookup } from './ModuleDirectory.js';
import { checkModuleInfo } from './moduleInfo.js';

const { UNKNOWN_MODULE_TYPE } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

/** A class that the registry can create modules from: any subclass of `BaseModule` that can be constructed. */
export interface ModuleClass<T extends BaseModule = BaseModule> {
  new (info: ModuleInfo): T;
  createInstance(info: ModuleInfo): BaseModule;
}

/**
 * For the compiler only: which class a type name stands for, so that `createModule('x', info)` is a `ModuleTypes['x']`.
 * A module enters itself by augmenting this interface.
 */
export interface ModuleTypes {
  /** No type has an empty name; an interface without members would accept anything. */
  '': never;
}

/** The class that a type name is known to stand for, otherwise `BaseModule`. */
export type ModuleOfType<K extends string> = K extends keyof ModuleTypes ? ModuleTypes[K] : BaseModule;

export class ModuleRegistry implements ModuleLookup {
  static #instance: ModuleRegistry | undefined;

  readonly #classes = new Map<string, ModuleClass>();

  private constructor() {
    // One registry per process: `getInstance()` is the only way to it.
  }

  static getInstance(): ModuleRegistry {
    ModuleRegistry.#instance ??= new ModuleRegistry();
    return ModuleRegistry.#instance;
  }

  /**
   * Makes the type known. A type that is known already stands for the new class from now on; modules that exist stay.
   *
   * @throws ERR_INVALID_REQUEST for an empty type or a class that does not extend `BaseModule`.
   */
  registerModuleType(type: string, moduleClass: ModuleClass): void {
    const given: unknown = type;
    if (typeof given !== 'string' || given.trim() === '') {
      throw persistenceError('ERR_INVALID_REQUEST', 'a module type must be a non-empty string');
    }
    if (!isModuleClass(moduleClass)) {
      throw persistenceError('ERR_INVALID_REQUEST', `the class of module type ${quote(type)} must extend BaseModule`);
    }
    this.#classes.set(type, moduleClass);
  }

  /**
   * Creates a module through `createInstance` of its type's class and lists it. The caller configures and initializes
   * it. With `moduleClass` the module is of that class, or the call fails; without it the compiler goes by the type name
   * (`ModuleTypes`), as far as it knows that: of an info in a variable, whose `type` is any string, it does not. Then
   * `createModule<ConfigPersistenceModule>(info)` says, unchecked, what the module will be.
   *
   * @throws ERR_INVALID_OPTION for a malformed info; ERR_INVALID_REQUEST for an unknown type, a type that differs from
   * `info.type`, an id that is taken, or another class than `moduleClass`.
   */
  createModule<K extends string>(type: K, info: ModuleInfo): Promise<ModuleOfType<K>>;
  createModule<T extends BaseModule>(type: string, info: ModuleInfo, moduleClass?: ModuleClass<T>): Promise<T>;
  createModule<K extends string>(info: ModuleInfo & { type: K }): Promise<ModuleOfType<K>>;
  createModule<T extends BaseModule>(info: ModuleInfo, moduleClass?: ModuleClass<T>): Promise<T>;
  async createModule(
    typeOrInfo: string | ModuleInfo,
    infoOrClass?: ModuleInfo | ModuleClass,
    moduleClass?: ModuleClass,
  ): Promise<BaseModule> {
    return Promise.resolve(
      typeof typeOrInfo === 'string'
        ? this.#create(typeOrInfo, infoOrClass as ModuleInfo, moduleClass)
        : this.#create(undefined, typeOrInfo, infoOrClass as ModuleClass | undefined),
    );
  }

  /** The live module of this id, or undefined. */
  getModule(moduleId: string): BaseModule | undefined {
    const module = moduleDirectory.getModule(moduleId);
    return module instanceof BaseModule ? module : undefined;
  }

  /** Every live module, oldest first. */
  getAllModules(): BaseModule[] {
    return moduleDirectory.getAllModules().filter((module) => module instanceof BaseModule);
  }

  /** Every live module whose `info.type` is this one, oldest first. */
  getModulesByType(type: string): BaseModule[] {
    return this.getAllModules().filter((module) => module.getInfo().type === type);
  }

  /** The types that `createModule` knows, in the order in which they were first registered. */
  getRegisteredTypes(): string[] {
    return [...this.#classes.keys()];
  }

  /**
   * Destroys the module; false where there is none of this id. It is off the list even where destroying it fails.
   *
   * @throws what `destroy()` of the module throws.
   */
  async removeModule(moduleId: string): Promise<boolean> {
    const module = this.getModule(moduleId);
    if (module === undefined) return false;
    try {
      await module.destroy();
    } finally {
      // A subclass that overrides destroy() without calling super would stay on the list otherwise.
      moduleDirectory.remove(module);
    }
    return true;
  }

  /**
   * Destroys every live module, all at the same time; the registered types stay.
   *
   * @throws the first failure, after all of them have ended.
   */
  async clear(): Promise<void> {
    const removals = this.getAllModules().map((module) => this.removeModule(module.getInfo().id));
    const failure = (await Promise.allSettled(removals)).find((result) => result.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }

  #create(type: string | undefined, info: ModuleInfo, expectedClass: ModuleClass | undefined): BaseModule {
    const checked = checkModuleInfo(info);
    if (type !== undefined && type !== checked.type) {
      throw persistenceError(
        'ERR_INVALID_REQUEST',
        `a module of type ${quote(type)} was asked for, but the module info says ${quote(checked.type)}`,
      );
    }
    const moduleClass = this.#classes.get(checked.type);
    if (moduleClass === undefined) {
      const text = UNKNOWN_MODULE_TYPE.replace('%s', () => checked.type);
      throw new PersistenceError('ERR_INVALID_REQUEST', `${text}; use registerModuleType()`);
    }
    const module: unknown = moduleClass.createInstance(checked);
    if (!(module instanceof (expectedClass ?? BaseModule))) {
      throw persistenceError('ERR_INVALID_REQUEST', `module type ${quote(checked.type)} stands for another class`);
    }
    moduleDirectory.add(module);
    return module;
  }
}

function isModuleClass(candidate: unknown): candidate is ModuleClass {
  return typeof candidate === 'function' && candidate.prototype instanceof BaseModule;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
