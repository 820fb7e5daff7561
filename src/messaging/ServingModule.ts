/**
 * A module that serves requests, by transfer and by message alike.
 *
 * It decides who is served and where the reply goes; what a request asks for is left to `RequestHandler`, the work to the
 * operations of the subclass.
 */
import type { DataTransfer, Message, MessageResponse } from '../../interfaces/framework.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { BaseModule } from '../framework/BaseModule.js';
import { completeResponse } from '../framework/messages.js';
import {
  answerRequest,
  isRequestKind,
  refusal,
  type ConfigurationRequest,
  type Reply,
  type RequestOperations,
} from './RequestHandler.js';

export abstract class ServingModule extends BaseModule {
  /** What requests reach. @internal */
  protected abstract get requestOperations(): RequestOperations;

  /** Whether only registered input connections are served, and only for their `dataTypes`. */
  protected abstract get isStrict(): boolean;

  /** Serves requests by message; anything else is the host's. */
  override async handleMessage(message: Message): Promise<MessageResponse | undefined> {
    const { id, type: kind, source, payload: data } = message;
    if (!isRequestKind(kind)) return super.handleMessage(message);
    const isServed = !this.isStrict || this.findInputConnectionFrom(source, kind) !== undefined;
    const reply = await this.#answer({ id, kind, data }, isServed);
    const { success } = reply;
    return completeResponse(message, success ? reply : { success, data: reply.data, error: reply.data.message });
  }

  /** Serves requests by transfer and answers on the output connections. */
  protected override async onDataReceived(transfer: DataTransfer): Promise<void> {
    const { id, data } = transfer;
    const kind = transfer.metadata?.type;
    if (typeof kind !== 'string' || !isRequestKind(kind)) return;
    const isServed = !this.isStrict || this.findInputConnection(transfer) !== undefined;
    const reply = await this.#answer({ id, kind, data }, isServed);
    await this.transferData(reply.data, undefined, { type: reply.kind, requestId: id, correlationId: id });
  }

  async #answer(request: ConfigurationRequest, isServed: boolean): Promise<Reply> {
    if (isServed) return answerRequest(this.requestOperations, request);
    const reason = 'no registered input connection lets this kind of request pass from its sender';
    return refusal(request, persistenceError('ERR_INVALID_REQUEST', reason));
  }
}
