import { describe, expect, it } from 'vitest';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { IN_FLIGHT_FINALIZER } from '#api/storage/names.ts';
import { sortParameters } from './parameters.ts';
import { planProvisioning, type ProvisioningView } from './plan.ts';
import { buildRequest } from './request.ts';

const annotations = { 'volume.kubernetes.io/storage-provisioner': 'local.stowage.dev' };
const asked = { annotations, storageClassName: 'fast' };
const inFlight = { ...asked, finalizers: [IN_FLIGHT_FINALIZER] };
const deletionTimestamp = '2026-01-01T00:00:00Z';
const ready: ProvisioningView = { hasVolume: false, storageClass: aStoredClass(), isConnected: () => true, hasNode: () => true };

describe('planProvisioning', () => {
  it.each([
    { name: 'not asked', claim: aStoredClaim(), view: {}, kind: 'leave' },
    { name: 'asked', claim: aStoredClaim(asked), view: {}, kind: 'create' },
    { name: 'made', claim: aStoredClaim(asked), view: { hasVolume: true }, kind: 'leave' },
    { name: 'made, with the trace left', claim: aStoredClaim(inFlight), view: { hasVolume: true }, kind: 'release' },
    { name: 'deleted before anything was begun', claim: aStoredClaim({ ...asked, deletionTimestamp }), view: {}, kind: 'leave' },
    { name: 'deleted while a volume may exist', claim: aStoredClaim({ ...inFlight, deletionTimestamp }), view: {}, kind: 'cleanUp' },
    {
      name: 'bound elsewhere while a volume may exist',
      claim: aStoredClaim({ ...inFlight, volumeName: 'pv-1' }),
      view: {},
      kind: 'cleanUp',
    },
    {
      name: 'deleted, and the driver is away',
      claim: aStoredClaim({ ...inFlight, deletionTimestamp }),
      view: { isConnected: () => false },
      kind: 'blocked',
    },
    {
      name: 'deleted, and the class is gone',
      claim: aStoredClaim({ ...inFlight, deletionTimestamp }),
      view: { storageClass: undefined },
      kind: 'blocked',
    },
    { name: 'without its driver', claim: aStoredClaim(asked), view: { isConnected: () => false }, kind: 'awaitDriver' },
    {
      name: 'of a class of another provisioner',
      claim: aStoredClaim(asked),
      view: { storageClass: aStoredClass({ provisioner: 'x.example' }) },
      kind: 'leave',
    },
    {
      name: 'waiting for the scheduler',
      claim: aStoredClaim(asked),
      view: { storageClass: aStoredClass({ bindingMode: 'WaitForFirstConsumer' }) },
      kind: 'leave',
    },
    {
      name: 'for a node that is gone',
      claim: aStoredClaim({ ...asked, annotations: { ...annotations, 'volume.kubernetes.io/selected-node': 'node-9' } }),
      view: { storageClass: aStoredClass({ bindingMode: 'WaitForFirstConsumer' }), hasNode: () => false },
      kind: 'reschedule',
    },
  ] as const)('a claim that is $name', ({ claim, view, kind }) => {
    expect(planProvisioning(claim, { ...ready, ...view }).kind).toBe(kind);
  });
});

describe('sortParameters', () => {
  const claim = aStoredClaim({ uid: 'u-1', annotations: { team: 'blue' } });
  it('fills the templates of secrets, and takes the default secret where a use has none of its own', () => {
    const parameters = {
      pool: 'ssd',
      'csi.storage.k8s.io/secret-name': 'all',
      'csi.storage.k8s.io/secret-namespace': 'kube-system',
      'csi.storage.k8s.io/node-stage-secret-name': "${pvc.annotations['team']}-${pv.name}",
      'csi.storage.k8s.io/node-stage-secret-namespace': '${pvc.namespace}',
    };
    expect(sortParameters(aStoredClass({ parameters }), claim)).toMatchObject({
      ok: true,
      value: {
        forDriver: { pool: 'ssd' },
        secrets: { provisioner: { name: 'all', namespace: 'kube-system' }, nodeStage: { name: 'blue-pvc-u-1', namespace: 'default' } },
      },
    });
  });
  it.each([
    {
      name: 'an unknown reserved key',
      parameters: { 'csi.storage.k8s.io/colour': 'red' },
      says: 'found unknown parameter key "csi.storage.k8s.io/colour" with reserved namespace',
    },
    {
      name: 'two fstypes',
      parameters: { fstype: 'xfs', 'csi.storage.k8s.io/fstype': 'ext4' },
      says: 'both "fstype" and "csi.storage.k8s.io/fstype"',
    },
    { name: 'half a secret', parameters: { 'csi.storage.k8s.io/provisioner-secret-name': 'a' }, says: 'add the missing one' },
    {
      name: 'a template without a value',
      parameters: { 'csi.storage.k8s.io/secret-name': '${pvc.colour}', 'csi.storage.k8s.io/secret-namespace': 'a' },
      says: '${pvc.colour}',
    },
  ])('refuses $name', ({ parameters, says }) => {
    const result = sortParameters(aStoredClass({ parameters }), claim);
    expect(result.ok ? '' : result.error).toContain(says);
  });
});

describe('buildRequest', () => {
  it.each([
    { mode: 'ReadWriteOnce', plain: 'SINGLE_NODE_WRITER', fine: 'SINGLE_NODE_MULTI_WRITER' },
    { mode: 'ReadOnlyMany', plain: 'MULTI_NODE_READER_ONLY', fine: 'MULTI_NODE_READER_ONLY' },
    { mode: 'ReadWriteMany', plain: 'MULTI_NODE_MULTI_WRITER', fine: 'MULTI_NODE_MULTI_WRITER' },
    { mode: 'ReadWriteOncePod', plain: 'SINGLE_NODE_WRITER', fine: 'SINGLE_NODE_SINGLE_WRITER' },
  ])('VOL-8: $mode is $plain, or $fine for a driver that tells them apart', ({ mode, plain, fine }) => {
    const claim = aStoredClaim({ accessModes: [mode], spec: { volumeMode: 'Block' } });
    for (const [hasSingleNodeMultiWriter, expected] of [
      [false, plain],
      [true, fine],
    ] as const) {
      const order = {
        storageClass: aStoredClass(),
        parameters: { forDriver: {}, fsType: '', secrets: {} },
        attributesClass: undefined,
        source: undefined,
      };
      const request = buildRequest(claim, order, {
        capabilities: { hasTopology: false, hasSingleNodeMultiWriter, hasModification: false, hasCloning: false, hasSnapshots: false },
        topology: undefined,
      });
      expect(request).toMatchObject({
        ok: true,
        value: { volumeCapabilities: [{ block: {}, accessMode: { mode: expected } }] },
      });
    }
  });
});
