import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { KubeList, KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { defaultClassFor } from '#api/storage/default-class.ts';
import { trusted } from '#kit/json.ts';

/** The part of an admission request that the rule looks at. */
interface Request {
  readonly verb: string;
  readonly kind: { readonly resource: Resource };
  readonly subresource: string;
  readonly object?: KubeObject;
}

/** The part of the stored state that the rule looks at. */
interface View {
  list<K extends KubeObject>(resource: Resource<K>): KubeList<K>;
}

/**
 * The admission plugin `DefaultStorageClass`: a new claim that leaves its class to the default gets it.
 * Has the shape of the API server's AdmissionPlugin without importing it, so that controllers stay clear of the server.
 */
export const defaultStorageClass = {
  name: 'DefaultStorageClass',
  mutate({ verb, kind, subresource, object }: Request, view: View): KubeObject | undefined {
    if (verb !== 'create' || subresource !== '' || kind.resource !== persistentVolumeClaims || object === undefined) return undefined;
    // why trusted: the server has checked the object against the schema of the resource that was just compared
    const claim = trusted<PersistentVolumeClaim>(object);
    const storageClassName = defaultClassFor(claim, view.list(storageClasses).items);
    if (storageClassName === undefined) return undefined;
    const withClass: PersistentVolumeClaim = { ...claim, spec: { ...claim.spec, storageClassName } };
    return withClass;
  },
};
