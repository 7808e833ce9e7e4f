import type { KubeObject } from '#api/meta/object.ts';

/** The metadata of an object by itself. */
export function metadataOnly(object: KubeObject, version: 'v1' | 'v1beta1'): object {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}
