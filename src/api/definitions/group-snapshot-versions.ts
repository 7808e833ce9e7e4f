import type { CustomResourceDefinition } from '../generated/kubernetes.ts';
import type { Draft } from '../meta/object.ts';

/** What becomes of each version that is published: v1 and v1beta2 have the same fields, v1beta1 has others in the status of contents. */
const VERSIONS = new Map([
  ['v1', { served: true, storage: true }],
  ['v1beta2', { served: true, storage: false }],
  // why not served: upstream converts it with a webhook
  ['v1beta1', { served: false, storage: false }],
]);

/** Stores groups of snapshots as v1, and serves what needs no conversion. */
export function withGroupVersions(definition: Draft<CustomResourceDefinition>): Draft<CustomResourceDefinition> {
  const { spec } = definition;
  if (spec.group !== 'groupsnapshot.storage.k8s.io') return definition;
  const versions = spec.versions.map((version) => ({ ...version, ...VERSIONS.get(version.name) }));
  return { ...definition, spec: { ...spec, conversion: { strategy: 'None' }, versions } };
}
