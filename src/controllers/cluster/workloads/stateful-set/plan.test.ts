import { describe, expect, it } from 'vitest';
import type { Pod, StatefulSetSpec } from '#api/generated/kubernetes.ts';
import type { OwnerReference } from '#api/meta/object.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { aStoredStatefulSet } from '#testing/builders/workloads.ts';
import { readyStatus } from '#testing/workload-bench.ts';
import { planClaimOwners } from './claims.ts';
import { planPods, statefulSetStatus } from './plan.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');

/** `2u` = pod 2 of the newest template, ready; `2o` = of the older one; `!` not ready, `x` failed, `~` going. */
function aMember(text: string): Pod {
  const [, ordinal = '', revision = 'u', state = ''] = /^(\d+)([uo]?)([!x~]?)$/.exec(text) ?? [];
  const labels = {
    app: 'web',
    'controller-revision-hash': revision === 'o' ? 'web-old' : 'web-new',
    'statefulset.kubernetes.io/pod-name': `web-${ordinal}`,
    'apps.kubernetes.io/pod-index': ordinal,
  };
  const status = state === '!' ? { phase: 'Running' } : state === 'x' ? { phase: 'Failed' } : readyStatus(NOW - 60_000);
  return aStoredPod({ name: `web-${ordinal}`, labels, status, ...(state === '~' ? { deletionTimestamp: '2026-01-01T01:00:00Z' } : {}) });
}

function plan(members: string, spec: Partial<StatefulSetSpec>): string {
  const rolling = { type: 'RollingUpdate', rollingUpdate: { partition: 0 } };
  const set = aStoredStatefulSet({ spec: { podManagementPolicy: 'OrderedReady', updateStrategy: rolling, ...spec } });
  const pods = members === '' ? [] : members.split(' ').map(aMember);
  const isGoing = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;
  return planPods(set, { pods, isGoing, current: 'web-old', update: 'web-new', nowMs: NOW })
    .map((action) =>
      action.kind === 'create'
        ? `+${action.ordinal}${action.revision === 'current' ? 'o' : 'u'}`
        : `-${action.kind === 'delete' ? action.ordinal : ''}`,
    )
    .join(' ');
}

describe('planPods', () => {
  const parallel = { podManagementPolicy: 'Parallel' };
  const partition = (from: number): Partial<StatefulSetSpec> => ({
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: from } },
  });
  it.each([
    { name: 'the first', members: '', spec: {}, expected: '+0u' },
    { name: 'waits for the first', members: '0u!', spec: {}, expected: '' },
    { name: 'the second', members: '0u', spec: {}, expected: '+1u' },
    { name: 'fills a gap before all else', members: '0u 2u', spec: {}, expected: '+1u' },
    { name: 'all at once', members: '', spec: parallel, expected: '+0u +1u +2u' },
    { name: 'from another first number', members: '', spec: { ...parallel, ordinals: { start: 5 } }, expected: '+5u +6u +7u' },
    { name: 'a failed pod is replaced', members: '0u 1ux 2u', spec: {}, expected: '-1' },
    { name: 'waits for the end of a pod', members: '0u 1u~ 2u', spec: {}, expected: '' },
    { name: 'the highest goes first', members: '0u 1u 2u 3u 4u', spec: {}, expected: '-4' },
    { name: 'waits for the end of the highest', members: '0u 1u 2u 3u 4u~', spec: {}, expected: '' },
    { name: 'removes nothing while one that stays is ill', members: '0u 1u! 2u 3u', spec: {}, expected: '' },
    { name: 'all that are too many at once', members: '0u 1u 2u 3u 4u', spec: parallel, expected: '-4 -3' },
    { name: 'the highest of the older template', members: '0o 1o 2o', spec: {}, expected: '-2' },
    { name: 'then the next', members: '0o 1o 2u', spec: {}, expected: '-1' },
    { name: 'waits for the new one', members: '0o 1o 2u!', spec: parallel, expected: '' },
    { name: 'stops at the partition', members: '0o 1o 2u', spec: partition(2), expected: '' },
    { name: 'below the partition, a lost pod comes back as it was', members: '1o 2u', spec: partition(2), expected: '+0o' },
    { name: 'OnDelete leaves pods alone', members: '0o 1o 2o', spec: { updateStrategy: { type: 'OnDelete' } }, expected: '' },
    {
      name: 'OnDelete makes new pods from the new template',
      members: '0o 2o',
      spec: { updateStrategy: { type: 'OnDelete' } },
      expected: '+1u',
    },
    {
      name: 'two at a time',
      members: '0o 1o 2o',
      spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 2 } } },
      expected: '-2 -1',
    },
    { name: 'nothing more', members: '0u 1u 2u', spec: {}, expected: '' },
  ])('$name: $members', ({ members, spec, expected }) => {
    expect(plan(members, spec)).toBe(expected);
  });

  it('takes the new revision for its own when every pod has it', () => {
    const set = aStoredStatefulSet({ spec: { updateStrategy: { type: 'RollingUpdate' } } });
    const view = {
      isGoing: () => false,
      current: 'web-old',
      update: 'web-new',
      nowMs: NOW,
      collisionCount: undefined,
      conditions: undefined,
    };
    const partly = statefulSetStatus(set, { ...view, pods: ['0o', '1u', '2u'].map(aMember) }).status;
    expect(partly).toMatchObject({ currentRevision: 'web-old', currentReplicas: 1, updatedReplicas: 2, readyReplicas: 3 });
    const wholly = statefulSetStatus(set, { ...view, pods: ['0u', '1u', '2u'].map(aMember) }).status;
    expect(wholly).toMatchObject({ currentRevision: 'web-new', currentReplicas: 3, updatedReplicas: 3 });
  });
});

