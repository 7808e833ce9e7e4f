import type { Container, PersistentVolume, Pod, Volume } from '#api/generated/kubernetes.ts';

/** What pods lead to, by plural. */
export type Referenced = 'pods' | 'secrets' | 'configmaps' | 'persistentvolumeclaims' | 'serviceaccounts' | 'persistentvolumes';

/** An object, as a key of maps. */
export function referenceKey(plural: Referenced, namespace: string, name: string): string {
  return `${plural}/${namespace}/${name}`;
}

/** Pods that nodes show of themselves; they lead to nothing, or a node could give itself rights. */
export const MIRROR_POD_ANNOTATION = 'kubernetes.io/config.mirror';

/** What whoever runs a pod has to read (pkg/api/v1/pod `VisitPodSecretNames`, `VisitPodConfigmapNames`; node/graph.go `AddPod`). */
export function referencesOfPod(pod: Pod): readonly string[] {
  const { metadata, spec } = pod;
  const namespace = metadata.namespace ?? '';
  const key = (plural: Referenced, name: string): string => referenceKey(plural, namespace, name);
  const own = key('pods', metadata.name);
  if (metadata.annotations?.[MIRROR_POD_ANNOTATION] !== undefined) return [own];
  const containers: readonly Container[] = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
  const volumes = spec.volumes ?? [];
  const secrets = [
    ...(spec.imagePullSecrets ?? []).map(({ name }) => name),
    ...containers.flatMap((container) => environmentOf(container, 'secret')),
    ...volumes.flatMap(secretsOfVolume),
  ];
  const configMaps = [
    ...containers.flatMap((container) => environmentOf(container, 'configMap')),
    ...volumes.flatMap(({ configMap, projected }) => [
      configMap?.name,
      ...(projected?.sources ?? []).map((source) => source.configMap?.name),
    ]),
  ];
  return [
    own,
    ...named(secrets).map((name) => key('secrets', name)),
    ...named(configMaps).map((name) => key('configmaps', name)),
    ...named(volumes.map((volume) => claimNameOf(pod, volume))).map((name) => key('persistentvolumeclaims', name)),
    ...named([spec.serviceAccountName]).map((name) => key('serviceaccounts', name)),
  ];
}

/** The claim of a volume of a pod; undefined where it has none. */
export function claimNameOf({ metadata }: Pod, { name, persistentVolumeClaim, ephemeral }: Volume): string | undefined {
  return persistentVolumeClaim?.claimName ?? (ephemeral === undefined ? undefined : `${metadata.name}-${name}`);
}

/** Secrets that whoever mounts a volume has to read, those of its controller not among them (pkg/api/v1/persistentvolume `VisitPVSecretNames`). */
export function secretsOfPersistentVolume({ spec }: PersistentVolume): readonly string[] {
  const { claimRef, azureFile, cephfs, cinder, flexVolume, rbd, scaleIO, iscsi, storageos, csi } = spec;
  const usual = claimRef?.namespace ?? '';
  const references = [
    { name: azureFile?.secretName, namespace: azureFile?.secretNamespace },
    ...[cephfs, cinder, flexVolume, rbd, scaleIO, iscsi, storageos].map((source) => source?.secretRef),
    csi?.nodePublishSecretRef,
    csi?.nodeStageSecretRef,
    csi?.nodeExpandSecretRef,
  ];
  return references.flatMap((reference) => {
    const { name = '', namespace = '' } = reference ?? {};
    return name === '' ? [] : [referenceKey('secrets', namespace === '' ? usual : namespace, name)];
  });
}

function environmentOf({ env = [], envFrom = [] }: Container, kind: 'secret' | 'configMap'): readonly (string | undefined)[] {
  return [...envFrom.map((source) => source[`${kind}Ref`]?.name), ...env.map(({ valueFrom }) => valueFrom?.[`${kind}KeyRef`]?.name)];
}

function secretsOfVolume(volume: Volume): readonly (string | undefined)[] {
  const { azureFile, cephfs, cinder, flexVolume, projected, rbd, secret, scaleIO, iscsi, storageos, csi } = volume;
  return [
    azureFile?.secretName,
    secret?.secretName,
    csi?.nodePublishSecretRef?.name,
    ...[cephfs, cinder, flexVolume, rbd, scaleIO, iscsi, storageos].map((source) => source?.secretRef?.name),
    ...(projected?.sources ?? []).map((source) => source.secret?.name),
  ];
}

function named(names: readonly (string | undefined)[]): readonly string[] {
  return names.filter((name) => name !== undefined && name !== '').filter((name) => name !== undefined);
}
