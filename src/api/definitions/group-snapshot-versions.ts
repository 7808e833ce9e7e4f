import type { CustomResourceDefinition, CustomResourceDefinitionSpec } from '../generated/kubernetes.ts';
import type { Draft } from '../meta/object.ts';

type Version = CustomResourceDefinitionSpec['versions'][number];

/**
 * Stores groups of snapshots as v1, and serves the older versions with its fields, which needs no conversion: v1beta2 has the same ones, v1beta1 has others
 * in the status of contents only, which nobody but a controller writes. Upstream converts that with a webhook; manifests of v1beta1 apply here as they are.
 */
export function withGroupVersions(definition: Draft<CustomResourceDefinition>): Draft<CustomResourceDefinition> {
  const { spec } = definition;
  if (spec.group !== 'groupsnapshot.storage.k8s.io') return definition;
  const schema = spec.versions.find(({ name }) => name === 'v1')?.schema;
  const versions = spec.versions.map((version) => asServed(version, schema));
  return { ...definition, spec: { ...spec, conversion: { strategy: 'None' }, versions } };
}

function asServed(version: Version, schema: Version['schema']): Version {
  const served = { ...version, served: true, storage: version.name === 'v1' };
  return version.name === 'v1beta1' && schema !== undefined ? { ...served, schema } : served;
}
