import type { SecretReference } from '#api/generated/kubernetes.ts';
import { WorkRefused } from '../driver-work/failure.ts';
import type { SecretNeed } from '../driver-work/steps.ts';

/** The secret that a class names; one that can't be read is a refusal in words. */
export function needOf(secret: SecretReference | undefined): SecretNeed | undefined {
  if (secret === undefined) return undefined;
  const key = { namespace: secret.namespace ?? '', name: secret.name ?? '' };
  const said = `the secret ${key.namespace}/${key.name} that the class names can't be read: create it, or name another`;
  return { key, refusal: (cause) => refusal(said, cause) };
}

/** The driver can't be asked. */
export function refused(message: string): { readonly kind: 'refused'; readonly error: WorkRefused } {
  return { kind: 'refused', error: refusal(message) };
}

/** Why a driver is not asked, or what it answered can't be used. */
export function refusal(message: string, cause?: unknown): WorkRefused {
  return new WorkRefused({ code: 'FailedPrecondition', reason: 'SnapshotCreationFailed', message, cause, retry: 'backoff' });
}

/** The driver has done something, and its answer does not say what: not its last word. */
export function unusable(message: string): WorkRefused {
  return new WorkRefused({ code: 'Aborted', reason: 'SnapshotCreationFailed', message, retry: 'backoff' });
}
