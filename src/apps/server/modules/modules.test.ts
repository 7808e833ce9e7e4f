import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { broughtAlongDefinitions } from '#api/definitions/brought-along.ts';
import { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';
import { parseConfig } from '#kit/config.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { Client } from '#machinery/client/client.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { connected } from '#testing/fakes/fake-driver.ts';
import { startControllers } from '../controllers.ts';
import { ensureDefinitions } from '../ensure-definitions.ts';
import { initialGroups } from '../ensure-objects.ts';
import { serverConfig } from '../config.ts';
import { ModulesAtWork } from '../modules-at-work.ts';
import { pluginsOf } from '../plugins-of.ts';
import { loadModules, type Module } from './manifest.ts';
import type { ModuleDeps } from './module.ts';
import { MODULES as MANIFESTS } from './modules.ts';

const MODULES = await loadModules(MANIFESTS);
const configOf = (...argv: readonly string[]) => parseConfig(serverConfig, { argv, env: {} });

const SRC = path.join(import.meta.dirname, '..', '..', '..');
const foldersIn = (layer: string): readonly string[] => {
  const folder = path.join(SRC, layer);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
};

/** The file, and all that is loaded with it at once. */
function loadedBy(file: string, found: Set<string> = new Set()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*? from '([#.][^']+)';/gms))
    loadedBy(from.startsWith('#') ? path.join(SRC, from.slice(1)) : path.join(path.dirname(file), from), found);
  return found;
}

describe('the list of modules', () => {
  it('has every manifest of the folder, and each is named as its own folder', () => {
    expect(MODULES.map(({ name }) => name).toSorted()).toEqual(foldersIn('apps/server/modules').toSorted());
  });

  it('costs the command line little: at once a manifest loads small data and no controller, driver or kind', () => {
    const loaded = [...loadedBy(path.join(import.meta.dirname, 'modules.ts'))].map((file) => path.relative(SRC, file));
    expect(loaded).toContain(path.join('apps', 'server', 'modules', 'local', 'flags.ts'));
    expect(
      loaded.filter(
        (file) =>
          !/^kit\/|^apps\/server\/modules\/(?:[a-z-]+\/)?(?:manifest|modules|flags|explained-kinds|definitions-from)\.ts$/.test(file),
      ),
    ).toEqual([]);
  });

  it('has a manifest for every driver', () => {
    const names = MODULES.filter(({ driver }) => driver !== undefined).map(({ name }) => name);
    expect(names.toSorted()).toEqual(foldersIn('drivers').toSorted());
  });

  it('has plugins that can go: with first objects of their own', () => {
    const plugins = MODULES.filter(({ plugin }) => plugin !== undefined);
    expect(plugins.length).toBeGreaterThan(5);
    const settings = { nodeCount: 1, config: configOf() };
    const groupsOf = (modules: readonly Module[]): readonly string[] =>
      modules.flatMap(({ initialObjects }) => Object.keys(initialObjects?.(settings) ?? {}));
    const others = new Set(groupsOf(MODULES.filter((module) => !plugins.includes(module))));
    expect(groupsOf(plugins).filter((group) => others.has(group))).toEqual([]);
    const names = pluginsOf(MODULES, { settings, version: '1.0.0' }).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has plugins that name as dependencies the plugins of what they need', () => {
    const plugins = pluginsOf(MODULES, { settings: { nodeCount: 1, config: configOf() }, version: '1.0.0' });
    expect(plugins.find(({ name }) => name === 'volsync')?.dependencies).toEqual(['snapshot']);
    expect(plugins.find(({ name }) => name === 'snapshot')?.dependencies).toEqual([]);
  });

  it('brings every definition once', () => {
    const names = MODULES.flatMap(({ definitions }) => definitions?.() ?? []).map(({ metadata }) => String(metadata.name));
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(broughtAlongDefinitions().map(({ metadata }) => String(metadata.name))));
  });

  it('makes namespaces before what lies in them, and the sample only where it is wanted', () => {
    const always = MODULES.filter(({ plugin }) => plugin === undefined);
    const groups = initialGroups(always, { nodeCount: 1, config: configOf() });
    expect(Object.keys(groups)).toEqual(['platform', 'priorities']);
    expect(groups['platform']?.map(({ resource, draft }) => `${resource.kind} ${draft.metadata.name}`)).toEqual([
      'Namespace default',
      'Namespace kube-system',
      'Namespace kube-public',
      'Namespace kube-node-lease',
      'CSIDriver local.stowage.dev',
      'StorageClass local',
    ]);
    const atFirst = (...argv: readonly string[]): readonly string[] =>
      pluginsOf(MODULES, { settings: { nodeCount: 1, config: configOf(...argv) }, version: '1.0.0' })
        .filter(({ isInstalledAtFirst }) => isInstalledAtFirst)
        .map(({ name }) => name);
    expect(atFirst()).toContain('demo');
    expect(atFirst('--no-demo')).not.toContain('demo');
  });
});

