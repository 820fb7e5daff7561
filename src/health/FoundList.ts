/** What health finds must fit into memory, however much of it there is. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { BoundedList } from '../comparison/BoundedList.js';

const { MAX_AFFECTED_FILES } = CONFIG_PERSISTENCE_CONSTANTS.HEALTH_MONITORING;

export class FoundList<Item> extends BoundedList<Item> {
  constructor(all: Iterable<Item> = []) {
    super(MAX_AFFECTED_FILES);
    for (const one of all) this.add(() => one);
  }
}
