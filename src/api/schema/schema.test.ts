import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAgainstSchema } from './check.ts';
import { pruneUnknown } from './prune.ts';

const POD = 'io.k8s.api.core.v1.Pod';
const CLAIM = 'io.k8s.api.core.v1.PersistentVolumeClaim';
const SECRET = 'io.k8s.api.core.v1.Secret';

describe('checkAgainstSchema', () => {
  it.each([
    {
      name: 'a text where a list belongs',
      definition: CLAIM,
      value: { spec: { accessModes: 'ReadWriteOnce' } },
      message:
        'json: cannot unmarshal string into Go struct field PersistentVolumeClaimSpec.spec.accessModes of type []string: spec.accessModes: write a list',
    },
    {
      name: 'a number where a text belongs, in a list',
      definition: POD,
      value: { spec: { containers: [{ name: 'a' }, { image: 5 }] } },
      message:
        'json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string: spec.containers[1].image: write a text (in quotes)',
    },
    {
      name: 'an object where a number belongs',
      definition: POD,
      value: { spec: { volumes: [{ name: 'v', ephemeral: 1 }] } },
      message:
        'json: cannot unmarshal number into Go struct field Volume.spec.volumes.ephemeral of type v1.EphemeralVolumeSource: spec.volumes[0].ephemeral: write an object (key: value)',
    },
    {
      name: 'a quantity that is none',
      definition: CLAIM,
      value: { spec: { resources: { requests: { storage: '10Gig' } } } },
      message:
        "spec.resources.requests.storage: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    },
    {
      name: 'a fraction',
      definition: POD,
      value: { spec: { terminationGracePeriodSeconds: 1.5 } },
      message: 'cannot unmarshal number 1.5 into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64',
    },
    { name: 'a number of more than 32 bits', definition: POD, value: { spec: { priority: 3_000_000_000 } }, message: 'at most 32 bits' },
    {
      name: 'a number that would be kept rounded',
      definition: POD,
      value: { spec: { terminationGracePeriodSeconds: 2 ** 63 } },
      message: 'spec.terminationGracePeriodSeconds: write a whole number of at most 64 bits',
    },
    {
      name: 'a time that is none',
      definition: POD,
      value: { metadata: { creationTimestamp: 'yesterday' } },
      message: 'metadata.creationTimestamp: parsing time "yesterday"',
    },
    {
      name: 'base64 that is none',
      definition: SECRET,
      value: { data: { a: 'not base64!' } },
      message: 'data.a: illegal base64 data at input byte 3',
    },
    { name: 'a list as body', definition: POD, value: [], message: 'the body is a JSON array' },
  ])('tells of $name with field and remedy', ({ definition, value, message }) => {
    expect(checkAgainstSchema(definition, value).errors.map((fault) => fault.message)).toEqual([expect.stringContaining(message)]);
  });

  it('names unknown fields by their path', () => {
    const value = JSON.parse(
      '{"sepc":{},"constructor":1,"__proto__":{"a":1},"spec":{"containers":[{"name":"a","imge":"x"}],"volumes":[{"name":"v","hostPath":{"pth":"/"}}]}}',
    );
    expect(checkAgainstSchema(POD, value)).toMatchObject({
      errors: [],
      unknown: ['sepc', 'constructor', '__proto__', 'spec.containers[0].imge', 'spec.volumes[0].hostPath.pth'],
    });
  });

  it('looks at what a patch changed, and keeps what the stored object holds as it is', () => {
    const stored = { metadata: { name: 'a', labels: { a: 'b' } }, spec: { containers: [{ name: 'main' }], nodeName: 'n' } };
    const patched = {
      metadata: { ...stored.metadata, creationTimestamp: '2026-01-31T09:30:00+01:00' },
      spec: { ...stored.spec, nodeNmae: 'm' },
    };
    expect(checkAgainstSchema(POD, patched, stored)).toEqual(checkAgainstSchema(POD, patched));
    const pruned = pruneUnknown(POD, patched, stored);
    expect(pruned).toEqual(pruneUnknown(POD, patched));
    expect(pruned).toMatchObject({ metadata: { creationTimestamp: '2026-01-31T08:30:00Z' } });
    expect(pruned).toHaveProperty('spec.containers', stored.spec.containers);
    const wrong = { ...stored, spec: { ...stored.spec, containers: [{ name: 5 }] } };
    expect(checkAgainstSchema(POD, wrong, stored)).toEqual(checkAgainstSchema(POD, wrong));
    expect(checkAgainstSchema(POD, wrong, stored).errors).toHaveLength(1);
  });

  it('takes null for absent and any key of a map', () => {
    expect(
      checkAgainstSchema(POD, { metadata: { labels: { anything: 'x' }, annotations: null }, spec: { containers: null } }),
    ).toMatchObject({ errors: [], unknown: [] });
  });

  it('bounds depth and the number of faults', () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
    expect(checkAgainstSchema(POD, { metadata: deep }).errors[0]?.message).toContain('nested deeper');
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`x${index}`, 1]));
    expect(checkAgainstSchema(POD, many).unknown).toHaveLength(100);
    expect(checkAgainstSchema(POD, { spec: { containers: Array.from({ length: 5000 }, () => 1) } }).errors.length).toBeLessThanOrEqual(100);
  });

  it('never throws and never lets a bad body through unseen (any JSON)', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (spec) => {
        const { errors } = checkAgainstSchema(CLAIM, { spec });
        if (errors.length > 0) return;
        const pruned = pruneUnknown(CLAIM, { spec });
        expect(checkAgainstSchema(CLAIM, pruned)).toMatchObject({ errors: [], unknown: [] });
        expect(pruneUnknown(CLAIM, pruned)).toEqual(pruned);
      }),
    );
  });
});

