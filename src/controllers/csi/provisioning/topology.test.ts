import { expect, it } from 'vitest';
import { csiNodes, nodes, persistentVolumes, pods } from '#api/resources.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aNode } from '#testing/builders/node.ts';
import { aPod } from '#testing/builders/pod.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';

const ZONE = 'topology.example/zone';

async function createZones(bench: StorageBench): Promise<void> {
  for (const zone of ['a', 'b']) {
    await bench.createNode(aNode({ name: `node-${zone}`, labels: { [ZONE]: zone } }));
    const spec = { drivers: [{ name: 'local.stowage.dev', nodeID: zone, topologyKeys: [ZONE] }] };
    await bench.client.create(csiNodes, { metadata: { name: `node-${zone}` }, spec });
  }
}

it.each([
  { name: 'every zone for an Immediate class', klass: {}, requisite: ['a', 'b'] },
  {
    name: 'the allowed zones',
    klass: { rest: { allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ['b'] }] }] } },
    requisite: ['b'],
  },
  { name: "the zone of the pod's node", klass: { bindingMode: 'WaitForFirstConsumer' as const }, requisite: ['b'] },
])('VOL-4: offers the driver $name, and keeps the volume where it was made', async ({ klass, requisite }) => {
  const driver = new FakeDriver({ topology: 'aware' });
  const bench = await startStorageBench({ drivers: { 'local.stowage.dev': driver } });
  try {
    await createZones(bench);
    await bench.createClass(aClass(klass));
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.createPod(aPod({ claims: ['data'], spec: { nodeSelector: requisite.length === 1 ? { [ZONE]: 'b' } : {} } }));
    await bench.idle();
    const segments = requisite.map((zone) => ({ segments: { [ZONE]: zone } }));
    expect([...driver.volumes.values()]).toMatchObject([{ request: { accessibilityRequirements: { requisite: segments } } }]);
    const [volume] = (await bench.client.list(persistentVolumes)).items;
    const pod = await bench.client.get(pods, { namespace: 'default', name: 'web' });
    const all = (await bench.client.list(nodes)).items;
    // the pod went where its volume is, and the volume is nowhere else
    expect(all.filter((node) => volume !== undefined && isVolumeUsableOn(volume, node)).map(({ metadata }) => metadata.name)).toEqual([
      pod.spec.nodeName,
    ]);
  } finally {
    await bench.close();
  }
});

it.each([
  { name: 'as nothing more goes there', isClosed: true },
  { name: 'though the node seems as good as before', isClosed: false },
])('VOL-16: a node that is full gives the claim back to the scheduler, which chooses another $name', async ({ isClosed }) => {
  const driver = new FakeDriver({ topology: 'aware' });
  const bench = await startStorageBench({ drivers: { 'local.stowage.dev': driver } });
  try {
    await createZones(bench);
    await bench.createClass(aClass({ bindingMode: 'WaitForFirstConsumer' }));
    driver.beforeCreate = async (request) => {
      const zone = request.accessibilityRequirements?.requisite?.[0]?.segments?.[ZONE];
      if (zone !== 'a') return;
      const key = { namespace: '', name: 'node-a' };
      if (isClosed) await bench.client.patch(nodes, { key, patch: { type: 'merge', body: { spec: { unschedulable: true } } } });
      throw driverError('ResourceExhausted', 'the pool is full');
    };
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.createPod(aPod({ claims: ['data'] }));
    await bench.idle();
    await bench.step(10_000);
    expect(bench.toldAbout('data').join('\n')).toContain('the pool is full');
    expect((await bench.claim())?.status?.phase).toBe('Bound');
    expect((await bench.client.get(pods, { namespace: 'default', name: 'web' })).spec.nodeName).toBe('node-b');
    expect(driver.volumes.size).toBe(1);
  } finally {
    await bench.close();
  }
});

it.each([
  { name: 'a node outside the allowed zones', node: 'node-b', says: "is not in the class's allowedTopologies" },
  { name: 'a node on which the driver is not registered', node: 'node-c', says: 'is the driver registered there?' },
])('VOL-16: asks no driver for a volume on $name, and says so', async ({ node, says }) => {
  const driver = new FakeDriver({ topology: 'aware' });
  const bench = await startStorageBench({ drivers: { 'local.stowage.dev': driver } });
  try {
    await createZones(bench);
    await bench.createNode(aNode({ name: 'node-c', labels: { [ZONE]: 'a' } }));
    const allowedTopologies = [{ matchLabelExpressions: [{ key: ZONE, values: ['a'] }] }];
    await bench.createClass(aClass({ bindingMode: 'WaitForFirstConsumer', rest: { allowedTopologies } }));
    await bench.createClaim(aClaim({ storageClassName: 'fast', annotations: { 'volume.kubernetes.io/selected-node': node } }));
    await bench.idle();
    expect(bench.toldAbout('data').join('\n')).toContain(says);
    expect(driver.calls).toEqual([]);
    expect((await bench.claim())?.status?.phase).toBe('Pending');
  } finally {
    await bench.close();
  }
});
