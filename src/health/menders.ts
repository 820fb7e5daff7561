/** Repairs of single configurations, each under its lock and by the ways that changes take too. */
import type { BackupMaker } from '../backup/BackupMaker.js';
import type { Formats } from '../codec/Formats.js';
import type { Operation } from '../engine/Operation.js';
import type { RecoveringReads } from '../engine/RecoveringReads.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Location } from '../storage/port/Work.js';
import type { Menders } from './Check.js';

export interface MenderParts {
  readonly store: ConfigStore;
  readonly formats: Formats;
  /** Brings damaged files back, whatever the option `autoRecover` says. */
  readonly restorer: Pick<RecoveringReads, 'read'>;
  readonly maker: BackupMaker;
}

export function mendersOf({ store, formats, restorer, maker }: MenderParts): Menders {
  const locate = (name: string, operation: Operation): Promise<Location> => store.resolve(name, operation);
  return {
    restore: async (name, operation) => {
      const location = await locate(name, operation);
      const { saved } = await store.read(location, operation);
      const codec = saved === undefined ? formats.require(name, undefined) : formats.recorded(saved.format, name);
      return (await restorer.read(location, codec, operation)).recovered !== undefined;
    },
    backUp: async (name, operation) => {
      const location = await locate(name, operation);
      const request = { location, label: undefined, options: {} };
      return operation.underLock(location, async (guard) => (await maker.make(request, guard, operation)).success);
    },
    clearLeftovers: async (name, operation) => {
      const location = await locate(name, operation);
      await operation.underLock(location, async (guard) =>
        store.inspection?.clearLeftovers(location, guard, operation),
      );
      return true;
    },
  };
}
