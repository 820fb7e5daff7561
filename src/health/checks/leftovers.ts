/**
 * Temporary files that nobody works on any more. Of a configuration with records, the lock tells: its holder works on
 * them. Anything else counts only when no change or export takes so long.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { HealthIssueType, IssueSeverity } from '../../../interfaces/enums.js';
import type { InspectedEntry } from '../../storage/port/StoreInspection.js';
import type { Check, CheckContext, Repair } from '../Check.js';
import { FoundList } from '../FoundList.js';
import { issueAbout } from '../findings.js';

const { EXCHANGE, HEALTH_FINDINGS, HEALTH_REPAIRS } = CONFIG_PERSISTENCE_CONSTANTS;
const { ABANDONED_AFTER_MS: olderThanMs } = EXCHANGE;
const type = HealthIssueType.ORPHANED_DATA;

export const leftovers: Check = {
  name: 'leftovers',
  description: 'Temporary files of changes that have ended',
  types: [type],
  run: async (context) => {
    const { inspection, survey } = context;
    if (inspection === undefined) return { issues: [], leftOut: HEALTH_FINDINGS.NO_INSPECTION };
    const { temporaries, tombstones, cut } = await survey();
    const left = new Map<string, InspectedEntry>();
    for (const entry of temporaries.items) if (await isLeft(entry, context)) left.set(entry.path, entry);
    const unknown = new FoundList<string>();
    for (const entry of tombstones.items) {
      if (entry.configuration === undefined) unknown.add(() => entry.path);
      else if (await isLeft(entry, context)) left.set(entry.path, entry);
    }
    const found = { items: [...left.keys()], count: left.size };
    return {
      issues: [
        ...issueAbout(found, {
          finding: 'LEFTOVER',
          type,
          severity: IssueSeverity.LOW,
          repair: (path) => repairOf(path, left.get(path)?.configuration, context),
        }),
        ...issueAbout(unknown, { finding: 'TOMBSTONE', type, severity: IssueSeverity.MEDIUM }),
        ...issueAbout(cut, { finding: 'FOLDER_CUT', type, severity: IssueSeverity.LOW }),
      ],
      metrics: { temporaryFiles: left.size, tombstones: unknown.count, cutFolders: cut.count },
    };
  },
};

async function isLeft({ path, configuration, modifiedAt }: InspectedEntry, context: CheckContext): Promise<boolean> {
  const { store, inspection, operation, clock } = context;
  if (configuration === undefined) return clock.now() - modifiedAt > olderThanMs;
  const location = await store.resolve(configuration, operation);
  const { isLocked, canBeTaken } = await store.locks.status(location, operation);
  if (isLocked && !canBeTaken) return false;
  // Its maker may have ended since it was seen; one that begins now gives its file another name.
  return inspection?.isThere(path) === true;
}

function repairOf(path: string, configuration: string | undefined, { inspection, mend }: CheckContext): Repair {
  if (configuration === undefined) {
    return {
      filePath: path,
      action: HEALTH_REPAIRS.REMOVE_LEFTOVER,
      run: async (operation) => (await inspection?.repair({ kind: 'leftover', path, olderThanMs }, operation)) === true,
    };
  }
  return {
    filePath: path,
    action: HEALTH_REPAIRS.CLEAR_LEFTOVERS,
    run: async (operation) => {
      // One repair clears all of a configuration.
      if (inspection?.isThere(path) !== true) return true;
      await mend.clearLeftovers(configuration, operation);
      return !inspection.isThere(path);
    },
  };
}
