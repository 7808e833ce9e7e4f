import { describe, expect, it } from 'vitest';
import type { DeploymentSpec, ReplicaSet } from '#api/generated/kubernetes.ts';
import { aStoredDeployment, aStoredReplicaSet, aTemplate } from '#testing/builders/workloads.ts';
import { isRescaled, newSetReplicas, planRolling, planScale } from './plan.ts';
import { currentSetPatch, type DeploymentSets, newSetDraft, planCleanup, sortSets } from './revisions.ts';
import { maxSurgeOf, maxUnavailableOf } from './shares.ts';

interface SetFacts {
  readonly replicas: number;
  readonly available?: number;
  readonly version?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

function aSet(name: string, { replicas, available = replicas, version = '1', annotations = {} }: SetFacts): ReplicaSet {
  return aStoredReplicaSet({
    name,
    annotations,
    spec: { replicas, template: aTemplate(version) },
    status: { replicas, availableReplicas: available },
  });
}

function rolling(replicas: number, maxSurge: number | string, maxUnavailable: number | string): Partial<DeploymentSpec> {
  return { replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } };
}

function sets(current: SetFacts | undefined, ...old: readonly SetFacts[]): DeploymentSets {
  return {
    current: current === undefined ? undefined : aSet('new', current),
    old: old.map((facts, index) => aSet(`old-${index}`, facts)),
  };
}

const text = (scalings: ReturnType<typeof planRolling>): string =>
  scalings.map(({ set, replicas }) => `${set.metadata.name}=${replicas}`).join(' ');

describe('shares', () => {
  it.each([
    { name: 'percents: surge up, unavailable down', spec: rolling(10, '25%', '25%'), surge: 3, unavailable: 2 },
    { name: 'numbers', spec: rolling(10, 2, 1), surge: 2, unavailable: 1 },
    { name: 'both rounded to nothing: one may be missing', spec: rolling(3, '0%', '10%'), surge: 0, unavailable: 1 },
    { name: 'never more than there are', spec: rolling(2, 0, 5), surge: 0, unavailable: 2 },
    { name: 'Recreate', spec: { replicas: 3, strategy: { type: 'Recreate' } }, surge: 0, unavailable: 0 },
  ])('$name', ({ spec, surge, unavailable }) => {
    const deployment = aStoredDeployment({ spec });
    expect([maxSurgeOf(deployment), maxUnavailableOf(deployment)]).toEqual([surge, unavailable]);
  });
});

describe('planRolling', () => {
  it.each([
    { name: 'one more of the new', spec: rolling(3, 1, 0), state: sets({ replicas: 0 }, { replicas: 3 }), expected: 'new=1' },
    { name: 'waits for the new one', spec: rolling(3, 1, 0), state: sets({ replicas: 1, available: 0 }, { replicas: 3 }), expected: '' },
    { name: 'one fewer of the old', spec: rolling(3, 1, 0), state: sets({ replicas: 1 }, { replicas: 3 }), expected: 'old-0=2' },
    {
      name: 'what is not available goes first, though nothing may be missing',
      spec: rolling(3, 1, 1),
      state: sets({ replicas: 2, available: 0 }, { replicas: 2, available: 1 }),
      expected: '',
    },
    {
      name: 'broken old pods make room',
      spec: rolling(3, 1, 1),
      state: sets({ replicas: 1 }, { replicas: 3, available: 1 }),
      expected: 'old-0=1',
    },
    { name: 'several at a time', spec: rolling(10, 3, 2), state: sets({ replicas: 0 }, { replicas: 10 }), expected: 'new=3' },
    { name: 'the end', spec: rolling(3, 1, 0), state: sets({ replicas: 3 }, { replicas: 0 }), expected: '' },
    { name: 'too many of the new', spec: rolling(2, 1, 0), state: sets({ replicas: 3 }), expected: 'new=2' },
  ])('$name', ({ spec, state, expected }) => {
    expect(text(planRolling(aStoredDeployment({ spec }), state))).toBe(expected);
  });

  it('starts a new set with what the surge leaves room for', () => {
    const deployment = aStoredDeployment({ spec: rolling(4, 2, 0) });
    expect(newSetReplicas(deployment, sets(undefined))).toBe(4);
    expect(newSetReplicas(deployment, sets(undefined, { replicas: 4 }))).toBe(2);
  });
});

