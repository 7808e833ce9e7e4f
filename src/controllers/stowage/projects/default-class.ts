import { type Project, projects } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { projectClassFor } from '#api/projects/default-class.ts';
import { namespaces, persistentVolumeClaims } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import type { RuleRequest, RuleView } from '../../admission-rule.ts';

/** A new claim that leaves its class to the default gets that of its project, where the project has one; comes before the default of the cluster. */
export const projectDefaultClass = {
  name: 'ProjectDefaultClass',
  mutate({ verb, kind, subresource, key, object }: RuleRequest, view: Pick<RuleView, 'get'>): KubeObject | undefined {
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
