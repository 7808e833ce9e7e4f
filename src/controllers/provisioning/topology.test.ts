import { expect, it } from 'vitest';
import { csiNodes, nodes, persistentVolumes, pods } from '#api/resources.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aNode } from '#testing/builders/node.ts';
import { aPod } from '#testing/builders/pod.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { startStorageBench } from '#testing/storage-bench.ts';

const ZONE = 'topology.example/zone';

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
    for (const zone of ['a', 'b']) {
      await bench.createNode(aNode({ name: `node-${zone}`, labels: { [ZONE]: zone } }));
      const spec = { drivers: [{ name: 'local.stowage.dev', nodeID: zone, topologyKeys: [ZONE] }] };
      await bench.client.create(csiNodes, { metadata: { name: `node-${zone}` }, spec });
    }
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
