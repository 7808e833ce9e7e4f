import { beforeEach, expect, it } from 'vitest';
import { Metrics } from '#kit/metrics.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { DriverCalls } from './driver-calls.ts';
import { type DriverSocket, DriverTable } from './driver-table.ts';

const NAME = 'disk.example';
let table: DriverTable;
beforeEach(() => {
  table = new DriverTable();
});

function socket(overrides: Partial<DriverSocket> = {}): DriverSocket {
  return { client: new FakeDriver(), servesController: true, servesNode: true, rank: 0, ...overrides };
}

it('controllers ask the first node’s socket that serves a controller, in whatever order they came, and the next when it goes', () => {
  const third = socket({ rank: 2 });
  const second = socket({ rank: 1 });
  const withoutController = socket({ rank: 0, servesController: false });
  for (const one of [third, second, withoutController]) table.add(NAME, one);
  expect(table.find(NAME)).toBe(second.client);
  table.remove(NAME, second.client);
  expect(table.find(NAME)).toBe(third.client);
  table.remove(NAME, third.client);
  expect(table.find(NAME)).toBe(withoutController.client);
  table.remove(NAME, withoutController.client);
  expect([table.find(NAME), table.names()]).toEqual([undefined, []]);
});

it('the node asks the socket of its own node service, though the controller has another and other nodes have theirs', () => {
  const controller = socket({ servesNode: false });
  const node = socket({ servesController: false });
  const elsewhere = socket({ rank: 1, servesNode: false });
  for (const one of [elsewhere, controller, node]) table.add(NAME, one);
  expect(table.onNode.get(NAME)).toBe(node.client);
  expect(table.find(NAME)).toBe(controller.client);
  table.remove(NAME, node.client);
  expect(table.onNode.has(NAME)).toBe(false);
});

it('a socket that is made anew takes over before the old one is let go', () => {
  const before = socket();
  const anew = socket();
  table.add(NAME, before);
  table.add(NAME, anew);
  table.remove(NAME, before.client);
  expect([table.find(NAME), table.onNode.get(NAME)]).toEqual([anew.client, anew.client]);
});

it('tells who waits each time that a socket comes', () => {
  const told: string[] = [];
  const dispose = table.onBack((name) => told.push(name));
  table.add(NAME, socket());
  dispose();
  table.add(NAME, socket({ rank: 1 }));
  expect(told).toEqual([NAME]);
});

it('VOL-19: calls of controllers and of the node are counted apart, and who asks gets the same client each time', async () => {
  const metrics = new Metrics();
  table = new DriverTable(new DriverCalls({ metrics, clock: new FakeClock() }));
  const one = socket();
  table.add(NAME, one);
  expect(table.find(NAME)).toBe(table.find(NAME));
  await table.find(NAME)?.controller.deleteVolume({ volumeId: 'none' }, {});
  await expect(table.onNode.get(NAME)?.node.nodeGetInfo({}, {})).rejects.toThrow();
  const label = (method: string, code: string): string =>
    `{driver_name="${NAME}",method_name="/csi.v1.${method}",grpc_status_code="${code}",migrated="false"}`;
  const text = metrics.render();
  expect(text).toContain(`csi_sidecar_operations_seconds_count${label('Controller/DeleteVolume', 'OK')} 1\n`);
  expect(text).toContain(`csi_operations_seconds_count${label('Node/NodeGetInfo', 'Unimplemented')} 1\n`);
  table.remove(NAME, one.client);
  expect(table.find(NAME)).toBeUndefined();
});
