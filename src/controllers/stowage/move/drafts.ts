import type { VolumeMove } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { FILL_PLACES, type VolumeOrder } from '#api/populators/fill-order.ts';
import { volumeModeOf } from '#api/storage/claim.ts';
import { SELECTED_NODE, STORAGE_CLASS_BETA } from '#api/storage/names.ts';
import { formatBytes } from '#kit/quantity.ts';
import { HELD_BY, holderText } from '../claim-swap/hold-claim.ts';
import { type ClaimAgain, claimAgain } from '../claim-swap/kept-claim.ts';
import { copyPodKey, keepsVolume, MOVED_BY, newClaimName, ownerReferenceOf, type Round, targetNamespaceOf } from './moved.ts';
import type { MoveTarget } from './target.ts';
import type { MoveView } from './view.ts';

/** Where pods that copy say how far they are. */
const PROGRESS_PORT = 8_080;
/** Fewer than the pod needs to leave off at once. */
const GRACE_SEC = 5;

/** The claim for which the new volume is made; goes with the move. Pure. */
export function newClaim(move: VolumeMove, target: MoveTarget, view: MoveView): Draft<PersistentVolumeClaim> {
  const { spec } = movedForm(move, view);
  const { selector: _selector, ...wanted } = spec;
  const isLater = view.storageClass(target.className)?.volumeBindingMode === 'WaitForFirstConsumer';
  return {
    metadata: {
      name: newClaimName(move),
      namespace: move.metadata.namespace,
      ...(isLater && target.nodeName !== '' ? { annotations: { [SELECTED_NODE]: target.nodeName } } : {}),
      ownerReferences: [ownerReferenceOf(move)],
    },
    spec: { ...wanted, storageClassName: target.className, resources: { requests: { storage: formatBytes(target.sizeBytes) } } },
  };
}

/** The claim as it is made again with its new volume, in the hands of its move. Pure. */
export function movedClaimDraft(move: VolumeMove, view: MoveView): Draft<PersistentVolumeClaim> {
  const { metadata, spec } = movedForm(move, view);
  const annotations = { ...metadata.annotations, [MOVED_BY]: move.metadata.name, [HELD_BY]: holderText(move) };
  const namespace = targetNamespaceOf(move);
  // why: owners of another namespace own nothing here
  const ownerReferences = namespace === move.metadata.namespace ? metadata.ownerReferences : undefined;
  return {
    metadata: { ...metadata, ownerReferences, annotations, name: move.spec.claimName, namespace },
    spec: { ...spec, volumeName: move.status?.newVolume?.name ?? '' },
  };
}

/** The claim as it was, with its old volume, in the hands of its move. Pure. */
export function oldClaimDraft(move: VolumeMove): Draft<PersistentVolumeClaim> {
  const { metadata, spec } = claimAgain(move.status?.claim ?? {});
  const annotations = { ...metadata.annotations, [HELD_BY]: holderText(move) };
  const { namespace } = move.metadata;
  return {
    metadata: { ...metadata, annotations, name: move.spec.claimName, namespace },
    spec: { ...spec, volumeName: move.status?.oldVolume?.name ?? '' },
  };
}

/** The claim with the class and size that it is to have. */
function movedForm(move: VolumeMove, view: MoveView): ClaimAgain {
  const { metadata, spec } = claimAgain(move.status?.claim ?? {});
  if (keepsVolume(move)) return { metadata, spec };
  const { [STORAGE_CLASS_BETA]: ofAnnotation, ...annotations } = metadata.annotations ?? {};
  const was = ofAnnotation ?? spec.storageClassName;
  const className = move.spec.storageClassName ?? was;
  const { size } = move.spec;
  const { volumeAttributesClassName, ...wanted } = spec;
  const keepsAttributes = volumeAttributesClassName !== undefined && isSameDriver(view, was, className);
  return {
    metadata: { ...metadata, annotations },
    spec: {
      ...wanted,
      ...(keepsAttributes ? { volumeAttributesClassName } : {}),
      ...(className === undefined ? {} : { storageClassName: className }),
      ...(size === undefined ? {} : { resources: { requests: { storage: size } } }),
    },
  };
}

/** True where the volumes of both classes are made by the same driver. */
export function isSameDriver({ storageClass }: Pick<MoveView, 'storageClass'>, one = '', other = ''): boolean {
  return storageClass(one)?.provisioner === storageClass(other)?.provisioner;
}

/** The pod that copies: it has both volumes, and reads the old one only. It goes with the move. Pure. */
export function copyPod(move: VolumeMove, { round, image }: { readonly round: Round; readonly image: string }): Draft<Pod> {
  const { status = {} } = move;
  const isBlock = volumeModeOf(claimAgain(status.claim ?? {}).spec) === 'Block';
  const sinceSec = status.copy?.sinceSeconds;
  const order: VolumeOrder = {
    kind: 'volume',
    isBlock,
    ...(sinceSec === undefined ? {} : { sinceSec }),
    isLast: round === 'last',
    progress: progressPlaceOf(move),
  };
  const { nodeName = '' } = status;
  return {
    metadata: { ...copyPodKey(move, round), ownerReferences: [ownerReferenceOf(move)] },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: GRACE_SEC,
      ...(nodeName === '' ? {} : { nodeName }),
      containers: [
        {
          name: 'copy',
          image,
          imagePullPolicy: 'IfNotPresent',
          args: [JSON.stringify(order)],
          resources: { requests: { cpu: '10m', memory: '128Mi' }, limits: { cpu: '4', memory: '512Mi' } },
          securityContext: {
            runAsUser: 0,
            allowPrivilegeEscalation: false,
            seccompProfile: { type: 'RuntimeDefault' },
            // why these: files keep their owners, times and permissions, what lets them do more than their user, and devices
            capabilities: { drop: ['ALL'], add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'MKNOD', 'SETFCAP'] },
          },
          ...placesOf(isBlock),
        },
      ],
      volumes: [
        { name: 'target', persistentVolumeClaim: { claimName: newClaimName(move) } },
        // why not read-only here, as for the container: a file system that was left in haste reads its journal first, and a block device is writable for all or for none
        { name: 'source', persistentVolumeClaim: { claimName: move.spec.claimName } },
      ],
    },
  };
}

function placesOf(isBlock: boolean): Pick<Pod['spec']['containers'][number], 'volumeDevices' | 'volumeMounts'> {
  const { target, source } = FILL_PLACES;
  if (isBlock)
    return {
      volumeDevices: [
        { name: 'target', devicePath: target },
        { name: 'source', devicePath: source },
      ],
    };
  return {
    volumeMounts: [
      { name: 'target', mountPath: target },
      { name: 'source', mountPath: source, readOnly: true },
    ],
  };
}

/** Where the pod that copies says how far it is: on its own address. Pure. */
export function progressPlaceOf({ metadata }: VolumeMove) {
  return { port: PROGRESS_PORT, path: `/progress/${metadata.uid}` };
}
