import { describe, expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../generated/kubernetes.ts';
import { formatFieldError } from '../meta/field-error.ts';
import type { KindDefinition } from '../meta/kind.ts';
import type { KubeObject } from '../meta/object.ts';
import { persistentVolumeClaimKind } from './persistent-volume-claim.ts';
import { persistentVolumeKind } from './persistent-volume.ts';
import { storageClassKind } from './storage-class.ts';
import { PERSISTENT_SOURCES } from './volume-sources.ts';

const NOW = Date.parse('2026-01-01T00:05:00Z');
const meta = { name: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
type Fields = Readonly<Record<string, unknown>>;

function claim(spec: Fields, more: Fields = {}): PersistentVolumeClaim {
  return persistentVolumeClaimKind.applyDefaults(trusted<PersistentVolumeClaim>({ metadata: { ...meta, namespace: 'ns' }, spec, ...more }));
}
function volume(spec: Fields, more: Fields = {}): PersistentVolume {
  return persistentVolumeKind.applyDefaults(trusted<PersistentVolume>({ metadata: meta, spec, ...more }));
}
function storageClass(fields: Fields): StorageClass {
  return storageClassKind.applyDefaults(trusted<StorageClass>({ metadata: meta, provisioner: 'local.stowage.dev', ...fields }));
}
function row<K extends KubeObject>(kind: KindDefinition<K>, object: K, priority: 0 | 1 = 0): unknown[] {
  return kind.columns.filter((column) => column.priority <= priority).map((column) => column.value(object, NOW));
}

const RIGHT = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } };
const onNode = (name: string): Fields => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] }] },
});
const PLACE = { accessModes: ['ReadWriteOnce'], capacity: { storage: '10Gi' }, hostPath: { path: '/data' } };

