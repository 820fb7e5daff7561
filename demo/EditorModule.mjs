// @ts-check
// A second module of the host: asks over its connections for work and waits for the answers.
import { setTimeout } from 'node:timers/promises';
import { BaseModule } from 'rcc-config-persistence';

/** @import { DataTransfer } from 'rcc-config-persistence' */

/** @typedef {{ promise: Promise<DataTransfer>, arrive: (transfer: DataTransfer) => void }} Answer */

const ANSWER_TIMEOUT_MS = 10_000;

export class EditorModule extends BaseModule {
  /** By the id of the request, which every answer carries; an answer may come before anybody waits for it. @type {Map<string, Answer>} */
  #answers = new Map();

  /**
   * Connects this module with another one, both ways: one connection for each kind of request, one for all answers.
   *
   * @param {BaseModule} other
   * @param {{ requests: string[], answers: string[] }} kinds
   */
  connect(other, { requests, answers }) {
    const [here, there] = [this.getInfo().id, other.getInfo().id];
    for (const kind of requests) {
      // A transfer takes its metadata from its connection, and the kind of a transfer is `metadata.type`.
      const connection = { id: kind, sourceModuleId: here, targetModuleId: there, dataTypes: [kind] };
      this.addOutputConnection({ ...connection, type: 'output', metadata: { type: kind } });
      other.addInputConnection({ ...connection, type: 'input', metadata: { type: kind } });
    }
    const answer = { id: 'answers', sourceModuleId: there, targetModuleId: here, dataTypes: answers };
    other.addOutputConnection({ ...answer, type: 'output' });
    this.addInputConnection({ ...answer, type: 'input' });
  }

  /** @override @param {DataTransfer} transfer */
  async receiveData(transfer) {
    await super.receiveData(transfer);
    const { requestId } = /** @type {{ requestId?: unknown }} */ (transfer.data);
    if (typeof requestId === 'string') this.#answerTo(requestId).arrive(transfer);
  }

  /**
   * Sends one request and resolves to the transfer that answers it.
   *
   * @param {string} kind
   * @param {Record<string, unknown>} data
   * @returns {Promise<DataTransfer>}
   */
  async request(kind, data) {
    const [outcome] = await this.transferData(data, kind);
    if (outcome?.status !== 'delivered') throw new Error(`The request was not delivered: ${outcome?.status}`);
    const timeout = new AbortController();
    const { signal } = timeout;
    const late = setTimeout(ANSWER_TIMEOUT_MS, undefined, { signal }).then(() => {
      throw new Error('The answer did not come in time.');
    });
    try {
      return await Promise.race([this.#answerTo(outcome.transferId).promise, late]);
    } finally {
      late.catch(() => undefined);
      timeout.abort();
      this.#answers.delete(outcome.transferId);
    }
  }

  /** @param {string} requestId @returns {Answer} */
  #answerTo(requestId) {
    const known = this.#answers.get(requestId);
    if (known !== undefined) return known;
    /** @type {(transfer: DataTransfer) => void} */
    let arrive = () => undefined;
    /** @type {Promise<DataTransfer>} */
    const promise = new Promise((resolve) => (arrive = resolve));
    const answer = { promise, arrive };
    this.#answers.set(requestId, answer);
    return answer;
  }
}
