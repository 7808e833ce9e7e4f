import { expect, it } from 'vitest';
import { FakeClock } from '#testing/fake-clock.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { type ObservedCall, observedClient } from './observed-client.ts';
import { serviceDefinition, type ServiceName } from './service-definitions.ts';

const SERVICES: readonly ServiceName[] = ['Identity', 'Controller', 'GroupController', 'SnapshotMetadata', 'Node'];

it('VOL-19: answers and refusals pass as they are, each call is told once with its time and status', async () => {
  const [driver, clock, calls]: [FakeDriver, FakeClock, ObservedCall[]] = [new FakeDriver(), new FakeClock(), []];
  driver.beforeCreate = async () => clock.step(1_500);
  const client = observedClient(driver, clock, (call) => void calls.push(call));
  const { volume } = await client.controller.createVolume({ name: 'one' }, {});
  expect([...driver.volumes.keys()]).toEqual([volume?.volumeId]);
  await expect(client.node.nodeGetInfo({}, {})).rejects.toMatchObject({ code: 'Unimplemented' });
  expect(calls).toEqual([
    { method: '/csi.v1.Controller/CreateVolume', code: 'OK', seconds: 1.5 },
    { method: '/csi.v1.Node/NodeGetInfo', code: 'Unimplemented', seconds: 0 },
  ]);
});

it('has every method of every service', () => {
  const client = observedClient(new FakeDriver(), new FakeClock(), () => {});
  const services = [client.identity, client.controller, client.groupController, client.snapshotMetadata, client.node];
  expect(services.map((service) => Object.keys(service))).toEqual(SERVICES.map((name) => Object.keys(serviceDefinition(name))));
});
