import { describe, expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import { formatFieldError } from '../meta/field-error.ts';
import type { KindDefinition } from '../meta/kind.ts';
import type { KubeObject } from '../meta/object.ts';
import { BUILT_IN_KINDS } from './built-in.ts';

const meta = { name: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const NOW = Date.parse('2026-01-01T00:00:30Z');
type Fields = Readonly<Record<string, unknown>>;

function kindOf(name: string): KindDefinition {
  const kind = BUILT_IN_KINDS.find(({ resource }) => resource.kind === name);
  if (kind === undefined) throw new TypeError(`no kind ${name}`);
  return kind;
}
function object(name: string, fields: Fields): KubeObject {
  const kind = kindOf(name);
  const metadata = { ...meta, ...(kind.resource.isNamespaced ? { namespace: 'ns' } : {}), ...Object(fields['metadata']) };
  return kind.applyDefaults(trusted<KubeObject>({ ...fields, metadata }));
}

describe('kinds', () => {
  it.each([
    { kind: 'Namespace', fields: { metadata: { name: 'a.b' } }, faults: ['metadata.name'] },
    { kind: 'Namespace', fields: { spec: { finalizers: ['kubernetes', 'example.com/own', 'mine'] } }, faults: ['spec.finalizers'] },
    { kind: 'Secret', fields: { data: { 'a/b': '' } }, faults: ['data[a/b]'] },
    { kind: 'Secret', fields: { type: 'kubernetes.io/tls' }, faults: ['data[tls.crt]', 'data[tls.key]'] },
    {
      kind: 'Secret',
      fields: { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{' } },
      faults: ['data[.dockerconfigjson]'],
    },
    { kind: 'Secret', fields: { data: { a: 'A'.repeat(2 * 1024 * 1024) } }, faults: ['data'] },
    { kind: 'ConfigMap', fields: { data: { a: '1' }, binaryData: { a: 'MQ==' } }, faults: ['data[a]'] },
    { kind: 'ConfigMap', fields: { data: { '..': '1' } }, faults: ['data[..]'] },
    { kind: 'Event', fields: { involvedObject: { kind: 'Pod', namespace: 'other' } }, faults: ['involvedObject.namespace'] },
    { kind: 'Event', fields: { metadata: { namespace: 'default' }, involvedObject: { kind: 'PersistentVolume', name: 'pv' } }, faults: [] },
    { kind: 'Lease', fields: { spec: { leaseDurationSeconds: 0 } }, faults: ['spec.leaseDurationSeconds'] },
    { kind: 'Node', fields: { spec: { taints: [{ key: 'a', effect: 'Never' }] } }, faults: ['spec.taints[0].effect'] },
    { kind: 'CSIDriver', fields: { spec: { fsGroupPolicy: 'Maybe' } }, faults: ['spec.fsGroupPolicy'] },
    { kind: 'CSIDriver', fields: { spec: { fsGroupPolicy: '', volumeLifecycleModes: [] } }, faults: ['spec.fsGroupPolicy'] },
    { kind: 'CSIDriver', fields: { metadata: { name: 'x'.repeat(64) } }, faults: ['metadata.name'] },
    {
      kind: 'CSIDriver',
      fields: {
        spec: {
          tokenRequests: [
            { audience: 'a', expirationSeconds: 599 },
            { audience: 'b', expirationSeconds: 2 ** 32 + 1 },
            { audience: 'c', expirationSeconds: 600 },
            { audience: 'a' },
          ],
        },
      },
      faults: ['spec.tokenRequests[0].expirationSeconds', 'spec.tokenRequests[1].expirationSeconds', 'spec.tokenRequests[3].audience'],
    },
    {
      kind: 'CSINode',
      fields: {
        spec: {
          drivers: [
            { name: 'a.b', nodeID: 'n' },
            { name: 'a.b', nodeID: '' },
          ],
        },
      },
      faults: ['spec.drivers[1].nodeID', 'spec.drivers[1].name'],
    },
    { kind: 'VolumeAttachment', fields: { spec: { attacher: 'a.b', nodeName: 'n', source: {} } }, faults: ['spec.source'] },
    { kind: 'VolumeAttachment', fields: {}, faults: ['spec.attacher', 'spec.nodeName', 'spec.source'] },
    {
      kind: 'VolumeAttachment',
      fields: { spec: { attacher: 'a.b', nodeName: 'A_B', source: { persistentVolumeName: 'A_B' } } },
      faults: ['spec.nodeName', 'spec.source.persistentVolumeName'],
    },
    {
      kind: 'VolumeAttachment',
      fields: { spec: { attacher: 'a.b', nodeName: 'n', source: { persistentVolumeName: '' } } },
      faults: ['spec.source.persistentVolumeName', 'spec.source.persistentVolumeName'],
    },
    {
      kind: 'VolumeAttachment',
      fields: {
        spec: { attacher: 'a.b', nodeName: 'n', source: { persistentVolumeName: 'v', inlineVolumeSpec: {} } },
        status: { attached: true, attachmentMetadata: { a: 'x'.repeat(256 * 1024) }, attachError: { message: 'x'.repeat(1025) } },
      },
      faults: ['spec.source', 'status.attachmentMetadata', 'status.attachError.message'],
    },
    {
      kind: 'VolumeAttachment',
      fields: {
        spec: { attacher: 'a.b', nodeName: 'n', source: { inlineVolumeSpec: { hostPath: { path: '/a' }, capacity: { storage: '1' } } } },
      },
      faults: ['spec.source.inlineVolumeSpec.capacity', 'spec.source.inlineVolumeSpec.csi', 'spec.source.inlineVolumeSpec.accessModes'],
    },
    {
      kind: 'VolumeAttachment',
      fields: {
        spec: {
          attacher: 'a.b',
          nodeName: 'n',
          source: { inlineVolumeSpec: { accessModes: ['ReadWriteOnce'], csi: { driver: 'a.b', volumeHandle: 'v' } } },
        },
      },
      faults: [],
    },
    {
      kind: 'Pod',
      fields: {
        metadata: {
          annotations: {
            'container.apparmor.security.beta.kubernetes.io/c': 'anything',
            'container.apparmor.security.beta.kubernetes.io/other': 'localhost/a',
          },
        },
        spec: { containers: [{ name: 'c', image: 'a' }] },
      },
      faults: [
        'metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]',
        'metadata.annotations[container.apparmor.security.beta.kubernetes.io/other]',
      ],
    },
  ])('$kind is refused: $faults', ({ kind, fields, faults }) => {
    expect(
      kindOf(kind)
        .validate(object(kind, fields))
        .map(({ field }) => field),
    ).toEqual(faults);
  });

  it.each([
    {
      kind: 'Secret',
      before: { immutable: true, data: { a: 'MQ==' } },
      after: { immutable: true, data: { a: 'Mg==' } },
      faults: ['data: Forbidden: field is immutable when `immutable` is set'],
    },
    { kind: 'Secret', before: { type: 'a' }, after: { type: 'b' }, faults: ['type: Invalid value: "b": field is immutable'] },
    {
      kind: 'ConfigMap',
      before: { immutable: true },
      after: {},
      faults: ['immutable: Forbidden: field is immutable when `immutable` is set'],
    },
    {
      kind: 'Node',
      before: { spec: { providerID: 'a' } },
      after: { spec: {} },
      faults: ['spec.providerID: Forbidden: node updates may not change providerID except from "" to valid'],
    },
    {
      kind: 'CSIDriver',
      before: { spec: {} },
      after: { spec: { attachRequired: false } },
      faults: ['spec.attachedRequired: Invalid value: false: field is immutable'],
    },
    {
      kind: 'CSINode',
      before: { spec: { drivers: [{ name: 'a.b', nodeID: '1' }] } },
      after: { spec: { drivers: [{ name: 'a.b', nodeID: '1', allocatable: { count: 3 } }] } },
      faults: [],
    },
    {
      kind: 'CSINode',
      before: { spec: { drivers: [{ name: 'a.b', nodeID: '1' }] } },
      after: { spec: { drivers: [{ name: 'a.b', nodeID: '2' }] } },
      faults: [expect.stringContaining('spec.drivers[0]: Invalid value')],
    },
    {
      kind: 'VolumeAttachment',
      before: { spec: { attacher: 'a.b' } },
      after: { spec: { attacher: 'c.d' } },
      faults: [expect.stringContaining('spec: Invalid value')],
    },
  ])('$kind keeps what it must ($faults)', ({ kind, before, after, faults }) => {
    expect(kindOf(kind).validateUpdate(object(kind, after), object(kind, before)).map(formatFieldError)).toEqual(faults);
  });

  it.each([
    { kind: 'Namespace', fields: { status: { phase: 'Active' } }, cells: ['n', 'Active', '30s'] },
    { kind: 'Secret', fields: { data: { a: '', b: '' } }, cells: ['n', 'Opaque', 2, '30s'] },
    { kind: 'ConfigMap', fields: { data: { a: '' }, binaryData: { b: '' } }, cells: ['n', 2, '30s'] },
    { kind: 'Lease', fields: { spec: { holderIdentity: 'me' } }, cells: ['n', 'me', '30s'] },
    {
      kind: 'Event',
      fields: {
        involvedObject: { kind: 'Pod', name: 'p' },
        type: 'Warning',
        reason: 'Failed',
        message: 'no\n',
        lastTimestamp: '2026-01-01T00:00:20Z',
      },
      cells: ['10s', 'Warning', 'Failed', 'pod/p', 'no'],
    },
    {
      kind: 'Node',
      fields: {
        metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } },
        spec: { unschedulable: true },
        status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1' } },
      },
      cells: ['n', 'Ready,SchedulingDisabled', 'control-plane', '30s', 'v1'],
    },
    { kind: 'CSIDriver', fields: {}, cells: ['n', true, false, false, '<unset>', false, 'Persistent', '30s'] },
    { kind: 'CSINode', fields: { spec: { drivers: [{ name: 'a' }] } }, cells: ['n', 1, '30s'] },
    {
      kind: 'VolumeAttachment',
      fields: { spec: { attacher: 'a', nodeName: 'm', source: { persistentVolumeName: 'pv' } }, status: { attached: true } },
      cells: ['n', 'a', 'pv', 'm', true, '30s'],
    },
  ])('$kind prints as kubectl does', ({ kind, fields, cells }) => {
    const row = kindOf(kind)
      .columns.filter(({ priority }) => priority === 0)
      .map(({ value }) => value(object(kind, fields), NOW));
    expect(row).toEqual(cells);
  });

  it('Namespace is labelled with its name, becomes active, and keeps its finalizers on ordinary updates', () => {
    const kind = kindOf('Namespace');
    const made = kind.prepareForCreate(object('Namespace', {}));
    expect(made).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'n' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
    expect(kind.prepareForUpdate?.(object('Namespace', {}), made)).toMatchObject({ spec: { finalizers: ['kubernetes'] } });
  });

  it('Secret takes stringData into data, in UTF-8', () => {
    expect(object('Secret', { data: { a: 'MQ==', b: 'MQ==' }, stringData: { a: 'ü' } })).toMatchObject({
      data: { a: 'w7w=', b: 'MQ==' },
      type: 'Opaque',
    });
    expect(object('Secret', { stringData: { a: 'x' } })).not.toHaveProperty('stringData');
  });
});
