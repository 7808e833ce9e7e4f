import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALLOCATION_POLICY } from '#api/projects/allocation-policy.ts';
import { storageClasses, validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aClass } from '#testing/builders/class.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import { createAllocationPolicyController } from './allocation-policy-controller.ts';

const KEY = { namespace: '', name: ALLOCATION_POLICY };

describe('CLASS-10: a policy that is kept', () => {
  let api: TestApi<FakeClock>;
  let informers: InformerFactory;
  let running: RunningController;
  let writes: string[];
  beforeEach(async () => {
    writes = [];
    api = await startTestApi();
    informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
    const client = overrideClient(informers.client, {
      update: (resource, object) => {
        writes.push(resource.plural);
        return informers.client.update(resource, object);
      },
    });
    const deps = { client, clock: api.clock, ids: new SystemIds(), log: silentLogger, metrics: new Metrics() };
    running = runController(createAllocationPolicyController({ informers }), { ...deps, events: { record: () => {} } });
    await running.ready;
    await api.client.create(storageClasses, aClass({ name: 'fast', labels: { 'project.cpaas.io/a': 'true' } }));
    await settle();
  });
  afterEach(async () => {
    await running.stop();
    informers.stop();
    await api.close();
  });

  it.each([
    { name: 'that takes objects out', spec: { matchConstraints: { objectSelector: { matchLabels: { app: 'x' } } } } },
    {
      name: 'that takes a rule out',
      spec: {
        matchConstraints: {
          excludeResourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['persistentvolumeclaims'] }],
        },
      },
    },
    { name: 'of what happens on an error', spec: { failurePolicy: 'Ignore' } },
    { name: 'of a condition', spec: { matchConditions: [{ name: 'never', expression: 'false' }] } },
  ])('sets an edit of the policy right $name', async ({ spec }) => {
    const before = await api.client.get(validatingAdmissionPolicies, KEY);
    await api.client.patch(validatingAdmissionPolicies, { key: KEY, patch: { type: 'merge', body: { spec } } });
    await settle();
    expect((await api.client.get(validatingAdmissionPolicies, KEY)).spec).toEqual(before.spec);
    expect(writes).toEqual(['validatingadmissionpolicies']);
  });

  it.each([
    { name: 'only warns', spec: { validationActions: ['Warn'] } },
    { name: 'is for some namespaces', spec: { matchResources: { namespaceSelector: { matchLabels: { app: 'x' } } } } },
  ])('sets a binding right that $name', async ({ spec }) => {
    const before = await api.client.get(validatingAdmissionPolicyBindings, KEY);
    await api.client.patch(validatingAdmissionPolicyBindings, { key: KEY, patch: { type: 'merge', body: { spec } } });
    await settle();
    expect((await api.client.get(validatingAdmissionPolicyBindings, KEY)).spec).toEqual(before.spec);
  });

  it('comes back whole, and is not written while it is as it is to be', async () => {
    await api.client.delete(validatingAdmissionPolicyBindings, KEY);
    await settle();
    expect((await api.client.get(validatingAdmissionPolicyBindings, KEY)).spec).toEqual({
      policyName: ALLOCATION_POLICY,
      validationActions: ['Deny'],
    });
    await api.client.create(storageClasses, aClass({ name: 'plain' }));
    await settle();
    expect(writes).toEqual([]);
  });
});
