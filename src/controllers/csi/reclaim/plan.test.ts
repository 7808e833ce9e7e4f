import { expect, it } from 'vitest';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { planReclaim } from './plan.ts';

const DRIVER = 'local.stowage.dev';
const finalizers = ['external-provisioner.volume.kubernetes.io/finalizer'];
const deletionTimestamp = '2026-01-01T00:00:00Z';
const released = { claim: aStoredClaim(), driver: DRIVER, status: { phase: 'Released' } } as const;
const view = { connected: [DRIVER], attachedTo: undefined, keptPaths: ['/keep/me'] };

it.each([
  { name: 'Released, Retain', volume: aStoredVolume(released), view, plan: { kind: 'leave' } },
  {
    name: 'Released, Delete',
    volume: aStoredVolume({ ...released, reclaimPolicy: 'Delete', finalizers }),
    view,
    plan: { kind: 'delete', driverName: DRIVER, volumeId: 'pv-1' },
  },
  {
    name: 'attached',
    volume: aStoredVolume({ ...released, reclaimPolicy: 'Delete' }),
    view: { ...view, attachedTo: 'node-1' },
    plan: { kind: 'wait', event: { message: 'persistentvolume pv-1 is still attached to node node-1' } },
  },
  {
    name: 'without its driver',
    volume: aStoredVolume({ ...released, reclaimPolicy: 'Delete' }),
    view: { ...view, connected: [] },
    plan: { kind: 'wait', event: { reason: 'VolumeFailedDelete' } },
  },
  {
    name: 'made by another provisioner',
    volume: aStoredVolume({ ...released, reclaimPolicy: 'Delete', annotations: { 'pv.kubernetes.io/provisioned-by': 'other.example' } }),
    view: { ...view, connected: [DRIVER, 'other.example'] },
    plan: { kind: 'wait', event: { reason: 'VolumeFailedDelete', message: expect.stringContaining('"other.example"') } },
  },
  {
    name: 'deleted at the backend already',
    volume: aStoredVolume({ ...released, reclaimPolicy: 'Delete', deletionTimestamp }),
    view,
    plan: { kind: 'leave' },
  },
  {
    name: 'Failed',
    volume: aStoredVolume({ ...released, reclaimPolicy: 'Delete', status: { phase: 'Failed' } }),
    view,
    plan: { kind: 'leave' },
  },
  {
    name: 'Released, Recycle, of a driver',
    volume: aStoredVolume({ ...released, reclaimPolicy: 'Recycle' }),
    view,
    plan: { kind: 'fail', event: { reason: 'VolumeFailedRecycle' } },
  },
  {
    name: 'Released, Recycle, of a path',
    volume: aStoredVolume({ claim: aStoredClaim(), status: { phase: 'Released' }, reclaimPolicy: 'Recycle' }),
    view,
    plan: { kind: 'recycle', source: { hostPath: { path: '/srv/pv-1', type: 'Directory' } } },
  },
  {
    name: 'Released, Recycle, being deleted',
    volume: aStoredVolume({ claim: aStoredClaim(), status: { phase: 'Released' }, reclaimPolicy: 'Recycle', deletionTimestamp }),
    view,
    plan: { kind: 'leave' },
  },
  {
    name: 'Released, of a policy that is none',
    volume: aStoredVolume({ ...released, spec: { persistentVolumeReclaimPolicy: 'Burn' } }),
    view,
    plan: { kind: 'fail', event: { reason: 'VolumeUnknownReclaimPolicy' } },
  },
  {
    name: 'Bound, Delete, static',
    volume: aStoredVolume({ ...released, reclaimPolicy: 'Delete', status: { phase: 'Bound' } }),
    view,
    plan: { kind: 'addFinalizer' },
  },
  { name: 'changed from Delete to Retain', volume: aStoredVolume({ ...released, finalizers }), view, plan: { kind: 'removeFinalizer' } },
  {
    name: 'free, Delete, deleted',
    volume: aStoredVolume({ driver: DRIVER, reclaimPolicy: 'Delete', finalizers, deletionTimestamp, status: { phase: 'Available' } }),
    view,
    plan: { kind: 'delete' },
  },
  {
    name: 'free',
    volume: aStoredVolume({ driver: DRIVER, reclaimPolicy: 'Delete', finalizers, status: { phase: 'Available' } }),
    view,
    plan: { kind: 'leave' },
  },
])('VOL-6: a volume that is $name', ({ volume, view: given, plan }) => {
  expect(planReclaim(volume, given)).toMatchObject(plan);
});

it('VOL-20: a volume stays as long as the record of its deleted claim is on it', () => {
  const annotations = { 'volumes.stowage.dev/deleted-claim': '{}' };
  expect(planReclaim(aStoredVolume({ ...released, reclaimPolicy: 'Delete', finalizers, annotations }), view)).toEqual({ kind: 'leave' });
});
