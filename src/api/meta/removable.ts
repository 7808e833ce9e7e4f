import { isRecord } from '#kit/json.ts';
import type { KubeObject } from './object.ts';

/** True for an object whose deletion was asked for and that nothing holds any more: no finalizer, no grace, and (for namespaces) no finalizer in its spec. */
export function isRemovable(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (deletionTimestamp === undefined || (deletionGracePeriodSeconds ?? 0) > 0) return false;
  return (finalizers ?? []).length === 0 && !hasSpecFinalizers(object);
}

/** True for a namespace that still has to be emptied (NamespaceSpec.finalizers). */
export function hasSpecFinalizers(object: KubeObject): boolean {
  if (object.kind !== 'Namespace' || object.apiVersion !== 'v1') return false;
  const spec = 'spec' in object ? object.spec : undefined;
  return isRecord(spec) && Array.isArray(spec['finalizers']) && spec['finalizers'].length > 0;
}
