import { describe, expect, it } from 'vitest';
import { claimKeysOfPod, currentSize, shortAccessMode, volumeSize } from './claim-facts.ts';
import { type ClaimSurroundings, claimStatus } from './claim-status.ts';
import type {
  Event,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimStatus,
  Pod,
  StorageClass,
} from './generated/kubernetes.ts';

const META = { namespace: 'k-1', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

function aClaim(
  spec: PersistentVolumeClaimSpec,
  status: PersistentVolumeClaimStatus = { phase: 'Pending' },
  isDeleted = false,
): PersistentVolumeClaim {
  const metadata = { ...META, name: 'data', ...(isDeleted ? { deletionTimestamp: '2026-01-01T01:00:00Z' } : {}) };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata,
    spec: { resources: { requests: { storage: '10Gi' } }, ...spec },
    status,
  };
}

function anEvent(reason: string, message: string, options: { readonly atSec?: number; readonly type?: string } = {}): Event {
  const lastTimestamp = `2026-01-01T00:00:${String(options.atSec ?? 1).padStart(2, '0')}Z`;
  const involvedObject = { kind: 'PersistentVolumeClaim', name: 'data', namespace: 'k-1', uid: 'u' };
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { ...META, name: `data.${reason}` },
    involvedObject,
    reason,
    message,
    lastTimestamp,
    type: options.type ?? 'Normal',
  };
}

function aPod(name: string): Pod {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...META, name }, spec: { containers: [], volumes } };
}

function aClass(volumeBindingMode: string): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { ...META, name: 'fast' },
    provisioner: 'local.stowage.dev',
    volumeBindingMode,
  };
}

const ALONE: ClaimSurroundings = { events: [], pods: [], storageClass: undefined };
const FAST: PersistentVolumeClaimSpec = { storageClassName: 'fast' };
const BOUND: PersistentVolumeClaimStatus = { phase: 'Bound', capacity: { storage: '10Gi' } };
const HUGE = 'x'.repeat(400);

