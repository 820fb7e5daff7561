/** In which state each kept content was verified, and what came out. What is gone is forgotten after the next whole pass. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { InspectedEntry } from '../../storage/port/StoreInspection.js';
import type { OpenedOutcome } from './SnapshotProbe.js';

const { MAX_REMEMBERED_SNAPSHOTS } = CONFIG_PERSISTENCE_CONSTANTS.HEALTH_MONITORING;

export interface VerifiedSnapshot extends OpenedOutcome {
  readonly path: string;
  readonly mark: string;
  readonly isCompressed: boolean;
  readonly storedBytes: number;
  /** The pass that has met it last. */
  pass: number;
}

export class SnapshotMemory {
  readonly #byId = new Map<string, VerifiedSnapshot>();
  #pass = 0;

  beginPass(): void {
    this.#pass += 1;
  }

  endPass(): void {
    for (const [id, { pass }] of this.#byId) if (pass !== this.#pass) this.#byId.delete(id);
  }

  /** Undefined where it was not verified in this state. */
  find(id: string, mark: string): VerifiedSnapshot | undefined {
    const known = this.#byId.get(id);
    if (known?.mark !== mark) return undefined;
    known.pass = this.#pass;
    return known;
  }

  add({ path, mark, snapshot, sizeBytes: storedBytes }: InspectedEntry, outcome: OpenedOutcome): void {
    if (snapshot === undefined) return;
    const { id, isCompressed } = snapshot;
    // A problem is worth more than the room that it takes.
    const isKept = this.#byId.size < MAX_REMEMBERED_SNAPSHOTS || outcome.problem !== undefined;
    if (isKept) this.#byId.set(id, { path, mark, isCompressed, storedBytes, pass: this.#pass, ...outcome });
  }

  /** Those that the present pass has met. */
  *seen(): Generator<VerifiedSnapshot, void> {
    for (const known of this.#byId.values()) if (known.pass === this.#pass) yield known;
  }
}
