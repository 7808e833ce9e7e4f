import { PlatformError } from '#kit/errors.ts';

/** The store was closed; nothing can be written or watched any more. */
export class StoreClosed extends PlatformError {
  constructor() {
    super({
      code: 'Unavailable',
      reason: 'StoreClosed',
      message: 'the store is closed because the platform stops; try again once it runs',
      retry: 'backoff',
    });
  }
}

/** More writes wait than the store may queue. */
export class StoreBusy extends PlatformError {
  constructor(queuedWrites: number) {
    super({
      code: 'ResourceExhausted',
      reason: 'StoreBusy',
      message: `${queuedWrites} writes wait for the disk, no more are taken: try again in a moment`,
      details: { queuedWrites },
    });
  }
}

/** The objects take all the room that they may; reads and deletions go on. */
export class StoreFull extends PlatformError {
  constructor(budgetBytes: number) {
    const budget = `${Math.floor(budgetBytes / (1024 * 1024))} MiB`;
    super({
      code: 'ResourceExhausted',
      reason: 'StoreFull',
      message: `the objects take all of the ${budget} that they may: delete what is not needed (reads and deletions go on), or start with more memory or a larger --store-budget`,
      details: { budgetBytes },
    });
  }
}

/** The disk refused a write; nothing was changed by it. */
export class StoreFailed extends PlatformError {
  constructor(message: string, cause: unknown, details: Readonly<Record<string, unknown>> = {}) {
    super({ code: 'Unavailable', reason: 'StoreFailed', message, cause, details, retry: 'backoff' });
  }
}

/** The asked revision is older than the kept events: list again and watch from there. */
export class RevisionCompacted extends PlatformError {
  constructor(revision: number, compactedRevision: number) {
    super({
      code: 'OutOfRange',
      reason: 'Expired',
      message: `resourceVersion ${revision} is too old, changes are kept after ${compactedRevision}: list again without resourceVersion or continue token`,
      details: { revision, compactedRevision },
    });
  }
}

/** The asked revision was not written yet. */
export class RevisionInFuture extends PlatformError {
  constructor(revision: number, newest: number) {
    super({
      code: 'DeadlineExceeded',
      reason: 'ResourceVersionTooLarge',
      message: `resourceVersion ${revision} is too large, the newest is ${newest}: list again without resourceVersion`,
      details: { revision, newest },
      retry: 'backoff',
    });
  }
}

/** A writer decided on an object whose name or namespace is not that of the key it writes. */
export class StoreKeyMismatch extends PlatformError {
  constructor(field: string, is: unknown, wanted: string) {
    super({
      code: 'InvalidArgument',
      reason: 'StoreKeyMismatch',
      message: `${field} is ${JSON.stringify(is) ?? 'absent'}, but the object is written to ${JSON.stringify(wanted)}`,
    });
  }
}

/** Another process works on the directory. */
export class StoreLocked extends PlatformError {
  constructor(directory: string, pid: number | undefined, cause: unknown) {
    const holder = pid === undefined ? 'another process' : `the process with pid ${pid}`;
    super({
      code: 'FailedPrecondition',
      reason: 'StoreLocked',
      message: `the data directory ${directory} is in use by ${holder}: stop that process first, or choose another data directory`,
      details: { directory, pid },
      cause,
    });
  }
}

/** The directory can't hold a store: not ours, not writable, not a directory, or without locks. */
export class StoreDirectoryRefused extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'PermissionDenied', reason: 'StoreDirectoryRefused', message, cause });
  }
}

/** The file was written by a newer version of Stowage. */
export class StoreFormatTooNew extends PlatformError {
  constructor(path: string, found: number, known: number) {
    super({
      code: 'FailedPrecondition',
      reason: 'StoreFormatTooNew',
      message: `${path} has format ${found}, this version of Stowage knows formats up to ${known}: start the newer version that wrote it, or choose another data directory`,
      details: { path, found, known },
    });
  }
}

/** The file is damaged or is not a store; it was left as it is. */
export class StoreDamaged extends PlatformError {
  constructor(path: string, what: string, cause?: unknown) {
    super({
      code: 'DataLoss',
      reason: 'StoreDamaged',
      message: `${path} can't be read as a store (${what}) and was left as it is: restore it from a copy, or move it and its -wal file away to start empty`,
      details: { path },
      cause,
    });
  }
}
