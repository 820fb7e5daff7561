/**
 * Who gets what is published to a topic. A subscription ends with `unsubscribe` and with its module; nothing is kept of topics
 * that nobody subscribes to.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';

const { EVERY_TOPIC } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

/** How the topics of a message center are used now. */
export interface SubscriptionStats {
  totalTopics: number;
  /** Of single topics; a module that gets every topic counts in `wildcardSubscriptions`. */
  totalSubscriptions: number;
  wildcardSubscriptions: number;
  topics: string[];
}

export class TopicSubscriptions {
  /** Topic to the ids of modules, in the order of subscribing. */
  readonly #byTopic = new Map<string, Set<string>>();
  /** Those that get every topic. */
  readonly #ofEverything = new Set<string>();

  /** @param topic undefined for every topic. A second time changes nothing. */
  subscribe(moduleId: string, topic: string | undefined): void {
    if (topic === undefined) {
      this.#ofEverything.add(moduleId);
      return;
    }
    const subscribers = this.#byTopic.get(topic) ?? new Set();
    this.#byTopic.set(topic, subscribers.add(moduleId));
  }

  /** @param topic undefined for the subscription of every topic; those of single topics stay. */
  unsubscribe(moduleId: string, topic: string | undefined): void {
    if (topic === undefined) {
      this.#ofEverything.delete(moduleId);
      return;
    }
    const subscribers = this.#byTopic.get(topic);
    subscribers?.delete(moduleId);
    if (subscribers?.size === 0) this.#byTopic.delete(topic);
  }

  /** Ends all subscriptions of the module. */
  remove(moduleId: string): void {
    this.#ofEverything.delete(moduleId);
    for (const topic of [...this.#byTopic.keys()]) this.unsubscribe(moduleId, topic);
  }

  clear(): void {
    this.#byTopic.clear();
    this.#ofEverything.clear();
  }

  /** Each module once: those of the topic, then those of every topic. */
  subscribersOf(topic: string): string[] {
    return [...new Set([...(this.#byTopic.get(topic) ?? []), ...this.#ofEverything])];
  }

  isSubscribed(moduleId: string, topic: string): boolean {
    return this.#ofEverything.has(moduleId) || this.#byTopic.get(topic)?.has(moduleId) === true;
  }

  /** The topics of the module; `*` comes first where it gets every topic. */
  topicsOf(moduleId: string): string[] {
    const topics = [...this.#byTopic].filter(([, subscribers]) => subscribers.has(moduleId)).map(([topic]) => topic);
    return this.#ofEverything.has(moduleId) ? [EVERY_TOPIC, ...topics] : topics;
  }

  /** Topics that have a subscriber of their own. */
  get topics(): string[] {
    return [...this.#byTopic.keys()];
  }

  get stats(): SubscriptionStats {
    const counts = [...this.#byTopic.values()].map(({ size }) => size);
    return {
      totalTopics: this.#byTopic.size,
      totalSubscriptions: counts.reduce((sum, count) => sum + count, 0),
      wildcardSubscriptions: this.#ofEverything.size,
      topics: this.topics,
    };
  }
}
