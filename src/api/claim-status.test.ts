import { describe, expect, it } from 'vitest';
import { claimKeysOfPod, currentSize, shortAccessMode, volumeSize } from './claim-facts.ts';
import { type ClaimSurroundings, claimStatus, shorten } from './claim-status.ts';
import type { Event, PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeClaimStatus, Pod } from './generated/kubernetes.ts';

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

const ALONE: ClaimSurroundings = { events: [], pods: [], decided: undefined };
const FAST: PersistentVolumeClaimSpec = { storageClassName: 'fast' };
const BOUND: PersistentVolumeClaimStatus = { phase: 'Bound', capacity: { storage: '10Gi' } };

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
      name: 'VOL-19: a volume that its driver says is not well, whatever else is done to it',
      claim: aClaim(
        { ...FAST, resources: { requests: { storage: '20Gi' } } },
        {
          ...BOUND,
          healthStatus: {
            healthConditions: [
              { status: 'DataLoss', reason: 'Scrub', message: '3 blocks' },
              { status: 'Degraded', reason: 'Rebuild' },
            ],
          },
        },
      ),
      around: { ...ALONE, pods: [aPod('a')] },
      code: 'unwell',
      tone: 'bad',
      values: { status: 'DataLoss, Degraded' },
      detail: 'Scrub: 3 blocks; Rebuild',
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
      name: 'waits, and it was decided on',
      claim: aClaim(FAST),
      around: { ...ALONE, decided: { code: 'classMissing', tone: 'bad', values: { class: 'fast' } } as const },
      code: 'classMissing',
      tone: 'bad',
      values: { class: 'fast' },
    },
    {
      name: 'waits, and it is not known what for',
      claim: aClaim(FAST),
      around: { ...ALONE, events: [anEvent('Old', 'before'), anEvent('New', 'after', { atSec: 2 })] },
      code: 'pending',
      tone: 'busy',
      values: {},
      detail: 'after',
    },
    {
      name: 'of one second the warning counts',
      claim: aClaim(FAST),
      around: { ...ALONE, events: [anEvent('Bad', 'pool full', { type: 'Warning' }), anEvent('Good', 'waiting')] },
      code: 'pending',
      tone: 'busy',
      values: {},
      detail: 'pool full',
    },
    {
      name: 'what was decided on before it was bound is over',
      claim: aClaim(FAST, BOUND),
      around: { ...ALONE, decided: { code: 'provisioning', tone: 'busy', values: {} } as const },
      code: 'bound',
      tone: 'good',
      values: {},
    },
    {
      name: 'gets other attributes',
      claim: aClaim(FAST, { ...BOUND, modifyVolumeStatus: { status: 'InProgress', targetVolumeAttributesClassName: 'gold' } }),
      around: ALONE,
      code: 'attributesChange',
      tone: 'busy',
      values: { class: 'gold' },
    },
    {
      name: 'does not get other attributes',
      claim: aClaim(FAST, {
        ...BOUND,
        modifyVolumeStatus: { status: 'Infeasible', targetVolumeAttributesClassName: 'gold' },
        conditions: [{ type: 'ModifyVolumeError', status: 'True', message: 'no such attribute' }],
      }),
      around: ALONE,
      code: 'attributesFailed',
      tone: 'bad',
      values: { class: 'gold' },
      detail: 'no such attribute',
    },
    {
      name: 'cannot grow, by its condition',
      claim: aClaim(FAST, { ...BOUND, conditions: [{ type: 'NodeResizeError', status: 'True', message: 'no space' }] }),
      around: ALONE,
      code: 'growFailed',
      tone: 'bad',
      values: { size: '10Gi' },
      detail: 'no space',
    },
  ])('$name', ({ claim, around, code, tone, values, ...rest }) => {
    const status = claimStatus(claim, around);
    expect({ code: status.code, tone: status.tone, values: status.values }).toEqual({ code, tone, values });
    if ('detail' in rest) expect(status.detail).toBe(rest.detail);
  });

  it('cuts long words inside a sentence', () => {
    expect(shorten('x'.repeat(400))).toBe(`${'x'.repeat(159)}…`);
    expect(shorten('short')).toBe('short');
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
