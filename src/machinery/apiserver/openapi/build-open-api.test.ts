import { describe, expect, it } from 'vitest';
import { BUILT_IN_KINDS } from '#api/kinds/built-in.ts';
import { isRecord } from '#kit/json.ts';
import { buildOpenApiV3 } from './build-open-api.ts';

const CLAIM = 'io.k8s.api.core.v1.PersistentVolumeClaim';
const core = buildOpenApiV3({ group: '', version: 'v1' }, BUILT_IN_KINDS);
const storage = buildOpenApiV3({ group: 'storage.k8s.io', version: 'v1' }, BUILT_IN_KINDS);

function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (!isRecord(value)) return [];
  return [...(typeof value['$ref'] === 'string' ? [value['$ref']] : []), ...Object.values(value).flatMap(references)];
}

describe('buildOpenApiV3', () => {
  it('has the PATCH of every kind of the group, with the four patch types that kubectl looks for', () => {
    expect(Object.keys(storage.paths)).toEqual(
      [
        'storageclasses',
        'csidrivers',
        'csinodes',
        'volumeattachments',
        'namespaces/{namespace}/csistoragecapacities',
        'volumeattributesclasses',
      ].map((plural) => `/apis/storage.k8s.io/v1/${plural}/{name}`),
    );
    expect(core.paths['/api/v1/namespaces/{namespace}/persistentvolumeclaims/{name}']).toMatchObject({
      patch: {
        'x-kubernetes-action': 'patch',
        'x-kubernetes-group-version-kind': { group: '', version: 'v1', kind: 'PersistentVolumeClaim' },
        requestBody: {
          content: {
            'application/apply-patch+yaml': {},
            'application/json-patch+json': {},
            'application/merge-patch+json': {},
            'application/strategic-merge-patch+json': {},
          },
        },
      },
    });
  });

  it.each([
    { name: 'core', document: core },
    { name: 'storage', document: storage },
  ])('refers only to schemas that are in the document ($name)', ({ document }) => {
    const known = new Set(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`));
    expect(references(document).filter((reference) => !known.has(reference))).toEqual([]);
  });

  it('leaves out what no kind of the group reaches, and the lists of none', () => {
    expect(storage.components.schemas).toHaveProperty(['io.k8s.api.storage.v1.StorageClassList']);
    expect(storage.components.schemas).not.toHaveProperty(['io.k8s.api.core.v1.Pod']);
  });

  it('keeps merge keys and tells readers what fields are for', () => {
    expect(core.components.schemas[CLAIM]).toMatchObject({
      description: expect.stringContaining('request for storage'),
      'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'PersistentVolumeClaim' }],
      properties: { spec: { description: expect.any(String), allOf: [{ $ref: `#/components/schemas/${CLAIM}Spec` }] } },
    });
    expect(core.components.schemas['io.k8s.api.core.v1.PodSpec']).toMatchObject({
      properties: {
        containers: { 'x-kubernetes-patch-merge-key': 'name', 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-list-type': 'map' },
      },
    });
  });
});
