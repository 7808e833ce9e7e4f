import { afterEach, beforeEach, expect, it } from 'vitest';
import { persistentVolumeClaims, pods } from '#api/resources.ts';
import { type Words, wordsText } from '#api/explanation.ts';
import type { Client } from '#machinery/client/client.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aPod } from '#testing/builders/pod.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';
import { giveUpGrowth } from './give-up-growth.ts';

const DRIVER = 'local.stowage.dev';
const KEY = { namespace: 'default', name: 'data' };
let bench: StorageBench;
let driver: FakeDriver;

beforeEach(async () => {
  driver = new FakeDriver({ capabilities: ['EXPAND_VOLUME'] });
  driver.beforeExpand = async () => {
    throw driverError('OutOfRange', 'too large');
  };
  bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  await bench.createClass(aClass({ rest: { allowVolumeExpansion: true } }));
  await bench.createClaim(aClaim({ storageClassName: 'fast', size: '1Gi', labels: { app: 'db' }, annotations: { note: 'kept' } }));
  await bench.idle();
});
afterEach(async () => bench.close());

async function failGrowth(): Promise<string> {
  const body = { spec: { resources: { requests: { storage: '900Gi' } } } };
  const claim = await bench.client.patch(persistentVolumeClaims, { key: KEY, patch: { type: 'merge', body } });
  await bench.idle();
  return claim.spec.volumeName ?? '';
}

/** Runs it to its end while time goes on. */
async function run(client: Client = bench.client): Promise<readonly string[]> {
  const told: string[] = [];
  let isOver = false;
  const tools = {
    client,
    clock: bench.api.clock,
    signal: new AbortController().signal,
    tell: (step: Words) => void told.push(wordsText(step, 'en')),
  };
  const running = giveUpGrowth(tools, KEY).finally(() => {
    isOver = true;
  });
  running.catch(() => {});
  while (!isOver) await bench.step(200);
  await running;
  return told;
}

async function expectRecovered(volumeName: string): Promise<void> {
  const claim = await bench.claim();
  expect(claim).toMatchObject({
    metadata: { labels: { app: 'db' }, annotations: { note: 'kept' } },
    spec: { volumeName, resources: { requests: { storage: '1Gi' } }, storageClassName: 'fast' },
    status: { phase: 'Bound', capacity: { storage: '1Gi' } },
  });
  expect(claim?.status?.conditions).toBeUndefined();
  const volume = await bench.volume(volumeName);
  expect(volume?.spec).toMatchObject({ persistentVolumeReclaimPolicy: 'Delete', claimRef: { uid: claim?.metadata.uid } });
  expect(volume?.metadata.annotations).not.toHaveProperty(['recovery.stowage.dev/claim']);
  expect(driver.calls.filter((call) => call.startsWith('delete'))).toEqual([]);
}

it('VOL-9: takes the claim back to its size, with the same volume, labels and policy', async () => {
  const volumeName = await failGrowth();
  expect(await run()).toHaveLength(5);
  await expectRecovered(volumeName);
});

it('VOL-9: is finished by asking again, wherever it was interrupted', async () => {
  const volumeName = await failGrowth();
  for (let writes = 1; writes <= 5; writes += 1) {
    let left = writes;
    const dying = new Proxy(bench.client, {
      get: (target, name, receiver) => {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== 'function' || !['patch', 'create', 'delete'].includes(String(name))) return method;
        return (...args: readonly unknown[]): unknown => {
          left -= 1;
          if (left < 0) throw new Error('killed');
          return Reflect.apply(method, target, args);
        };
      },
    });
    await run(dying).catch(() => {});
  }
  await run().catch(() => {});
  await expectRecovered(volumeName);
});

it('refuses while pods use the claim, and where nothing grows, and changes nothing', async () => {
  await expect(run()).rejects.toThrow('no growth of this claim is under way');
  const volumeName = await failGrowth();
  await bench.createPod(aPod({ claims: ['data'] }));
  await expect(run()).rejects.toThrow('pods use the claim: web; delete them');
  expect((await bench.volume(volumeName))?.spec.persistentVolumeReclaimPolicy).toBe('Delete');
  await bench.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSec: 0 });
  await run();
  await expectRecovered(volumeName);
});
