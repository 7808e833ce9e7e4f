import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { broughtAlongDefinitions } from '#api/definitions/brought-along.ts';
import { isEstablished } from '#api/kinds/definition-status.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { ensureDefinitions } from './ensure-definitions.ts';

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
  await ensure();
});
afterEach(() => api.close());

const ensure = (): Promise<void> => ensureDefinitions(api.client, { definitions: broughtAlongDefinitions(), clock: api.clock });

const NAME = 'volumesnapshots.snapshot.storage.k8s.io';
const key = { namespace: '', name: NAME };
const DIGEST = 'stowage.dev/definition-digest';
const snapshots = (version: string): Resource => ({
  group: 'snapshot.storage.k8s.io',
  version,
  kind: 'VolumeSnapshot',
  listKind: 'VolumeSnapshotList',
  plural: 'volumesnapshots',
  singular: 'volumesnapshot',
  shortNames: [],
  categories: [],
  isNamespaced: true,
});
const snapshot = (spec: object): KubeObject => trusted({ metadata: { name: 's', namespace: 'default' }, spec });
const annotate = (annotations: object): Promise<unknown> =>
  api.client.patch(customResourceDefinitions, { key, patch: { type: 'merge', body: { metadata: { annotations } } } });

describe('API-2: the definitions that Stowage brings along', () => {
  it('are served at once, each in every version that it names', async () => {
    const { items } = await api.client.list(customResourceDefinitions);
    expect(items.filter((definition) => !isEstablished(definition))).toEqual([]);
    expect(items).toHaveLength(broughtAlongDefinitions().length);
    for (const { spec } of items) {
      for (const { name } of spec.versions.filter(({ served }) => served)) {
        const { plural, kind } = spec.names;
        const isNamespaced = spec.scope === 'Namespaced';
        const resource = { ...snapshots(name), group: spec.group, plural, kind, listKind: `${kind}List`, isNamespaced };
        expect((await api.client.list(resource)).items).toEqual([]);
      }
    }
  });

  it('say what they are and what the fields of their kinds are for', async () => {
    for (const { spec } of (await api.client.list(customResourceDefinitions)).items) {
      const schema = spec.versions[0]?.schema?.openAPIV3Schema;
      expect([spec.names.kind, schema?.description]).toEqual([spec.names.kind, expect.stringMatching(/\w{3}.*\.$/)]);
    }
  });

  it('refuse a VolumeSnapshot of v1alpha1 with the form that is right', async () => {
    const old = snapshot({ snapshotClassName: 'csi-snapclass', source: { name: 'mypvc', kind: 'PersistentVolumeClaim' } });
    await expect(api.client.create(snapshots('v1alpha1'), old)).rejects.toThrow(
      'Write it so: apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshot, spec: {volumeSnapshotClassName: csi-snapclass, source: {persistentVolumeClaimName: mypvc}}',
    );
    const right = snapshot({ volumeSnapshotClassName: 'csi-snapclass', source: { persistentVolumeClaimName: 'mypvc' } });
    expect((await api.client.create(snapshots('v1'), right)).apiVersion).toBe('snapshot.storage.k8s.io/v1');
  });

  it('are replaced by those of another version of Stowage, with the objects kept', async () => {
    await api.client.create(snapshots('v1'), snapshot({ source: { persistentVolumeClaimName: 'a' } }));
    await annotate({ [DIGEST]: 'of-another-version' });
    const changed = await api.client.get(customResourceDefinitions, key);
    await api.client.update(customResourceDefinitions, {
      ...changed,
      spec: { ...changed.spec, names: { ...changed.spec.names, shortNames: ['x'] } },
    });
    await ensure();
    expect((await api.client.get(customResourceDefinitions, key)).spec.names.shortNames).toEqual(['vs']);
    expect((await api.client.list(snapshots('v1'))).items).toHaveLength(1);
  });

  it.each([
    { name: 'what a user changed of this version', annotations: {} },
    { name: 'what is told to be left alone', annotations: { [DIGEST]: 'old', 'stowage.dev/autoupdate': 'false' } },
    { name: "somebody else's", annotations: { [DIGEST]: null } },
  ])('stay as they are: $name', async ({ annotations }) => {
    const found = await api.client.get(customResourceDefinitions, key);
    await api.client.update(customResourceDefinitions, {
      ...found,
      spec: { ...found.spec, names: { ...found.spec.names, shortNames: ['x'] } },
    });
    await annotate(annotations);
    const { resourceVersion } = (await api.client.get(customResourceDefinitions, key)).metadata;
    await ensure();
    expect((await api.client.get(customResourceDefinitions, key)).metadata.resourceVersion).toBe(resourceVersion);
  });

  it('come back when one was deleted', async () => {
    await api.client.delete(customResourceDefinitions, key);
    await api.client.patch(customResourceDefinitions, { key, patch: { type: 'merge', body: { metadata: { finalizers: null } } } });
    await ensure();
    expect((await api.client.list(snapshots('v1'))).items).toEqual([]);
  });
});
