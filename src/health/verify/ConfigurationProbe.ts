/** Reads configurations with their records to see whether they can be loaded; what is unchanged since is not read again. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { IntegrityIssueType } from '../../../interfaces/enums.js';
import type { Formats } from '../../codec/Formats.js';
import { isDecodable } from '../../engine/contentText.js';
import { findingsOfState } from '../../engine/integrityFindings.js';
import { PersistenceError } from '../../errors/PersistenceError.js';
import { isSystemError } from '../../errors/StorageError.js';
import type { ConfigStore, Etag, StoredConfiguration } from '../../storage/port/ConfigStore.js';
import { assertOngoing, type Location, type Work } from '../../storage/port/Work.js';

const { MAX_REMEMBERED_CONFIGURATIONS } = CONFIG_PERSISTENCE_CONSTANTS.HEALTH_MONITORING;

export type ProbedState =
  | 'good'
  /** An edit by another program, or never saved here: whoever edits may do that. */
  | 'foreign'
  | 'damaged'
  | 'missing'
  | 'journal-damaged'
  | 'both-damaged'
  | 'unreadable';

export interface ProbedConfiguration {
  readonly state: ProbedState;
  /** Of the save that counts. */
  readonly changedAt?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

interface Remembered {
  readonly location: Location;
  readonly etag: Etag;
  readonly probed: ProbedConfiguration;
}

export class ConfigurationProbe {
  readonly #store: ConfigStore;
  readonly #formats: Formats;
  // A cache of that size takes all its room when it is made, by every module, whether it checks its health or not.
  readonly #known = new Map<string, Remembered>();

  constructor(store: ConfigStore, formats: Formats) {
    this.#store = store;
    this.#formats = formats;
  }

  /** What was found, where nothing has changed since. */
  async known(name: string, work: Work): Promise<ProbedConfiguration | undefined> {
    const remembered = this.#known.get(name);
    if (remembered === undefined) return undefined;
    try {
      return (await this.#store.isCurrent(remembered.location, remembered.etag)) ? remembered.probed : undefined;
    } catch {
      // What cannot be looked at counts as changed; reading it says why.
      assertOngoing(work);
      return undefined;
    }
  }

  async probe(name: string, work: Work): Promise<ProbedConfiguration> {
    this.#known.delete(name);
    try {
      const location = await this.#store.resolve(name, work);
      const stored = await this.#store.read(location, work);
      const probed = this.#judge(name, stored);
      const { etag } = stored;
      const hasRoom = this.#known.size < MAX_REMEMBERED_CONFIGURATIONS;
      if (etag !== undefined && hasRoom) this.#known.set(name, { location, etag, probed });
      return probed;
    } catch (error) {
      assertOngoing(work);
      if (!(error instanceof PersistenceError) && !isSystemError(error)) throw error;
      const { code, message } = error;
      // The records of another application, whose folders this one may not touch.
      if (code === 'ERR_INVALID_FILE_PATH') return { state: 'foreign' };
      return { state: code === 'ERR_JOURNAL_DAMAGED' ? 'journal-damaged' : 'unreadable', error: { code, message } };
    }
  }

  #judge(name: string, stored: StoredConfiguration): ProbedConfiguration {
    const { state, content, saved } = stored;
    const changed = saved === undefined ? {} : { changedAt: saved.time };
    if (content === undefined) return { state: saved === undefined ? 'foreign' : 'missing', ...changed };
    const codec = this.#formats.recognise(name);
    const isReadInItsFormat = saved === undefined || saved.format === codec?.format;
    const recorded = saved === undefined ? codec : this.#formats.recorded(saved.format, name);
    const isEmptied = findingsOfState(stored).some(({ type }) => type === IntegrityIssueType.FILE_CORRUPTION);
    const isReadable = recorded === undefined || (!isEmptied && isDecodable(content.bytes, recorded));
    if (state === 'records-damaged') return { state: isReadable ? 'journal-damaged' : 'both-damaged' };
    if (state === 'untracked') return { state: 'foreign' };
    if (state === 'as-saved') return { state: 'good', ...changed };
    // Read in another format than it was saved in, it may be just that.
    return { state: isReadable || !isReadInItsFormat ? 'foreign' : 'damaged', ...changed };
  }
}
