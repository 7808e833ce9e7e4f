import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { BUILT_IN_KINDS } from '#api/kinds/built-in.ts';
import { isRecord } from '#kit/json.ts';
import { buildOpenApiV3 } from './build-open-api.ts';
import { convertToV2 } from './convert-v2.ts';
import { encodeOpenApiV2 } from './encode-v2.ts';

const info = { title: 'Kubernetes', version: 'v1.36.0' };
const groups = ['', 'storage.k8s.io'].map((group) => buildOpenApiV3({ group, version: 'v1' }, BUILT_IN_KINDS));
const document = convertToV2(groups, info);
const CLAIM = 'io.k8s.api.core.v1.PersistentVolumeClaim';

/** A part of gnostic's OpenAPIv2.proto, written down apart from the encoder. */
const PROTO = `syntax = "proto3";
message Document { string swagger = 1; Paths paths = 8; Definitions definitions = 9; }
message Paths { repeated NamedPathItem path = 2; }
message NamedPathItem { string name = 1; PathItem value = 2; }
message PathItem { Operation patch = 8; }
message Operation { repeated string consumes = 7; repeated ParametersItem parameters = 8; repeated NamedAny vendor_extension = 13; }
message ParametersItem { Parameter parameter = 1; }
message Parameter { NonBodyParameter non_body_parameter = 2; }
message NonBodyParameter { QueryParameter query_parameter_sub_schema = 3; }
message QueryParameter { string in = 2; string name = 4; string type = 6; }
message Definitions { repeated NamedSchema additional_properties = 1; }
message NamedSchema { string name = 1; Schema value = 2; }
message Schema { string ref = 1; string description = 4; repeated string required = 19; TypeItem type = 22; ItemsItem items = 23; Properties properties = 25; repeated NamedAny vendor_extension = 31; }
message TypeItem { repeated string value = 1; }
message ItemsItem { repeated Schema schema = 1; }
message Properties { repeated NamedSchema additional_properties = 1; }
message NamedAny { string name = 1; Any value = 2; }
message Any { string yaml = 2; }`;

function decode(bytes: Buffer): Record<string, unknown> {
  return protobuf.parse(PROTO, { keepCase: true }).root.lookupType('Document').decode(bytes).toJSON();
}

function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (!isRecord(value)) return [];
  return [...(typeof value['$ref'] === 'string' ? [value['$ref']] : []), ...Object.values(value).flatMap(references)];
}

function named(list: unknown, name: string): Record<string, unknown> {
  const found: unknown = Array.isArray(list) ? list.find((item: unknown) => isRecord(item) && item['name'] === name) : undefined;
  return isRecord(found) && isRecord(found['value']) ? found['value'] : {};
}

function listIn(value: Record<string, unknown>, key: string, inner: string): unknown {
  const found = value[key];
  return isRecord(found) ? found[inner] : undefined;
}

describe('convertToV2', () => {
  it('API-1: refers only to definitions that it has, of all groups together', () => {
    const known = new Set(Object.keys(document.definitions).map((name) => `#/definitions/${name}`));
    expect(references(document).filter((reference) => !known.has(reference))).toEqual([]);
    expect(document.definitions).toHaveProperty(['io.k8s.api.storage.v1.StorageClass']);
  });

  it('keeps words beside a reference, and what v2 has no word for as a text', () => {
    expect(document.definitions[CLAIM]).toMatchObject({
      properties: { spec: { $ref: `#/definitions/${CLAIM}Spec`, description: expect.any(String) } },
    });
    expect(document.definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({
      type: 'string',
      format: 'int-or-string',
    });
  });
});

describe('encodeOpenApiV2', () => {
  const decoded = decode(encodeOpenApiV2(document));

  it('API-1: tells kubectl before 1.29 what a kind looks like', () => {
    const claim = named(listIn(decoded, 'definitions', 'additional_properties'), CLAIM);
    expect(claim['type']).toEqual({ value: ['object'] });
    expect(named(listIn(claim, 'properties', 'additional_properties'), 'spec')).toMatchObject({ ref: `#/definitions/${CLAIM}Spec` });
    expect(named(claim['vendor_extension'], 'x-kubernetes-group-version-kind')['yaml']).toContain('kind: PersistentVolumeClaim');
    const pod = named(listIn(decoded, 'definitions', 'additional_properties'), 'io.k8s.api.core.v1.PodSpec');
    const containers = named(listIn(pod, 'properties', 'additional_properties'), 'containers');
    expect(named(containers['vendor_extension'], 'x-kubernetes-patch-merge-key')['yaml']).toBe('"name"\n');
    expect(containers['items']).toMatchObject({ schema: [{ ref: '#/definitions/io.k8s.api.core.v1.Container' }] });
  });

  it('API-1: tells it which kinds can be tried without being stored', () => {
    const patch = named(listIn(decoded, 'paths', 'path'), '/api/v1/namespaces/{namespace}/pods/{name}')['patch'];
    expect(patch).toMatchObject({
      consumes: expect.arrayContaining(['application/apply-patch+yaml', 'application/strategic-merge-patch+json']),
      parameters: expect.arrayContaining([
        { parameter: { non_body_parameter: { query_parameter_sub_schema: { in: 'query', name: 'dryRun', type: 'string' } } } },
      ]),
      vendor_extension: expect.arrayContaining([
        { name: 'x-kubernetes-group-version-kind', value: { yaml: 'group: ""\nversion: v1\nkind: Pod\n' } },
      ]),
    });
  });
});

describe('API-1: a definition in the document of v2', () => {
  const GVK = 'x-kubernetes-group-version-kind';
  const gvk = [{ group: 'a.b', version: 'v1', kind: 'Disk' }];
  const published = (schema: object): unknown =>
    convertToV2([{ ...buildOpenApiV3({ group: '', version: 'v1' }, []), components: { schemas: { d: { ...schema, [GVK]: gvk } } } }], info)
      .definitions['d'];

  it('is a bare object where it keeps what it does not know', () => {
    const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { metadata: {} } };
    expect(published(schema)).toEqual({ type: 'object', [GVK]: gvk });
  });

  it('says nothing of what kubectl can not cope with', () => {
    const properties = {
      open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'string' } } },
      none: { type: 'string', nullable: true },
      list: { type: 'array', nullable: true, items: { type: 'string' } },
    };
    expect(published({ type: 'object', required: ['open', 'none'], properties })).toEqual({
      type: 'object',
      required: ['open'],
      properties: { open: { 'x-kubernetes-preserve-unknown-fields': true }, none: {}, list: {} },
      [GVK]: gvk,
    });
  });
});
