import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { SystemExec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { connectCsi } from '#protocols/csi/client.ts';
import { dataDirectoryAt } from '../data-directory.ts';
import type { Module } from '../modules/manifest.ts';
import type { DriverFactory, NodeDriver, NodeDriverOptions } from '../modules/module.ts';
import { DriverTable } from './driver-table.ts';
import { type FirstDrivers, OwnDrivers } from './own-drivers.ts';
import { ServedDrivers } from './served-drivers.ts';

const NAMES = { en: 'x', zh: 'x' };
let root: string;
let done: string[];
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'stowage-served-'));
  done = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A module with a driver that notes what is done with it; one with a plugin can be absent. */
function aModule(name: string, plugin: boolean, fault?: string): Module {
  const start = async ({ socketPath, settings = {} }: NodeDriverOptions): Promise<NodeDriver> => {
    if (fault !== undefined) throw new PlatformError({ code: 'FailedPrecondition', reason: 'SocketRefused', message: fault });
    done.push(`start ${name} ${JSON.stringify(settings)}`);
    return {
      client: connectCsi({ socketPath }),
      problem: () => undefined,
      onChange: () => {},
      configure: async (changed) => void done.push(`configure ${name} ${JSON.stringify(changed)}`),
      stop: async (isReleasing) => void done.push(`stop ${name} ${isReleasing ? 'and let go' : ''}`),
    };
  };
  const driver: DriverFactory = { driverName: `${name}.example.com`, describe: () => ({}), start, join: ([first]) => first.client };
  return {
    name,
    needs: [],
    driver,
    ...(plugin ? { plugin: { name, displayName: NAMES, description: NAMES, isInstalledAtFirst: false } } : {}),
  };
}

async function start(
  modules: readonly Module[],
  first: FirstDrivers,
): Promise<{ readonly table: DriverTable; readonly served: ServedDrivers }> {
  const shared = { exec: new SystemExec(), clock: new SystemClock(), ids: new SystemIds(), log: silentLogger, version: '1.0.0' };
  const own = await OwnDrivers.start(
    { ...shared, modules, directory: dataDirectoryAt(root), nodeName: 'node-1', nodeCount: 1, config: {} },
    first,
  );
  const table = new DriverTable();
  const report = async (): Promise<void> => void done.push(`report ${[...table.onNode.keys()].join()}`);
  const socketsOf: ConstructorParameters<typeof ServedDrivers>[0]['socketsOf'] = ({ node: { client } }) => [
    { client, servesController: true, servesNode: true, rank: 0 },
  ];
  return { table, served: new ServedDrivers({ own, table, socketsOf, report }) };
}

it('PLUG-1: the driver of a plugin comes, is set and goes while the process runs, and its node says so', async () => {
  const { table, served } = await start([aModule('disk', false), aModule('tape', true)], { wanted: new Map(), onFault: () => {} });
  expect(table.names()).toEqual(['disk.example.com']);
  await served.ensure('tape', { a: 1 });
  await served.ensure('tape', { a: 1 });
  await served.ensure('tape', { a: 2 });
  expect(table.find('tape.example.com')).toBeDefined();
  await served.remove('tape');
  await served.remove('tape');
  expect(table.names()).toEqual(['disk.example.com']);
  expect(done).toEqual([
    'start disk {}',
    'start tape {"a":1}',
    'report disk.example.com,tape.example.com',
    'configure tape {"a":2}',
    'report disk.example.com',
    'stop tape and let go',
  ]);
});

it('PLUG-4: a driver of a package makes way for that of other code, under its name', async () => {
  const source = (
    version: string,
  ): string => `export default { load: ({ serveCsi, UnimplementedNode }) => ({ driver: { start: async ({ socketPath, log }) => {
    class Node extends UnimplementedNode { async nodeGetInfo() { return { nodeId: '${version}' }; } }
    const identity = { getPluginInfo: async () => ({ name: 'robot.example.com' }), getPluginCapabilities: async () => ({}), probe: async () => ({}) };
    const server = await serveCsi({ socketPath, identity, node: new Node(), log });
    return { stop: () => server.close() };
  } } }) };`;
  const code = (digest: string) => ({ packageName: `robot-${digest}`, driverName: 'robot.example.com', digest, source: source(digest) });
  const { table, served } = await start([], { wanted: new Map(), onFault: () => {} });
  const nodeId = async (): Promise<string | undefined> =>
    (await table.find('robot.example.com')?.node.nodeGetInfo({}, { timeoutMs: 5_000 }))?.nodeId;
  await served.ensure('package/robot', {}, code('1'));
  expect(await nodeId()).toBe('1');
  await served.ensure('package/robot', {}, code('2'));
  expect(await nodeId()).toBe('2');
  await served.remove('package/robot');
  expect(table.names()).toEqual([]);
});

it('PLUG-1: one that was installed is there from the start; one that does not start keeps nothing else from it', async () => {
  const faults: string[] = [];
  const first: FirstDrivers = {
    wanted: new Map([
      ['tape', { a: 1 }],
      ['broken', {}],
    ]),
    onFault: (module, { message }) => void faults.push(`${module}: ${message}`),
  };
  const { table } = await start([aModule('broken', true, 'no disk'), aModule('disk', false), aModule('tape', true)], first);
  expect(faults).toEqual(['broken: no disk']);
  expect(table.names()).toEqual(['disk.example.com', 'tape.example.com']);
});

it('one that is no plugin’s and does not start ends the start, and those before it', async () => {
  const modules = [aModule('disk', false), aModule('broken', false, 'no disk')];
  await expect(start(modules, { wanted: new Map(), onFault: () => {} })).rejects.toThrow('no disk');
  expect(done.at(-1)).toBe('stop disk ');
});