describe('the controllers of modules', () => {
  let api: TestApi<FakeClock>;
  let informers: InformerFactory;
  const watchedKinds = new Set<string>();
  beforeEach(async () => {
    api = await startTestApi();
    // why: a module's own kind is served where its definition is
    await ensureDefinitions(api.client, { definitions: MODULES.flatMap(({ definitions }) => definitions?.() ?? []), clock: api.clock });
    watchedKinds.clear();
    const client: Client = Object.create(api.client, {
      list: {
        value: (resource: Resource) => {
          watchedKinds.add(resource.plural);
          return api.client.list(resource);
        },
      },
    });
    informers = new InformerFactory({ client, clock: api.clock, log: silentLogger });
  });
  afterEach(async () => {
    informers.stop();
    await api.close();
  });

  const deps = (): ModuleDeps => ({
    informers,
    drivers: connected(new Map()),
    clock: api.clock,
    log: silentLogger,
    metrics: new Metrics(),
    config: configOf(),
    ownDrivers: () => [],
    plugins: new PluginCatalog([]),
    runtime: {
      versionOf: () => '1.0.0',
      holdRules: () => {},
      start: async () => {},
      pause: async () => {},
      stop: async () => {},
      forget: () => {},
    },
    keptPaths: [],
  });
  const watched = async (modules: readonly Module[]): Promise<readonly string[]> => {
    for (const { controllers } of modules) controllers?.(deps());
    await informers.start();
    return [...watchedKinds];
  };

  it('watch nothing for a module that is off', async () => {
    const withoutControllers = MODULES.filter(({ controllers }) => controllers === undefined);
    expect(withoutControllers.length).toBeGreaterThan(0);
    expect(await watched(withoutControllers)).toEqual([]);
  });

  it('watch on a cluster only what Stowage itself has to do with', async () => {
    const onCluster = await watched(MODULES.filter(({ isOfClusters }) => isOfClusters !== true));
    expect(onCluster).toContain('persistentvolumeclaims');
    expect(onCluster).not.toContain('deployments');
  });

  it('are on a cluster those of sidecars and Stowage’s own, and none that a cluster has already', () => {
    const sets = MODULES.filter(({ isOfClusters }) => isOfClusters !== true).flatMap(({ controllers }) => controllers?.(deps()) ?? []);
    const components = sets.flatMap(({ always }) => always.map(({ component }) => component));
    const ofOthers = new Set(components.filter((component) => !component.startsWith('stowage-')));
    expect([...ofOthers].toSorted()).toEqual([
      'data-source-validator',
      'external-attacher',
      'external-health-monitor',
      'external-provisioner',
      'external-resizer',
      'external-snapshotter',
      'snapshot-controller',
    ]);
  });

  it('of plugins are those that they name', () => {
    const port = {
      address: '',
      serve: () => () => {},
      whoIs: async () => undefined,
      userOf: async () => undefined,
      mayDo: () => false,
    };
    const api = { rootCaPem: '', endpoints: { addresses: [], port: 0 }, servedResources: () => [], quotaUsage: () => undefined, port };
    for (const { name, plugin, controllers, controllerNames = [] } of MODULES) {
      if (plugin === undefined) continue;
      const made = controllers?.({ ...deps(), api }).always.map(({ controller }) => controller.name) ?? [];
      expect([name, ...controllerNames]).toEqual([name, ...made]);
    }
  });

  it('start, and end with what follows them', async () => {
    const running = await startControllers({
      ...deps(),
      modules: MODULES,
      atWork: new ModulesAtWork(new PluginCatalog([])),
      client: informers.client,
      ids: new SystemIds(),
      metrics: new Metrics(),
    });
    await running.stopAll();
  });
});
