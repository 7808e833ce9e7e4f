import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { trusted } from '#kit/json.ts';
import type { StorageBench } from '#testing/storage-bench.ts';

/** What was seen that must never be. */
export interface Doubles {
  readonly faults: readonly string[];
  close(): void;
}

/** Watches the store and notes every state in which two claims have one volume, one claim names two, or a volume changes hands without having been free. */
export function watchForDoubles(bench: StorageBench): Doubles {
  const faults: string[] = [];
  const claimOfVolume = new Map<string, string>();
  const volumeOfClaim = new Map<string, string>();
  const uidOfVolume = new Map<string, string | undefined>();
  const look = (object: KubeObject): void => {
    if (object.kind === 'PersistentVolumeClaim') {
      const { metadata, spec } = trusted<PersistentVolumeClaim>(object);
      if (spec.volumeName === undefined) return;
      const before = volumeOfClaim.get(metadata.uid);
      if (before !== undefined && before !== spec.volumeName) faults.push(`${metadata.name} went from ${before} to ${spec.volumeName}`);
      volumeOfClaim.set(metadata.uid, spec.volumeName);
      const owner = claimOfVolume.get(spec.volumeName);
      if (owner !== undefined && owner !== metadata.uid) faults.push(`${spec.volumeName} is the volume of two claims`);
      claimOfVolume.set(spec.volumeName, metadata.uid);
      if (uidOfVolume.get(spec.volumeName) !== metadata.uid) faults.push(`${metadata.name} names ${spec.volumeName}, which is not its own`);
    } else {
      const { metadata, spec } = trusted<PersistentVolume>(object);
      const [before, now] = [uidOfVolume.get(metadata.name), spec.claimRef?.uid];
      if (before !== undefined && now !== undefined && before !== now) faults.push(`${metadata.name} went from one claim to another`);
      uidOfVolume.set(metadata.name, now);
    }
  };
  const watches = ['persistentvolumeclaims', 'persistentvolumes'].map((resource) =>
    bench.api.store.watch({ resource }, bench.api.store.revision, {
      onEvents: (events) => {
        for (const { entry } of events) look(trusted<KubeObject>(entry.object));
      },
      onClose: () => {},
    }),
  );
  return { faults, close: () => watches.forEach((watch) => watch.close()) };
}
