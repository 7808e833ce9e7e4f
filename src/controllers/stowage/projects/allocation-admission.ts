import { bucketClaims, bucketClasses } from '#api/generated/definitions.ts';
import type { BucketClaim } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { allocationOf, whyNotAllocated } from '#api/projects/allocation.ts';
import { namespaces, persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { classOfClaim } from '#api/storage/claim.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { RuleRequest, RuleView } from '../../admission-rule.ts';

/** A class belongs to other projects than the namespace of the claim that asks for it. */
export class ClassNotAllocated extends PlatformError {
  constructor({ kind, name, field, why }: { readonly kind: string; readonly name: string; readonly field: string; readonly why: string }) {
    const message = `${kind} ${JSON.stringify(name)} is forbidden: ${why}`;
    super({ code: 'PermissionDenied', reason: 'ClassNotAllocated', message, details: { field } });
  }
}

/** Claims of a kind, and the classes that they ask for. */
interface Claimed {
  readonly classes: Resource;
  readonly field: string;
  readonly classOf: (claim: KubeObject) => string;
}

// why trusted: the server has checked objects of each resource against its schema
const CLAIMED: ReadonlyMap<string, Claimed> = new Map([
  [
    groupResourceOf(persistentVolumeClaims),
    {
      classes: storageClasses,
      field: 'spec.storageClassName',
      classOf: (claim) => classOfClaim(trusted<PersistentVolumeClaim>(claim)),
    },
  ],
  [
    groupResourceOf(bucketClaims),
    {
      classes: bucketClasses,
      field: 'spec.bucketClassName',
      classOf: (claim) => trusted<BucketClaim>(claim).spec?.bucketClassName ?? '',
    },
  ],
]);

/**
 * CLASS-10: a claim gets a class only where the class is allocated to the project of its namespace. Claims that have theirs keep it.
 * Two look-ups by name a claim, whatever there is of classes, namespaces and projects.
 */
export const allocationAdmission = {
  name: 'ProjectAllocation',
  validate({ verb, kind, subresource, key, object, previous }: RuleRequest, view: Pick<RuleView, 'get'>): void {
    if (verb === 'delete' || subresource !== '' || object === undefined) return;
    const claimed = CLAIMED.get(groupResourceOf(kind.resource));
    if (claimed === undefined) return;
    const className = claimed.classOf(object);
    if (className === '' || (previous !== undefined && claimed.classOf(previous) === className)) return;
    const allocation = allocationOf(view.get(claimed.classes, { namespace: '', name: className })?.metadata.labels);
    if (allocation.kind !== 'projects') return;
    const namespace = { name: key.namespace, labels: view.get(namespaces, { namespace: '', name: key.namespace })?.metadata.labels };
    const why = whyNotAllocated(allocation, namespace, { kind: claimed.classes.singular, name: className });
    if (why !== undefined)
      throw new ClassNotAllocated({ kind: kind.resource.plural, name: object.metadata.name, field: claimed.field, why });
  },
};
