/** Reads a configuration to be exported, with what is known of it. */
import type { ConfigurationMetadata } from '../../interfaces/results.js';
import type { Codec } from '../codec/Codec.js';
import type { FormatOption } from '../codec/codecs.js';
import { entryOf, type ReadConfiguration } from '../engine/ConfigurationReader.js';
import type { Operation } from '../engine/Operation.js';
import { notFound } from '../storage/port/conditions.js';
import type { Location } from '../storage/port/Work.js';
import type { TransferParts } from './TransferParts.js';

export interface ExportSource {
  readonly location: Location;
  readonly codec: Codec;
  readonly read: ReadConfiguration;
  readonly metadata: ConfigurationMetadata;
}

/** A configuration on its way into an archive. */
export interface ArchivedConfiguration {
  /** In the archive. */
  readonly name: string;
  readonly source: ExportSource;
}

/** @throws PersistenceError as `loadConfiguration`; `ERR_VALIDATION` where `mustPass` and the options do not agree. */
export async function readSource(
  { store, formats, reads, values }: TransferParts,
  filePath: string,
  { format, mustPass }: { readonly format?: FormatOption | undefined; readonly mustPass: boolean },
  operation: Operation,
): Promise<ExportSource> {
  const location = await store.resolve(filePath, operation);
  const codec = formats.require(location.name, format);
  const { found } = await reads.read(location, codec, operation);
  if (found === undefined) throw await reads.withCandidates(notFound(), location, codec, operation);
  if (mustPass) await values.acceptForeign(found.value, location, codec, operation);
  return { location, codec, read: found, metadata: entryOf(location, found, codec).metadata };
}