describe('planScale', () => {
  const annotations = { 'deployment.kubernetes.io/desired-replicas': '10', 'deployment.kubernetes.io/max-replicas': '13' };
  it.each([
    { name: 'the only set', wanted: 5, state: sets({ replicas: 3, annotations }), expected: 'new=5' },
    { name: 'the newest, where none has pods', wanted: 2, state: sets(undefined, { replicas: 0 }, { replicas: 0 }), expected: 'old-1=2' },
    {
      name: 'in proportion, in the middle of a rollout (upstream’s documents: 10 to 15)',
      wanted: 15,
      state: sets({ replicas: 5, available: 0, annotations }, { replicas: 8, annotations }),
      expected: 'old-0=11 new=7',
    },
    {
      name: 'to nothing',
      wanted: 0,
      state: sets({ replicas: 5, annotations }, { replicas: 8, annotations }),
      expected: 'old-0=0 new=0',
    },
  ])('$name', ({ wanted, state, expected }) => {
    const deployment = aStoredDeployment({ spec: rolling(wanted, 3, 2) });
    expect(text(planScale(deployment, state))).toBe(expected);
  });

  it('is due when a set was scaled for another number', () => {
    expect(isRescaled(aStoredDeployment({ spec: rolling(10, 1, 0) }), sets({ replicas: 10, annotations }))).toBe(false);
    expect(isRescaled(aStoredDeployment({ spec: rolling(9, 1, 0) }), sets({ replicas: 10, annotations }))).toBe(true);
  });
});

describe('revisions', () => {
  const deployment = aStoredDeployment({
    annotations: { 'kubernetes.io/change-cause': 'second', 'deployment.kubernetes.io/revision': '1' },
  });
  const revision = (value: string): Readonly<Record<string, string>> => ({ 'deployment.kubernetes.io/revision': value });

  it('finds the set of the template, whatever its hash label says', () => {
    const mine = aSet('mine', { replicas: 1 });
    const other = aSet('other', { replicas: 1, version: '2' });
    expect(sortSets(deployment, [other, mine])).toEqual({ current: mine, old: [other] });
  });

  it('makes a set with the next revision, the hash in name, labels and selector, and the deployment’s annotations but its own', () => {
    const { metadata, spec } = newSetDraft(deployment, [aSet('old', { replicas: 3, annotations: revision('4') })], 2);
    const hash = metadata.labels?.['pod-template-hash'];
    expect(metadata).toMatchObject({
      name: `web-${hash}`,
      annotations: { 'kubernetes.io/change-cause': 'second', ...revision('5'), 'deployment.kubernetes.io/desired-replicas': '3' },
      ownerReferences: [{ kind: 'Deployment', uid: deployment.metadata.uid, controller: true, blockOwnerDeletion: true }],
    });
    expect(spec).toMatchObject({
      replicas: 2,
      selector: { matchLabels: { app: 'web', 'pod-template-hash': hash } },
      template: { metadata: { labels: { app: 'web', 'pod-template-hash': hash } } },
    });
    expect(newSetDraft({ ...deployment, status: { collisionCount: 1 } }, [], 1).metadata.name).not.toBe(metadata.name);
  });

  it('counts revisions in 64 bits', () => {
    const next = (value: string): string | undefined =>
      newSetDraft(deployment, [aSet('old', { replicas: 0, annotations: revision(value) })], 2).metadata.annotations?.[
        'deployment.kubernetes.io/revision'
      ];
    expect(next('3546343826724305832')).toBe('3546343826724305833');
    expect(['9223372036854775808', '1.5', 'x', ''].map(next)).toEqual(['1', '1', '1', '1']);
  });

  it('gives a set that is current again the highest revision, and remembers the one that it had', () => {
    const current = aSet('new', { replicas: 0, annotations: { ...revision('1'), 'kubernetes.io/change-cause': 'second' } });
    const old = [aSet('old', { replicas: 3, annotations: revision('2') })];
    expect(currentSetPatch(deployment, { current, old })).toEqual({
      metadata: { annotations: { ...revision('3'), 'deployment.kubernetes.io/revision-history': '1' } },
    });
    const renewed = aSet('new', { replicas: 0, annotations: { ...revision('3'), 'kubernetes.io/change-cause': 'second' } });
    expect(currentSetPatch(deployment, { current: renewed, old })).toBeUndefined();
  });

  it('deletes the oldest revisions beyond the limit, and none that has pods', () => {
    const old = ['3', '1', '2'].map((value) => aSet(`r${value}`, { replicas: value === '1' ? 1 : 0, annotations: revision(value) }));
    const limited = aStoredDeployment({ spec: { revisionHistoryLimit: 1 } });
    expect(planCleanup(limited, old).map(({ metadata }) => metadata.name)).toEqual(['r2']);
  });
});
