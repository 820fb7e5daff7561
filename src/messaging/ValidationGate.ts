/**
 * Lets save-requests wait for the verdict of the modules that validate, where there are any.
 *
 * A module validates when an input connection from it is for `validation-result`. It is sent each save-request of others over
 * the output connections that lead to it and name that kind. Its own requests do not wait: it has judged them.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConnectionInfo, DataTransfer } from '../../interfaces/framework.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { connectionOf } from '../framework/connections/ConnectionTable.js';
import { copyIntoDomain } from '../value/valueDomain.js';
import type { ConfigurationRequest } from './Reply.js';
import { fieldsOf, type Fields } from './RequestHandler.js';

const { CONNECTION_TYPES, DATA_TRANSFER_TYPES, MESSAGING } = CONFIG_PERSISTENCE_CONSTANTS;
const { SAVE_REQUEST, VALIDATION_RESULT } = DATA_TRANSFER_TYPES;
const { MAX_KNOWN_VERDICTS, MAX_SHOWN_ERRORS } = MESSAGING;

export interface ValidationGateParts {
  readonly inputs: () => readonly ConnectionInfo[];
  readonly outputs: () => readonly ConnectionInfo[];
  /** Sends the request on to a validator. */
  readonly forward: (data: object, connectionId: string, requestId: string) => void;
  readonly timeoutMs: () => number;
  /** The absolute form of a path. */
  readonly fullPathOf: (filePath: string) => string;
}

interface Verdict {
  readonly isValid: boolean;
  /** What the validator says; for its reader, not for logs. */
  readonly errors: readonly string[];
}

/** One request that waits. */
interface Waiting {
  readonly validators: Set<string>;
  readonly settle: (error?: Error) => void;
}

export class ValidationGate {
  readonly #parts: ValidationGateParts;
  readonly #waiting = new Map<string, Waiting>();
  /** Verdicts that came before their requests, by request and validator. */
  readonly #early = new Map<string, Verdict>();
  /** The last request of each file that waits: requests of one file keep their order. */
  readonly #lastOf = new Map<string, Promise<unknown>>();

  constructor(parts: ValidationGateParts) {
    this.#parts = parts;
  }

  /**
   * Serves a request when its verdict has come and the requests for the same file before it have been served; at once where
   * there is nothing to wait for.
   *
   * @param source id of the module that asks, where that is known.
   * @param serve is given the request as it was when it came.
   */
  pass<T>(
    request: ConfigurationRequest,
    source: string | undefined,
    serve: (request: ConfigurationRequest) => Promise<T>,
  ): Promise<T> {
    const validators = request.kind === SAVE_REQUEST ? this.#validatorsBut(source) : [];
    if (validators.length === 0 && this.#lastOf.size === 0) return serve(request);
    const own = snapshotOf(request);
    // What cannot be read is refused when it is served.
    if (own === undefined) return serve(request);
    const path = pathOf(own.fields);
    const file = path === '' ? '' : this.#parts.fullPathOf(path);
    const before = this.#lastOf.get(file);
    if (validators.length === 0 && before === undefined) return serve(request);
    const verdict = validators.length === 0 ? Promise.resolve() : this.#verdictOn(own, new Set(validators));
    verdict.catch(() => undefined);
    const serving = (async () => {
      await before;
      await verdict;
      return serve(own.request);
    })();
    const ended = serving
      .catch(() => undefined)
      .then(() => {
        if (this.#lastOf.get(file) === ended) this.#lastOf.delete(file);
      });
    this.#lastOf.set(file, ended);
    return serving;
  }

  /** A verdict that came. Whether it is one, and from a module that validates. */
  take(transfer: DataTransfer): boolean {
    const connection = connectionOf(this.#parts.inputs().filter(isForVerdicts), transfer);
    const told = connection === undefined ? undefined : readVerdict(transfer);
    if (connection === undefined || told === undefined) return false;
    this.#judge(told.requestId, connection.sourceModuleId, told.verdict);
    return true;
  }

  /** Gives up whatever waits. */
  close(): void {
    for (const { settle } of this.#waiting.values()) {
      settle(persistenceError('ERR_DESTROYED', 'the module was destroyed before the verdict came'));
    }
    this.#early.clear();
  }

  #validatorsBut(source: string | undefined): string[] {
    const modules = this.#parts
      .inputs()
      .filter(isForVerdicts)
      .map(({ sourceModuleId }) => sourceModuleId);
    return source !== undefined && modules.includes(source) ? [] : [...new Set(modules)];
  }

  #verdictOn({ request, fields }: Snapshot, validators: Set<string>): Promise<void> {
    const { id } = request;
    const waiting = new Promise<void>((done, fail) => {
      const timeoutMs = this.#parts.timeoutMs();
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        if (error === undefined) done();
        else fail(error);
      };
      const timer = setTimeout(() => {
        const whose = [...validators].join(', ');
        settle(
          persistenceError('ERR_TIMEOUT', `no verdict of ${whose} came within ${timeoutMs} ms; nothing was saved`),
        );
      }, timeoutMs);
      this.#waiting.set(id, { validators, settle });
    });
    for (const validator of [...validators]) {
      const early = this.#early.get(keyOf(id, validator));
      this.#early.delete(keyOf(id, validator));
      if (early === undefined) this.#forward(fields, id, validator);
      else this.#judge(id, validator, early);
    }
    return waiting;
  }

