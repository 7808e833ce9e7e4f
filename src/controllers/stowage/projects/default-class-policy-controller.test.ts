import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROJECT_DEFINITION } from '#api/definitions/projects.ts';
import { projects } from '#api/generated/definitions.ts';
import { DEFAULT_CLASS_POLICY } from '#api/projects/default-class-policy.ts';
import { projectClassFor } from '#api/projects/default-class.ts';
import { mutatingAdmissionPolicies, namespaces, persistentVolumeClaims } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aClaim, aStoredClaim } from '#testing/builders/claim.ts';
import { establish } from '#testing/builders/definition.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { createDefaultClassPolicyController } from './default-class-policy-controller.ts';

const NAMES = ['a', 'b', 'cpaas-system', 'without-object'];
const PLACES = [...NAMES.map((project) => ({ name: `in-${project}`, labels: { 'cpaas.io/project': project } })), { name: 'loose' }];
const BETA = 'volume.beta.kubernetes.io/storage-class';

/** What a project says of its default: nothing, or a class. */
const said = fc.constantFrom(undefined, 'fast', 'slow-1.example');
const asked = fc.record({ spec: fc.constantFrom(undefined, '', 'own'), annotation: fc.constantFrom(undefined, '', 'old') });

describe('CLASS-10: the default classes of projects as a policy of the cluster', () => {
  let api: TestApi<FakeClock>;
  let informers: InformerFactory;
  let running: RunningController;
  beforeEach(async () => {
    api = await startTestApi();
    await establish(api.client, PROJECT_DEFINITION);
    informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
    const deps = { client: informers.client, clock: api.clock, ids: new SystemIds(), log: silentLogger, metrics: new Metrics() };
    running = runController(createDefaultClassPolicyController({ informers }), { ...deps, events: { record: () => {} } });
    await running.ready;
  });
  afterEach(async () => {
    await running.stop();
    informers.stop();
    await api.close();
  });

  it('comes with the first project that has one, and follows it', async () => {
    const policies = async (): Promise<readonly string[]> =>
      (await api.client.list(mutatingAdmissionPolicies)).items.map(({ metadata }) => metadata.name);
    await api.client.create(projects, { metadata: { name: 'a' }, spec: {} });
    await settle();
    expect(await policies()).toEqual([]);
    await api.client.patch(projects, {
      key: { namespace: '', name: 'a' },
      patch: { type: 'merge', body: { spec: { defaultStorageClassName: 'fast' } } },
    });
    await settle();
    expect(await policies()).toEqual([DEFAULT_CLASS_POLICY]);
  });

  it('decide as the plugin, for any projects, namespaces and claims', async () => {
    for (const { name, ...rest } of PLACES) await api.client.create(namespaces, { metadata: { name, ...rest }, spec: {} });
    for (const name of NAMES.filter((one) => one !== 'without-object')) await api.client.create(projects, { metadata: { name }, spec: {} });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(said, fc.constantFrom(...PLACES), asked, async (defaultStorageClassName, place, { spec, annotation }) => {
        round += 1;
        const key = { namespace: '', name: 'a' };
        await api.client.patch(projects, {
          key,
          patch: { type: 'merge', body: { spec: { defaultStorageClassName: defaultStorageClassName ?? null } } },
        });
        await settle();
        const over = {
          name: `c-${round}`,
          namespace: place.name,
          ...(annotation === undefined ? {} : { annotations: { [BETA]: annotation } }),
        };
        const { storageClassName: _, ...rest } = aClaim({ storageClassName: 'x' }).spec;
        const claimSpec = spec === undefined ? rest : { ...rest, storageClassName: spec };
        const made = await api.client.create(persistentVolumeClaims, { ...aClaim(over), spec: claimSpec });
        const given = projectClassFor({ ...aStoredClaim(over), spec: claimSpec }, place, (project) =>
          project === 'a' ? defaultStorageClassName : undefined,
        );
        expect(made.spec.storageClassName).toBe(given ?? spec);
      }),
      { numRuns: 60 },
    );
  });
});
