import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '#kit/clock.ts';
import { SystemExec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import type { PluginSettings } from '#api/plugins/plugin-settings.ts';
import type { NodeDriver, NodeDriverOptions } from '../modules/module.ts';
import type { PackagedCode } from './packaged-code.ts';
import { packagedDriver } from './packaged-driver.ts';

/** A driver that says which settings it was started with; MORE stands for what else it has. */
const CODE = `export default { load: ({ serveCsi, UnimplementedNode }) => ({
  driver: {
    start: async ({ socketPath, nodeName, workDir, settings, log }) => {
      class Node extends UnimplementedNode {
        async nodeGetInfo() { return { nodeId: nodeName + ' ' + JSON.stringify(settings) }; }
      }
      const identity = {
        getPluginInfo: async () => ({ name: 'NAME', vendorVersion: '1' }),
        getPluginCapabilities: async () => ({}),
        probe: async () => ({ ready: true }),
      };
      const server = await serveCsi({ socketPath, identity, node: new Node(), log });
      return { MORE stop: () => server.close() };
    },
  },
}) };`;
const code = (more = '', name = 'tape.example.com'): PackagedCode => ({
  packageName: 'tape-1.0.0',
  driverName: 'tape.example.com',
  digest: 'd',
  source: CODE.replace('MORE', more).replace('NAME', name),
});

describe('PLUG-1, PLUG-4: the driver of a package', () => {
  let folder: string;
  let running: NodeDriver | undefined;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'stowage-packaged-'));
  });
  afterEach(async () => {
    await running?.stop(true);
    running = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(packaged: PackagedCode, settings: PluginSettings): Promise<NodeDriver> {
    const options: NodeDriverOptions = {
      nodeName: 'node-1',
      poolDir: path.join(folder, 'work'),
      socketPath: path.join(folder, 'csi.sock'),
      nodeCount: 1,
      config: {},
      settings,
      version: '1.0.0',
      exec: new SystemExec(),
      log: silentLogger,
      clock: new SystemClock(),
      ids: new SystemIds(),
    };
    running = await (await packagedDriver(packaged)).start(options);
    return running;
  }
  const nodeIdOf = async ({ client }: NodeDriver): Promise<string | undefined> =>
    (await client.node.nodeGetInfo({}, { timeoutMs: 5_000 })).nodeId;

  it('is served with its settings, and started anew with others where it takes none while it works', async () => {
    const driver = await start(code(), { size: 1 });
    expect(await nodeIdOf(driver)).toBe('node-1 {"size":1}');
    await driver.configure?.({ size: 2 });
    await expect.poll(() => nodeIdOf(driver)).toBe('node-1 {"size":2}');
  });

  it('takes other settings while it works where it says so', async () => {
    const driver = await start(code('configure: async (changed) => void Object.assign(settings, changed),'), { size: 1 });
    await driver.configure?.({ size: 3 });
    expect(await nodeIdOf(driver)).toBe('node-1 {"size":3}');
  });

  it('is not kept where it is another than its package says', async () => {
    const starting = start(code('', 'other.example.com'), {});
    await expect(starting).rejects.toThrow('driver: plugin.yaml names tape.example.com, and the driver calls itself "other.example.com"');
  });

  it('has to be there where its package says so', async () => {
    const without = { ...code(), source: 'export default { load: () => ({}) }' };
    await expect(packagedDriver(without)).rejects.toMatchObject({ reason: 'PluginPackageInvalid' });
  });
});
