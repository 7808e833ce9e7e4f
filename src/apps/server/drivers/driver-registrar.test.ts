import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { csiDrivers } from '#api/resources.ts';
import { silentLogger } from '#kit/log.ts';
import type { IdentityService, NodeGetInfoResponse } from '#protocols/csi/generated/messages.ts';
import { type CsiServer, serveCsi } from '#protocols/csi/server.ts';
import { UnimplementedNode } from '#protocols/csi/unimplemented.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { writeAddedDriver } from './added-drivers.ts';
import { ownDriverObjects } from './driver-objects.ts';
import { driverPlace } from './driver-places.ts';
import { DriverRegistrar } from './driver-registrar.ts';
import { DriverTable } from './driver-table.ts';

const NAME = 'disk.example';
const LOOK_MS = 5_000;

class NodeService extends UnimplementedNode {
  override nodeGetInfo = async (): Promise<NodeGetInfoResponse> => ({ nodeId: 'here' });
}

let dir: string;
let api: TestApi<FakeClock>;
let table: DriverTable;
let registrar: DriverRegistrar;
const servers: CsiServer[] = [];
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'registrar-'));
  api = await startTestApi();
  table = new DriverTable();
});
afterEach(async () => {
  await registrar.stop();
  table.close();
  for (const server of servers.splice(0)) await server.close();
  await api.close();
  await rm(dir, { recursive: true });
});

const placeOf = (nodeName: string) =>
  driverPlace({ root: dir, drivers: path.join(dir, 'drivers') }, { pluginsRegistry: undefined }, nodeName);

interface Serves {
  readonly name?: string;
  readonly addedAs?: string;
  readonly controller?: true;
  readonly node?: true;
}

/** Starts to serve at `NODE-FILE.sock`, and adds the socket to that node. */
async function add(nodeName: string, file: string, serves: Serves) {
  const { controller } = new FakeDriver({ capabilities: ['PUBLISH_UNPUBLISH_VOLUME'] });
  const identity: IdentityService = {
    getPluginInfo: async () => ({ name: serves.name ?? NAME, vendorVersion: file }),
    getPluginCapabilities: async () => ({ capabilities: serves.controller ? [{ service: { type: 'CONTROLLER_SERVICE' } }] : [] }),
    probe: async () => ({ ready: true }),
  };
  const socketPath = path.join(dir, `${nodeName}-${file}.sock`);
  const services = { ...(serves.controller ? { controller } : {}), ...(serves.node ? { node: new NodeService() } : {}) };
  servers.push(await serveCsi({ socketPath, identity, ...services, log: silentLogger }));
  await writeAddedDriver(placeOf(nodeName).addedDir, { name: serves.addedAs ?? NAME, socketPath });
}

async function start(onChange: () => Promise<void> = async () => {}): Promise<void> {
  registrar = new DriverRegistrar({
    table,
    objects: ownDriverObjects(api.client),
    clock: api.clock,
    log: silentLogger,
    own: placeOf('node-1'),
    others: [placeOf('node-2')],
    reserved: () => new Set(['local.stowage.dev']),
    onChange,
  });
  await registrar.start();
}

const askedBy = async (client: ReturnType<DriverTable['find']>): Promise<string | undefined> =>
  (await client?.identity.getPluginInfo({}, {}))?.vendorVersion;
const attachRequired = async () => (await api.client.list(csiDrivers)).items.map(({ spec }) => spec.attachRequired);

it('CLASS-6: the node asks its own node service, controllers ask the socket of another node that serves a controller', async () => {
  await add('node-1', 'node', { node: true });
  await add('node-2', 'all', { node: true, controller: true });
  await start();
  expect(await askedBy(table.find(NAME))).toBe('all');
  expect(await askedBy(table.onNode.get(NAME))).toBe('node');
  expect(await attachRequired()).toEqual([true]);
});

it('CLASS-6: a socket of a controller alone is no driver of the node', async () => {
  await add('node-1', 'controller', { controller: true });
  await start();
  expect(await askedBy(table.find(NAME))).toBe('controller');
  expect([...table.onNode.keys()]).toEqual([]);
});

it('the drivers of another node are not this node’s to report', async () => {
  let reports = 0;
  await add('node-2', 'all', { node: true, controller: true });
  await start(async () => void (reports += 1));
  expect([reports, [...table.onNode.keys()], table.names()]).toEqual([0, [], [NAME]]);
});

it('a report that failed is made again, though no driver has changed since', async () => {
  const again = Promise.withResolvers<void>();
  let reports = 0;
  await add('node-1', 'all', { node: true, controller: true });
  await start(async () => {
    reports += 1;
    if (reports === 1) throw new Error('the API is away');
    again.resolve();
  });
  expect(reports).toBe(1);
  await api.clock.step(LOOK_MS);
  await again.promise;
  expect(reports).toBe(2);
});

it.each([
  { addedAs: NAME, name: 'other.example' },
  { addedAs: 'local.stowage.dev', name: 'local.stowage.dev' },
])('a socket that was added as $addedAs and calls itself $name is not used', async ({ addedAs, name }) => {
  await add('node-1', 'all', { addedAs, name, node: true, controller: true });
  await start();
  expect([table.names(), await attachRequired()]).toEqual([[], []]);
});
