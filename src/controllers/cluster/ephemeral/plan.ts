import type { PersistentVolumeClaim, Pod, Volume } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';

/** What comes next for one generic ephemeral volume of a pod. */
export type EphemeralPlan =
  | { readonly kind: 'leave' }
  | { readonly kind: 'create'; readonly draft: Draft<PersistentVolumeClaim> }
  /** A claim of that name is somebody else's. */
  | { readonly kind: 'conflict'; readonly claimName: string };

/** The volumes of `pod` whose claims are made for it; none once it goes or is over. Pure. */
export function ephemeralVolumesOf(pod: Pod): readonly Volume[] {
  const isOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  if (isOver || pod.metadata.deletionTimestamp !== undefined) return [];
  return (pod.spec.volumes ?? []).filter(({ ephemeral }) => ephemeral?.volumeClaimTemplate !== undefined);
}

/** The claim of a generic ephemeral volume (component-helpers storage/ephemeral VolumeClaimName). */
export function ephemeralClaimName(pod: Pod, volume: Volume): string {
  return `${pod.metadata.name}-${volume.name}`;
}

/** Decides about one volume; `claim` is what has its claim's name now. Pure. */
export function planEphemeral(pod: Pod, volume: Volume, claim: PersistentVolumeClaim | undefined): EphemeralPlan {
  const claimName = ephemeralClaimName(pod, volume);
  if (claim === undefined) return { kind: 'create', draft: draftOf(pod, volume, claimName) };
  const isOurs = claim.metadata.ownerReferences?.some(({ uid, controller }) => uid === pod.metadata.uid && controller === true) === true;
  return isOurs ? { kind: 'leave' } : { kind: 'conflict', claimName };
}

/** The claim goes with the pod: the pod owns it, and garbage collection does the rest. */
function draftOf(pod: Pod, { ephemeral }: Volume, name: string): Draft<PersistentVolumeClaim> {
  const { metadata, spec } = ephemeral?.volumeClaimTemplate ?? {};
  return {
    metadata: {
      name,
      namespace: pod.metadata.namespace ?? '',
      ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: spec ?? {},
  };
}
