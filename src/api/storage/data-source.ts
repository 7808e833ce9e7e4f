import type { PersistentVolumeClaim } from '../generated/kubernetes.ts';
import type { ObjectKey } from '../meta/object.ts';

const SNAPSHOT_GROUP = 'snapshot.storage.k8s.io';

/** What a claim is to be filled from. */
export interface DataSource {
  /** `''` for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly key: ObjectKey;
  /** The claim's field, for messages. */
  readonly field: 'spec.dataSource' | 'spec.dataSourceRef';
  /** True for one of another namespace: it takes a ReferenceGrant there. */
  readonly isForeign: boolean;
}

/** What `claim` names as its source; undefined where it is to be empty. */
export function dataSourceOf({ metadata, spec }: PersistentVolumeClaim): DataSource | undefined {
  const source = spec.dataSourceRef ?? spec.dataSource;
  if (source === undefined) return undefined;
  const namespace = metadata.namespace ?? '';
  const named = spec.dataSourceRef?.namespace ?? '';
  const isForeign = named !== '' && named !== namespace;
  return {
    group: source.apiGroup ?? '',
    kind: source.kind,
    key: { namespace: isForeign ? named : namespace, name: source.name },
    // why: both say the same where the source is of the claim's own namespace, and `dataSource` is the older word for it
    field: isForeign ? 'spec.dataSourceRef' : 'spec.dataSource',
    isForeign,
  };
}

/** True where `claim` is filled from something that no driver makes copies of, neither a claim nor a snapshot: populators do that. */
export function isFilledByOthers(claim: PersistentVolumeClaim): boolean {
  const source = dataSourceOf(claim);
  if (source === undefined) return false;
  return (
    !(source.group === '' && source.kind === 'PersistentVolumeClaim') &&
    !(source.group === SNAPSHOT_GROUP && source.kind === 'VolumeSnapshot')
  );
}

/** How messages name the source: its field, kind and name, with the namespace where that is another. */
export function describeSource({ field, kind, key, isForeign }: DataSource): string {
  return `${field} ${kind} ${JSON.stringify(isForeign ? `${key.namespace}/${key.name}` : key.name)}`;
}
