/** The counts of the `MessageCenter`. Its own notifications are not in them: they tell of the modules' messages. */

/** What `getStats()` gives, since the center was made. */
export interface MessageCenterStats {
  /** Sent messages, broadcasts and requests; a broadcast counts once. */
  totalMessages: number;
  totalRequests: number;
  /** Requests that wait for their answer now. */
  activeRequests: number;
  registeredModules: number;
  /** Deliveries whose receiver did not throw; a broadcast counts once per receiver. */
  messagesDelivered: number;
  /** No such target, expired, or the receiver (or the callback for its answer) threw. */
  messagesFailed: number;
  /** Milliseconds from sending to answer, over all answered requests; 0 before the first. */
  averageResponseTime: number;
  /** Milliseconds since the center was made. */
  uptime: number;
}

export class MessageStatistics {
  readonly #startedAtMs = performance.now();
  totalMessages = 0;
  totalRequests = 0;
  messagesDelivered = 0;
  messagesFailed = 0;

  report(activeRequests: number, registeredModules: number, averageResponseTime: number): MessageCenterStats {
    return {
      totalMessages: this.totalMessages,
      totalRequests: this.totalRequests,
      activeRequests,
      registeredModules,
      messagesDelivered: this.messagesDelivered,
      messagesFailed: this.messagesFailed,
      averageResponseTime,
      uptime: performance.now() - this.#startedAtMs,
    };
  }
}
