/** The conformance suite on both frameworks, and the two together. */
import { join } from 'node:path';
// @ts-expect-error The package ships no declarations.
import { BaseModule as UntypedBaseModule, MessageCenter as UntypedMessageCenter } from 'rcc-basemodule';
import type { DataTransfer, ModuleInfo } from '../../interfaces/framework.js';
import { BaseModule, ConfigPersistenceModule, MessageCenter } from '../../src/index.js';
import { ConfigPersistenceModule as OnPublished } from '../../src/rcc-basemodule.js';
import type { PublishedBaseModule } from '../../src/published/PublishedBaseModule.js';
import { destroyAfterTest, temporaryFolder } from '../support/moduleFixture.js';
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

it('a module of the own framework and one on the published framework reach each other', async () => {
  const info = { name: 'x', version: '1.0.0', description: '', type: 'x' };
  const settings = new OnPublished({ ...info, id: 'on-published' });
  const client = new OwnClient({ ...info, id: 'on-own' });
  destroyAfterTest(settings);
  destroyAfterTest(client);
  client.setModuleLookup({ getModule: () => settings });
  settings.addOutputConnection({
    id: 'back',
    type: 'output',
    sourceModuleId: 'on-published',
    targetModuleId: 'on-own',
  });
  await client.initialize();
  await settings.initialize({ defaultConfigPath: join(temporaryFolder(), 'app.json') });

  await client.ask(settings as unknown as FrameworkModule, 'save-request', { config: { a: 1 } });

  expect(client.received).toMatchObject([{ metadata: { type: 'persistence-result', source: 'on-published' } }]);
  expect(settings.getOutputConnections()).toMatchObject([{ id: 'back', status: 'connected' }]);
  expect(await client.handshake(settings as never)).toBe(false);
});