describe('planClaimOwners', () => {
  const pod = aStoredPod({ name: 'web-1' });
  const stranger: OwnerReference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' };
  it.each([
    { name: 'nobody', whenScaled: 'Retain', whenDeleted: 'Retain', isCondemned: false, expected: undefined },
    { name: 'the set', whenScaled: 'Retain', whenDeleted: 'Delete', isCondemned: false, expected: ['StatefulSet'] },
    { name: 'the set, also when the pod goes', whenScaled: 'Retain', whenDeleted: 'Delete', isCondemned: true, expected: ['StatefulSet'] },
    { name: 'the pod that goes', whenScaled: 'Delete', whenDeleted: 'Retain', isCondemned: true, expected: ['Pod'] },
    { name: 'the pod that goes, not the set', whenScaled: 'Delete', whenDeleted: 'Delete', isCondemned: true, expected: ['Pod'] },
    { name: 'nobody while the pod stays', whenScaled: 'Delete', whenDeleted: 'Retain', isCondemned: false, expected: undefined },
  ])('VOL-12: $name ($whenScaled, $whenDeleted)', ({ whenScaled, whenDeleted, isCondemned, expected }) => {
    const set = aStoredStatefulSet({ spec: { persistentVolumeClaimRetentionPolicy: { whenScaled, whenDeleted } } });
    const claim = aStoredClaim({ name: 'data-web-1' });
    const owners = planClaimOwners(claim, { set, pod, isCondemned });
    expect(owners?.map(({ kind }) => kind)).toEqual(expected);
    const settled = { ...claim, metadata: { ...claim.metadata, ownerReferences: owners ?? [] } };
    expect(planClaimOwners(settled, { set, pod, isCondemned })).toBeUndefined();
    const shared = { ...claim, metadata: { ...claim.metadata, ownerReferences: [stranger, ...(owners ?? [])] } };
    const retaining = aStoredStatefulSet({
      spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Retain', whenDeleted: 'Retain' } },
    });
    expect(planClaimOwners(shared, { set: retaining, pod, isCondemned })).toEqual(expected === undefined ? undefined : [stranger]);
    const held = { ...claim, metadata: { ...claim.metadata, ownerReferences: [{ ...stranger, controller: true }] } };
    expect(planClaimOwners(held, { set, pod, isCondemned })).toBeUndefined();
  });
});
