/** A store that is none of files, as if it were folders: what its port tells of configurations and kept contents. */
import type { ConfigStore } from '../../storage/port/ConfigStore.js';
import type { InspectedEntry, InspectedFolder } from '../../storage/port/StoreInspection.js';
import type { Work } from '../../storage/port/Work.js';

const WHOLE = { foreignCount: 0, isCut: false } as const;
const IN_ORDER = { mode: 0, allowedMode: 0, neededMode: 0, isForeign: false } as const;

export async function* foldersOfPort(store: ConfigStore, work: Work): AsyncGenerator<InspectedFolder, void> {
  for await (const name of store.list(work)) {
    const { content } = await store.read(await store.resolve(name, work), work);
    yield { area: 'metadata', path: name, key: name, configuration: name, entries: [], ...WHOLE };
    if (content === undefined) continue;
    const { bytes, modifiedAt } = content;
    const entry: InspectedEntry = {
      path: name,
      kind: 'configuration',
      sizeBytes: bytes.length,
      modifiedAt,
      mark: '',
      ...IN_ORDER,
    };
    yield { area: 'configurations', path: name, entries: [entry], ...WHOLE };
  }
  for (const key of await store.snapshots.keys(work)) {
    const configuration = await store.snapshots.nameOf(key, work);
    const snapshots = await store.snapshots.list({ key }, work);
    const entries = snapshots.map((snapshot): InspectedEntry => {
      const { path, storedBytes: sizeBytes, createdAt: modifiedAt, isCompressed, isEncrypted } = snapshot;
      const mark = `${sizeBytes}.${isCompressed}.${isEncrypted}`;
      return { path, kind: 'snapshot', sizeBytes, modifiedAt, mark, snapshot, ...IN_ORDER };
    });
    yield {
      area: 'backups',
      path: key,
      key,
      ...(configuration === undefined ? {} : { configuration }),
      entries,
      ...WHOLE,
    };
  }
}
