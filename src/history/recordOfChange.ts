/** Makes a record of the history from what the records of a configuration tell of a change. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { PersistenceOperationType } from '../../interfaces/enums.js';
import type { RecordedChange } from '../storage/port/RecordedChange.js';
import type { Location } from '../storage/port/Work.js';
import { entryId, type OperationRecord } from './records.js';

const { OPERATION_LOG } = CONFIG_PERSISTENCE_CONSTANTS;

export function recordOfChange(location: Pick<Location, 'name' | 'id'>, change: RecordedChange): OperationRecord {
  const { time, sequence, user, kind } = change;
  const isRemoval = kind === 'delete';
  return {
    record: 'operation',
    id: entryId(time, OPERATION_LOG.NO_WRITER, sequence),
    operationType: isRemoval ? PersistenceOperationType.DELETE : operationTypeOf(change),
    filePath: location.name,
    ...(location.id === location.name ? {} : { location: location.id }),
    time,
    durationMs: 0,
    ...(user === undefined ? {} : { user }),
    details: {
      origin: 'caller',
      kind: kind === 'save' ? change.operation : kind,
      revision: sequence,
      ...(kind === 'save' ? { checksumAfter: change.checksum } : {}),
      ...(isRemoval ? { checksumAfter: null } : {}),
      source: 'records',
    },
  };
}

/** What made the change, where that is a kind of operation by itself. */
function operationTypeOf(change: RecordedChange): PersistenceOperationType {
  const kinds = Object.values(PersistenceOperationType);
  const name = change.kind === 'save' ? change.operation : undefined;
  return kinds.find((kind) => kind === name) ?? PersistenceOperationType.SAVE;
}
