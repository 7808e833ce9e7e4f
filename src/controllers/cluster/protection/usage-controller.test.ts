import { afterEach, beforeEach, expect, it } from 'vitest';
import { pods } from '#api/resources.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aPod } from '#testing/builders/pod.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';

let bench: StorageBench;
beforeEach(async () => {
  bench = await startStorageBench();
  await bench.createClaim(aClaim());
});
afterEach(() => bench.close());

const unused = async (): Promise<string | undefined> => {
  await bench.idle();
  return (await bench.claim())?.status?.conditions?.find(({ type }) => type === 'Unused')?.status;
};
const end = (name: string): Promise<unknown> => bench.client.delete(pods, { namespace: 'default', name }, { gracePeriodSec: 0 });

it('VOL-19: the condition Unused follows the pods of a claim', async () => {
  expect(await unused()).toBeUndefined();
  for (const name of ['one', 'two']) await bench.createPod(aPod({ name, claims: ['data'] }));
  expect(await unused()).toBe('False');
  await end('one');
  expect(await unused()).toBe('False');
  const key = { namespace: 'default', name: 'two' };
  await bench.client.patch(pods, { key, patch: { type: 'merge', body: { status: { phase: 'Succeeded' } } } }, { subresource: 'status' });
  expect(await unused()).toBe('True');
});

it('VOL-19: also where the last pod went while nobody looked', async () => {
  await bench.createPod(aPod({ name: 'one', claims: ['data'] }));
  expect(await unused()).toBe('False');
  await bench.halt();
  await end('one');
  await bench.restart();
  expect(await unused()).toBe('True');
});
