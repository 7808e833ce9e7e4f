import { type ConfigSchema, parsers } from '#kit/config.ts';
import type { LogLevel } from '#kit/log.ts';

/** Settings of the log of each process. */
export const logFlags = {
  logLevel: {
    flag: 'log-level',
    env: 'STOWAGE_LOG_LEVEL',
    default: 'info',
    placeholder: 'LEVEL',
    doc: 'error, warn, info or debug; the log is DIR/logs/stowage.log',
    parse: parsers.oneOf<LogLevel>('error', 'warn', 'info', 'debug'),
  },
  logMaxSize: {
    flag: 'log-maxsize',
    env: 'STOWAGE_LOG_MAXSIZE',
    default: 50,
    placeholder: 'MIB',
    doc: 'the log is put aside when it is larger than this many mebibytes',
    parse: parsers.integer(1, 100_000),
  },
  logMaxBackup: {
    flag: 'log-maxbackup',
    env: 'STOWAGE_LOG_MAXBACKUP',
    default: 5,
    placeholder: 'N',
    doc: 'logs that were put aside and are kept',
    parse: parsers.integer(0, 10_000),
  },
} as const satisfies ConfigSchema;
