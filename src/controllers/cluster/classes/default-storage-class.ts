import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { defaultClassFor } from '#api/storage/default-class.ts';
import { trusted } from '#kit/json.ts';
import type { RuleRequest, RuleView } from '../../admission-rule.ts';

/**
 * The admission plugin `DefaultStorageClass`: a new claim that leaves its class to the default gets it.
 */
export const defaultStorageClass = {
  name: 'DefaultStorageClass',
  mutate({ verb, kind, subresource, object }: Omit<RuleRequest, 'key' | 'warn'>, view: Pick<RuleView, 'list'>): KubeObject | undefined {
    if (verb !== 'create' || subresource !== '' || kind.resource !== persistentVolumeClaims || object === undefined) return undefined;
    // why trusted: the server has checked the object against the schema of the resource that was just compared
    const claim = trusted<PersistentVolumeClaim>(object);
    const storageClassName = defaultClassFor(claim, view.list(storageClasses).items);
    if (storageClassName === undefined) return undefined;
    const withClass: PersistentVolumeClaim = { ...claim, spec: { ...claim.spec, storageClassName } };
    return withClass;
  },
};
