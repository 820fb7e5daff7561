/** A request as it was read, and what it comes to. */
import type { ErrorReport } from '../../interfaces/messages.js';
import type { FailureData, ReplyData } from '../../interfaces/requests.js';

/** One request, however it came. */
export interface ConfigurationRequest {
  /** Of the transfer or message. */
  readonly id: string;
  /** Such as `save-request`. */
  readonly kind: string;
  /** The data of the transfer or message, or `UNREADABLE`. */
  readonly data: unknown;
}

export type Reply = { readonly success: true; readonly kind: string; readonly data: ReplyData } | Refusal;

export interface Refusal {
  readonly success: false;
  readonly kind: string;
  readonly data: ErrorReport & FailureData;
}
