/** File systems without hard links say so with different codes; whatever the code, everything works by other ways. */
import { join } from 'node:path';
import { startModule, systemError, temporaryFolder } from '../support/moduleFixture.js';

describe.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])('where link answers %s', (code) => {
  it('a first save, a second one with its backup, a delete and a restore succeed', async () => {
    const folder = temporaryFolder();
    const module = await startModule(folder, {}, () => ({
      link: () => Promise.reject(systemError(code, 'link')),
    }));
    await module.saveConfiguration({ n: 1 });
    await module.saveConfiguration({ n: 2 });
    const [backup] = await module.listBackups();
    await module.deleteConfiguration(join(folder, 'app.json'));
    await module.restoreFromBackup(backup!.id);
    expect((await module.loadConfiguration()).data).toEqual({ n: 1 });
  });
});
