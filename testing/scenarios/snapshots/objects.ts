/** How a claim differs from a plain one; `dataSource` names the snapshot that it is made from. */
export interface ClaimDifferences {
  readonly storageClassName?: string;
  readonly volumeMode?: string;
  readonly dataSource?: string;
}

/** A claim as `kubectl apply` takes it. */
export function claimOf(name: string, storage: string, { dataSource, ...more }: ClaimDifferences = {}): unknown {
  const source =
    dataSource === undefined ? {} : { dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: dataSource } };
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, ...more, ...source };
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec };
}

/** A snapshot of a claim, of the default class unless one is named. */
export function snapshotOf(name: string, persistentVolumeClaimName: string, volumeSnapshotClassName?: string): unknown {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name },
    spec: { source: { persistentVolumeClaimName }, ...(volumeSnapshotClassName === undefined ? {} : { volumeSnapshotClassName }) },
  };
}
