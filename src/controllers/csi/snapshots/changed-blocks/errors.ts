import type { ObjectKey } from '#api/meta/object.ts';
import { PlatformError } from '#kit/errors.ts';

/** Nobody knows the token, or it is for somebody else. */
export class TokenRefused extends PlatformError {
  constructor(audience: string) {
    super({
      code: 'Unauthenticated',
      reason: 'TokenRefused',
      message: `security_token: nobody knows it, or it is not for the audience ${JSON.stringify(audience)}: ask for one with a TokenRequest that names this audience`,
    });
  }
}

/** It could not be found out who shows a token. */
export class TokenReviewFailed extends PlatformError {
  constructor(cause: unknown) {
    const message = `security_token: it could not be found out whose it is: ${PlatformError.from(cause).message}`;
    super({ code: 'Internal', reason: 'TokenReviewFailed', message, cause });
  }
}

/** The caller may not read the snapshot. */
export class SnapshotForbidden extends PlatformError {
  constructor(user: string, { namespace, name }: ObjectKey) {
    super({
      code: 'PermissionDenied',
      reason: 'SnapshotForbidden',
      message: `${user} may not get volumesnapshots.snapshot.storage.k8s.io ${JSON.stringify(name)} in namespace ${JSON.stringify(namespace)}: give the right with a Role`,
    });
  }
}

/** There is no snapshot that could be asked about, yet. */
export class SnapshotNotReady extends PlatformError {
  constructor({ namespace, name }: ObjectKey, problem: string) {
    super({ code: 'Unavailable', reason: 'SnapshotNotReady', message: `VolumeSnapshot ${namespace}/${name} ${problem}` });
  }
}

/** The driver of the snapshot can't be asked now. */
export class BlocksUnavailable extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'Unavailable', reason: 'BlocksUnavailable', message, cause });
  }
}

/** The base is no snapshot of the namespace, or not one that the caller may read: which of them is not told. */
export class BaseSnapshotUnknown extends PlatformError {
  constructor(namespace: string, base: string) {
    super({
      code: 'NotFound',
      reason: 'BaseSnapshotUnknown',
      message: `base_snapshot_id: ${JSON.stringify(base)} is no snapshot of namespace ${JSON.stringify(namespace)} that you may read: copy the whole snapshot, or name another base`,
    });
  }
}

/** What the driver answers is not as the interface says. */
export class BlocksOutOfOrder extends PlatformError {
  constructor(driverName: string, offset: bigint) {
    super({
      code: 'Internal',
      reason: 'BlocksOutOfOrder',
      message: `the driver ${driverName} answers blocks that are not in order, at ${offset}: copy the whole snapshot, and tell the driver's vendor`,
    });
  }
}

/** More is asked at a time than is answered. */
export class TooManyBlockCalls extends PlatformError {
  constructor(most: number, whose: string) {
    super({
      code: 'ResourceExhausted',
      reason: 'TooManyBlockCalls',
      message: `${most} calls ${whose} are being answered, more are not at a time: wait for one to end`,
    });
  }
}
