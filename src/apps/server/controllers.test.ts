import { afterEach, beforeEach, expect, it } from 'vitest';
import { configMaps } from '#api/resources.ts';
import { part } from '#controllers/component.ts';
import type { Plugin } from '#controllers/stowage/plugins/plugin.ts';
import { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { done } from '#machinery/runtime/controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { connected } from '#testing/fakes/fake-driver.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { type RunningControllers, startControllers } from './controllers.ts';
import type { Module } from './modules/manifest.ts';
import { ModulesAtWork } from './modules-at-work.ts';

const TEXT = { en: 'x', zh: 'x' };
const PLUGIN: Plugin = {
  name: 'tape',
  module: 'tapes',
  version: '1.0.0',
  displayName: TEXT,
  description: TEXT,
  isInstalledAtFirst: true,
  dependencies: [],
  definitions: [],
  roles: [],
  controllers: [],
  rules: [],
  objects: {},
};

/** A module whose controller notes which ConfigMaps it saw. */
function noting(name: string, seen: string[]): Module {
  return {
    name,
    needs: [],
    controllers: ({ informers }) => ({
      always: [
        part('stowage-noting', {
          name,
          resource: configMaps,
          informer: informers.for(configMaps),
          triggers: [],
          concurrency: 1,
          reconcile: async (_, { metadata }) => {
            seen.push(`${name} ${metadata.name}`);
            return done;
          },
        }),
      ],
    }),
  };
}

let api: TestApi<FakeClock>;
let informers: InformerFactory;
let running: RunningControllers;
let options: Parameters<typeof startControllers>[0];
let seen: string[];
let atWork: ModulesAtWork;
beforeEach(async () => {
  api = await startTestApi();
  informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
  seen = [];
  atWork = new ModulesAtWork(new PluginCatalog([PLUGIN]));
  options = {
    modules: [noting('always', seen), noting('tapes', seen)],
    atWork,
    client: informers.client,
    informers,
    drivers: connected(new Map()),
    config: {},
    keptPaths: [],
    clock: api.clock,
    ids: new SystemIds(),
    log: silentLogger,
    metrics: new Metrics(),
  };
  running = await startControllers(options);
});
afterEach(async () => {
  await running.stopAll();
  informers.stop();
  await api.close();
});

async function seenOf(name: string): Promise<readonly string[]> {
  seen.length = 0;
  await api.client.create(configMaps, { metadata: { name, namespace: 'default' } });
  await settle();
  return seen.toSorted();
}

it('PLUG-1: the controllers of a module that is not installed do not run, and come and go with it alone', async () => {
  expect(await seenOf('a')).toEqual(['always a']);
  await running.start(PLUGIN);
  expect([running.versionOf('tapes'), atWork.has('tapes')]).toEqual(['1.0.0', true]);
  expect(await seenOf('b')).toEqual(['always b', 'tapes b']);
  await running.start(PLUGIN);
  expect(await seenOf('c')).toEqual(['always c', 'tapes c']);
  await running.stop('tapes');
  expect([running.versionOf('tapes'), atWork.has('tapes')]).toEqual([undefined, false]);
  expect(await seenOf('d')).toEqual(['always d']);
  await running.start(PLUGIN);
  await settle();
  expect(await seenOf('e')).toEqual(['always e', 'tapes e']);
});

/** A version of a plugin of a package, whose code notes which ConfigMaps it saw. */
const packaged = (version: string, source = NOTING): Plugin => ({
  ...PLUGIN,
  name: 'robot',
  module: 'package/robot',
  version,
  from: {
    packageName: `robot-${version}`,
    digest: version,
    fingerprint: 'SHA256:x',
    signer: 'maker',
    code: { digest: version, source: source.replaceAll('VERSION', version) },
  },
});
const NOTING = `export default { load: ({ part, done }) => ({ controllers: ({ informers }) => {
  const configMaps = { group: '', version: 'v1', kind: 'ConfigMap', listKind: 'ConfigMapList', plural: 'configmaps', singular: 'configmap', shortNames: [], categories: [], isNamespaced: true };
  const reconcile = async ({ client }, { metadata }) => { globalThis.seenByRobot?.push('VERSION ' + metadata.name); return done; };
  return { always: [part('stowage-robot', { name: 'robot', resource: configMaps, informer: informers.for(configMaps), triggers: [], concurrency: 1, reconcile })] };
} }) };`;
async function seenByRobot(name: string): Promise<readonly string[]> {
  const notes: string[] = [];
  Object.assign(globalThis, { seenByRobot: notes });
  await seenOf(name);
  return notes.filter((note) => note.endsWith(` ${name}`));
}

it('PLUG-4: code of a package comes, makes way for that of another version, and goes', async () => {
  await running.start(packaged('1.0.0'));
  expect(await seenByRobot('f')).toEqual(['1.0.0 f']);
  await running.pause('package/robot');
  await running.start(packaged('1.1.0'));
  expect(running.versionOf('package/robot')).toBe('1.1.0');
  expect(await seenByRobot('g')).toEqual(['1.1.0 g']);
  await running.stop('package/robot');
  expect(await seenByRobot('h')).toEqual([]);
});

it('PLUG-4: a start has what packages brought, and code that can not be loaded holds nothing up', async () => {
  await running.stopAll();
  atWork.startWith([packaged('1.0.0'), { ...packaged('1.0.0', 'throw 1'), module: 'package/broken' }]);
  running = await startControllers(options);
  expect([running.versionOf('package/robot'), running.versionOf('package/broken')]).toEqual(['1.0.0', undefined]);
  expect(await seenByRobot('i')).toEqual(['1.0.0 i']);
  expect(await seenOf('j')).toEqual(['always j']);
});

it('PLUG-1: rules about writes hold of one whose controllers do not start, as its kinds are there, until it is stopped', async () => {
  await running.stopAll();
  const broken = {
    ...noting('tapes', seen),
    controllers: () => {
      throw new TypeError('no tape');
    },
  };
  running = await startControllers({ ...options, modules: [broken] });
  await expect(running.start(PLUGIN)).rejects.toThrow('no tape');
  expect([running.versionOf('tapes'), atWork.has('tapes'), atWork.hasRules('tapes')]).toEqual([undefined, false, true]);
  await running.stop('tapes');
  expect(atWork.hasRules('tapes')).toBe(false);
});

it('none is started while all are stopped, and none that there is not', async () => {
  await expect(running.start({ ...PLUGIN, module: 'robots' })).rejects.toMatchObject({ code: 'Canceled' });
  await running.stopAll();
  await expect(running.start(PLUGIN)).rejects.toMatchObject({ code: 'Canceled' });
  expect(atWork.has('tapes')).toBe(false);
});
