import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PersistentVolumeClaim, Volume } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims, pods } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { aClaim, aStoredClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aNode } from '#testing/builders/node.ts';
import { aPod, aStoredPod } from '#testing/builders/pod.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';
import { planEphemeral } from './plan.ts';

const VOLUME = trusted<Volume>({
  name: 'scratch',
  ephemeral: {
    volumeClaimTemplate: {
      metadata: { labels: { type: 'temporary' } },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'fast' },
    },
  },
});
let bench: StorageBench;

beforeEach(async () => {
  bench = await startStorageBench({ drivers: { 'local.stowage.dev': new FakeDriver() } });
  await bench.createClass(aClass());
  await bench.createNode(aNode());
});
afterEach(async () => bench.close());

it('VOL-10: makes the claim POD-VOLUME, owned by the pod, and the pod gets its node', async () => {
  const pod = await bench.createPod(aPod({ volumes: [VOLUME] }));
  await bench.idle();
  expect(await bench.claim('web-scratch')).toMatchObject({
    metadata: {
      labels: { type: 'temporary' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'web', uid: pod.metadata.uid, controller: true, blockOwnerDeletion: true }],
    },
    spec: { storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } },
    status: { phase: 'Bound' },
  });
  expect((await bench.pod())?.spec.nodeName).toBe('node-1');
});

it('VOL-10: a claim of that name that is not the pod’s blocks the pod, says so, and stops blocking when it is gone', async () => {
  await bench.createClaim(aClaim({ name: 'web-scratch', storageClassName: 'fast' }));
  await bench.createPod(aPod({ volumes: [VOLUME] }));
  await bench.step(5_000);
  const message = 'PVC "default/web-scratch" was not created for pod "default/web" (pod is not owner)';
  expect(bench.toldAbout('web')).toContain(
    `FailedBinding: ephemeral volume scratch: ${message}: delete or rename the claim, or rename the pod`,
  );
  expect(bench.toldAbout('web').some((told) => told.startsWith(`FailedScheduling: 0/1 nodes are available: ${message}`))).toBe(true);
  expect((await bench.pod())?.spec.nodeName).toBeUndefined();
  await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'web-scratch' });
  await bench.step(60_000);
  expect((await bench.claim('web-scratch'))?.metadata.labels).toEqual({ type: 'temporary' });
  expect((await bench.pod())?.spec.nodeName).toBe('node-1');
});

it('VOL-10: the claim of an earlier pod of that name is not the pod’s', () => {
  const pod = aStoredPod({ volumes: [VOLUME] });
  const claimOf = (uid: string): PersistentVolumeClaim => {
    const claim = aStoredClaim({ name: 'web-scratch' });
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid, controller: true };
    return { ...claim, metadata: { ...claim.metadata, ownerReferences: [owner] } };
  };
  expect(planEphemeral(pod, VOLUME, claimOf(pod.metadata.uid))).toEqual({ kind: 'leave' });
  expect(planEphemeral(pod, VOLUME, claimOf('of-an-earlier-pod'))).toEqual({ kind: 'conflict', claimName: 'web-scratch' });
});

it('makes no claim for a pod that goes', async () => {
  await bench.halt();
  await bench.createPod(aPod({ volumes: [VOLUME], nodeName: 'node-1' }));
  await bench.client.delete(pods, { namespace: 'default', name: 'web' });
  await bench.restart();
  expect(await bench.claim('web-scratch')).toBeUndefined();
});