describe('PersistentVolumeClaim', () => {
  it('SNAP-9: keeps a source of another namespace, which only dataSourceRef can name', () => {
    const dataSourceRef = { kind: 'PersistentVolumeClaim', name: 'a', namespace: 'other' };
    const foreign = claim({ ...RIGHT, dataSourceRef });
    const { spec } = persistentVolumeClaimKind.prepareForCreate(foreign);
    expect(spec).toMatchObject({ dataSourceRef });
    expect(spec).not.toHaveProperty('dataSource');
    const unnamed = claim({ ...RIGHT, dataSourceRef: { ...dataSourceRef, namespace: 'Other' } });
    expect(persistentVolumeClaimKind.validate(unnamed).map(formatFieldError).join()).toContain(
      'spec.dataSourceRef.namespace: Invalid value',
    );
  });

  it('gets its defaults, phase and finalizer', () => {
    const made = persistentVolumeClaimKind.prepareForCreate(claim(RIGHT, { status: { phase: 'Bound' } }));
    expect(made).toMatchObject({ spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } });
    expect(persistentVolumeClaimKind.initialFinalizers).toEqual(['kubernetes.io/pvc-protection']);
  });

  it.each([
    { name: 'a right one', spec: RIGHT, faults: [] },
    {
      name: 'nothing at all',
      spec: {},
      faults: ['spec.accessModes: Required value: at least 1 access mode is required', 'spec.resources[storage]: Required value'],
    },
    {
      name: 'an unknown mode',
      spec: { ...RIGHT, accessModes: ['RWO'] },
      faults: [
        'spec.accessModes: Unsupported value: "RWO": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      ],
    },
    {
      name: 'RWOP with another',
      spec: { ...RIGHT, accessModes: ['ReadWriteOnce', 'ReadWriteOncePod'] },
      faults: ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
    },
    {
      name: 'no size',
      spec: { ...RIGHT, resources: { requests: { storage: '0' } } },
      faults: ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
    },
    {
      name: 'an unknown volume mode',
      spec: { ...RIGHT, volumeMode: 'Raw' },
      faults: ['spec.volumeMode: Unsupported value: "Raw": supported values: "Block", "Filesystem"'],
    },
    {
      name: 'a selector',
      spec: { ...RIGHT, selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
      faults: ["spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"],
    },
    {
      name: 'two sources that differ',
      spec: {
        ...RIGHT,
        dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
        dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' },
      },
      faults: [
        'spec: Invalid value: {"dataSource":{"kind":"PersistentVolumeClaim","name":"a"},"dataSourceRef":{"kind":"PersistentVolumeClaim","name":"b"}}: must match dataSourceRef',
      ],
    },
    {
      name: 'a class of attributes that is no name',
      spec: { ...RIGHT, volumeAttributesClassName: 'A_B' },
      faults: [expect.stringMatching(/^spec\.volumeAttributesClassName: Invalid value: "A_B"/)],
    },
  ])('is refused for $name', ({ spec, faults }) => {
    expect(persistentVolumeClaimKind.validate(claim(spec)).map(formatFieldError)).toEqual(faults);
  });

  it.each([
    {
      name: 'a claim as dataSource',
      given: { dataSource: { kind: 'PersistentVolumeClaim', name: 'a' } },
      dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
      dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'a' },
    },
    {
      name: 'a snapshot as dataSourceRef',
      given: { dataSourceRef: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'a' } },
      dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'a' },
      dataSourceRef: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'a' },
    },
    {
      name: 'a populator',
      given: { dataSourceRef: { apiGroup: 'x.y', kind: 'Provider', name: 'a' } },
      dataSource: { apiGroup: 'x.y', kind: 'Provider', name: 'a' },
      dataSourceRef: { apiGroup: 'x.y', kind: 'Provider', name: 'a' },
    },
    {
      name: 'a dataSource that is no core kind',
      given: { dataSource: { apiGroup: 'x.y', kind: 'Provider', name: 'a' } },
      dataSource: undefined,
      dataSourceRef: undefined,
    },
    {
      name: 'a dataSource that is no core kind, beside a reference',
      given: {
        dataSource: { apiGroup: 'x.y', kind: 'Old', name: 'a' },
        dataSourceRef: { apiGroup: 'x.y', kind: 'Provider', name: 'b' },
      },
      dataSource: { apiGroup: 'x.y', kind: 'Provider', name: 'b' },
      dataSourceRef: { apiGroup: 'x.y', kind: 'Provider', name: 'b' },
    },
  ])('VOL-15: mirrors $name of a new claim', ({ given, dataSource, dataSourceRef }) => {
    const { spec } = persistentVolumeClaimKind.prepareForCreate(claim({ ...RIGHT, ...given }));
    expect({ dataSource: spec.dataSource, dataSourceRef: spec.dataSourceRef }).toEqual({ dataSource, dataSourceRef });
  });

  const provider = { apiGroup: 'x.y', kind: 'Provider', name: 'a' };
  it.each([
    { name: 'only the one that it mirrored', next: { dataSource: provider }, faults: [] },
    { name: 'only the one that it was given', next: { dataSourceRef: provider }, faults: [] },
    { name: 'none', next: {}, faults: ['spec'] },
    { name: 'another', next: { dataSource: { ...provider, name: 'b' } }, faults: ['spec'] },
    { name: 'two that differ', next: { dataSource: { ...provider, kind: 'Old' }, dataSourceRef: provider }, faults: ['spec', 'spec'] },
  ])('VOL-15: a claim with a source that no core kind is, changed to have $name', ({ next, faults }) => {
    const had = persistentVolumeClaimKind.prepareForCreate(claim({ ...RIGHT, dataSourceRef: provider }));
    const changed = claim({ ...RIGHT, ...next });
    const prepared = persistentVolumeClaimKind.applyDefaults(persistentVolumeClaimKind.prepareForUpdate?.(changed, had) ?? changed);
    const found = [...persistentVolumeClaimKind.validate(prepared), ...persistentVolumeClaimKind.validateUpdate(prepared, had)];
    expect(found.map(({ field }) => field)).toEqual(faults);
  });

  const bound = { status: { phase: 'Bound', capacity: { storage: '10Gi' } } };
  it.each([
    { name: 'nothing', next: RIGHT, more: bound, faults: [] },
    { name: 'a larger size of a bound claim', next: { ...RIGHT, resources: { requests: { storage: '20Gi' } } }, more: bound, faults: [] },
    { name: 'the volume, while it has none', next: { ...RIGHT, volumeName: 'pv' }, more: {}, faults: [] },
    { name: 'the class, while it has none', next: { ...RIGHT, storageClassName: 'fast' }, more: {}, faults: [] },
    {
      name: 'the size of a claim that is not bound',
      next: { ...RIGHT, resources: { requests: { storage: '20Gi' } } },
      more: {},
      faults: ['spec'],
    },
    {
      name: 'a smaller size',
      next: { ...RIGHT, resources: { requests: { storage: '5Gi' } } },
      more: bound,
      faults: ['spec.resources.requests.storage'],
    },
    { name: 'the access modes', next: { ...RIGHT, accessModes: ['ReadWriteMany'] }, more: bound, faults: ['spec'] },
    { name: 'the volume mode', next: { ...RIGHT, volumeMode: 'Block' }, more: bound, faults: ['spec', 'spec.volumeMode'] },
  ])('VOL-9: change of $name', ({ next, more, faults }) => {
    expect(persistentVolumeClaimKind.validateUpdate(claim(next, more), claim(RIGHT, more)).map(({ field }) => field)).toEqual(faults);
  });

  it.each([
    { name: 'comes', before: {}, after: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'a' } }, faults: 1 },
    {
      name: 'changes',
      before: { 'volume.beta.kubernetes.io/storage-class': 'a' },
      after: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'b' } },
      faults: 1,
    },
    { name: 'goes', before: { 'volume.beta.kubernetes.io/storage-class': 'a' }, after: {}, faults: 1 },
    {
      name: 'stays',
      before: { 'volume.beta.kubernetes.io/storage-class': 'a' },
      after: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'a' } },
      faults: 0,
    },
  ])('VOL-5: a class in the annotation of before v1.6 that $name', ({ before, after, faults }) => {
    const had = claim(RIGHT, { metadata: { ...meta, namespace: 'ns', annotations: before } });
    const next = claim(RIGHT, { metadata: { ...meta, namespace: 'ns', ...after } });
    const field = 'metadata.annotations.volume.beta.kubernetes.io/storage-class';
    expect(persistentVolumeClaimKind.validateUpdate(next, had).map((fault) => fault.field)).toEqual(faults === 0 ? [] : [field]);
  });

  it('VOL-9: a request that is gone asks for nothing, which is less than the volume has', () => {
    const none = claim({ ...RIGHT, resources: {} }, { status: { phase: 'Bound', capacity: { storage: '10Gi' } } });
    expect(persistentVolumeClaimKind.validateUpdate(none, claim(RIGHT, bound)).map(({ field }) => field)).toEqual([
      'spec',
      'spec.resources.requests.storage',
    ]);
  });

  it('VOL-9: a request that is smaller, of a claim without a volume yet, is told as a change alone', () => {
    const less = claim({ ...RIGHT, resources: { requests: { storage: '1Gi' } } });
    expect(persistentVolumeClaimKind.validateUpdate(less, claim(RIGHT)).map(({ field }) => field)).toEqual(['spec']);
  });

  it('VOL-9: tells what the volume has when somebody wants it smaller, and lets a failed growth be taken back', () => {
    const grown = claim({ ...RIGHT, resources: { requests: { storage: '30Gi' } } }, bound);
    const back = (storage: string): string[] =>
      persistentVolumeClaimKind
        .validateUpdate(claim({ ...RIGHT, resources: { requests: { storage } } }, bound), grown)
        .map(formatFieldError);
    expect(back('20Gi')).toEqual([]);
    expect(back('10Gi')).toEqual([
      'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity: the volume has 10Gi and volumes can only grow',
    ]);
  });

  it('keeps the volume and the class that it has, naming what was changed', () => {
    const had = claim({ ...RIGHT, volumeName: 'pv', storageClassName: 'fast' }, bound);
    const wants = claim({ ...RIGHT, volumeName: 'other', storageClassName: 'slow' }, bound);
    expect(persistentVolumeClaimKind.validateUpdate(wants, had).map(formatFieldError)).toEqual([
      expect.stringContaining('(changed: storageClassName, volumeName)'),
    ]);
  });

  it.each([
    {
      name: 'one that waits',
      object: claim(RIGHT, { status: { phase: 'Pending' } }),
      cells: ['n', 'Pending', '', '', '', '', '<unset>', '5m'],
    },
    {
      name: 'a bound one',
      object: claim(
        { ...RIGHT, volumeName: 'pv', storageClassName: 'fast' },
        { status: { ...bound.status, accessModes: ['ReadWriteMany', 'ReadWriteOnce'] } },
      ),
      cells: ['n', 'Bound', 'pv', '10Gi', 'RWO,RWX', 'fast', '<unset>', '5m'],
    },
    {
      name: 'one that goes',
      object: claim(RIGHT, { metadata: { ...meta, deletionTimestamp: meta.creationTimestamp }, status: { phase: 'Bound' } }),
      cells: ['n', 'Terminating', '', '', '', '', '<unset>', '5m'],
    },
  ])('prints $name as kubectl does', ({ object, cells }) => {
    expect(row(persistentVolumeClaimKind, object)).toEqual(cells);
    expect(row(persistentVolumeClaimKind, object, 1)).toEqual([...cells, 'Filesystem']);
  });
});

