import { expect, it } from 'vitest';
import type { KubeObject } from '#api/meta/object.ts';
import { configMaps, namespaces } from '#api/resources.ts';
import { startTestApi } from '#testing/api.ts';
import { forbidden } from '../contract/status-error.ts';
import type { AdmissionPlugin } from '../contract/admission.ts';

function label(object: KubeObject, name: string): KubeObject {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, [name]: String(Object.keys(object.metadata.labels ?? {}).length) },
    },
  };
}

it('lets every plugin change the object in order, then lets every plugin refuse what came out', async () => {
  const told: string[] = [];
  const first: AdmissionPlugin = {
    name: 'first',
    mutate: ({ object, kind }) => (object === undefined || kind.resource !== configMaps ? undefined : label(object, 'first')),
    validate: ({ verb, object, previous, key }) =>
      void told.push(`${verb} ${key.name} ${previous?.metadata.name ?? '-'} ${object?.metadata.labels?.['second'] ?? '-'}`),
  };
  const second: AdmissionPlugin = {
    name: 'second',
    mutate: async ({ object }, view) =>
      object !== undefined && view.get(namespaces, { namespace: '', name: 'default' }) !== undefined ? label(object, 'second') : undefined,
    validate: ({ object, kind }) => {
      if (object?.metadata.name === 'bad') throw forbidden(kind.resource, 'bad', 'it is bad');
    },
  };
  const api = await startTestApi({ admission: [first, second] });
  told.length = 0;
  const key = { namespace: 'default', name: 'a' };
  const made = await api.client.create(configMaps, { metadata: key });
  expect(made.metadata.labels).toEqual({ first: '0', second: '1' });
  await expect(api.client.create(configMaps, { metadata: { namespace: 'default', name: 'bad' } })).rejects.toThrow(
    'configmaps "bad" is forbidden: it is bad',
  );
  await api.client.create(configMaps, { metadata: { namespace: 'default', name: 'dry' } }, { isDryRun: true });
  await api.client.delete(configMaps, key);
  expect(told).toEqual(['create a - 1', 'create bad - 1', 'create dry - 1', 'delete a a -']);
  expect((await api.client.list(configMaps)).items).toEqual([]);
  await api.close();
});
