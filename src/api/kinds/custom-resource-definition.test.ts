import { describe, expect, it } from 'vitest';
import type { CustomResourceDefinition } from '../generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import { formatFieldError } from '../meta/field-error.ts';
import { compareVersions } from '../meta/version-priority.ts';
import { customResourceDefinitionKind as kind } from './custom-resource-definition.ts';

const META = { name: 'disks.shop.example.com', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const VERSION = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } };
const SPEC = { group: 'shop.example.com', scope: 'Namespaced', names: { plural: 'disks', kind: 'Disk' }, versions: [VERSION] };

function definition(spec: object = {}, more: object = {}): CustomResourceDefinition {
  return kind.applyDefaults(trusted<CustomResourceDefinition>({ metadata: META, spec: { ...SPEC, ...spec }, ...more }));
}

const faultsOf = (given: CustomResourceDefinition): string[] => kind.validate(given).map(formatFieldError);
const inVersion = (more: object): object => ({ versions: [{ ...VERSION, ...more }] });

describe('API-2: CustomResourceDefinition', () => {
  it('gets names and a conversion where it has none', () => {
    expect(definition().spec).toMatchObject({ names: { singular: 'disk', listKind: 'DiskList' }, conversion: { strategy: 'None' } });
    expect(faultsOf(definition())).toEqual([]);
  });

  it.each<{ name: string; spec: object; says: RegExp }>([
    {
      name: 'another name than plural and group',
      spec: { names: { plural: 'others', kind: 'Disk' } },
      says: /^metadata\.name: Invalid value: "disks\.shop\.example\.com": must be spec\.names\.plural\+"\."\+spec\.group$/,
    },
    {
      name: 'a group without a dot',
      spec: { group: 'shop' },
      says: /spec\.group: Invalid value: "shop": should be a domain with at least one dot/,
    },
    {
      name: 'an unknown scope',
      spec: { scope: 'Global' },
      says: /spec\.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"/,
    },
    {
      name: 'a kind that is no label',
      spec: { names: { plural: 'disks', kind: '1Disk' } },
      says: /spec\.names\.kind: Invalid value: "1Disk": a DNS-1035 label/,
    },
    {
      name: 'a bad short name',
      spec: { names: { plural: 'disks', kind: 'Disk', shortNames: ['D'] } },
      says: /spec\.names\.shortNames\[0\]: Invalid value: "D"/,
    },
    { name: 'no versions', spec: { versions: [] }, says: /must have exactly one version marked as storage version, but has 0/ },
    {
      name: 'two stored versions',
      spec: { versions: [VERSION, { ...VERSION, name: 'v2' }] },
      says: /must have exactly one version marked as storage version, but has 2/,
    },
    {
      name: 'the same version twice',
      spec: { versions: [VERSION, { ...VERSION, storage: false }] },
      says: /spec\.versions\[1\]\.name: Duplicate value: "v1"/,
    },
    { name: 'nothing served', spec: inVersion({ served: false }), says: /must have at least one version that is served/ },
    {
      name: 'no schema',
      spec: inVersion({ schema: undefined }),
      says: /spec\.versions\[0\]\.schema\.openAPIV3Schema: Required value: schemas are required/,
    },
    {
      name: 'a webhook',
      spec: { conversion: { strategy: 'Webhook' } },
      says: /spec\.conversion\.strategy: Forbidden: this server does not call conversion webhooks: use None/,
    },
    {
      name: 'unknown fields everywhere',
      spec: { preserveUnknownFields: true },
      says: /spec\.preserveUnknownFields: Invalid value: true: must be false/,
    },
    {
      name: 'a column of a strange type',
      spec: inVersion({ additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: '.a' }] }),
      says: /additionalPrinterColumns\[0\]\.type: Unsupported value: "text"/,
    },
    {
      name: 'a column without a path',
      spec: inVersion({ additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: 'a' }] }),
      says: /jsonPath: Invalid value: "a": must be a simple json path starting with \./,
    },
    {
      name: 'a scale outside of spec',
      spec: inVersion({ subresources: { scale: { specReplicasPath: '.replicas', statusReplicasPath: '.status.n' } } }),
      says: /specReplicasPath: Invalid value: "\.replicas": should be a json path under \.spec/,
    },
    { name: 'a scale without a path', spec: inVersion({ subresources: { scale: {} } }), says: /scale\.specReplicasPath: Required value/ },
    {
      name: 'a selectable field that the schema lacks',
      spec: inVersion({ selectableFields: [{ jsonPath: '.spec.a' }] }),
      says: /selectableFields\[0\]\.jsonPath: Invalid value: "\.spec\.a": does not refer to a valid field/,
    },
    { name: 'a warning without a reason', spec: inVersion({ deprecationWarning: 'old' }), says: /can only be set for deprecated versions/ },
    {
      name: 'nothing at all',
      spec: { group: undefined, scope: undefined, names: undefined, versions: undefined },
      says: /spec\.group: Required value.*spec\.scope: Required value.*spec\.names\.plural: Required value.*spec\.names\.kind: Required value/s,
    },
  ])('refuses $name', ({ spec, says }) => {
    expect(faultsOf(definition(spec)).join('\n')).toMatch(says);
  });

  it('keeps what others rely on once it is established', () => {
    const status = { conditions: [{ type: 'Established', status: 'True' }] };
    const changed = definition({ scope: 'Cluster', names: { plural: 'disks', kind: 'Platter' } });
    expect(kind.validateUpdate(changed, definition()).map(formatFieldError)).toEqual([]);
    expect(kind.validateUpdate(changed, definition({}, { status })).map(formatFieldError)).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'spec.names.kind: Invalid value: "Platter": field is immutable',
    ]);
  });

  it('keeps a version that objects are stored in', () => {
    expect(faultsOf(definition({}, { status: { storedVersions: ['v1', 'v0'] } }))).toEqual([
      expect.stringMatching(/^status\.storedVersions\[1\]: Invalid value: "v0": missing from spec\.versions/),
    ]);
  });
});

describe('versions', () => {
  it('are preferred as clients do', () => {
    const versions = ['foo1', 'v1alpha1', 'v10', 'v1beta2', 'v1', 'v2', 'foo10', 'v11alpha2', 'v3beta1', 'v2beta10'];
    expect(versions.toSorted(compareVersions)).toEqual([
      'v10',
      'v2',
      'v1',
      'v3beta1',
      'v2beta10',
      'v1beta2',
      'v11alpha2',
      'v1alpha1',
      'foo1',
      'foo10',
    ]);
  });
});
