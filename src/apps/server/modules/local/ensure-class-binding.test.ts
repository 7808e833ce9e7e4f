import { afterEach, beforeEach, expect, it } from 'vitest';
import { configMaps, persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { ensureClassBinding } from './ensure-class-binding.ts';
import { ensureInitialObjects, INSTALLATION } from '../../ensure-objects.ts';
import { localDirectoryObjects } from '../local-directory/objects.ts';
import { BINDS_BY_NODE_COUNT, localObjects } from './objects.ts';

let api: TestApi<FakeClock>;
beforeEach(async () => {
  api = await startTestApi();
});
afterEach(async () => api.close());

const LOCAL = { namespace: '', name: 'local' };
const modes = async (): Promise<Record<string, string | undefined>> =>
  Object.fromEntries((await api.client.list(storageClasses)).items.map((one) => [one.metadata.name, one.volumeBindingMode]));

async function start(nodeCount: number): Promise<void> {
  await ensureInitialObjects(api.client, { platform: [...localObjects(nodeCount), ...localDirectoryObjects(nodeCount)] });
  await ensureClassBinding(api.client, { classes: ['local', 'local-directory'], nodeCount });
}

it.each([
  { name: 'one node', counts: [1], mode: 'Immediate' },
  { name: 'two nodes', counts: [2], mode: 'WaitForFirstConsumer' },
  { name: 'one node, then three', counts: [1, 3], mode: 'WaitForFirstConsumer' },
  { name: 'three nodes, then one, then two', counts: [3, 1, 2], mode: 'WaitForFirstConsumer' },
  { name: 'two nodes, then one', counts: [2, 1], mode: 'Immediate' },
])('CLASS-5: the platform’s classes bind as its number of nodes asks for: $name', async ({ counts, mode }) => {
  for (const count of counts) await start(count);
  expect(await modes()).toEqual({ local: mode, 'local-directory': mode });
});

it('leaves all else of a class as it is, and claims that name it', async () => {
  await start(1);
  const edit = {
    metadata: { labels: { mine: 'yes' }, annotations: { 'storageclass.kubernetes.io/is-default-class': 'false' } },
    allowVolumeExpansion: false,
  };
  await api.client.patch(storageClasses, { key: LOCAL, patch: { type: 'merge', body: edit } });
  const spec = { storageClassName: 'local', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } };
  await api.client.create(persistentVolumeClaims, { metadata: { namespace: 'default', name: 'data' }, spec });
  await start(2);
  expect(await api.client.get(storageClasses, LOCAL)).toMatchObject({
    ...edit,
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: 'Delete',
  });
  expect((await api.client.get(persistentVolumeClaims, { namespace: 'default', name: 'data' })).spec).toMatchObject(spec);
});

it('takes classes of an earlier version for its own, and those that a user made later for the user’s', async () => {
  await start(1);
  const body = { metadata: { annotations: { [BINDS_BY_NODE_COUNT]: null } } };
  for (const name of ['local', 'local-directory'])
    await api.client.patch(storageClasses, { key: { namespace: '', name }, patch: { type: 'merge', body } });
  await api.clock.step(60_000);
  await api.client.delete(storageClasses, LOCAL);
  await api.client.create(storageClasses, {
    metadata: { name: 'local' },
    provisioner: 'local.stowage.dev',
    volumeBindingMode: 'Immediate',
  });
  await start(2);
  expect(await modes()).toEqual({ local: 'Immediate', 'local-directory': 'WaitForFirstConsumer' });
});

it('does not bring back what a user deleted', async () => {
  await start(1);
  await api.client.delete(storageClasses, LOCAL);
  await start(2);
  expect(Object.keys(await modes())).toEqual(['local-directory']);
});

it('makes a class again that a crash cut off between its end and its beginning', async () => {
  await start(1);
  const found = await api.client.get(storageClasses, LOCAL);
  const draft = { ...found, metadata: { name: 'local', labels: { kept: 'yes' } } };
  await api.client.patch(configMaps, {
    key: INSTALLATION,
    patch: { type: 'merge', body: { data: { 'class-local': JSON.stringify(draft) } } },
  });
  await api.client.delete(storageClasses, LOCAL);
  await start(2);
  expect(await api.client.get(storageClasses, LOCAL)).toMatchObject({
    metadata: { labels: { kept: 'yes' } },
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  expect((await api.client.get(configMaps, INSTALLATION)).data).not.toHaveProperty('class-local');
});
