import { afterEach, beforeEach, expect, it } from 'vitest';
import { nodes } from '#api/resources.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aNode } from '#testing/builders/node.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import { VolumesInUse } from './volumes-in-use.ts';

const A = { driver: 'd.example', volumeHandle: 'a' };
const B = { driver: 'd.example', volumeHandle: 'b' };
const NAME_A = 'kubernetes.io/csi/d.example^a';
const NAME_B = 'kubernetes.io/csi/d.example^b';

let api: TestApi<FakeClock>;
let writes: number;
let isDown: boolean;
beforeEach(async () => {
  api = await startTestApi();
  writes = 0;
  isDown = false;
  await api.client.create(nodes, aNode());
});
afterEach(async () => api.close());

function subject(): VolumesInUse {
  const client = overrideClient(api.client, {
    patch: (...args) => {
      writes += 1;
      return isDown ? Promise.reject(new Error('down')) : api.client.patch(...args);
    },
  });
  return new VolumesInUse({ client, nodeName: 'node-1' });
}

async function reported(): Promise<readonly string[]> {
  return (await api.client.get(nodes, { namespace: '', name: 'node-1' })).status?.volumesInUse ?? [];
}

it('VOL-17: the API knows of a volume before it is mounted, and that it is free after the last mount', async () => {
  const inUse = subject();
  await inUse.add(A);
  expect(await reported()).toEqual([NAME_A]);
  await Promise.all([inUse.add(B), inUse.remove(A)]);
  expect(await reported()).toEqual([NAME_B]);
});

it('writes only what changed', async () => {
  const inUse = subject();
  await inUse.report();
  await inUse.add(A);
  await inUse.add(A);
  await inUse.report();
  await inUse.remove(B);
  expect(writes).toBe(1);
});

it('a volume is not mounted while the API can not be told, and one that goes is told later', async () => {
  const inUse = subject();
  await inUse.add(A);
  isDown = true;
  await expect(inUse.add(B)).rejects.toThrow('down');
  await inUse.remove(A);
  isDown = false;
  await inUse.report();
  expect(await reported()).toEqual([NAME_B]);
});

it('the next process says what is mounted still', async () => {
  await subject().add(A);
  await subject().add(B);
  const next = subject();
  next.restore([B]);
  await next.report();
  expect(await reported()).toEqual([NAME_B]);
});
