import { describe, expect, it } from 'vitest';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { type ClaimView, planClaim, whyUnfit } from './plan-claim.ts';

const bindCompleted = { 'pv.kubernetes.io/bind-completed': 'yes' };
const nothing: ClaimView = {
  volume: undefined,
  storageClass: undefined,
  match: () => undefined,
  defaultClass: () => undefined,
  classNames: () => [],
  nearMisses: () => [],
  waitingPods: () => [],
};
const claim = aStoredClaim({ storageClassName: 'fast' });
const volume = aStoredVolume();
const delayed = aStoredClass({ bindingMode: 'WaitForFirstConsumer' });

describe('planClaim', () => {
  it.each([
    { name: 'binds what matches', claim, view: { match: () => volume }, plan: { kind: 'bind', volume } },
    {
      name: 'leaves an unbound claim that is being deleted',
      claim: aStoredClaim({ deletionTimestamp: '2026-01-01T00:00:00Z' }),
      view: { match: () => volume },
      plan: { kind: 'leave' },
    },
    { name: 'asks the class for a volume', claim, view: { storageClass: aStoredClass() }, plan: { kind: 'requestVolume' } },
    {
      name: 'reports a missing class',
      claim,
      view: { classNames: () => ['slow'] },
      plan: { kind: 'wait', event: { reason: 'ProvisioningFailed' }, isSearching: true },
    },
    {
      name: 'waits for a first consumer',
      claim,
      view: { storageClass: delayed },
      plan: { kind: 'wait', event: { reason: 'WaitForFirstConsumer' } },
    },
    {
      name: 'waits for one pod',
      claim,
      view: { storageClass: delayed, waitingPods: () => ['web'] },
      plan: { kind: 'wait', event: { reason: 'WaitForPodScheduled', message: 'waiting for pod web to be scheduled' } },
    },
    {
      name: 'waits for several pods',
      claim,
      view: { storageClass: delayed, waitingPods: () => ['a', 'b'] },
      plan: { kind: 'wait', event: { message: 'waiting for pods a,b to be scheduled' } },
    },
    {
      name: 'provisions where the scheduler has chosen',
      claim: aStoredClaim({ storageClassName: 'fast', annotations: { 'volume.kubernetes.io/selected-node': 'node-1' } }),
      view: { storageClass: delayed },
      plan: { kind: 'requestVolume' },
    },
    {
      name: 'has nobody to ask for no-provisioner',
      claim,
      view: { storageClass: aStoredClass({ provisioner: 'kubernetes.io/no-provisioner' }) },
      plan: { kind: 'wait', event: { reason: 'ProvisioningFailed' } },
    },
    {
      name: 'tells what comes nearest where nothing fits',
      claim: aStoredClaim({ storageClassName: '' }),
      view: { nearMisses: () => [{ volumeName: 'pv-1', reason: 'too small' }] },
      plan: {
        kind: 'wait',
        event: {
          reason: 'FailedBinding',
          message: 'no persistent volumes available for this claim and no storage class is set; volume "pv-1": too small',
        },
      },
    },
    {
      name: 'says that the named volume is missing',
      claim: aStoredClaim({ storageClassName: '', volumeName: 'none' }),
      view: {},
      plan: {
        kind: 'wait',
        event: { reason: 'FailedBinding', message: expect.stringContaining('volume "none" that the claim names does not exist') },
      },
    },
    {
      name: 'assigns a default class after a search in vain',
      claim: aStoredClaim(),
      view: { defaultClass: () => 'fast' },
      plan: { kind: 'assignClass', className: 'fast' },
    },
    {
      name: 'never assigns one to a claim that chose none',
      claim: aStoredClaim({ storageClassName: '' }),
      view: { defaultClass: () => 'fast' },
      plan: { kind: 'wait', event: { reason: 'FailedBinding', type: 'Normal' } },
    },
    {
      name: 'waits in silence for a named volume that is not there',
      claim: aStoredClaim({ volumeName: 'pv-1' }),
      view: {},
      plan: { kind: 'wait' },
    },
    { name: 'binds the named volume', claim: aStoredClaim({ volumeName: 'pv-1' }), view: { volume }, plan: { kind: 'bind', volume } },
    ...[
      { name: 'of another namespace', other: aStoredClaim({ namespace: 'other' }) },
      { name: 'of the same name that is gone', other: aStoredClaim({ uid: 'earlier' }) },
    ].map(({ name, other }) => ({
      name: `VOL-3: does not take a named volume from the claim ${name}`,
      claim: aStoredClaim({ volumeName: 'pv-1' }),
      view: { volume: aStoredVolume({ claim: other }) },
      plan: { kind: 'wait', event: { reason: 'FailedBinding', message: expect.stringContaining('already bound to a different claim') } },
    })),
    {
      name: 'binds a named volume in spite of the selector',
      claim: aStoredClaim({ volumeName: 'pv-1', spec: { selector: { matchLabels: { a: 'b' } } } }),
      view: { volume },
      plan: { kind: 'bind', volume },
    },
    {
      name: 'loses a bound claim without a volume name',
      claim: aStoredClaim({ annotations: bindCompleted }),
      view: {},
      plan: { kind: 'lose', event: { reason: 'ClaimLost' } },
    },
    {
      name: 'loses a bound claim without its volume',
      claim: aStoredClaim({ annotations: bindCompleted, volumeName: 'pv-1' }),
      view: {},
      plan: { kind: 'lose', event: { reason: 'ClaimLost' } },
    },
    {
      name: 'binds again where the claimRef is gone',
      claim: aStoredClaim({ annotations: bindCompleted, volumeName: 'pv-1' }),
      view: { volume },
      plan: { kind: 'bind', volume },
    },
    {
      name: 'loses a claim whose volume is bound to another',
      claim: aStoredClaim({ annotations: bindCompleted, volumeName: 'pv-1' }),
      view: { volume: aStoredVolume({ claim: aStoredClaim({ uid: 'other' }) }) },
      plan: { kind: 'lose', event: { reason: 'ClaimMisbound' } },
    },
  ])('$name', ({ claim: given, view, plan }) => {
    expect(planClaim(given, { ...nothing, ...view })).toMatchObject(plan);
  });
});

describe('whyUnfit', () => {
  it.each([
    {
      name: 'everything wrong',
      volume: aStoredVolume({ deletionTimestamp: '2026-01-01T00:00:00Z', size: '1Mi', storageClassName: 'x' }),
      why: 'the volume is marked for deletion',
    },
    { name: 'size before class', volume: aStoredVolume({ size: '1Mi', storageClassName: 'x' }), why: 'requested PV is too small' },
    {
      name: 'class before mode',
      volume: aStoredVolume({ storageClassName: 'x', spec: { volumeMode: 'Block' } }),
      why: 'storageClassName does not match',
    },
    {
      name: 'mode before access modes',
      volume: aStoredVolume({ spec: { volumeMode: 'Block' }, accessModes: [] }),
      why: 'incompatible volumeMode',
    },
    { name: 'access modes', volume: aStoredVolume({ accessModes: ['ReadOnlyMany'] }), why: 'incompatible accessMode' },
    { name: 'nothing', volume: aStoredVolume(), why: undefined },
  ])("names upstream's first reason: $name", ({ volume: given, why }) => {
    expect(whyUnfit(given, aStoredClaim())).toBe(why);
  });
});
