import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROJECT_DEFINITION } from '#api/definitions/projects.ts';
import { projects } from '#api/generated/definitions.ts';
import { namespaces, persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { establish } from '#testing/builders/definition.ts';
import { defaultStorageClass } from '../../cluster/classes/default-storage-class.ts';
import { projectDefaultClass } from './default-class.ts';

describe('CLASS-10: the default class of a project', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await startTestApi({ admission: [projectDefaultClass, defaultStorageClass] });
    await establish(api.client, PROJECT_DEFINITION);
    await api.client.create(storageClasses, aClass({ name: 'standard', role: 'default' }));
    await api.client.create(projects, { metadata: { name: 'a' }, spec: { defaultStorageClassName: 'fast' } });
    await api.client.create(projects, { metadata: { name: 'b' }, spec: {} });
    for (const [name, project] of Object.entries({ one: 'a', two: 'b', three: 'without-object', loose: '' }))
      await api.client.create(namespaces, { metadata: { name, labels: { 'cpaas.io/project': project } }, spec: {} });
  });
  afterEach(() => api.close());

  it.each([
    { name: 'that of the project', namespace: 'one', gets: 'fast' },
    { name: 'that of the cluster, where the project has none', namespace: 'two', gets: 'standard' },
    { name: 'that of the cluster, where the project has no object', namespace: 'three', gets: 'standard' },
    { name: 'that of the cluster, in no project', namespace: 'loose', gets: 'standard' },
    { name: 'the class that it names', namespace: 'one', asks: 'slow', gets: 'slow' },
    { name: 'none, where it asks for none', namespace: 'one', asks: '', gets: '' },
  ])('a claim gets $name', async ({ namespace, asks, gets }) => {
    const { storageClassName: _, ...spec } = aClaim({ namespace, storageClassName: 'x' }).spec;
    const made = await api.client.create(persistentVolumeClaims, {
      ...aClaim({ namespace }),
      spec: { ...spec, ...(asks === undefined ? {} : { storageClassName: asks }) },
    });
    expect(made.spec.storageClassName).toBe(gets);
  });
});
