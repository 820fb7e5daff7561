/** Reads the arguments of the methods, besides their options. */
import { ExportFormat } from '../../interfaces/enums.js';
import type { ConfigurationListener, WatchOptions } from '../../interfaces/live.js';
import type { FormatName } from '../../interfaces/transfer.js';
import { persistenceError, type PersistenceError } from '../errors/PersistenceError.js';
import { requirePathText } from '../value/pathText.js';
import { copyOnce } from '../value/readOnce.js';

/** @throws PersistenceError `ERR_UNSUPPORTED_FORMAT` */
export function requireFormat(format: FormatName | undefined): ExportFormat {
  const known = Object.values(ExportFormat).find((one) => one === format);
  if (known !== undefined) return known;
  const reason = `use one of ${Object.values(ExportFormat).join(', ')}`;
  throw persistenceError('ERR_UNSUPPORTED_FORMAT', reason);
}

/** The path of methods for which none means the files of all configurations. */
export function pathOrNone(filePath: string | undefined): string | undefined {
  return filePath === undefined ? undefined : requirePathText(filePath);
}

/** A copy; what its fields may be is for the engine to say. @throws PersistenceError `ERR_INVALID_METADATA` */
export function readMetadata<M extends object>(metadata: M): M {
  const refuse = (reason: string): PersistenceError => persistenceError('ERR_INVALID_METADATA', `it ${reason}`);
  const copy = copyOnce(metadata, refuse, true) as M;
  // Only an instance of a class is not copied.
  const isUncopied = copy === metadata && typeof metadata === 'object' && (metadata as object | null) !== null;
  if (isUncopied) throw refuse('must be a plain object');
  return copy;
}

/** The arguments of `watchConfiguration`, whose path may be left out where a listener comes first. */
export interface WatchArguments {
  readonly filePath: string | undefined;
  readonly listener: ConfigurationListener | undefined;
  readonly options: WatchOptions | undefined;
}

export function watchArguments(given: readonly unknown[]): WatchArguments {
  const [first, ...others] = given;
  const [filePath, listener, options] = typeof first === 'function' ? [undefined, first, ...others] : given;
  return { filePath, listener, options } as WatchArguments;
}

/** @throws PersistenceError `ERR_INVALID_REQUEST` for what is no function. */
export function checkListener(listener: ConfigurationListener | undefined): ConfigurationListener | undefined {
  const given: unknown = listener;
  if (given === undefined || typeof given === 'function') return listener;
  throw persistenceError('ERR_INVALID_REQUEST', 'the listener must be a function');
}
