// @ts-check
// A rule archives backups right at the tending that would have encrypted them: nothing plain may come into the archive,
// where no later tending or rotation finds it.
import { contentOf } from '../content.mjs';
import { isEncryptedFile, isManifest, placeIn } from '../fileKinds.mjs';
import { namesIn } from '../names.mjs';
import { configurationIn, withModule } from '../store.mjs';

const KEY_BYTES = 32;

/** @param {string} folder @returns {Promise<string[]>} */
export async function plainArchive(folder) {
  const archiving = /** @type {const} */ ({
    retentionStrategy: 'priority-based',
    priorityRules: [{ condition: 'automatic', priority: 1, action: 'archive', description: 'all of them' }],
  });
  await withModule(
    folder,
    async (module) => {
      for (const count of [1, 2, 3]) await module.saveConfiguration(contentOf(count), configurationIn(folder));
    },
    {
      options: {
        encryption: { key: Buffer.alloc(KEY_BYTES, 'key') },
        retentionPolicy: { ...archiving, priorityRules: [...archiving.priorityRules] },
      },
    },
  );
  const [key = ''] = await namesIn(placeIn(folder, 'archive'));
  const archived = (await namesIn(placeIn(folder, 'archive', key))).filter((name) => !isManifest(name));
  const plain = archived.filter((name) => !isEncryptedFile(name));
  if (archived.length === 0) return ['nothing was archived'];
  return plain.length === 0 ? [] : [`${plain.length} of ${archived.length} archived backups are plain`];
}
