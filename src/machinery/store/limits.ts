/** Bounds of a store. */
export interface StoreLimits {
  /** Most writes that one commit carries. */
  readonly batchRecords: number;
  /** A commit takes no further write once it carries this many bytes. */
  readonly batchBytes: number;
  /** Most writes that wait for their turn; more are refused with StoreBusy. */
  readonly queuedWrites: number;
  /** So many events are kept however old they are (unless `maxEventBytes` forbids it). */
  readonly minEvents: number;
  /** No more events are kept. */
  readonly maxEvents: number;
  /** No more bytes of events are kept. */
  readonly maxEventBytes: number;
  /** Beyond `minEvents`, events younger than this are kept. */
  readonly minEventAgeMs: number;
  /** Events that were dropped here before the engine is told to drop what they superseded: many at once is cheap. */
  readonly compactStep: number;
  /** Bytes of events that were dropped here before the engine is told. */
  readonly compactBytes: number;
  /** What all objects together may take, in bytes; beyond it only deletions and small changes are taken. */
  readonly budgetBytes: number;
  /** Serialised size of the recently read objects whose parsed form is held; others are parsed again when read. */
  readonly parsedBytes: number;
}

const MIB = 1024 * 1024;

/** The bounds of a platform: five minutes of events as etcd keeps under the API server (kube-apiserver --etcd-compaction-interval). */
export const DEFAULT_LIMITS: StoreLimits = {
  batchRecords: 256,
  batchBytes: 4 * MIB,
  queuedWrites: 10_000,
  minEvents: 10_000,
  maxEvents: 100_000,
  maxEventBytes: 64 * MIB,
  minEventAgeMs: 300_000,
  compactStep: 1_000,
  compactBytes: 32 * MIB,
  budgetBytes: 2_048 * MIB,
  parsedBytes: 8 * MIB,
};
