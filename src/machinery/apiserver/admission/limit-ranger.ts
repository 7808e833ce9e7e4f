import type { LimitRange, PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { withLimitDefaults } from '#api/limit-ranges/container-defaults.ts';
import { claimLimitFaults, podLimitFaults } from '#api/limit-ranges/limit-faults.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { limitRanges, persistentVolumeClaims, pods } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { forbidden } from '../contract/status-error.ts';
import type { AdmissionPlugin, AdmissionRequest, StoreView } from '../contract/admission.ts';

/** The admission plugin `LimitRanger`: fills requests and limits of new pods, and refuses pods and claims outside of the ranges of their namespace. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  mutate({ verb, kind, subresource, key, object }: AdmissionRequest, view: StoreView): KubeObject | undefined {
    if (verb !== 'create' || kind.resource !== pods || subresource !== '' || object === undefined) return undefined;
    const ranges = rangesOf(view, key.namespace);
    if (ranges.length === 0) return undefined;
    // why trusted: the server has checked the object against the schema of the resource that was just compared
    const pod = trusted<Pod>(object);
    const filled = withLimitDefaults(pod, ranges);
    return filled === pod ? undefined : trusted<KubeObject>(filled);
  },
  validate(request: AdmissionRequest, view: StoreView): void {
    const { kind, key, object } = request;
    if (object === undefined || !isAsked(request)) return;
    const ranges = rangesOf(view, key.namespace);
    if (ranges.length === 0) return;
    const faults =
      kind.resource === pods
        ? podLimitFaults(trusted<Pod>(object), ranges)
        : claimLimitFaults(trusted<PersistentVolumeClaim>(object), ranges);
    if (faults.length === 0) return;
    const unique = [...new Set(faults)];
    throw forbidden(kind.resource, object.metadata.name, unique.length === 1 ? unique.join('') : `[${unique.join(', ')}]`);
  },
};

/** A pod is asked when it is made, a claim also when its size changes. */
function isAsked({ verb, kind, subresource, object, previous }: AdmissionRequest): boolean {
  if (subresource !== '' || verb === 'delete') return false;
  if (kind.resource === pods) return verb === 'create';
  if (kind.resource !== persistentVolumeClaims) return false;
  return sizeOf(object) !== sizeOf(previous);
}

function sizeOf(claim: KubeObject | undefined): string | undefined {
  return claim === undefined ? undefined : trusted<PersistentVolumeClaim>(claim).spec.resources?.requests?.['storage'];
}

function rangesOf(view: StoreView, namespace: string): readonly LimitRange[] {
  return view.list(limitRanges, namespace).items;
}
