import type { ResourceQuota, ResourceQuotaSpec } from '#api/generated/kubernetes.ts';
import type { KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { resourceQuotas } from '#api/resources.ts';

/** Objects that limit what may be made, and where. A scope is what one of them counts together: a namespace, or several. */
export interface QuotaKind<K extends KubeObject = KubeObject> {
  readonly resource: Resource<K>;
  /** What an object limits; an empty `hard` limits nothing. */
  specOf(object: K): ResourceQuotaSpec;
  /** The scope whose objects it counts. */
  scopeOf(quota: ObjectKey): string;
  /** The scope that a namespace with these labels is in; undefined = in none. Absent: each namespace is a scope of its own, by its name. */
  readonly scopeOfNamespace?: (labels: Readonly<Record<string, string>>) => string | undefined;
}

/** core/v1 ResourceQuota: what is in its namespace. */
export const RESOURCE_QUOTAS: QuotaKind<ResourceQuota> = {
  resource: resourceQuotas,
  specOf: ({ spec }) => spec ?? {},
  scopeOf: ({ namespace }) => namespace,
};
