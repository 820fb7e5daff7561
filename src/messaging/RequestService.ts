/**
 * Serves the requests of other modules, and tells them what was changed without a request.
 *
 * Owns what is between a request and its operation: who may ask, how many may wait, whose verdict is waited for; and where
 * the reply goes. Which operation a request is, `RequestHandler` says.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { IssueSeverity } from '../../interfaces/enums.js';
import type { ConnectionInfo, DataTransfer } from '../../interfaces/framework.js';
import type { IConfigPersistenceModule } from '../../interfaces/IConfigPersistenceModule.js';
import type { PersistenceAlert } from '../../interfaces/messages.js';
import { describeError } from '../framework/module/DebugLog.js';
import { refusal, replyDataOf, requestReplyOf } from './replies.js';
import type { ConfigurationRequest, Reply } from './Reply.js';
import { answerRequest, refuseUnconnected } from './RequestHandler.js';
import { RequestLimit } from './RequestLimit.js';
import { alertOfUntold, connectionsFor, isDelivered, type UnaskedKind } from './unasked.js';
import { ValidationGate } from './ValidationGate.js';

const { WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;
const { SAVE_REQUEST } = CONFIG_PERSISTENCE_CONSTANTS.DATA_TRANSFER_TYPES;

export interface RequestServiceHost {
  /** The public methods do the work, those that a subclass has overridden included. */
  readonly operations: IConfigPersistenceModule;
  readonly inputs: () => readonly ConnectionInfo[];
  readonly outputs: () => readonly ConnectionInfo[];
  /** Puts data on output connections. Undefined where the host cannot. */
  readonly send: (
    data: object,
    connectionId: string | undefined,
    metadata: Record<string, unknown>,
  ) => Promise<unknown>;
  /** Whether only registered connections are served. */
  readonly isStrict: () => boolean;
  readonly defaultPath: () => string;
  /** The absolute form of a path. */
  readonly fullPathOf: (filePath: string) => string;
  readonly validationTimeoutMs: () => number;
  readonly alert: (alert: PersistenceAlert) => void;
  readonly log: (level: 'warn' | 'error', message: string, details: Record<string, unknown>) => void;
}

/** Which request a reply is to. */
export interface Asked {
  readonly id: string;
  readonly kind: string;
  /** Whether its sender takes what `receiveData` resolves to. */
  readonly isAwaited: boolean;
}

export class RequestService {
  readonly #host: RequestServiceHost;
  readonly #limit = new RequestLimit();
  readonly #gate: ValidationGate;
  #isServing = false;

  constructor(host: RequestServiceHost) {
    this.#host = host;
    this.#gate = new ValidationGate({
      inputs: host.inputs,
      outputs: host.outputs,
      timeoutMs: host.validationTimeoutMs,
      fullPathOf: host.fullPathOf,
      forward: (data, connectionId, requestId) => {
        void this.#send(data, connectionId, { type: SAVE_REQUEST, requestId, correlationId: requestId });
      },
    });
  }

  /**
   * What a request comes to; its operation has begun when the call returns, unless a verdict is waited for. Never rejects.
   *
   * @param connection that it came over, where it is a registered one for its kind.
   * @param source id of the module that asks, where that is known.
   */
  async answer(
    request: ConfigurationRequest,
    connection: ConnectionInfo | undefined,
    source: string | undefined,
  ): Promise<Reply> {
    if (this.#host.isStrict() && connection === undefined) return refuseUnconnected(request);
    let leave: (() => void) | undefined;
    try {
      leave = this.#limit.enter(request.data);
      return await this.#gate.pass(request, connection?.sourceModuleId ?? source, (own) => this.#serve(own));
    } catch (error) {
      return refusal(request, error);
    } finally {
      leave?.();
    }
  }

  /** Answers on the output connections that are for the kind of the reply; where that tells nobody, it is an alert. */
  async reply({ id: requestId, kind: requestType, isAwaited }: Asked, reply: Reply): Promise<void> {
    const { metadata } = requestReplyOf(requestId, reply);
    const isTold = await this.#send(reply.data, undefined, { ...metadata });
    if (isTold || isAwaited) return;
    const { alert, log, defaultPath } = this.#host;
    if (reply.success) log('warn', WARNING_MESSAGES.REPLY_UNDELIVERED, { requestId, requestType });
    alert(
      reply.success
        ? {
            type: 'reply-undelivered',
            severity: IssueSeverity.LOW,
            filePath: (reply.data as { filePath?: string }).filePath ?? defaultPath(),
            description: `${WARNING_MESSAGES.REPLY_UNDELIVERED}: ${requestType}`,
            timestamp: reply.data.timestamp,
          }
        : alertOfUntold(reply, defaultPath()),
    );
  }

  /** A verdict about a save-request. */
  takeVerdict(transfer: DataTransfer): void {
    if (this.#gate.take(transfer)) return;
    this.#host.log('warn', WARNING_MESSAGES.VERDICT_IGNORED, { id: transfer.id });
  }

  /**
   * Tells the output connections that are meant for it what a direct call has changed, when it has. A request's operation is
   * told by its reply.
   *
   * @param withoutValues leaves out of the result what may hold values of the configuration.
   */
  announce<R extends object>(
    kind: UnaskedKind,
    changing: Promise<R>,
    withoutValues: (result: R) => object = (result) => result,
  ): Promise<R> {
    if (this.#isServing || this.#host.outputs().length === 0) return changing;
    changing.then(
      (result) => {
        if ((result as { changed?: boolean }).changed === false) return;
        const data = replyDataOf(kind, withoutValues(result), '');
        for (const id of connectionsFor(kind, this.#host.outputs())) void this.#send(data, id, { type: kind });
      },
      () => undefined,
    );
    return changing;
  }

  /** Gives up what waits for verdicts. */
  close(): void {
    this.#gate.close();
  }

  #serve(request: ConfigurationRequest): Promise<Reply> {
    // The operation is asked for inside this call, and what it announces is the reply.
    this.#isServing = true;
    try {
      return answerRequest(this.#host.operations, request);
    } finally {
      this.#isServing = false;
    }
  }

  /** Whether anybody has taken it. */
  async #send(data: object, connectionId: string | undefined, metadata: Record<string, unknown>): Promise<boolean> {
    try {
      return isDelivered(await this.#host.send(data, connectionId, metadata));
    } catch (error) {
      this.#host.log('error', 'a transfer was not sent', { reason: describeError(error) });
      return false;
    }
  }
}
