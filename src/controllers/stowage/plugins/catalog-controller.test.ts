import { afterEach, beforeEach, expect, it } from 'vitest';
import { definitionsOf } from '#api/definitions/brought-along.ts';
import { moduleConfigs, modulePlugins } from '#api/generated/definitions.ts';
import { configMaps } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aDefinition, establish } from '#testing/builders/definition.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { createCatalogController } from './catalog-controller.ts';
import type { Plugin } from './plugin.ts';
import { PluginCatalog } from './plugin-catalog.ts';

const TAPE: Plugin = {
  name: 'tape',
  module: 'tapes',
  version: '1.0.0',
  displayName: { en: 'Tapes', zh: '磁带' },
  description: { en: 'Tapes.', zh: '磁带。' },
  isInstalledAtFirst: true,
  dependencies: ['robot'],
  definitions: [aDefinition()],
  roles: [{ metadata: { name: 'stowage:tapes:view' } }],
  controllers: ['tapes'],
  rules: ['TapeRule'],
  driverName: 'tape.example.com',
  settings: { type: 'object', properties: { speed: { type: 'integer', default: 4 } } },
  objects: { tapes: [{ resource: configMaps, draft: { metadata: { name: 'sample', namespace: 'demo' } } }] },
};

let api: TestApi<FakeClock>;
let informers: InformerFactory;
let running: RunningController;
let catalog: PluginCatalog;
let looks: string[];
const preflight = async ({ module }: Plugin): Promise<readonly string[]> => {
  looks.push(module);
  return ['node-2: mt is missing: apt-get install mt-st'];
};
beforeEach(async () => {
  looks = [];
  api = await startTestApi();
  for (const definition of definitionsOf('cluster.alauda.io')) await establish(api.client, trusted(definition));
  await start([TAPE]);
});
afterEach(async () => {
  await stop();
  await api.close();
});

async function start(plugins: readonly Plugin[]): Promise<void> {
  informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
  catalog = new PluginCatalog(plugins);
  running = runController(createCatalogController({ informers, plugins: catalog, nodes: { preflight } }), {
    client: informers.client,
    clock: api.clock,
    ids: new SystemIds(),
    log: silentLogger,
    events: { record: () => {} },
    metrics: new Metrics(),
  });
  await running.ready;
  await settle();
  await settle();
}
async function stop(): Promise<void> {
  await running.stop();
  informers.stop();
}
const entry = () => api.client.get(modulePlugins, { namespace: '', name: 'tape' });

it('PLUG-1: each plugin has its entry, with what it brings, and the configuration of its version', async () => {
  const { metadata, spec, status } = await entry();
  expect(metadata.labels).toEqual({ 'cpaas.io/module-name': 'tape', 'cpaas.io/module-type': 'plugin' });
  expect(spec).toEqual({
    name: 'tape',
    version: '1.0.0',
    displayName: { en: 'Tapes', zh: '磁带' },
    description: { en: 'Tapes.', zh: '磁带。' },
    dependencies: ['robot'],
    defaultConfig: { speed: 4 },
    configSchema: TAPE.settings,
    defaultChannel: 'stable',
    installMode: 'Cluster',
  });
  expect(status).toEqual({
    phase: 'Ready',
    brings: [
      'driver tape.example.com on every node',
      'kind disks.shop.example.com',
      'clusterrole stowage:tapes:view',
      'configmaps demo/sample',
      'rule TapeRule about writes',
      'controller tapes',
    ],
    versions: [{ version: '1.0.0', channel: 'stable', source: 'Stowage', isTrusted: true }],
  });
  const config = await api.client.get(moduleConfigs, { namespace: '', name: 'tape-1.0.0' });
  expect(config.spec).toEqual({
    moduleName: 'tape',
    version: '1.0.0',
    dependencies: ['robot'],
    config: { speed: 4 },
    configSchema: TAPE.settings,
  });
});

it('an entry that somebody deletes or changes comes back as it is', async () => {
  await api.client.delete(modulePlugins, { namespace: '', name: 'tape' });
  await settle();
  await settle();
  const found = await entry();
  await api.client.update(modulePlugins, { ...found, spec: { ...found.spec, version: '9' } });
  await settle();
  await settle();
  expect((await entry()).spec?.version).toBe('1.0.0');
});

it('that of a plugin which another version brought is Absent', async () => {
  await stop();
  await start([]);
  expect((await entry()).status).toEqual({
    phase: 'Absent',
    message: 'this version of Stowage has no plugin "tape"',
    brings: [],
    versions: [],
  });
});

it('PLUG-4: an entry has every version with where it comes from, is of the newest that is trusted, and follows what is uploaded and removed', async () => {
  const from = (version: string) => ({ packageName: `tape-${version}`, digest: version, fingerprint: 'SHA256:x', signer: 'maker' });
  const refusal = { reason: 'PluginUntrusted', message: 'no trust' } as const;
  catalog.put('tape-1.1.0', { ...TAPE, version: '1.1.0', channel: 'beta', place: 'tape-system', from: from('1.1.0') });
  catalog.put('tape-1.2.0', { ...TAPE, version: '1.2.0', from: { ...from('1.2.0'), signer: undefined, refusal } });
  await settle();
  await settle();
  expect((await entry()).spec).toMatchObject({ version: '1.1.0', defaultChannel: 'beta', recommendedNamespace: 'tape-system' });
  expect((await entry()).status?.versions).toEqual([
    { version: '1.0.0', channel: 'stable', source: 'Stowage', isTrusted: true },
    { version: '1.1.0', channel: 'beta', source: 'tape-1.1.0', isTrusted: true, signer: 'maker' },
    { version: '1.2.0', channel: 'stable', source: 'tape-1.2.0', isTrusted: false },
  ]);
  const configs = async () => (await api.client.list(moduleConfigs)).items.map(({ metadata }) => metadata.name).toSorted();
  expect(await configs()).toEqual(['tape-1.0.0', 'tape-1.1.0', 'tape-1.2.0']);
  catalog.remove('tape-1.1.0');
  await settle();
  await settle();
  expect((await entry()).spec?.version).toBe('1.0.0');
  expect(await configs()).toEqual(['tape-1.0.0', 'tape-1.2.0']);
});

it('PLUG-4: an entry without a version that may be installed says why', async () => {
  await stop();
  const refusal = { reason: 'PluginUntrusted', message: 'no trust' } as const;
  const from = { packageName: 'tape-1.0.0', digest: 'x', fingerprint: 'SHA256:x', signer: undefined, refusal };
  await start([{ ...TAPE, from }]);
  expect((await entry()).status).toMatchObject({ phase: 'Failed', reason: 'PluginUntrusted', message: 'no trust' });
});

it('PLUG-1: what the nodes lack is looked for when somebody asks, once, and at no other time', async () => {
  expect(looks).toEqual([]);
  const ask = async (at: string): Promise<void> => {
    const patch = { type: 'merge', body: { metadata: { annotations: { 'stowage.dev/preflight-requested-at': at } } } } as const;
    await api.client.patch(modulePlugins, { key: { namespace: '', name: 'tape' }, patch });
    await settle();
    await settle();
  };
  await ask('1');
  await ask('1');
  expect((await entry()).status?.preflight).toEqual({ requestedAt: '1', lacks: ['node-2: mt is missing: apt-get install mt-st'] });
  expect(looks).toEqual(['tapes']);
  await ask('2');
  expect(looks).toEqual(['tapes', 'tapes']);
});