  #forward(fields: Fields, requestId: string, validator: string): void {
    const ways = this.#parts
      .outputs()
      .filter(({ targetModuleId, dataTypes }) => targetModuleId === validator && dataTypes?.includes(SAVE_REQUEST));
    for (const { id } of ways) this.#parts.forward({ ...fields, requestId }, id, requestId);
  }

  #judge(requestId: string, validator: string, verdict: Verdict): void {
    const waiting = this.#waiting.get(requestId);
    if (waiting === undefined) {
      if (this.#early.size >= MAX_KNOWN_VERDICTS) this.#early.delete(this.#early.keys().next().value ?? '');
      this.#early.set(keyOf(requestId, validator), verdict);
    } else if (!waiting.validators.has(validator)) {
      return;
    } else if (!verdict.isValid) {
      // What it says may quote the configuration: it is for whoever asked, and for no message that may be logged.
      const issues = verdict.errors;
      waiting.settle(persistenceError('ERR_VALIDATION', `${validator} refused it`, { issues }));
    } else {
      waiting.validators.delete(validator);
      if (waiting.validators.size === 0) waiting.settle();
    }
  }
}

function isForVerdicts({ id, dataTypes, metadata }: ConnectionInfo): boolean {
  const type = CONNECTION_TYPES.VALIDATION_INPUT;
  return dataTypes?.includes(VALIDATION_RESULT) === true || id === type || metadata?.type === type;
}

function keyOf(requestId: string, validator: string): string {
  return `${validator}\n${requestId}`;
}

interface Snapshot {
  readonly request: ConfigurationRequest;
  readonly fields: Fields;
}

/** The request with a copy of what it holds: its sender may change that while it waits. */
function snapshotOf(request: ConfigurationRequest): Snapshot | undefined {
  try {
    const given = fieldsOf(request);
    const copied = 'config' in given ? { config: copyIntoDomain(given.config, { nonFiniteNumbers: true }) } : {};
    const options =
      typeof given.options === 'object' && given.options !== null ? { options: { ...given.options } } : {};
    const fields = { ...given, ...copied, ...options };
    return { request: { ...request, data: fields }, fields };
  } catch {
    return undefined;
  }
}

function pathOf({ filePath, targetPath }: Partial<Fields>): string {
  const path: unknown = filePath ?? targetPath;
  return typeof path === 'string' ? path : '';
}

function readVerdict({ data, metadata }: DataTransfer): { requestId: string; verdict: Verdict } | undefined {
  try {
    if (typeof data !== 'object' || data === null) return undefined;
    const { requestId, isValid, errors } = data as { requestId?: unknown; isValid?: unknown; errors?: unknown };
    const id = requestId ?? metadata?.requestId ?? metadata?.correlationId;
    if (typeof id !== 'string' || typeof isValid !== 'boolean') return undefined;
    const shown = Array.isArray(errors) ? errors.filter((error) => typeof error === 'string') : [];
    return { requestId: id, verdict: { isValid, errors: shown.slice(0, MAX_SHOWN_ERRORS) } };
  } catch {
    return undefined;
  }
}
