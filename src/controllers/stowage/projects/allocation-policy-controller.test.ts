import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { namespaces, persistentVolumeClaims, storageClasses, validatingAdmissionPolicies } from '#api/resources.ts';
import { ALLOCATION_POLICY } from '#api/projects/allocation-policy.ts';
import { allocationOf, mayUse } from '#api/projects/allocation.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { createAllocationPolicyController } from './allocation-policy-controller.ts';

const PROJECTS = ['a', 'b', 'cpaas-system'];
const labelsOfClass = fc.dictionary(
  fc.constantFrom('project.cpaas.io/ALL_ALL', 'project.cpaas.io/name', ...PROJECTS.map((name) => `project.cpaas.io/${name}`), 'app'),
  fc.constantFrom('true', 'false', '', 'a'),
);

describe('CLASS-10: the allocation of classes as a policy of the cluster', () => {
  let api: TestApi<FakeClock>;
  let informers: InformerFactory;
  let running: RunningController;
  beforeEach(async () => {
    api = await startTestApi();
    informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
    const deps = { client: informers.client, clock: api.clock, ids: new SystemIds(), log: silentLogger, metrics: new Metrics() };
    running = runController(createAllocationPolicyController({ informers }), { ...deps, events: { record: () => {} } });
    await running.ready;
  });
  afterEach(async () => {
    await running.stop();
    informers.stop();
    await api.close();
  });

  const policies = async (): Promise<readonly string[]> =>
    (await api.client.list(validatingAdmissionPolicies)).items.map(({ metadata }) => metadata.name);

  it('comes with the first class that is allocated, and comes back when somebody deletes it', async () => {
    await api.client.create(storageClasses, aClass({ name: 'plain' }));
    await settle();
    expect(await policies()).toEqual([]);
    await api.client.create(storageClasses, aClass({ name: 'fast', labels: { 'project.cpaas.io/a': 'true' } }));
    await settle();
    expect(await policies()).toEqual([ALLOCATION_POLICY]);
    await api.client.delete(validatingAdmissionPolicies, { namespace: '', name: ALLOCATION_POLICY });
    await settle();
    expect(await policies()).toEqual([ALLOCATION_POLICY]);
  });

  it('decides as the plugin, for any labels', async () => {
    const places = [...PROJECTS.map((project) => ({ name: `in-${project}`, labels: { 'cpaas.io/project': project } })), { name: 'loose' }];
    for (const { name, ...rest } of places) await api.client.create(namespaces, { metadata: { name, ...rest }, spec: {} });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(labelsOfClass, fc.constantFrom(...places), async (labels, place) => {
        round += 1;
        const name = `class-${round}`;
        await api.client.create(storageClasses, aClass({ name, labels }));
        await settle();
        const made = await api.client
          .create(persistentVolumeClaims, aClaim({ name, namespace: place.name, storageClassName: name }))
          .then(() => true)
          .catch(() => false);
        expect(made).toBe(mayUse(allocationOf(labels), place));
      }),
      { numRuns: 60 },
    );
  });
});