describe('claimStatus (CON-2: why a claim is in its state)', () => {
  it.each([
    { name: 'bound and unused', claim: aClaim(FAST, BOUND), around: ALONE, code: 'bound', tone: 'good', values: {} },
    {
      name: 'bound and mounted',
      claim: aClaim(FAST, BOUND),
      around: { ...ALONE, pods: [aPod('b'), aPod('a')] },
      code: 'boundInUse',
      tone: 'good',
      values: { pods: 'a, b' },
    },
    {
      name: 'five pods are counted, not listed',
      claim: aClaim(FAST, BOUND),
      around: { ...ALONE, pods: ['a', 'b', 'c', 'd', 'e'].map(aPod) },
      code: 'boundInUse',
      tone: 'good',
      values: { pods: 'a, b, c +2' },
    },
    {
      name: 'grows',
      claim: aClaim({ ...FAST, resources: { requests: { storage: '20Gi' } } }, BOUND),
      around: ALONE,
      code: 'growing',
      tone: 'busy',
      values: { size: '20Gi' },
    },
    {
      name: 'grows when mounted',
      claim: aClaim(FAST, { ...BOUND, conditions: [{ type: 'FileSystemResizePending', status: 'True' }] }),
      around: ALONE,
      code: 'growsAtNextMount',
      tone: 'waiting',
      values: { size: '10Gi' },
    },
    {
      name: 'cannot grow',
      claim: aClaim(FAST, { ...BOUND, allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' } }),
      around: ALONE,
      code: 'growFailed',
      tone: 'bad',
      values: { size: '10Gi' },
    },
    {
      name: 'lost',
      claim: aClaim({ ...FAST, volumeName: 'pv-1' }, { phase: 'Lost' }),
      around: ALONE,
      code: 'lost',
      tone: 'bad',
      values: { volume: 'pv-1' },
    },
    { name: 'being deleted', claim: aClaim(FAST, BOUND, true), around: ALONE, code: 'terminating', tone: 'busy', values: {} },
    {
      name: 'deletion waits for its pod',
      claim: aClaim(FAST, BOUND, true),
      around: { ...ALONE, pods: [aPod('web')] },
      code: 'terminatingInUse',
      tone: 'waiting',
      values: { pods: 'web' },
    },
    {
      name: 'class does not exist',
      claim: aClaim(FAST),
      around: { ...ALONE, storageClass: 'missing' as const },
      code: 'classMissing',
      tone: 'bad',
      values: { class: 'fast' },
    },
    { name: 'no class yet', claim: aClaim({}), around: ALONE, code: 'waitsForClass', tone: 'waiting', values: {} },
    { name: 'static only', claim: aClaim({ storageClassName: '' }), around: ALONE, code: 'waitsForVolume', tone: 'waiting', values: {} },
    {
      name: 'names a volume',
      claim: aClaim({ ...FAST, volumeName: 'pv-1' }),
      around: ALONE,
      code: 'waitsForNamedVolume',
      tone: 'waiting',
      values: { volume: 'pv-1' },
    },
    {
      name: 'names an unfit volume',
      claim: aClaim({ ...FAST, volumeName: 'pv-1' }),
      around: { ...ALONE, events: [anEvent('VolumeMismatch', 'too small')] },
      code: 'namedVolumeUnfit',
      tone: 'bad',
      values: { volume: 'pv-1' },
      detail: 'too small',
    },
    {
      name: 'names a volume that another claim has',
      claim: aClaim({ ...FAST, volumeName: 'pv-1' }),
      around: { ...ALONE, events: [{ ...anEvent('FailedBinding', 'already bound to a different claim'), type: 'Warning' }] },
      code: 'namedVolumeTaken',
      tone: 'bad',
      values: { volume: 'pv-1' },
      detail: 'already bound to a different claim',
    },
    {
      name: 'names a volume that is not there',
      claim: aClaim({ ...FAST, volumeName: 'pv-1' }),
      around: { ...ALONE, events: [{ ...anEvent('FailedBinding', 'does not exist'), type: 'Normal' }] },
      code: 'namedVolumeMissing',
      tone: 'waiting',
      values: { volume: 'pv-1' },
      detail: 'does not exist',
    },
    {
      name: 'waits for its first pod',
      claim: aClaim(FAST),
      around: { ...ALONE, storageClass: aClass('WaitForFirstConsumer') },
      code: 'waitsForFirstPod',
      tone: 'waiting',
      values: {},
    },
    {
      name: 'waits for its pod to be placed',
      claim: aClaim(FAST),
      around: { ...ALONE, pods: [aPod('web')], storageClass: aClass('WaitForFirstConsumer') },
      code: 'waitsForScheduling',
      tone: 'busy',
      values: { pods: 'web' },
    },
    {
      name: 'being provisioned',
      claim: aClaim(FAST),
      around: { ...ALONE, storageClass: aClass('Immediate') },
      code: 'provisioning',
      tone: 'busy',
      values: { provisioner: 'local.stowage.dev' },
    },
    {
      name: 'the newest event wins',
      claim: aClaim(FAST),
      around: {
        ...ALONE,
        storageClass: aClass('Immediate'),
        events: [
          anEvent('ProvisioningFailed', 'pool full', { atSec: 9, type: 'Warning' }),
          anEvent('Provisioning', 'started', { atSec: 3 }),
        ],
      },
      code: 'provisioningFailed',
      tone: 'bad',
      values: { reason: 'pool full' },
      detail: 'pool full',
    },
    {
      name: 'a long reason is cut, the detail whole',
      claim: aClaim(FAST),
      around: { ...ALONE, events: [anEvent('ProvisioningFailed', HUGE, { type: 'Warning' })] },
      code: 'provisioningFailed',
      tone: 'bad',
      values: { reason: `${'x'.repeat(159)}…` },
      detail: HUGE,
    },
    {
      name: 'no volume matches',
      claim: aClaim({ storageClassName: 'manual' }),
      around: { ...ALONE, events: [anEvent('FailedBinding', 'no persistent volumes available')] },
      code: 'waitsForVolume',
      tone: 'waiting',
      values: {},
      detail: 'no persistent volumes available',
    },
    { name: 'nothing known', claim: aClaim(FAST), around: ALONE, code: 'pending', tone: 'busy', values: {} },
    {
      name: 'routine events do not hide an older failure',
      claim: aClaim(FAST),
      around: {
        ...ALONE,
        events: [
          anEvent('ProvisioningFailed', 'pool full', { type: 'Warning' }),
          anEvent('ExternalProvisioning', 'waiting', { atSec: 30 }),
        ],
      },
      code: 'provisioningFailed',
      tone: 'bad',
      values: { reason: 'pool full' },
    },
    {
      name: 'of one second the warning counts',
      claim: aClaim(FAST),
      around: {
        ...ALONE,
        events: [anEvent('ProvisioningFailed', 'pool full', { type: 'Warning' }), anEvent('WaitForFirstConsumer', 'waiting')],
      },
      code: 'provisioningFailed',
      tone: 'bad',
      values: { reason: 'pool full' },
    },
  ])('$name', ({ claim, around, code, tone, values, ...rest }) => {
    const status = claimStatus(claim, around);
    expect({ code: status.code, tone: status.tone, values: status.values }).toEqual({ code, tone, values });
    if ('detail' in rest) expect(status.detail).toBe(rest.detail);
  });
});

describe('claim facts', () => {
  it.each([
    { name: 'binary', text: '10240Mi', expected: { text: '10Gi', sizeBytes: 10n << 30n } },
    { name: 'absent', text: undefined, expected: { text: '', sizeBytes: 0n } },
    { name: 'unreadable', text: 'ten', expected: { text: 'ten', sizeBytes: 0n } },
  ])('volumeSize: $name', ({ text, expected }) => expect(volumeSize(text)).toEqual(expected));

  it('shows the capacity of a bound claim and the request of a pending one', () => {
    expect(currentSize(aClaim(FAST, { phase: 'Bound', capacity: { storage: '12Gi' } })).text).toBe('12Gi');
    expect(currentSize(aClaim(FAST)).text).toBe('10Gi');
  });

  it('finds the claims of a pod, generic ephemeral ones included', () => {
    const volumes = [
      { name: 'a', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'scratch', ephemeral: {} },
      { name: 'tmp', emptyDir: {} },
    ];
    const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...META, name: 'web' }, spec: { containers: [], volumes } };
    expect(claimKeysOfPod(pod)).toEqual(['k-1/data', 'k-1/web-scratch']);
  });

  it('abbreviates access modes as kubectl does and keeps unknown ones', () => {
    expect(['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod', 'New'].map(shortAccessMode)).toEqual([
      'RWO',
      'ROX',
      'RWX',
      'RWOP',
      'New',
    ]);
  });
});