describe('pruneUnknown', () => {
  it.each([
    {
      name: 'drops unknown fields and nulls',
      definition: POD,
      value: { spec: { x: 1, nodeName: null, containers: [{ name: 'a', y: 2 }] } },
      result: { spec: { containers: [{ name: 'a' }] } },
    },
    {
      name: 'brings quantities to their canonical form',
      definition: CLAIM,
      value: { spec: { resources: { requests: { storage: '1024Mi' } } } },
      result: { spec: { resources: { requests: { storage: '1Gi' } } } },
    },
    {
      name: 'takes a number for a quantity',
      definition: CLAIM,
      value: { spec: { resources: { requests: { storage: 1000 } } } },
      result: { spec: { resources: { requests: { storage: '1k' } } } },
    },
    {
      name: 'brings times to UTC',
      definition: POD,
      value: { metadata: { creationTimestamp: '2026-01-01T02:00:00.5+02:00' } },
      result: { metadata: { creationTimestamp: '2026-01-01T00:00:00Z' } },
    },
    {
      name: 'rounds amounts of resources up to thousandths, and other quantities not',
      definition: POD,
      value: {
        spec: {
          containers: [{ resources: { limits: { cpu: '1n', memory: '0.5m' }, requests: { cpu: '1500u' } } }],
          volumes: [{ emptyDir: { sizeLimit: '1n' } }],
        },
      },
      result: {
        spec: {
          containers: [{ resources: { limits: { cpu: '1m', memory: '1m' }, requests: { cpu: '2m' } } }],
          volumes: [{ emptyDir: { sizeLimit: '1n' } }],
        },
      },
    },
    {
      name: 'brings microseconds to UTC',
      definition: 'io.k8s.api.coordination.v1.Lease',
      value: { spec: { renewTime: '2026-01-01T00:00:00,123456+02:00' } },
      result: { spec: { renewTime: '2025-12-31T22:00:00.123456Z' } },
    },
    {
      name: 'keeps microseconds',
      definition: 'io.k8s.api.coordination.v1.Lease',
      value: { spec: { renewTime: '2026-01-01T00:00:00.123456Z' } },
      result: { spec: { renewTime: '2026-01-01T00:00:00.123456Z' } },
    },
    {
      name: 'takes null in amounts for nothing',
      definition: CLAIM,
      value: { spec: { resources: { requests: { storage: null } } } },
      result: { spec: { resources: { requests: { storage: '0' } } } },
    },
    {
      name: 'takes null in lists and maps for the empty value',
      definition: POD,
      value: { metadata: { labels: { a: null } }, spec: { containers: [{ name: 'a', args: [null] }] } },
      result: { metadata: { labels: { a: '' } }, spec: { containers: [{ name: 'a', args: [''] }] } },
    },
    {
      name: 'keeps managed fields as they are',
      definition: POD,
      value: { metadata: { managedFields: [{ manager: 'm', fieldsV1: { 'f:spec': { 'f:x': {} } } }] } },
      result: { metadata: { managedFields: [{ manager: 'm', fieldsV1: { 'f:spec': { 'f:x': {} } } }] } },
    },
  ])('$name', ({ definition, value, result }) => {
    expect(pruneUnknown(definition, value)).toEqual(result);
  });

  it('keeps a key named __proto__ in a map a plain key', () => {
    const pruned = pruneUnknown('io.k8s.api.core.v1.ConfigMap', JSON.parse('{"data":{"__proto__":"x"}}'));
    expect(JSON.stringify(pruned)).toBe('{"data":{"__proto__":"x"}}');
  });
});