describe('PersistentVolume', () => {
  it('gets its defaults', () => {
    expect(volume(PLACE).spec).toMatchObject({
      persistentVolumeReclaimPolicy: 'Retain',
      volumeMode: 'Filesystem',
      hostPath: { path: '/data', type: '' },
    });
    expect(persistentVolumeKind.prepareForCreate(volume(PLACE, { status: { phase: 'Available' } })).status).toEqual({ phase: 'Pending' });
    expect(persistentVolumeKind.initialFinalizers).toEqual(['kubernetes.io/pv-protection']);
  });

  it.each([
    { name: 'a right one', spec: PLACE, faults: [] },
    {
      name: 'nothing at all',
      spec: {},
      faults: [
        'spec.accessModes: Required value',
        'spec.capacity: Required value: set spec.capacity.storage, for example 10Gi',
        'spec: Required value: must specify a volume type',
      ],
    },
    {
      name: 'two sources',
      spec: { ...PLACE, nfs: { server: 's', path: '/' } },
      faults: ['spec.nfs: Forbidden: may not specify more than 1 volume type'],
    },
    {
      name: 'a way out',
      spec: { ...PLACE, hostPath: { path: '/data/../etc' } },
      faults: ['spec.hostPath.path: Invalid value: "/data/../etc": must not contain \'..\''],
    },
    {
      name: 'a relative NFS path',
      spec: { ...PLACE, hostPath: undefined, nfs: { server: 's', path: 'x' } },
      faults: ['spec.nfs.path: Invalid value: "x": must be an absolute path'],
    },
    {
      name: 'an unknown policy',
      spec: { ...PLACE, persistentVolumeReclaimPolicy: 'Reuse' },
      faults: ['spec.persistentVolumeReclaimPolicy: Unsupported value: "Reuse": supported values: "Delete", "Recycle", "Retain"'],
    },
    {
      name: 'recycling of the root',
      spec: { ...PLACE, hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' },
      faults: ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
    },
    {
      name: 'a local disk of no node',
      spec: { ...PLACE, hostPath: undefined, local: { path: '/d' } },
      faults: ['spec.nodeAffinity: Required value: Local volume requires node affinity: name the node that has the path'],
    },
    {
      name: 'nodes with a label that none can have',
      spec: { ...PLACE, nodeAffinity: onNode('-a') },
      faults: [
        expect.stringMatching(
          /^spec\.nodeAffinity\.required\.nodeSelectorTerms\[0\]\.matchExpressions\[0\]\.values\[0\]: Invalid value: "-a"/,
        ),
      ],
    },
    {
      name: 'a capacity of something else',
      spec: { ...PLACE, capacity: { cpu: '1' } },
      faults: ['spec.capacity: Unsupported value: {"cpu":"1"}: supported values: "storage"'],
    },
    {
      name: 'a capacity of something else too',
      spec: { ...PLACE, capacity: { storage: '1Gi', cpu: '-1' } },
      faults: [
        'spec.capacity: Unsupported value: {"storage":"1Gi","cpu":"-1"}: supported values: "storage"',
        'spec.capacity[cpu]: Invalid value: "-1": must be greater than zero',
      ],
    },
    {
      name: 'a class of attributes without a driver that knows them',
      spec: { ...PLACE, volumeAttributesClassName: '' },
      faults: [
        'spec.volumeAttributesClassName: Required value: an empty string is disallowed: leave the field out, or name a class',
        'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
      ],
    },
    {
      name: 'a disk of a fabric without its number, and with both kinds of names',
      spec: { ...PLACE, hostPath: undefined, fc: { targetWWNs: ['w'], wwids: ['i'] } },
      faults: [
        'spec.fc.targetWWNs: Invalid value: ["w"]: targetWWNs and wwids can not be specified simultaneously',
        'spec.fc.lun: Required value: lun is required if targetWWNs is specified',
      ],
    },
    {
      name: 'a disk of a fabric with a number that is none',
      spec: { ...PLACE, hostPath: undefined, fc: { targetWWNs: ['w'], lun: 256 } },
      faults: ['spec.fc.lun: Invalid value: 256: must be between 0 and 255, inclusive'],
    },
    {
      name: 'a CSI volume without handle',
      spec: { ...PLACE, hostPath: undefined, csi: { driver: 'a.b' } },
      faults: ['spec.csi.volumeHandle: Required value'],
    },
    {
      name: 'a CSI secret without namespace',
      spec: { ...PLACE, hostPath: undefined, csi: { driver: 'a.b', volumeHandle: 'v', nodeStageSecretRef: { name: 's' } } },
      faults: ['spec.csi.nodeStageSecretRef.namespace: Required value'],
    },
  ])('VOL-2: is refused for $name', ({ spec, faults }) => {
    expect(persistentVolumeKind.validate(volume(spec)).map(formatFieldError)).toEqual(faults);
  });

  it.each(Object.entries(PERSISTENT_SOURCES).filter(([name]) => name !== 'local'))(
    'VOL-18: accepts the source %s with %j',
    (name, members) => {
      const values: Fields = {
        monitors: ['m'],
        secretRef: { name: 's', namespace: 'n' },
        driver: 'a.b',
        path: '/p',
        datasetName: 'd',
        targetWWNs: ['w'],
        lun: 0,
      };
      const extra = name === 'csi' ? ['driver'] : name === 'flocker' ? ['datasetName'] : name === 'fc' ? ['targetWWNs', 'lun'] : [];
      const source = Object.fromEntries([...members, ...extra].map((member) => [member, values[member] ?? 'x']));
      expect(persistentVolumeKind.validate(volume({ ...PLACE, hostPath: undefined, [name]: source })).map(formatFieldError)).toEqual([]);
    },
  );

  it.each([
    { name: 'its size', next: { ...PLACE, capacity: { storage: '20Gi' } }, faults: [] },
    { name: 'its policy', next: { ...PLACE, persistentVolumeReclaimPolicy: 'Delete' }, faults: [] },
    { name: 'its claim', next: { ...PLACE, claimRef: { namespace: 'ns', name: 'c' } }, faults: [] },
    { name: 'its place', next: { ...PLACE, hostPath: { path: '/other' } }, faults: ['spec.persistentvolumesource'] },
    { name: 'its mode', next: { ...PLACE, volumeMode: 'Block' }, faults: ['spec.volumeMode'] },
    {
      name: 'the secret of its growth, which it had not',
      before: { ...PLACE, hostPath: undefined, csi: { driver: 'a.b', volumeHandle: 'v' } },
      next: {
        ...PLACE,
        hostPath: undefined,
        csi: { driver: 'a.b', volumeHandle: 'v', controllerExpandSecretRef: { name: 's', namespace: 'n' } },
      },
      faults: [],
    },
    {
      name: 'the secret of its growth',
      before: {
        ...PLACE,
        hostPath: undefined,
        csi: { driver: 'a.b', volumeHandle: 'v', controllerExpandSecretRef: { name: 's', namespace: 'n' } },
      },
      next: {
        ...PLACE,
        hostPath: undefined,
        csi: { driver: 'a.b', volumeHandle: 'v', controllerExpandSecretRef: { name: 't', namespace: 'n' } },
      },
      faults: ['spec.persistentvolumesource'],
    },
    {
      name: 'its class of attributes, which goes',
      before: { ...PLACE, volumeAttributesClassName: 'gold' },
      next: PLACE,
      faults: ['spec.volumeAttributesClassName'],
    },
    { name: 'its nodes, which it did not name', next: { ...PLACE, nodeAffinity: onNode('a') }, faults: [] },
    {
      name: 'its nodes',
      before: { ...PLACE, nodeAffinity: onNode('a') },
      next: { ...PLACE, nodeAffinity: onNode('b') },
      faults: ['spec.nodeAffinity'],
    },
  ])('VOL-2: change of $name', ({ before = PLACE, next, faults }) => {
    expect(persistentVolumeKind.validateUpdate(volume(next), volume(before)).map(({ field }) => field)).toEqual(faults);
  });

  it('prints as kubectl does', () => {
    const object = volume({ ...PLACE, claimRef: { namespace: 'ns', name: 'c' }, storageClassName: 'fast' }, { status: { phase: 'Bound' } });
    expect(row(persistentVolumeKind, object, 1)).toEqual([
      'n',
      '10Gi',
      'RWO',
      'Retain',
      'Bound',
      'ns/c',
      'fast',
      '<unset>',
      '',
      '5m',
      'Filesystem',
    ]);
  });
});

describe('StorageClass', () => {
  it.each([
    {
      name: 'no provisioner',
      fields: { provisioner: '' },
      faults: ['provisioner: Required value: name the CSI driver that makes the volumes'],
    },
    {
      name: 'an unknown policy',
      fields: { reclaimPolicy: 'Recycle' },
      faults: ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
    },
    {
      name: 'an unknown binding mode',
      fields: { volumeBindingMode: 'Late' },
      faults: ['volumeBindingMode: Unsupported value: "Late": supported values: "Immediate", "WaitForFirstConsumer"'],
    },
    {
      name: 'the same value twice',
      fields: { allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['a', 'a', '-b'] }] }] },
      faults: ['allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"'],
    },
    {
      name: 'the same place twice',
      fields: {
        allowedTopologies: [
          { matchLabelExpressions: [{ key: 'zone', values: ['a', 'b'] }] },
          { matchLabelExpressions: [{ key: 'zone', values: ['b', 'a'] }] },
          {},
        ],
      },
      faults: [
        'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
        'allowedTopologies[2].matchLabelExpressions: Duplicate value: ""',
      ],
    },
    {
      name: 'a right one',
      fields: { parameters: { a: 'b' }, allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['a'] }] }] },
      faults: [],
    },
  ])('is refused for $name', ({ fields, faults }) => {
    expect(storageClassKind.validate(storageClass(fields)).map(formatFieldError)).toEqual(faults);
  });

  it.each([
    { name: 'parameters', fields: { parameters: { a: 'c' } } },
    { name: 'provisioner', fields: { provisioner: 'other.dev' } },
    { name: 'reclaimPolicy', fields: { reclaimPolicy: 'Retain' } },
    { name: 'volumeBindingMode', fields: { volumeBindingMode: 'WaitForFirstConsumer' } },
  ])('CLASS-12: keeps its $name and tells to make a new class', ({ name, fields }) => {
    const before = storageClass({ parameters: { a: 'b' } });
    const faults = storageClassKind.validateUpdate(storageClass({ parameters: { a: 'b' }, ...fields }), before);
    expect(faults.map(({ field }) => field)).toEqual([name]);
    expect(faults[0]?.detail).toContain('create a new StorageClass');
  });

  it('CLASS-12: lets expansion, mount options and the default mark change', () => {
    const after = storageClass({ allowVolumeExpansion: true, mountOptions: ['ro'], parameters: {} });
    expect(storageClassKind.validateUpdate(after, storageClass({}))).toEqual([]);
  });

  it('VOL-5: marks the default class in its row', () => {
    const object = storageClass({ metadata: { ...meta, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } });
    expect(row(storageClassKind, object)).toEqual(['n (default)', 'local.stowage.dev', 'Delete', 'Immediate', false, '5m']);
  });
});
