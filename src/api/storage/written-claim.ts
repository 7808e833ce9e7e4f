import type { PersistentVolumeClaim } from '../generated/kubernetes.ts';

/** What controllers have noted on a claim of its binding and provisioning: begins anew. */
const NOTED = ['pv.kubernetes.io/', 'volume.kubernetes.io/', 'volume.beta.kubernetes.io/storage-provisioner', 'volumes.stowage.dev/'];

/** A claim as people wrote it, without its name. */
export interface WrittenClaim {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>>; readonly annotations: Readonly<Record<string, string>> };
  readonly spec: PersistentVolumeClaim['spec'];
}

/** What people wrote of a claim, to make it again with a volume that is filled already. Pure. */
export function writtenClaim({ metadata, spec }: PersistentVolumeClaim): WrittenClaim {
  const { labels } = metadata;
  const annotations = Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([name]) => !NOTED.some((prefix) => name.startsWith(prefix))),
  );
  // why without its source: the volume that it gets is filled already
  const { volumeName: _volume, dataSource: _source, dataSourceRef: _reference, ...wanted } = spec;
  return { metadata: { ...(labels === undefined ? {} : { labels }), annotations }, spec: wanted };
}
