/** What a module sends without being asked, and over which of its connections: only those that are meant for it. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { IssueSeverity } from '../../interfaces/enums.js';
import type { ConnectionInfo } from '../../interfaces/framework.js';
import type { ErrorReport, PersistenceAlert } from '../../interfaces/messages.js';
import type { Refusal } from './Reply.js';

const { CONNECTION_TYPES, DATA_TRANSFER_TYPES: KIND, HEALTH_FINDINGS } = CONFIG_PERSISTENCE_CONSTANTS;

/** Kind to the type of connections that are for it. */
const MEANT_FOR = {
  [KIND.HEALTH_REPORT]: CONNECTION_TYPES.HEALTH_STATUS_OUTPUT,
  [KIND.ERROR_REPORT]: CONNECTION_TYPES.ERROR_OUTPUT,
  [KIND.PERSISTENCE_RESULT]: CONNECTION_TYPES.PERSISTENCE_RESULT_OUTPUT,
  [KIND.BACKUP_NOTIFICATION]: CONNECTION_TYPES.BACKUP_NOTIFICATION_OUTPUT,
} as const;

export type UnaskedKind = keyof typeof MEANT_FOR;

/** Ids of those that name the kind in their `dataTypes`, or are of its type by their id or their metadata's `type`. */
export function connectionsFor(kind: UnaskedKind, outputs: readonly ConnectionInfo[]): string[] {
  const type = MEANT_FOR[kind];
  const isMeant = ({ id, dataTypes, metadata }: ConnectionInfo): boolean =>
    dataTypes?.includes(kind) === true || id === type || metadata?.type === type;
  return outputs.filter(isMeant).map(({ id }) => id);
}

/** An alert as an `error-report`; undefined for one that is no failure, or that its sender has been told of already. */
export function reportOfAlert({
  type,
  status,
  check,
  description,
  filePath,
  timestamp,
}: PersistenceAlert): ErrorReport | undefined {
  if (type !== 'health' || status !== 'raised') return undefined;
  return {
    requestId: '',
    requestType: 'alert',
    code: `health:${check ?? ''}`,
    message: description,
    filePath,
    timestamp,
  };
}

/** The alert about a failure that nobody was told of. */
export function alertOfUntold({ data }: Refusal, defaultPath: string): PersistenceAlert {
  const { code, message, requestType, filePath = defaultPath, timestamp } = data;
  const description = `${HEALTH_FINDINGS.UNDELIVERED_FAILURE}: ${requestType}, ${message}`;
  return { type: 'request-failed', severity: IssueSeverity.MEDIUM, filePath, description, code, timestamp };
}

/** Whether anybody has taken a transfer, as far as the host tells: one that tells nothing counts as if somebody had. */
export function isDelivered(outcomes: unknown): boolean {
  return !Array.isArray(outcomes) || outcomes.some((one: { status?: unknown } | null) => one?.status === 'delivered');
}
