/** What the records of owners are called, now and in the folders of older releases. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';

const { OWNER_EXTENSION, FORMER_OWNER_EXTENSION } = CONFIG_PERSISTENCE_CONSTANTS.FILE_LOCKING;

/** What the record of an owner is called. */
export function ownerName(id: string): string {
  return `${id}${OWNER_EXTENSION}`;
}

/** What it may be called. */
export function ownerNames(id: string): readonly string[] {
  return [ownerName(id), `${id}${FORMER_OWNER_EXTENSION}`];
}

/** Whose record it is; undefined for other names. */
export function ownerIdOf(name: string): string | undefined {
  const extension = [OWNER_EXTENSION, FORMER_OWNER_EXTENSION].find((one) => name.endsWith(one));
  return extension === undefined ? undefined : name.slice(0, -extension.length);
}
