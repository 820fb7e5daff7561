/** Local stores for the tests of the stores: in a folder that goes after the test, with small limits. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFileOperations, type FileOperations } from '../../src/storage/local/io/FileOperations.js';
import { LocalConfigStore } from '../../src/storage/local/LocalConfigStore.js';
import { PathGuard } from '../../src/storage/local/paths/PathGuard.js';
import { temporaryFolder } from '../support/moduleFixture.js';
import type { StoreSubject } from './conformance/storeFixture.js';

const KEPT_VERSIONS = 40;
let lastNumber = 0;

export interface Variation {
  readonly io?: FileOperations;
  readonly lockDirectory?: string;
}

export function createLocalStore(
  folder: string,
  { io = nodeFileOperations, lockDirectory = 'locks' }: Variation = {},
): LocalConfigStore {
  lastNumber += 1;
  return new LocalConfigStore(io, {
    metadataDirectory: join(folder, 'metadata'),
    lockDirectory: join(folder, lockDirectory),
    backupDirectory: join(folder, 'backups'),
    archiveDirectory: join(folder, 'archive'),
    pathGuard: new PathGuard([folder]),
    modes: {
      configFile: 0o600,
      configDirectory: 0o700,
      metadataFile: 0o600,
      metadataDirectory: 0o700,
      lockFile: 0o600,
      lockDirectory: 0o700,
      backupFile: 0o600,
      backupDirectory: 0o700,
    },
    maxBytes: 1024,
    keptVersions: KEPT_VERSIONS,
    mayWriteInPlace: false,
    probe: isJson,
    process: { pid: process.pid, host: 'test-host', module: `store-${lastNumber}` },
  });
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(bytes).toString());
    return true;
  } catch {
    return false;
  }
}

export function localSubject(folder = temporaryFolder(), variation: Variation = {}): StoreSubject {
  let unlocked = 0;
  return {
    createStore: () => createLocalStore(folder, variation),
    createUnlockedStore: () => {
      unlocked += 1;
      return createLocalStore(folder, { ...variation, lockDirectory: `locks of ${unlocked}` });
    },
    nameOf: (short) => join(folder, short),
    changeOutside: (short, text) =>
      text === undefined ? rm(join(folder, short)) : writeFile(join(folder, short), text),
    keptVersions: KEPT_VERSIONS,
    shortestLeaseMs: 50,
    // A record has about 600 bytes and a journal is compacted above 64 KiB.
    changesUntilTidy: 140,
  };
}
