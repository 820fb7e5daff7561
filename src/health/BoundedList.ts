/** The first of many, and how many there are: what is found must fit into memory, however much of it there is. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';

const { MAX_AFFECTED_FILES } = CONFIG_PERSISTENCE_CONSTANTS.HEALTH_MONITORING;

export class BoundedList<T> {
  readonly items: T[] = [];
  count = 0;

  add(item: T): void {
    this.count += 1;
    if (this.items.length < MAX_AFFECTED_FILES) this.items.push(item);
  }
}

export function boundedList<T>(all: Iterable<T>): BoundedList<T> {
  const list = new BoundedList<T>();
  for (const one of all) list.add(one);
  return list;
}
