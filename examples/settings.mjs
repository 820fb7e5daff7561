// @ts-check
// One settings file, in twenty lines: run it twice, or edit the file while it runs.
import { setTimeout as delay } from 'node:timers/promises';
import { openConfiguration } from 'rcc-config-persistence';

const place = process.argv[2] ?? { appName: 'settings-example' };
const settings = await openConfiguration(place, {
  defaults: { starts: 0, server: { host: 'localhost', port: 8080 } },
});

settings.onChange('server.port', (port, previous) => {
  console.log(`The port was ${previous}, and is ${port} now.`);
});

await settings.update((draft) => {
  draft.starts += 1;
});
await settings.set('server.port', settings.get('server.port') + 1);
console.log(`Start ${settings.value.starts}, ${settings.get('server.host')}:${settings.get('server.port')}`);

await delay(Number(process.argv[3] ?? 0)); // time for edits by somebody else, in milliseconds
await settings.close();
