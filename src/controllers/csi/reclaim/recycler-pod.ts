import type { PersistentVolume, Pod } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { HOST_PATH_LINKS } from '#api/storage/names.ts';
import { bytesOf } from '#kit/quantity.ts';
import type { ScrubSource } from './recyclable.ts';

/** Where recyclers run (upstream's NewPersistentVolumeRecyclerPodTemplate). */
const NAMESPACE = 'default';
/** On a recycler: the UID of the claim whose data it removes. A volume that was claimed again meanwhile is not clean by it. */
const SCRUBBED_CLAIM = 'recycling.stowage.dev/claim-uid';
/** The longest name of a pod (a DNS subdomain). */
const MAX_NAME_LENGTH = 253;
/** Upstream's defaults: NFS 300 s and 30 s per GiB, HostPath 60 s and 30 s per GiB. */
const BASE_SEC = { nfs: 300, hostPath: 60 } as const;
const PER_GIB_SEC = 30;
const GIB = 1n << 30n;

/**
 * Empties the volume without leaving it: `find` does not follow symbolic links, `-xdev` leaves other mounts alone, and in the container there is
 * nothing else to reach. The look first: a volume that turns out to be a system's root is left as it is. What is left at the end decides.
 */
const SCRIPT = [
  'fail() { echo "$1" | cut -c 1-1000 | tee /dev/termination-log; exit 1; }',
  'for sign in etc/passwd proc/self boot/grub; do',
  '  if [ -e "/scrub/$sign" ]; then fail "this looks like the root of a system ($sign is there), nothing was removed"; fi',
  'done',
  'problems=$( { find /scrub -xdev -mindepth 1 ! -type d -exec rm -f {} + ; find /scrub -xdev -mindepth 1 -depth -type d -exec rmdir {} + ; } 2>&1 )',
  'left=$(ls -A /scrub)',
  'if [ -n "$left" ]; then fail "could not be removed: $(echo $left) ($(echo $problems))"; fi',
].join('\n');

/** The pod that empties `volume`: `recycler-for-<name>` as upstream's, owned by the volume. Pure. */
export function recyclerDraft(volume: PersistentVolume, source: ScrubSource): Draft<Pod> {
  const { metadata, spec } = volume;
  const required = spec.nodeAffinity?.required;
  return {
    metadata: {
      ...recyclerKeyOf(volume),
      annotations: { [SCRUBBED_CLAIM]: spec.claimRef?.uid ?? '', [HOST_PATH_LINKS]: 'refuse' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'PersistentVolume', name: metadata.name, uid: metadata.uid, controller: true }],
    },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      activeDeadlineSeconds: deadlineSecOf(volume),
      volumes: [{ name: 'vol', ...source }],
      containers: [
        {
          name: 'pv-recycler',
          image: 'busybox',
          imagePullPolicy: 'IfNotPresent',
          command: ['/bin/sh', '-c', SCRIPT],
          volumeMounts: [{ name: 'vol', mountPath: '/scrub' }],
        },
      ],
      ...(required === undefined ? {} : { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } }),
    },
  };
}

/** Where the recycler of `volume` is. */
export function recyclerKeyOf({ metadata }: PersistentVolume): { readonly namespace: string; readonly name: string } {
  const name = `recycler-for-${metadata.name}`;
  return { namespace: NAMESPACE, name: name.length <= MAX_NAME_LENGTH ? name : `recycler-for-${metadata.uid}` };
}

/** Seconds that emptying `volume` may take. */
export function deadlineSecOf({ spec }: PersistentVolume): number {
  const bytes = bytesOf(spec.capacity?.['storage'] ?? '0');
  const gibibytes = Number((bytes + GIB - 1n) / GIB);
  return (spec.nfs === undefined ? BASE_SEC.hostPath : BASE_SEC.nfs) + PER_GIB_SEC * gibibytes;
}

/** True where `pod` empties `volume` of the data of the claim that it was last bound to. */
export function isRecyclerOf(pod: Pod, { metadata, spec }: PersistentVolume): boolean {
  const isOwned = pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true;
  return isOwned && pod.metadata.annotations?.[SCRUBBED_CLAIM] === (spec.claimRef?.uid ?? '');
}

/** What a recycler that did not do its work says, or what keeps it from it. */
export function recyclerProblem({ status = {} }: Pod): string {
  const { terminated, waiting } = status.containerStatuses?.[0]?.state ?? {};
  const unscheduled = status.conditions?.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False');
  const messages = [terminated, status, waiting, unscheduled].map((place) => place?.message ?? '');
  const reasons = [terminated, status, waiting].map((place) => place?.reason ?? '');
  return [...messages, ...reasons, status.phase ?? ''].find((text) => text !== '')?.trim() ?? 'it was not run';
}
