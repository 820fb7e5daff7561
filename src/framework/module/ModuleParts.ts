/**
 * What a module is made of, out of reach of its subclasses: no field or method of theirs can stand in the place of any of it,
 * whatever it is called. Only the classes of the framework ask for it.
 */
import type { ModuleCapabilities, ModuleInfo, ReceivedRecord } from '../../../interfaces/framework.js';
import { ConnectionTable } from '../connections/ConnectionTable.js';
import { PendingReplies } from '../connections/PendingReplies.js';
import { TransferLog } from '../connections/TransferLog.js';
import { TransferSender } from '../connections/TransferSender.js';
import { DebugEntries } from './DebugEntries.js';
import { DebugLog } from './DebugLog.js';
import { Lifecycle } from './Lifecycle.js';

export class ModuleParts {
  readonly id: string;
  readonly lifecycle = new Lifecycle();
  readonly inputs = new ConnectionTable('input');
  readonly outputs = new ConnectionTable('output');
  readonly received = new TransferLog<ReceivedRecord>();
  readonly entries: DebugEntries;
  readonly debug: DebugLog;
  readonly sender: TransferSender;
  readonly replies = new PendingReplies();
  /** By the ids of the modules that it has shaken hands with. */
  readonly partners = new Map<string, ModuleCapabilities>();

  constructor({ id }: ModuleInfo) {
    this.id = id;
    this.entries = new DebugEntries(id);
    this.debug = new DebugLog(id, this.entries);
    this.sender = new TransferSender(id, this.outputs, this.debug);
  }

  /** Drops all connections and records, and gives up the requests that wait; the settings of the debug log stay. */
  forget(): void {
    this.replies.failAll();
    this.partners.clear();
    this.inputs.clear();
    this.outputs.clear();
    this.sender.sent.clear();
    this.received.clear();
    this.entries.clear();
  }
}

const partsByModule = new WeakMap<object, ModuleParts>();

/** @throws TypeError for an object that is no module. */
export function partsOf(module: object): ModuleParts {
  const parts = partsByModule.get(module);
  if (parts === undefined) throw new TypeError('not a module of this framework');
  return parts;
}

export function giveParts(module: object, info: ModuleInfo): void {
  partsByModule.set(module, new ModuleParts(info));
}
