/** The conformance suite on both frameworks. */
// @ts-expect-error The package ships no declarations.
import { BaseModule as UntypedBaseModule, MessageCenter as UntypedMessageCenter } from 'rcc-basemodule';
import type { DataTransfer, ModuleInfo } from '../../interfaces/framework.js';
import { BaseModule, ConfigPersistenceModule, MessageCenter } from '../../src/index.js';
import { ConfigPersistenceModule as OnPublished } from '../../src/rcc-basemodule.js';
import type { PublishedBaseModule } from '../../src/published/PublishedBaseModule.js';
import {
  describeFramework,
  type Framework,
  type FrameworkClient,
  type FrameworkModule,
} from './frameworkConformance.js';

class OwnClient extends BaseModule implements FrameworkClient {
  readonly received: DataTransfer[] = [];

  ask(module: FrameworkModule, kind: string, data: object): Promise<unknown> {
    const ends = { sourceModuleId: this.info.id, targetModuleId: module.getInfo().id };
    this.addOutputConnection({ id: 'requests', type: 'output', ...ends });
    return this.transferData(data, 'requests', { type: kind });
  }

  override receiveData(transfer: DataTransfer): Promise<void> {
    this.received.push(transfer);
    return Promise.resolve();
  }
}

const RccBaseModule = UntypedBaseModule as typeof PublishedBaseModule;
let lastTransfer = 0;

class PublishedClient extends RccBaseModule implements FrameworkClient {
  readonly received: DataTransfer[] = [];

  constructor(info: ModuleInfo) {
    super(info);
    this.setDebugConfig({ consoleOutput: false });
  }

  /** Its transferData only prints: whoever has something for a module calls it. */
  ask(module: FrameworkModule, kind: string, data: object): Promise<unknown> {
    lastTransfer += 1;
    return module.receiveData({
      id: `transfer-${lastTransfer}`,
      sourceConnectionId: 'requests',
      targetConnectionId: module.getInfo().id,
      data,
      timestamp: Date.now(),
      metadata: { type: kind, source: this.info.id },
    });
  }

  override receiveData(transfer: DataTransfer): Promise<void> {
    this.received.push(transfer);
    return Promise.resolve();
  }
}

describeFramework('the own framework', {
  Module: ConfigPersistenceModule,
  BaseModule,
  center: MessageCenter.getInstance(),
  newClient: (info) => new OwnClient(info),
});

describeFramework('rcc-basemodule 0.2.7', {
  Module: OnPublished as unknown as Framework['Module'],
  BaseModule: RccBaseModule,
  center: (UntypedMessageCenter as { getInstance(): Framework['center'] }).getInstance(),
  newClient: (info) => {
    const client = new PublishedClient(info);
    client.configure({});
    return client;
  },
});
