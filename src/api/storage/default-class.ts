import type { PersistentVolumeClaim, StorageClass } from '../generated/kubernetes.ts';
import { leavesClassToDefault } from './claim.ts';
import { IS_DEFAULT_CLASS, IS_DEFAULT_CLASS_BETA } from './names.ts';

/** True where `storageClass` is marked as a default. */
export function isDefaultClass(storageClass: StorageClass): boolean {
  const annotations = storageClass.metadata.annotations;
  return annotations?.[IS_DEFAULT_CLASS] === 'true' || annotations?.[IS_DEFAULT_CLASS_BETA] === 'true';
}

/** The default among `classes`: of several the newest, then the first by name (GetDefaultClass); undefined where none is marked. */
export function defaultClassOf(classes: Iterable<StorageClass>): StorageClass | undefined {
  let best: StorageClass | undefined;
  for (const candidate of classes) {
    if (isDefaultClass(candidate) && (best === undefined || isPreferred(candidate.metadata, best.metadata))) best = candidate;
  }
  return best;
}

/** The name of the class that `claim` should get; undefined where it chose for itself or no class is the default. */
export function defaultClassFor(claim: PersistentVolumeClaim, classes: Iterable<StorageClass>): string | undefined {
  return leavesClassToDefault(claim) ? defaultClassOf(classes)?.metadata.name : undefined;
}

function isPreferred(a: StorageClass['metadata'], b: StorageClass['metadata']): boolean {
  const [created, other] = [Date.parse(a.creationTimestamp), Date.parse(b.creationTimestamp)];
  return created === other ? a.name < b.name : created > other;
}
