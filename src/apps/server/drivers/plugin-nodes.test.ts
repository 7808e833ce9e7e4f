import { beforeEach, expect, it } from 'vitest';
import type { PluginSettings } from '#api/plugins/plugin-settings.ts';
import type { PackageOrigin, Plugin } from '#controllers/stowage/plugins/plugin.ts';
import { silentLogger } from '#kit/log.ts';
import type { NodeAnswer } from '../nodes/node-orders.ts';
import type { PackagedCode } from './packaged-code.ts';
import { AllNodes } from './plugin-nodes.ts';

const aPlugin = (module: string, more: Partial<Plugin> = {}): Plugin => ({
  name: module,
  module,
  version: '1.0.0',
  displayName: { en: 'x', zh: 'x' },
  description: { en: 'x', zh: 'x' },
  isInstalledAtFirst: false,
  dependencies: [],
  definitions: [],
  roles: [],
  objects: {},
  ...more,
});
/** One of a package that brings a driver. */
const packaged = (digest: string, refusal?: PackageOrigin['refusal']): Plugin =>
  aPlugin('package/tape', {
    name: 'tape',
    driverName: 'tape.example.com',
    from: {
      packageName: 'tape-1.0.0',
      digest: 'm',
      fingerprint: 'SHA256:x',
      signer: 'maker',
      code: { digest, source: 'export default {}' },
      ...(refusal === undefined ? {} : { refusal }),
    },
  });

let done: string[];
let answers: Map<string, Omit<NodeAnswer, 'id'> | undefined>;
let nodes: AllNodes;
beforeEach(() => {
  done = [];
  answers = new Map([
    ['node-2', {}],
    ['node-3', {}],
  ]);
  const own = {
    ensure: async (module: string, settings: PluginSettings, code?: PackagedCode) =>
      void done.push(`node-1 ${module} ${JSON.stringify(settings)}${code === undefined ? '' : ` by ${code.digest}`}`),
    remove: async (module: string) => void done.push(`node-1 without ${module}`),
    preflight: async () => ['no disk', 'no tape'],
  };
  nodes = new AllNodes({ first: new Map([['old', {}]]), own, ownName: 'node-1', log: silentLogger });
  nodes.setFurther(
    [...answers.keys()].map((nodeName) => ({
      nodeName,
      order: async ({ wanted, preflight, code = {} }) => {
        const digests = Object.values(code).map(({ digest }) => ` by ${digest}`);
        if (wanted !== undefined) done.push(`${nodeName} ${Object.keys(wanted).join()}${digests.join('')}`);
        const answer = answers.get(nodeName);
        if (answer === undefined) return undefined;
        return preflight === undefined
          ? { id: 1, ...answer }
          : { id: 1, lacks: nodeName === 'node-2' ? ['no disk', 'no root'] : ['no disk'] };
      },
    })),
  );
});

it('PLUG-1: a driver comes to the node of this process and to all others, with all that is wanted of them, and nothing is said twice', async () => {
  await nodes.ensure(aPlugin('nfs'), { a: 1 });
  await nodes.ensure(aPlugin('nfs'), { a: 1 });
  expect(done).toEqual(['node-1 nfs {"a":1}', 'node-2 old,nfs', 'node-3 old,nfs', 'node-1 nfs {"a":1}']);
  expect(nodes.standing.wanted).toEqual({ old: {}, nfs: { a: 1 } });
  await nodes.remove('nfs');
  expect(done.slice(4)).toEqual(['node-2 old', 'node-3 old', 'node-1 without nfs']);
});

it('PLUG-1: where one node can not serve it, it is on none', async () => {
  answers.set('node-3', { faults: { nfs: 'no disk' } });
  await expect(nodes.ensure(aPlugin('nfs'), {})).rejects.toMatchObject({ reason: 'PluginNodeFailed', message: 'node-3: no disk' });
  expect(nodes.standing.wanted).toEqual({ old: {} });
  expect(done.at(-1)).toBe('node-1 without nfs');
});

it('settings that a node refuses do not take the driver away', async () => {
  answers.set('node-3', { faults: { old: 'no' } });
  await expect(nodes.ensure(aPlugin('old'), { a: 2 })).rejects.toThrow('node-3: no');
  expect(nodes.standing.wanted).toEqual({ old: { a: 2 } });
});

it('a node that is away is told what is wanted when it starts, and what it can not is told on', async () => {
  answers.set('node-2', undefined);
  await nodes.ensure(aPlugin('nfs'), {});
  expect(nodes.standing.wanted).toEqual({ old: {}, nfs: {} });
  const told: string[] = [];
  const dispose = nodes.onFault((module) => told.push(module));
  nodes.noteFaults('node-2', { nfs: 'no disk' });
  dispose();
  nodes.noteFaults('node-2', { nfs: 'no disk' });
  expect(told).toEqual(['nfs']);
});

it('PLUG-1: what all nodes lack is said once, what some lack with their names', async () => {
  expect(await nodes.preflight(aPlugin('nfs'))).toEqual(['no disk', 'node-1: no tape', 'node-2: no root']);
  answers.set('node-3', undefined);
  expect(await nodes.preflight(aPlugin('nfs'))).toEqual(['node-1, node-2: no disk', 'node-1: no tape', 'node-2: no root']);
});

it('PLUG-4: code of a package goes to every node, and again when it is other code; it goes with its driver', async () => {
  await nodes.ensure(packaged('a'), {});
  await nodes.ensure(packaged('a'), {});
  await nodes.ensure(packaged('b'), {});
  expect(done.filter((line) => !line.startsWith('node-3'))).toEqual([
    'node-1 package/tape {} by a',
    'node-2 old,package/tape by a',
    'node-1 package/tape {} by a',
    'node-1 package/tape {} by b',
    'node-2 old,package/tape by b',
  ]);
  await nodes.remove('package/tape');
  expect(nodes.standing).toEqual({ wanted: { old: {} } });
});

it('PLUG-4: code that nobody trusts, or that is of a plugin of Stowage, goes to no node', async () => {
  const ensuring = nodes.ensure(packaged('a', { reason: 'PluginUntrusted', message: 'no trust' }), {});
  await expect(ensuring).rejects.toMatchObject({ reason: 'PluginUntrusted', message: 'no trust' });
  await nodes.ensure({ ...packaged('a'), module: 'tapes' }, {});
  expect(nodes.standing).toEqual({ wanted: { old: {}, tapes: {} } });
});
