/** The evidence about a configuration's file that the judgement of its journal asks for. */
import { dirname, join } from 'node:path';
import { checksumOf, lookAt, readFileContent, type FileContent } from './io/durableFile.js';
import type { FileIdentity } from './io/FileIdentity.js';
import type { FileOperations } from './io/FileOperations.js';
import type { FileEvidence } from './journal/judgement.js';

interface Place {
  readonly real: string;
}

/** For a file whose content is at hand. */
export function evidenceOf(io: FileOperations, { real }: Place, file: FileContent | undefined): FileEvidence {
  return {
    identity: file?.identity,
    checksum: () => Promise.resolve(file?.checksum ?? checksumOf(new Uint8Array())),
    temporaryExists: (name) => exists(io, real, name),
  };
}

/** For a file that is read only where the question cannot be answered without; at most once. */
export function lazyEvidence(
  io: FileOperations,
  { real }: Place,
  identity: FileIdentity | undefined,
  maxBytes: number,
): FileEvidence {
  let checksum: Promise<string> | undefined;
  return {
    identity,
    checksum: () => (checksum ??= readChecksum(io, real, maxBytes)),
    temporaryExists: (name) => exists(io, real, name),
  };
}

async function readChecksum(io: FileOperations, path: string, maxBytes: number): Promise<string> {
  return (await readFileContent(io, path, maxBytes))?.checksum ?? checksumOf(new Uint8Array());
}

async function exists(io: FileOperations, path: string, name: string): Promise<boolean> {
  return (await lookAt(io, join(dirname(path), name))) !== undefined;
}
