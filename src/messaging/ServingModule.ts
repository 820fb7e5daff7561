/**
 * A module that serves requests, by transfer and by message alike.
 *
 * It decides who is served and where the reply goes; what a request asks for is left to `RequestHandler`, the work to the
 * operations of the subclass.
 */
import type { DataTransfer, Message, MessageResponse } from '../../interfaces/framework.js';
import { BaseModule } from '../framework/module/BaseModule.js';
import { completeResponse } from '../framework/messages/messages.js';
import { refuseUnreadable, requestOf } from './envelopes.js';
import {
  answerRequest,
  isRequestKind,
  refuseUnconnected,
  type ConfigurationRequest,
  type Reply,
  type RequestOperations,
} from './RequestHandler.js';

export abstract class ServingModule extends BaseModule {
  /** What requests reach. @internal */
  protected abstract get requestOperations(): RequestOperations;

  /** Whether only registered input connections are served, and only for their `dataTypes`. */
  protected abstract get isStrict(): boolean;

  /** Serves requests by message; anything else is the host's. @throws PersistenceError `ERR_INVALID_REQUEST` for no message. */
  override async handleMessage(message: Message): Promise<MessageResponse | undefined> {
    const request = requestOf(message);
    if (request === undefined) return super.handleMessage(message);
    const isServed = !this.isStrict || this.findInputConnectionFrom(message.source, request.kind) !== undefined;
    const reply = await this.#answer(request, isServed);
    const { success, data } = reply;
    return completeResponse(message, reply.success ? { success, data } : { success, data, error: reply.data.message });
  }

  /** Takes a transfer; of one that cannot be read its sender is told, as far as it can be seen who that is. */
  override async receiveData(transfer: DataTransfer): Promise<void> {
    const report = refuseUnreadable(transfer);
    if (report === undefined || this.state === 'destroyed') return super.receiveData(transfer);
    await this.#sendReply(report.data.requestId, report);
  }

  /** Serves requests by transfer and answers on the output connections. */
  protected override async onDataReceived(transfer: DataTransfer): Promise<void> {
    const kind = transfer.metadata?.type;
    if (!isRequestKind(kind)) return;
    const isServed = !this.isStrict || this.findInputConnection(transfer) !== undefined;
    const request = { id: transfer.id, kind, data: () => transfer.data };
    await this.#sendReply(transfer.id, await this.#answer(request, isServed));
  }

  #answer(request: ConfigurationRequest, isServed: boolean): Reply | Promise<Reply> {
    return isServed ? answerRequest(this.requestOperations, request) : refuseUnconnected(request);
  }

  async #sendReply(requestId: string, reply: Reply): Promise<void> {
    await this.transferData(reply.data, undefined, { type: reply.kind, requestId, correlationId: requestId });
  }
}
