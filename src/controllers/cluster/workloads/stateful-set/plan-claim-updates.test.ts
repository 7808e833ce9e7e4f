import { describe, expect, it } from 'vitest';
import type { PersistentVolumeClaim, StatefulSet, StatefulSetSpec } from '#api/generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import { aStoredClaim, type ClaimOverrides } from '#testing/builders/claim.ts';
import { aStoredStatefulSet } from '#testing/builders/workloads.ts';
import { hashOf } from '../template-hash.ts';
import { claimFamiliesOf, claimFamilyOf, planClaimUpdates } from './plan-claim-updates.ts';

/** Three pods, each with a claim `data` of 2Gi, attributes of `gold` and a label. */
function aSet(spec: Partial<StatefulSetSpec> = {}): StatefulSet {
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } }, volumeAttributesClassName: 'gold' };
  const volumeClaimTemplates = trusted<StatefulSetSpec['volumeClaimTemplates']>([
    { metadata: { name: 'data', labels: { tier: 'db' }, annotations: { note: 'n' } }, spec: claim },
  ]);
  return aStoredStatefulSet({ spec: { volumeClaimUpdatePolicy: 'InPlace', volumeClaimTemplates, ...spec } });
}

const REVISION = hashOf(aSet().spec.volumeClaimTemplates);
const LABELS = { tier: 'db', app: 'web' };

interface Facts {
  readonly requests?: string;
  readonly has?: string;
  readonly attributes?: string;
  readonly hasAttributes?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly phase?: string;
  readonly isGoing?: true;
  readonly problem?: 'ControllerResizeError' | 'NodeResizeError' | 'ModifyVolumeError';
}

/** A claim that is as the template says, but for what is given. */
function aMember(ordinal: number, facts: Facts = {}): PersistentVolumeClaim {
  const { requests = '2Gi', has = '2Gi', attributes = 'gold', hasAttributes = attributes, labels = LABELS, phase = 'Bound' } = facts;
  const conditions = facts.problem === undefined ? [] : [{ type: facts.problem, status: 'True', message: 'no room' }];
  const status: ClaimOverrides['status'] = {
    phase,
    capacity: { storage: has },
    currentVolumeAttributesClassName: hasAttributes,
    conditions,
  };
  return aStoredClaim({
    name: `data-web-${ordinal}`,
    size: requests,
    volumeName: 'v',
    labels,
    annotations: { note: 'n', 'pv.kubernetes.io/bind-completed': 'yes' },
    spec: { volumeAttributesClassName: attributes },
    status,
    ...(facts.isGoing === undefined ? {} : { deletionTimestamp: '2026-01-01T00:00:00Z' }),
  });
}

const OLD: Facts = { requests: '1Gi', has: '1Gi' };
const ASKED = { ...LABELS, 'controller-revision-hash': REVISION };

function plan(members: readonly (Facts | undefined)[], set = aSet()): string {
  const claims = members.flatMap((facts, ordinal) => (facts === undefined ? [] : [aMember(ordinal, facts)]));
  const { next, updated, total } = planClaimUpdates(set, ({ name }) => claims.find(({ metadata }) => metadata.name === name));
  const problem = next?.kind === 'wait' && next.problem !== undefined ? `!${next.problem}` : '';
  return `${next === undefined ? 'done' : `${next.kind} ${next.pod}${problem}`} ${updated}/${total}`;
}

describe('VOL-19: planClaimUpdates', () => {
  it.each([
    { name: 'all are as the template', members: [{}, {}, {}], expected: 'done 3/3' },
    { name: 'the first comes first', members: [OLD, OLD, OLD], expected: 'update web-0 0/3' },
    { name: 'the next waits for the one before it', members: [{ has: '1Gi' }, OLD, OLD], expected: 'wait web-0 0/3' },
    { name: 'then it is its turn', members: [{}, OLD, OLD], expected: 'update web-1 1/3' },
    {
      name: 'one that fails holds up those behind it',
      members: [{}, { has: '1Gi', problem: 'ControllerResizeError' }, OLD] as const,
      expected: 'wait web-1!no room 1/3',
    },
    {
      name: 'the node’s fault is told too',
      members: [{ has: '1Gi', problem: 'NodeResizeError' }] as const,
      expected: 'wait web-0!no room 0/1',
    },
    {
      name: 'and that of attributes',
      members: [{ hasAttributes: '', problem: 'ModifyVolumeError' }] as const,
      expected: 'wait web-0!no room 0/1',
    },
    { name: 'other attributes', members: [{ attributes: 'old' }], expected: 'update web-0 0/1' },
    { name: 'a label that it lacks', members: [{ labels: { app: 'web' } }], expected: 'update web-0 0/1' },
    { name: 'a label more', members: [{ labels: { ...LABELS, more: '1' } }], expected: 'done 1/1' },
    { name: 'a larger claim stays so', members: [{ requests: '5Gi', has: '5Gi' }], expected: 'done 1/1' },
    { name: 'a larger claim that does not grow is no concern', members: [{ requests: '5Gi' }], expected: 'done 1/1' },
    {
      name: 'whoever lowers a request, to recover, is not overruled',
      members: [{ requests: '1500Mi', has: '1500Mi', labels: ASKED }, OLD],
      expected: 'update web-1 1/2',
    },
    {
      name: 'a mark of an earlier template does not count',
      members: [{ ...OLD, labels: { ...LABELS, 'controller-revision-hash': 'before' } }],
      expected: 'update web-0 0/1',
    },
    { name: 'a claim that is not bound gets its turn later', members: [{ ...OLD, phase: 'Pending' }, OLD], expected: 'update web-1 0/1' },
    { name: 'a claim that is going is left', members: [{ ...OLD, isGoing: true } as const, undefined, OLD], expected: 'update web-2 0/1' },
    { name: 'claims of pods that are not wanted stay', members: [{}, {}, {}, OLD], expected: 'done 3/3' },
  ])('$name', ({ members, expected }) => {
    expect(plan(members)).toBe(expected);
  });

  it('asks for what the claim lacks, with the mark of the template, and holds what it has read', () => {
    const claim = aMember(0, { ...OLD, attributes: 'old', labels: { app: 'web' } });
    expect(planClaimUpdates(aSet({ replicas: 1 }), () => claim).next).toMatchObject({
      body: {
        metadata: { resourceVersion: claim.metadata.resourceVersion, labels: { tier: 'db', 'controller-revision-hash': REVISION } },
        spec: { resources: { requests: { storage: '2Gi' } }, volumeAttributesClassName: 'gold' },
      },
    });
    const [body] = [planClaimUpdates(aSet({ replicas: 1 }), () => aMember(0, { labels: { app: 'web' } })).next].map((step) =>
      step?.kind === 'update' ? step.body : {},
    );
    expect(body).toMatchObject({ spec: {}, metadata: { annotations: {} } });
    expect(body).not.toHaveProperty('spec.resources');
  });
});

describe('claimFamiliesOf', () => {
  it('names the claims of sets that change them, as the claims name themselves', () => {
    expect(claimFamiliesOf(aSet())).toEqual([claimFamilyOf(aMember(12))]);
    expect(claimFamiliesOf(aSet({ volumeClaimUpdatePolicy: 'OnClaimDelete' }))).toEqual([]);
  });
});
