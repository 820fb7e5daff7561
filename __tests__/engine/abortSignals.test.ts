/** One signal of a caller for many operations. */
import { temporaryFolder } from '../support/moduleFixture.js';
import { moduleScript, startProcess } from '../support/otherProcess.js';

describe('an AbortSignal that is given to many operations', () => {
  it('ends all of them, without a warning of Node about its listeners, and keeps none of them', async () => {
    const folder = temporaryFolder();
    const other = startProcess(`
      import { getEventListeners } from 'node:events';
      ${moduleScript(folder)}
      const warnings = [];
      process.on('warning', ({ name }) => warnings.push(name));
      const { lockId } = await module.acquireFileLock(${JSON.stringify(`${folder}/app.json`)});
      const waiting = new ConfigPersistenceModule({
        id: 'waiting', name: 'other', version: '1.0.0', description: 'in one process', type: 'config-persistence',
      });
      waiting.configure({ defaultConfigPath: ${JSON.stringify(`${folder}/app.json`)} });
      await waiting.initialize();
      const controller = new AbortController();
      const { signal } = controller;
      await Promise.all(Array.from({ length: 30 }, (_, n) =>
        module.saveConfiguration({ n }, ${JSON.stringify(folder)} + '/f' + n + '.json', { signal })));
      const left = getEventListeners(signal, 'abort').length;
      const saves = Array.from({ length: 30 }, (_, n) =>
        waiting.saveConfiguration({ n }, undefined, { signal }).catch(({ code }) => code));
      controller.abort();
      const codes = [...new Set(await Promise.all(saves))];
      await waiting.destroy();
      await module.destroy();
      // Warnings are told of in a later turn.
      await new Promise((resolve) => setImmediate(resolve));
      console.log(JSON.stringify({ warnings, left, codes, after: getEventListeners(signal, 'abort').length }));`);
    const expected = { warnings: [], left: 0, codes: ['ERR_ABORTED'], after: 0 };
    expect(JSON.parse(await other.nextLine())).toEqual(expected);
    await other.ended();
  });
});
