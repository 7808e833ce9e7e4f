import { type Project, projects } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { projectClassFor } from '#api/projects/default-class.ts';
import { namespaces, persistentVolumeClaims } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';

/** The part of an admission request that the rule looks at. */
interface Request {
  readonly verb: string;
  readonly kind: { readonly resource: Resource };
  readonly subresource: string;
  readonly key: ObjectKey;
  readonly object?: KubeObject;
}

/** The part of the stored state that the rule looks at. */
interface View {
  get<K extends KubeObject>(resource: Resource<K>, key: ObjectKey): K | undefined;
}

/** A new claim that leaves its class to the default gets that of its project, where the project has one; comes before the default of the cluster. Has the shape of the API server's AdmissionPlugin. */
export const projectDefaultClass = {
  name: 'ProjectDefaultClass',
  mutate({ verb, kind, subresource, key, object }: Request, view: View): KubeObject | undefined {
    if (verb !== 'create' || subresource !== '' || kind.resource !== persistentVolumeClaims || object === undefined) return undefined;
    // why trusted: the server has checked the object against the schema of the resource that was just compared
    const claim = trusted<PersistentVolumeClaim>(object);
    const { metadata } = view.get(namespaces, { namespace: '', name: key.namespace }) ?? {};
    const storageClassName = projectClassFor(claim, { name: key.namespace, labels: metadata?.labels }, (project) => {
      return view.get<Project>(projects, { namespace: '', name: project })?.spec?.defaultStorageClassName;
    });
    if (storageClassName === undefined) return undefined;
    const withClass: PersistentVolumeClaim = { ...claim, spec: { ...claim.spec, storageClassName } };
    return withClass;
  },
};
