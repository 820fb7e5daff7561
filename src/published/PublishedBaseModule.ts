/**
 * The `BaseModule` of the npm package `rcc-basemodule`, and its message center, as far as they are used here. The package
 * ships no declarations; these are of 0.2.7.
 */
// @ts-expect-error The package ships no declarations.
import { BaseModule } from 'rcc-basemodule';
import type { ConnectionInfo, ModuleInfo } from '../../interfaces/framework.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- as the package has it */

/** What the published class keeps of its log, and whether it prints it. */
export interface PublishedDebugConfig {
  enabled: boolean;
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  consoleOutput: boolean;
  trackDataFlow: boolean;
  recordStack: boolean;
  maxLogEntries: number;
}

export interface PublishedMessageCenter {
  isModuleRegistered(moduleId: string): boolean;
  sendMessage(message: any): void;
  /** Not public there; it is the only way from an id to a module. */
  readonly moduleRegistry?: { get(moduleId: string): unknown };
}

/** The members that the host of this package uses, and those that its users meet. */
export declare abstract class PublishedBaseModule {
  static createInstance<M extends PublishedBaseModule>(this: new (info: ModuleInfo) => M, info: ModuleInfo): M;

  protected info: ModuleInfo;
  protected config: Record<string, any>;
  protected initialized: boolean;
  protected configured: boolean;
  protected inputConnections: Map<string, ConnectionInfo>;
  protected outputConnections: Map<string, ConnectionInfo>;
  protected validationRules: any[];
  protected debugConfig: PublishedDebugConfig;
  protected messageCenter: PublishedMessageCenter;

  constructor(info: ModuleInfo);

  configure(config: object): void;
  initialize(): Promise<void>;
  destroy(): Promise<void>;
  getInfo(): ModuleInfo;
  getConfig(): Record<string, any>;
  addInputConnection(connection: object): void;
  addOutputConnection(connection: object): void;
  removeInputConnection(connectionId: string): void;
  removeOutputConnection(connectionId: string): void;
  getInputConnections(): ConnectionInfo[];
  getOutputConnections(): ConnectionInfo[];
  handshake(module: { getInfo(): ModuleInfo }): Promise<boolean>;
  receiveData(transfer: any): Promise<unknown>;
  handleMessage(message: any): Promise<unknown>;
  setDebugConfig(config: Partial<PublishedDebugConfig>): void;
  getDebugConfig(): PublishedDebugConfig;
  getDebugLogs(level?: PublishedDebugConfig['level'], limit?: number): Record<string, any>[];
  clearDebugLogs(): void;

  protected debug(level: PublishedDebugConfig['level'], message: string, data?: unknown, method?: string): void;
  protected validateInput(data: any): { isValid: boolean; errors: string[]; data: any };
  protected transferData(data: any, connectionId?: string): Promise<unknown>;
}

/** The class itself. */
export const publishedBaseModule = BaseModule as typeof PublishedBaseModule;
