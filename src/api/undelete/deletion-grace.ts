import { parseGoDuration } from '#kit/go-duration.ts';
import type { PersistentVolumeClaim, StorageClass } from '../generated/kubernetes.ts';
import { invalid } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { POPULATED_CLAIM, POPULATOR_NAMESPACE } from '../storage/populator.ts';

/** On a StorageClass: how long the volume of a claim that is deleted is kept, so that both can be brought back (VOL-20). Absent = not at all. */
export const DELETION_GRACE = 'stowage.dev/deletion-grace';

/** Nanoseconds in a millisecond. */
const NANOS_PER_MS = 1_000_000n;
/** A year: what is to be kept longer has the reclaim policy Retain. */
const LONGEST_MS = 365 * 24 * 3_600_000;
const SHORTEST_MS = 1_000;

/** How long volumes of the class are kept, in milliseconds; undefined where they are not, or where what it says is no such time. Pure. */
export function deletionGraceMsOf(storageClass: Pick<StorageClass, 'metadata'> | undefined): number | undefined {
  const text = storageClass?.metadata.annotations?.[DELETION_GRACE];
  return text === undefined ? undefined : readGraceMs(text);
}

/** What is wrong with the annotation, for the admission of the class. Pure. */
export function validateDeletionGrace({ metadata, reclaimPolicy }: StorageClass): readonly FieldError[] {
  const text = metadata.annotations?.[DELETION_GRACE];
  if (text === undefined) return [];
  const field = `metadata.annotations[${DELETION_GRACE}]`;
  if (readGraceMs(text) === undefined) return [invalid(field, text, REMEDY)];
  if (reclaimPolicy === 'Retain')
    return [invalid(field, text, 'volumes of a class with reclaimPolicy Retain are kept anyway: leave it out')];
  return [];
}

const REMEDY = 'must be a time between 1s and 8760h in the form of Go, as 72h or 1h30m; leave it out to keep nothing';

function readGraceMs(text: string): number | undefined {
  const nanos = parseGoDuration(text);
  if (nanos === undefined) return undefined;
  const ms = Number(nanos / NANOS_PER_MS);
  return ms >= SHORTEST_MS && ms <= LONGEST_MS ? ms : undefined;
}

/**
 * True for a claim that comes and goes with something else, so that nobody would want it back: a generic ephemeral volume of a pod, what a rollback or a move makes
 * its volume with, what a populator fills. Claims that a StatefulSet deletes (persistentVolumeClaimRetentionPolicy) are people's. Pure.
 */
export function isPassingClaim({ metadata }: PersistentVolumeClaim): boolean {
  if (metadata.namespace === POPULATOR_NAMESPACE && metadata.annotations?.[POPULATED_CLAIM] !== undefined) return true;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return false;
  if (owner.kind === 'Pod') return isEphemeral(metadata.name, owner.name);
  return owner.apiVersion.startsWith('volumes.stowage.dev/');
}

/** POD-VOLUME is a pod's; TEMPLATE-POD is a StatefulSet's, which gives it to the pod that goes. */
function isEphemeral(claimName: string, podName: string): boolean {
  return claimName.startsWith(`${podName}-`) && !claimName.endsWith(`-${podName}`);
}
