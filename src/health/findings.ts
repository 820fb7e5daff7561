/** Short cuts for the issues of checks. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { HealthIssueType, IssueSeverity } from '../../interfaces/enums.js';
import type { FoundList } from './FoundList.js';
import type { FoundIssue, Repair } from './Check.js';

const { HEALTH_FINDINGS } = CONFIG_PERSISTENCE_CONSTANTS;

type FindingName = keyof typeof HEALTH_FINDINGS;
/** Those that have an advice beside them. */
export type AdvisedFinding = {
  [N in FindingName]: `${N}_ADVICE` extends FindingName ? N : never;
}[FindingName];

interface FilesFinding {
  readonly finding: AdvisedFinding;
  readonly type: HealthIssueType;
  readonly severity: IssueSeverity;
  readonly repair?: (path: string) => Repair;
}

/** One issue about all of these files; none where there are no files. */
export function issueAbout(
  { items, count }: Pick<FoundList<string>, 'items' | 'count'>,
  { finding, type, severity, repair }: FilesFinding,
): FoundIssue[] {
  if (count === 0) return [];
  return [
    {
      type,
      severity,
      description: `${HEALTH_FINDINGS[finding]}: ${count}`,
      recommendation: adviceOf(finding),
      affectedFiles: items,
      ...(repair === undefined ? {} : { repairs: items.map(repair) }),
    },
  ];
}

export function adviceOf(finding: AdvisedFinding): string {
  return HEALTH_FINDINGS[`${finding}_ADVICE`];
}
