// @ts-check
// Three modules: one keeps the configuration, one judges what is to be saved, one works with it. `npm run example`
import { once, EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigPersistenceModule, connect, createSaveRequest, ModuleRegistry } from 'rcc-config-persistence';
import { PortValidator } from './PortValidator.mjs';
import { Server } from './Server.mjs';

const folder = await mkdtemp(join(tmpdir(), 'config-example-'));
const registry = ModuleRegistry.getInstance();
registry.registerModuleType('config-persistence', ConfigPersistenceModule);
registry.registerModuleType('port-validator', PortValidator);
registry.registerModuleType('server', Server);

const about = { version: '1.0.0', description: 'Part of the example' };
const store = await registry.createModule({ ...about, id: 'store', name: 'Store', type: 'config-persistence' });
const validator = await registry.createModule(
  { ...about, id: 'validator', name: 'Validator', type: 'port-validator' },
  PortValidator,
);
const server = await registry.createModule({ ...about, id: 'server', name: 'Server', type: 'server' }, Server);

connect(store, validator, ['save-request']); // what is to be judged
connect(validator, store, ['validation-result']); // the verdicts
connect(server, store, ['save-request']); // requests
connect(store, server, ['configuration-data']); // changes, whoever makes them

const told = new EventEmitter();
server.onPort = (/** @type {number} */ port, /** @type {string} */ by) => {
  console.log(`The server listens on ${port}, as ${by} wants it.`);
  told.emit('port');
};

// Stands for the socket of a real server, which would keep the process alive.
const listening = setInterval(() => undefined, 60_000);

store.configure({ defaultConfigPath: join(folder, 'server.json') });
await Promise.all([store, validator, server].map((module) => module.initialize()));

let change = once(told, 'port');
await server.request(createSaveRequest({ port: 8080 }, undefined, { user: 'the server itself' }));
await change;

await server.request(createSaveRequest({ port: 'eighty' })).catch((error) => {
  console.log(`Refused: ${error.code}.`);
});

change = once(told, 'port');
await writeFile(join(folder, 'server.json'), '{ "port": 9090 }'); // somebody edits the file
await change;

clearInterval(listening);
await registry.clear();
await rm(folder, { recursive: true });
