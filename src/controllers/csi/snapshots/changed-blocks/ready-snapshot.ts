import {
  type VolumeSnapshot,
  type VolumeSnapshotClass,
  volumeSnapshotClasses,
  type VolumeSnapshotContent,
  volumeSnapshotContents,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import { formatKey, type ObjectKey } from '#api/meta/object.ts';
import { contentNameOf, isDefaultSnapshotClass, snapshotHandleOf } from '#api/storage/snapshot.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { SnapshotNotReady } from './errors.ts';

/** What snapshots are found in. */
export interface SnapshotsView {
  readonly snapshots: Informer<VolumeSnapshot>;
  readonly contents: Informer<VolumeSnapshotContent>;
  readonly classes: Informer<VolumeSnapshotClass>;
}

/** A snapshot that its driver has, and can be asked about. */
export interface ReadySnapshot {
  readonly key: ObjectKey;
  readonly content: VolumeSnapshotContent;
  /** As the driver knows it. */
  readonly handle: string;
}

/** How contents are found by what drivers call their snapshots. */
const HANDLE_INDEX = {
  handle: (content: VolumeSnapshotContent): readonly string[] => {
    const handle = snapshotHandleOf(content);
    return handle === undefined ? [] : [indexKey(content.spec.driver, handle)];
  },
} as const;

/** How the class is found that snapshots of a driver without one get. */
const DEFAULT_INDEX = {
  defaultOf: (each: VolumeSnapshotClass): readonly string[] => (isDefaultSnapshotClass(each) ? [each.driver] : []),
} as const;

/** The informers, with what it takes to find snapshots by their handles. */
export function snapshotsView(informers: InformerFactory): SnapshotsView {
  return {
    snapshots: informers.for(volumeSnapshots),
    contents: informers.for(volumeSnapshotContents, HANDLE_INDEX),
    classes: informers.for(volumeSnapshotClasses, DEFAULT_INDEX),
  };
}

/** The snapshot with its content, where both are bound to one another and ready. @throws SnapshotNotReady */
export function requireReady({ snapshots, contents }: SnapshotsView, key: ObjectKey): ReadySnapshot {
  const snapshot = snapshots.get(key);
  if (snapshot === undefined) throw new SnapshotNotReady(key, 'does not exist');
  if (snapshot.status?.readyToUse !== true) throw new SnapshotNotReady(key, 'is not ready: kubectl describe it');
  const content = contents.get({ namespace: '', name: contentNameOf(snapshot) });
  // why looked at again: it is what says whose the data is
  if (content === undefined || !isOf(content, snapshot)) throw new SnapshotNotReady(key, 'has no content that is bound to it');
  const handle = snapshotHandleOf(content);
  if (content.status?.readyToUse !== true || handle === undefined)
    throw new SnapshotNotReady(key, `waits for its content ${content.metadata.name}`);
  return { key, content, handle };
}

/** The ready snapshots of a namespace that their driver knows by this handle. */
export function readyByHandle(
  view: SnapshotsView,
  { driver, handle, namespace }: { readonly driver: string; readonly handle: string; readonly namespace: string },
): readonly ReadySnapshot[] {
  return view.contents.byIndex('handle', indexKey(driver, handle)).flatMap((content) => {
    const { namespace: of = '', name = '' } = content.spec.volumeSnapshotRef;
    const snapshot = of === namespace ? view.snapshots.get({ namespace, name }) : undefined;
    if (snapshot === undefined || !isOf(content, snapshot) || snapshot.status?.readyToUse !== true) return [];
    return [{ key: { namespace, name }, content, handle }];
  });
}

function isOf({ metadata, spec }: VolumeSnapshotContent, snapshot: VolumeSnapshot): boolean {
  const { namespace = '', name = '', uid } = spec.volumeSnapshotRef;
  const isNamed = contentNameOf(snapshot) === metadata.name;
  return (
    isNamed &&
    uid === snapshot.metadata.uid &&
    formatKey({ namespace, name }) === formatKey({ namespace: snapshot.metadata.namespace ?? '', name: snapshot.metadata.name })
  );
}

function indexKey(driver: string, handle: string): string {
  return `${driver}/${handle}`;
}
