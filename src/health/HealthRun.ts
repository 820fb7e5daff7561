/**
 * One run over the storage: what its checks share, each part found out once and only when it is asked for. It gives its slot
 * back again and again, so that it holds nobody up.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { Operation } from '../engine/Operation.js';
import type { CheckContext, Menders } from './Check.js';
import type { HealthParts } from './HealthParts.js';
import { foldersOfPort } from './survey/foldersOfPort.js';
import { Survey } from './survey/Survey.js';
import type { Verification } from './verify/Verifier.js';

const { CLOCK_JUMP_MS, SLICE_MS } = CONFIG_PERSISTENCE_CONSTANTS.HEALTH_MONITORING;

export class HealthRun implements CheckContext {
  readonly operation: Operation;
  readonly #parts: HealthParts;
  readonly #maxDurationMs: number;
  #survey: Promise<Survey> | undefined;
  #verification: Promise<Verification> | undefined;
  #breathing: Promise<void> | undefined;
  #sliceBegan = performance.now();

  /** @param maxDurationMs for reading contents. */
  constructor(parts: HealthParts, operation: Operation, maxDurationMs: number) {
    this.#parts = parts;
    this.operation = operation;
    this.#maxDurationMs = maxDurationMs;
  }

  get store() {
    return this.#parts.store;
  }

  get inspection() {
    return this.#parts.store.inspection;
  }

  get clock() {
    return this.#parts.clock;
  }

  get clockWatch() {
    return this.#parts.clockWatch;
  }

  get activity() {
    return this.#parts.activity;
  }

  get keepsBackups(): boolean {
    return this.#parts.keepsBackups;
  }

  get leaseMs(): number {
    return this.#parts.leaseMs;
  }

  get mend(): Menders {
    return this.#parts.mend;
  }

  readonly survey = (): Promise<Survey> => (this.#survey ??= this.#takeSurvey());

  readonly verification = (): Promise<Verification> => (this.#verification ??= this.#verify());

  async #takeSurvey(): Promise<Survey> {
    const { store, verifier, clock } = this.#parts;
    const survey = new Survey(verifier, clock.now() + CLOCK_JUMP_MS);
    verifier.beginSurvey();
    const folders = store.inspection?.folders(this.operation) ?? foldersOfPort(store, this.operation);
    for await (const folder of folders) {
      survey.add(folder);
      await this.#breathe();
    }
    verifier.endSurvey();
    return survey;
  }

  async #verify(): Promise<Verification> {
    const survey = await this.survey();
    const untilMs = performance.now() + this.#maxDurationMs;
    const breathe = (): Promise<void> => this.#breathe();
    return this.#parts.verifier.verify({ survey, untilMs, operation: this.operation, breathe });
  }

  /** Several that work beside each other leave and enter the slot together. */
  #breathe(): Promise<void> {
    this.operation.checkpoint();
    if (this.#breathing === undefined && performance.now() - this.#sliceBegan < SLICE_MS) return Promise.resolve();
    return (this.#breathing ??= this.#pause());
  }

  async #pause(): Promise<void> {
    try {
      this.operation.leaveSlot();
      await nextTurn();
      await this.operation.enterSlot();
    } finally {
      this.#sliceBegan = performance.now();
      this.#breathing = undefined;
    }
  }
}
