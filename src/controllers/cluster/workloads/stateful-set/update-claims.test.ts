import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PersistentVolumeClaim, StatefulSet, StatefulSetSpec } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims, statefulSets } from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import { aStatefulSet } from '#testing/builders/workloads.ts';
import { startWorkloadBench, type WorkloadBench } from '#testing/workload-bench.ts';

const key = { namespace: 'default', name: 'web' };

describe('VOL-19: the claims of a StatefulSet with volumeClaimUpdatePolicy InPlace', () => {
  let bench: WorkloadBench;
  /** The name of the claim of which the API refuses changes. */
  let refused = '';
  beforeEach(async () => {
    refused = '';
    bench = await startWorkloadBench((client) => ({
      ...client,
      get: client.get.bind(client),
      list: client.list.bind(client),
      watch: client.watch.bind(client),
      create: client.create.bind(client),
      delete: client.delete.bind(client),
      patch: async (resource, change, options) => {
        if (resource.kind === persistentVolumeClaims.kind && change.key.name === refused)
          throw new PlatformError({ code: 'PermissionDenied', reason: 'Forbidden', message: 'the class must support resize' });
        return client.patch(resource, change, options);
      },
    }));
    await bench.client.create(statefulSets, aStatefulSet({ spec: { volumeClaimUpdatePolicy: 'InPlace' } }));
    await bench.playNode();
    for (const name of ['data-web-0', 'data-web-1', 'data-web-2']) await bind(name, '1Mi');
  });
  afterEach(() => bench.close());

  const claimKey = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name });
  const setStatus = async (name: string, status: PersistentVolumeClaim['status']): Promise<void> => {
    const patch = { type: 'merge', body: { status } } as const;
    await bench.client.patch(persistentVolumeClaims, { key: claimKey(name), patch }, { subresource: 'status' });
    await bench.idle();
  };
  const bind = async (name: string, storage: string): Promise<void> => {
    const metadata = { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };
    const patch = { type: 'merge', body: { metadata, spec: { volumeName: `pv-${name}` } } } as const;
    await bench.client.patch(persistentVolumeClaims, { key: claimKey(name), patch });
    await setStatus(name, { phase: 'Bound', capacity: { storage } });
  };
  const has = (name: string, storage: string): Promise<void> => setStatus(name, { capacity: { storage }, conditions: [] });
  const requests = async (): Promise<readonly (string | undefined)[]> =>
    (await bench.client.list(persistentVolumeClaims)).items
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      .map(({ spec }) => spec.resources?.requests?.['storage']);
  const condition = async (): Promise<string> => {
    const found = (await bench.client.get(statefulSets, key)).status?.conditions?.find(({ type }) => type === 'VolumeClaimsUpdated');
    return found === undefined ? 'none' : `${found.status} ${found.reason} ${found.message}`;
  };
  const change = async (spec: Partial<StatefulSetSpec>): Promise<StatefulSet> => {
    const set = await bench.client.patch(statefulSets, { key, patch: { type: 'merge', body: { spec } } });
    await bench.idle();
    return set;
  };
  const sized = (storage: string): Partial<StatefulSetSpec> => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } };
    return { volumeClaimTemplates: trusted<StatefulSetSpec['volumeClaimTemplates']>([{ metadata: { name: 'data' }, spec }]) };
  };
  const pods = async (): Promise<readonly string[]> => (await bench.pods()).map(({ metadata }) => metadata.uid);

  it('grow one after the other, each when the one before it has what it asked for, and the pods stay', async () => {
    const before = await pods();
    expect(await condition()).toBe('True ClaimsUpdated 3 of 3 claims are as their templates');
    await change(sized('2Mi'));
    expect(await requests()).toEqual(['2Mi', '1Mi', '1Mi']);
    expect(await condition()).toBe('False UpdatingClaim 0 of 3 claims are as their templates; claim data-web-0 is changing');
    await has('data-web-0', '2Mi');
    expect(await requests()).toEqual(['2Mi', '2Mi', '1Mi']);
    await has('data-web-1', '2Mi');
    await has('data-web-2', '2Mi');
    expect(await condition()).toBe('True ClaimsUpdated 3 of 3 claims are as their templates');
    expect(bench.told.map(({ message }) => message)).toContain('update Claim data-web-1 Pod web-1 in StatefulSet web success');
    await change({ replicas: 4 });
    await bench.playNode();
    expect(await requests()).toEqual(['2Mi', '2Mi', '2Mi', '2Mi']);
    expect((await pods()).slice(0, 3)).toEqual(before);
  });

  it('one that fails is told with its reason, holds up those behind it and nothing else, and when it heals they go on', async () => {
    await change(sized('2Mi'));
    await has('data-web-0', '2Mi');
    await setStatus('data-web-1', { conditions: [{ type: 'ControllerResizeError', status: 'True', message: 'the pool is full' }] });
    expect(await condition()).toBe(
      'False ClaimUpdateFailed 1 of 3 claims are as their templates; claim data-web-1 holds up those behind it: the pool is full',
    );
    expect(bench.told).toContainEqual(
      expect.objectContaining({
        type: 'Warning',
        reason: 'FailedUpdate',
        message: 'update Claim data-web-1 Pod web-1 in StatefulSet web failed error: the pool is full',
      }),
    );
    expect(await requests()).toEqual(['2Mi', '2Mi', '1Mi']);
    await bench.restart();
    await change({ replicas: 4 });
    await bench.playNode();
    expect((await bench.pods()).length).toBe(4);
    await has('data-web-1', '2Mi');
    expect(await requests()).toEqual(['2Mi', '2Mi', '2Mi', '2Mi']);
  });

  it('a change that the API refuses is told, and tried again by itself', async () => {
    refused = 'data-web-0';
    await change(sized('2Mi'));
    expect(await requests()).toEqual(['1Mi', '1Mi', '1Mi']);
    expect(await condition()).toContain('ClaimUpdateFailed 0 of 3 claims are as their templates; claim data-web-0 holds up');
    expect(await condition()).toContain('the class must support resize');
    expect((await bench.client.get(statefulSets, key)).status).toMatchObject({ readyReplicas: 3 });
    refused = '';
    await bench.step(5_000);
    expect(await requests()).toEqual(['2Mi', '1Mi', '1Mi']);
  });

  it('stay as they are with OnClaimDelete, which also ends what waits', async () => {
    await change(sized('2Mi'));
    await change({ volumeClaimUpdatePolicy: 'OnClaimDelete' });
    await has('data-web-0', '2Mi');
    expect([await requests(), await condition()]).toEqual([['2Mi', '1Mi', '1Mi'], 'none']);
  });
});
