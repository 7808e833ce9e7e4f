import { pino, stdSerializers } from 'pino';
import { type LogRotation, RotatingLog } from './rotating-log.ts';

/** The fields that log lines may carry (STYLE 43). */
export interface LogFields {
  readonly component?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly node?: string;
  readonly driver?: string;
  readonly method?: string;
  readonly path?: string;
  readonly reconcileId?: string;
  readonly volumeId?: string;
  readonly durationMs?: number;
  readonly count?: number;
  readonly reason?: string;
  readonly attempt?: number;
  readonly status?: number;
  readonly err?: unknown;
}

/** Structured logs: a constant message, data in fields. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** A logger whose lines all carry `fields`. */
  with(fields: LogFields): Logger;
}

/** From the least to the most talkative. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Lines that wait while the file can't be written (a full disk), so that they come later; what is more is dropped. */
const WAITING_BYTES = 1024 * 1024;

/** JSON lines to standard error, or to the file `path`. A line that can't be written harms nobody: it waits for the next one, within a bound. */
export function createLogger(options: {
  readonly level: LogLevel;
  readonly path?: string | undefined;
  /** When the file is put aside, and how many of these are kept; without it the file grows. */
  readonly rotation?: LogRotation | undefined;
}): Logger {
  const { path, rotation } = options;
  const destination = pino.destination({ dest: path ?? 2, mkdir: true, sync: true, mode: 0o600, maxLength: WAITING_BYTES });
  // why nothing: there is no place left to say it, and without a listener it would end the process
  destination.on('error', () => {});
  return new PinoLogger(
    pino(
      { level: options.level, base: null, serializers: { err: stdSerializers.err }, timestamp: pino.stdTimeFunctions.isoTime },
      path === undefined || rotation === undefined ? destination : new RotatingLog(path, { rotation, destination }),
    ),
  );
}

/** A logger that drops everything. */
export const silentLogger: Logger = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  with() {
    return silentLogger;
  },
};

class PinoLogger implements Logger {
  readonly #root: pino.Logger;
  readonly #fields: readonly LogFields[];
  #pino: pino.Logger | undefined;

  constructor(root: pino.Logger, fields: readonly LogFields[] = []) {
    this.#root = root;
    this.#fields = fields;
  }

  error(message: string, fields: LogFields = {}): void {
    this.#say('error', message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#say('warn', message, fields);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#say('info', message, fields);
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#say('debug', message, fields);
  }

  with(fields: LogFields): Logger {
    return new PinoLogger(this.#root, [...this.#fields, fields]);
  }

  #say(level: LogLevel, message: string, fields: LogFields): void {
    // why first: thousands of loggers a second are made for one reconcile or request each, and most have nothing to say
    if (!this.#root.isLevelEnabled(level)) return;
    this.#pino ??= this.#root.child(Object.assign({}, ...this.#fields));
    this.#pino[level](fields, message);
  }
}
