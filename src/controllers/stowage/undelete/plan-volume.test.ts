import { describe, expect, it } from 'vitest';
import type { DeletedClaim } from '#api/generated/definitions.ts';
import type { Namespace } from '#api/generated/kubernetes.ts';
import { GRACE_FINALIZER } from '#api/undelete/claim-record.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { stored } from '#testing/builders/metadata.ts';
import { aStoredVolume, type VolumeOverrides } from '#testing/builders/volume.ts';
import { type KeptView, planKept } from './plan-volume.ts';

const deletionTimestamp = '2026-01-01T00:00:00Z';
const UNTIL_MS = Date.parse('2026-01-02T00:00:00Z');
const was = aStoredClaim({ uid: 'was' });
const record = { uid: 'was', deletedAt: '', keptUntil: '2026-01-02T00:00:00Z', storage: '1', claim: { metadata: {}, spec: {} } };
const namespace: Namespace = stored({ apiVersion: 'v1', kind: 'Namespace' }, { metadata: { name: 'default', uid: 'ns' }, spec: {} });
const going: Namespace = { ...namespace, metadata: { ...namespace.metadata, deletionTimestamp } };
const kept = (over: VolumeOverrides & { readonly deletionTimestamp?: string } = {}) =>
  aStoredVolume({
    claim: was,
    reclaimPolicy: 'Delete',
    annotations: {
      'volumes.stowage.dev/deleted-claim': JSON.stringify(record),
      'volumes.stowage.dev/deleted-in-namespace': 'ns',
    },
    ...over,
  });
const told = (over: { readonly deletionTimestamp?: string; readonly claimUid?: string } = {}): DeletedClaim => {
  const { claimUid = 'was', ...times } = over;
  const spec = { claimName: 'data', claimUid, storage: '1', deletedAt: '', keptUntil: '', claim: {} };
  const type = { apiVersion: 'volumes.stowage.dev/v1alpha1', kind: 'DeletedClaim' };
  return stored(type, { metadata: { name: 'pv-1', namespace: 'default', finalizers: [GRACE_FINALIZER] }, spec }, times);
};
const view: KeptView = { namespace, told: told(), isKindGoing: false, claims: [], isGraced: () => true, nowMs: UNTIL_MS - 1 };
const again = aStoredClaim({ uid: 'again', volumeName: 'pv-1', finalizers: [GRACE_FINALIZER] });
const anew: Namespace = { ...namespace, metadata: { ...namespace.metadata, uid: 'anew' } };

describe('VOL-20: what comes next for a volume whose claim was deleted', () => {
  it.each<{
    readonly name: string;
    readonly volume?: ReturnType<typeof kept>;
    readonly changes?: Partial<KeptView>;
    readonly plan: object;
  }>([
    { name: 'it waits', plan: { kind: 'wait', untilMs: UNTIL_MS } },
    { name: 'its time is over', changes: { nowMs: UNTIL_MS }, plan: { kind: 'end', how: 'over' } },
    { name: 'nothing tells of it yet', changes: { told: undefined }, plan: { kind: 'show' } },
    { name: 'its namespace is another: it is not told of there', changes: { told: undefined, namespace: anew }, plan: { kind: 'wait' } },
    { name: 'its namespace goes', changes: { told: undefined, namespace: going }, plan: { kind: 'wait' } },
    { name: 'its claim is made again', changes: { claims: [again] }, plan: { kind: 'adopt', claim: again } },
    { name: 'the same when the time is over', changes: { claims: [again], nowMs: UNTIL_MS }, plan: { kind: 'adopt' } },
    {
      name: 'its claim is made again, and has no finalizer yet',
      changes: { claims: [aStoredClaim({ uid: 'again', volumeName: 'pv-1' })] },
      plan: { kind: 'wait', untilMs: UNTIL_MS - 1 + 1_000 },
    },
    {
      name: 'the same of a class that promises nothing',
      changes: { claims: [aStoredClaim({ uid: 'again', volumeName: 'pv-1' })], isGraced: () => false },
      plan: { kind: 'adopt' },
    },
    { name: 'the claim of before is still there', changes: { claims: [was] }, plan: { kind: 'wait', untilMs: UNTIL_MS } },
    {
      name: 'a claim of another namespace of that name asks for it',
      changes: { claims: [again], namespace: anew },
      plan: { kind: 'refuse', why: expect.stringContaining('volumes.stowage.dev/deleted-in-namespace=anew'), next: { kind: 'wait' } },
    },
    {
      name: 'a claim asks for more than it is',
      changes: { claims: [aStoredClaim({ uid: 'again', volumeName: 'pv-1', size: '1Gi' })] },
      plan: { kind: 'refuse', why: expect.stringContaining('requested PV is too small') },
    },
    { name: 'its DeletedClaim is deleted', changes: { told: told({ deletionTimestamp }) }, plan: { kind: 'end', how: 'let-go' } },
    { name: 'the same with the namespace', changes: { told: told({ deletionTimestamp }), namespace: going }, plan: { kind: 'hide' } },
    { name: 'the same with the kind', changes: { told: told({ deletionTimestamp }), isKindGoing: true }, plan: { kind: 'hide' } },
    { name: 'the same of another namespace', changes: { told: told({ deletionTimestamp }), namespace: anew }, plan: { kind: 'hide' } },
    {
      name: 'what told of an earlier claim of the volume goes',
      changes: { told: told({ deletionTimestamp, claimUid: 'earlier' }) },
      plan: { kind: 'wait' },
    },
    { name: 'it is deleted', volume: kept({ deletionTimestamp }), plan: { kind: 'end', how: 'let-go' } },
    { name: 'it is somebody else’s', volume: kept({ claim: again }), plan: { kind: 'end', how: 'taken' } },
    {
      name: 'its record is not readable',
      volume: kept({ annotations: { 'volumes.stowage.dev/deleted-claim': '{' } }),
      plan: { kind: 'unreadable' },
    },
  ])('$name', ({ volume = kept(), changes = {}, plan }) => {
    expect(planKept(volume, { ...view, ...changes })).toMatchObject(plan);
  });
});
