import { isRecord } from '#kit/json.ts';
import type { CustomResourceDefinition } from '../generated/kubernetes.ts';
import type { Draft } from '../meta/object.ts';

type Definition = Draft<CustomResourceDefinition>;

/** What a protocol may be given with the form `protocol: {s3: {}}`; empty = the driver's defaults. */
const PROTOCOL = {
  type: 'object',
  minProperties: 1,
  maxProperties: 1,
  properties: Object.fromEntries(
    ['s3', 'azure', 'gcs'].map((name) => [name, { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }]),
  ),
};
const ONE_FORM = {
  rule: 'has(self.protocols) != has(self.protocol)',
  message: 'name the protocols either as a list (protocols: [S3]) or as one with its settings (protocol: {s3: {}})',
};

/** Lets a BucketClaim name its protocol in both forms that documents print: `protocols: [S3]`, and `protocol: {s3: {}}`. */
export function withProtocolForms(definition: Definition): Definition {
  if (definition.metadata.name !== 'bucketclaims.objectstorage.k8s.io') return definition;
  const versions = definition.spec.versions.map((version) => {
    const root = version.schema?.openAPIV3Schema;
    if (!isRecord(root) || !isRecord(root['properties']) || !isRecord(root['properties']['spec'])) return version;
    const { required: _required, properties, ...spec } = root['properties']['spec'];
    const both = { ...(isRecord(properties) ? properties : {}), protocol: PROTOCOL };
    const forms = { ...spec, properties: both, 'x-kubernetes-validations': [ONE_FORM] };
    return { ...version, schema: { openAPIV3Schema: { ...root, properties: { ...root['properties'], spec: forms } } } };
  });
  return { ...definition, spec: { ...definition.spec, versions } };
}
