import type { ReferenceGrant } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import type { Draft, KubeObject, ObjectKey } from '#api/meta/object.ts';
import { formatKey } from '#api/meta/object.ts';
import { FILL_PLACES, type FillOrder } from '#api/populators/fill-order.ts';
import { attributesClassOf, classOfClaim, requestedBytesOf, selectedNodeOf, volumeModeOf } from '#api/storage/claim.ts';
import { SELECTED_NODE } from '#api/storage/names.ts';
import {
  COPIED_CLAIM,
  copyKeyOf,
  fillPodKeyOf,
  grantNameOf,
  madeFor,
  POPULATOR_NAMESPACE,
  primeKeyOf,
  SOURCE_VERSION,
} from '#api/storage/populator.ts';
import { bytesOf, formatBytes } from '#kit/quantity.ts';
import { progressPlaceOf } from './progress.ts';
import type { Filling } from './populator.ts';

/** The claim whose volume is filled: like `claim`, with its labels and its VolumeAttributesClass, and empty. Pure. */
export function primeDraft(claim: PersistentVolumeClaim, { copyOf }: Filling): Draft<PersistentVolumeClaim> {
  const { accessModes, resources, storageClassName, volumeMode } = claim.spec;
  const attributesClass = attributesClassOf(claim.spec);
  return {
    metadata: {
      ...primeKeyOf(claim.metadata.uid),
      labels: claim.metadata.labels ?? {},
      annotations: {
        ...madeFor(claim),
        ...(copyOf === undefined ? {} : { [COPIED_CLAIM]: formatKey(copyOf) }),
        ...onNodeOf(claim),
      },
    },
    spec: {
      accessModes: accessModes ?? [],
      ...(resources === undefined ? {} : { resources }),
      storageClassName: storageClassName ?? classOfClaim(claim),
      volumeMode: volumeMode ?? 'Filesystem',
      ...(attributesClass === '' ? {} : { volumeAttributesClassName: attributesClass }),
    },
  };
}

/** The copy of `source` that a volume is filled from. Pure. */
export function copyDraft(claim: PersistentVolumeClaim, source: PersistentVolumeClaim): Draft<PersistentVolumeClaim> {
  const { namespace = '', name } = source.metadata;
  const has = bytesOf(source.status?.capacity?.['storage'] ?? '0');
  const asked = requestedBytesOf(source);
  return {
    metadata: { ...copyKeyOf(claim.metadata.uid), annotations: { ...madeFor(claim), ...onNodeOf(claim) } },
    spec: {
      accessModes: source.spec.accessModes ?? [],
      resources: { requests: { storage: formatBytes(has > asked ? has : asked) } },
      storageClassName: classOfClaim(source),
      volumeMode: volumeModeOf(source.spec),
      dataSourceRef: { kind: 'PersistentVolumeClaim', name, namespace },
    },
  };
}

/** What lets that copy be made: it goes with the filling. Pure. */
export function copyGrantDraft(claim: PersistentVolumeClaim, { namespace, name }: ObjectKey): Draft<ReferenceGrant> {
  return {
    metadata: { name: grantNameOf(claim.metadata.uid), namespace, annotations: madeFor(claim) },
    spec: {
      from: [{ group: '', kind: 'PersistentVolumeClaim', namespace: POPULATOR_NAMESPACE }],
      to: [{ group: '', kind: 'PersistentVolumeClaim', name }],
    },
  };
}

/** With what a pod is made. */
export interface FillPodParts {
  readonly filling: Filling;
  readonly source: KubeObject;
  readonly prime: PersistentVolumeClaim;
  readonly place: FillPlace;
}

/** Where pods of populators run. */
export interface FillPlace {
  readonly image: string;
  /** True where pods reach other machines by the network of their node alone. */
  readonly usesHostNetwork: boolean;
}

/** The pod that fills the volume (lib-volume-populator's `populate-<uid>`). It goes with the claim that it fills. Pure. */
export function fillPodDraft(claim: PersistentVolumeClaim, { filling, source, prime, place }: FillPodParts): Draft<Pod> {
  const { uid } = claim.metadata;
  const hasCopy = filling.copyOf !== undefined;
  const order: FillOrder = { ...filling.order, maxBytes: String(requestedBytesOf(claim)), progress: progressPlaceOf(uid, place) };
  const nodeName = selectedNodeOf(claim);
  return {
    metadata: {
      ...fillPodKeyOf(uid),
      annotations: { ...madeFor(claim), [SOURCE_VERSION]: source.metadata.resourceVersion },
      ownerReferences: [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: prime.metadata.name, uid: prime.metadata.uid }],
    },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(place.usesHostNetwork ? { hostNetwork: true } : {}),
      terminationGracePeriodSeconds: 5,
      ...(nodeName === '' ? {} : { nodeName }),
      containers: [
        {
          name: 'populate',
          image: place.image,
          imagePullPolicy: 'IfNotPresent',
          args: [JSON.stringify(order)],
          resources: { requests: { memory: '128Mi' }, limits: { memory: '512Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            // why these: files keep their owners, times and permissions
            capabilities: { drop: ['ALL'], add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'] },
          },
          volumeMounts: [
            { name: 'target', mountPath: FILL_PLACES.target },
            ...(hasCopy ? [{ name: 'source', mountPath: FILL_PLACES.source, readOnly: true }] : []),
          ],
        },
      ],
      volumes: [
        { name: 'target', persistentVolumeClaim: { claimName: prime.metadata.name } },
        ...(hasCopy ? [{ name: 'source', persistentVolumeClaim: { claimName: copyKeyOf(uid).name } }] : []),
      ],
    },
  };
}

function onNodeOf(claim: PersistentVolumeClaim): Readonly<Record<string, string>> {
  const nodeName = selectedNodeOf(claim);
  return nodeName === '' ? {} : { [SELECTED_NODE]: nodeName };
}
