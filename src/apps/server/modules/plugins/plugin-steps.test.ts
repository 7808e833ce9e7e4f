import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import { definitionsOf } from '#api/definitions/brought-along.ts';
import type { ClusterRole } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { installing } from '#api/plugins/plugin-info.ts';
import { clusterRoles, configMaps, customResourceDefinitions } from '#api/resources.ts';
import { reconcileDefinition } from '#controllers/cluster/custom-resources/reconcile.ts';
import type { ModuleRuntime, Plugin } from '#controllers/stowage/plugins/plugin.ts';
import { reconcilePlugin } from '#controllers/stowage/plugins/reconcile.ts';
import { removalAdmission } from '#controllers/stowage/plugins/removal-admission.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aDefinition, resourceOf } from '#testing/builders/definition.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { ensureDefinitions } from '../../ensure-definitions.ts';
import { madeGroups } from '../../ensure-objects.ts';
import { observePlugins } from '../../ensure-plugins.ts';
import { initial } from '../../initial-objects.ts';
import { pluginSteps } from './plugin-steps.ts';

const TEXT = { en: 'x', zh: 'x' };
const ROLE: Draft<ClusterRole> = { metadata: { name: 'stowage:disks:view' }, rules: [] };
let lacks: readonly string[] = [];
const DISKS: Plugin = {
  name: 'disk',
  module: 'disks',
  version: '1.0.0',
  displayName: TEXT,
  description: TEXT,
  isInstalledAtFirst: false,
  dependencies: [],
  definitions: [aDefinition()],
  roles: [ROLE],
  objects: { 'disk-sample': [initial(configMaps, { metadata: { name: 'sample', namespace: 'default' } })] },
  preflight: async () => lacks,
};
const ROBOT: Plugin = {
  ...DISKS,
  name: 'robot',
  module: 'robots',
  dependencies: ['disk'],
  definitions: [],
  roles: [],
  objects: {},
  preflight: undefined,
};
const PLUGINS = [ROBOT, DISKS];
const DISK_KIND = resourceOf(aDefinition());

let api: TestApi<FakeClock>;
beforeEach(async () => {
  lacks = [];
  api = await startTestApi({ admission: [removalAdmission(PLUGINS)] });
  await ensureDefinitions(api.client, { definitions: definitionsOf('cluster.alauda.io'), clock: api.clock });
});
afterEach(async () => api.close());

/** A process of the platform that dies when so many of its steps, writes and starts and stops of controllers, were done. */
class Process {
  readonly atWork = new Set<string>();
  readonly client: Client;
  steps = 0;
  readonly #lastStep: number;

  constructor(lastStep = Infinity) {
    this.#lastStep = lastStep;
    const { client } = api;
    this.client = overrideClient(client, {
      create: (resource, draft, options) => this.#step(() => client.create(resource, draft, options)),
      update: (resource, object, options) => this.#step(() => client.update(resource, object, options)),
      patch: (resource, target, options) => this.#step(() => client.patch(resource, target, options)),
      delete: (resource, key, options) => this.#step(() => client.delete(resource, key, options)),
    });
  }

  get isDead(): boolean {
    return this.steps >= this.#lastStep;
  }

  /** As a start of the platform: what was installed is at work. */
  async boot(): Promise<this> {
    const { installed } = await observePlugins(api.client, PLUGINS);
    for (const { module } of installed) this.atWork.add(module);
    return this;
  }

  /** Looks at everything until the plugin is as it shall be, or the process is dead. */
  async work(isDone: () => Promise<boolean>): Promise<void> {
    for (let pass = 0; pass < 20 && !(await isDone()); pass += 1) {
      for (const info of (await api.client.list(moduleInfoes)).items) await this.look(info);
      if (this.isDead) return;
      // why with a client that lives: it is another controller, tested by itself
      for (const definition of (await api.client.list(customResourceDefinitions)).items)
        if (definition.metadata.deletionTimestamp !== undefined) await reconcileDefinition(this.#ctx(api.client), definition);
    }
    expect(await isDone()).toBe(true);
  }

  async look(info: ModuleInfo): Promise<void> {
    const steps = pluginSteps({ client: this.client, clock: api.clock });
    try {
      await reconcilePlugin(this.#ctx(this.client), info, { plugins: PLUGINS, steps, runtime: this.#runtime });
    } catch (thrown) {
      if (!hasCode(thrown, 'Canceled', 'Aborted')) throw thrown;
    }
  }

  get #runtime(): ModuleRuntime {
    return {
      isAtWork: (module) => this.atWork.has(module),
      start: (module) => this.#step(async () => void this.atWork.add(module)),
      stop: (module) => this.#step(async () => void this.atWork.delete(module)),
      forget: () => {},
    };
  }

  #ctx(client: Client): Ctx {
    const { signal } = new AbortController();
    return { client, clock: api.clock, ids: new SystemIds(), log: silentLogger, events: { record: () => {} }, signal };
  }

  async #step<T>(effect: () => Promise<T>): Promise<T> {
    const dies = new PlatformError({ code: 'Canceled', reason: 'Canceled', message: 'the process is dead' });
    if (this.isDead) throw dies;
    const result = await effect();
    this.steps += 1;
    if (this.isDead) throw dies;
    return result;
  }
}

const isThere = async (resource: Resource, name: string, namespace = ''): Promise<boolean> => {
  try {
    await api.client.get(resource, { namespace, name });
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return false;
    throw thrown;
  }
};
const infoOfDisk = async (): Promise<ModuleInfo | undefined> =>
  (await api.client.list(moduleInfoes)).items.find(({ metadata }) => metadata.name === 'stowage-disk');
const isRunning = async (): Promise<boolean> => (await infoOfDisk())?.status?.phase === 'Running';
const isGone = async (): Promise<boolean> => (await infoOfDisk()) === undefined;
const install = (name: string): Promise<ModuleInfo> => api.client.create(moduleInfoes, installing(name));
const uninstall = (name: string): Promise<void> => api.client.delete(moduleInfoes, { namespace: '', name: `stowage-${name}` });

/** What there is of the plugin, in objects and in the process. */
async function traces({ atWork }: Process): Promise<Readonly<Record<string, boolean>>> {
  return {
    definition: await isThere(customResourceDefinitions, 'disks.shop.example.com'),
    role: await isThere(clusterRoles, 'stowage:disks:view'),
    sample: await isThere(configMaps, 'sample', 'default'),
    noted: (await madeGroups(api.client))['disk-sample'] !== undefined,
    atWork: atWork.has('disks'),
  };
}
const ALL = { definition: true, role: true, sample: true, noted: true, atWork: true };
const NONE = { definition: false, role: false, sample: false, noted: false, atWork: false };
/** More steps than either way has. */
const KILLS = Array.from({ length: 14 }, (_, index) => index + 1);

describe('PLUG-1: a plugin', () => {
  it.each(KILLS)('is installed all the same when its process ends after step %i', async (lastStep) => {
    await install('disk');
    await (await new Process(lastStep).boot()).work(isRunning);
    const next = await new Process().boot();
    await next.work(isRunning);
    expect(await traces(next)).toEqual(ALL);
  });

  it.each(KILLS)('is uninstalled all the same when its process ends after step %i', async (lastStep) => {
    await install('disk');
    await (await new Process().boot()).work(isRunning);
    await uninstall('disk');
    await (await new Process(lastStep).boot()).work(isGone);
    const next = await new Process().boot();
    await next.work(isGone);
    expect(await traces(next)).toEqual(NONE);
  });

  it('takes fewer steps than these kills, either way', async () => {
    const process = await new Process().boot();
    await install('disk');
    await process.work(isRunning);
    const installSteps = process.steps;
    await uninstall('disk');
    await process.work(isGone);
    expect([installSteps, process.steps - installSteps].every((steps) => steps > 5 && steps < KILLS.length)).toBe(true);
  });

  it('is made anew when it is installed again, and stays as a user left it until then', async () => {
    const process = await new Process().boot();
    await install('disk');
    await process.work(isRunning);
    await api.client.delete(configMaps, { namespace: 'default', name: 'sample' });
    await (await new Process().boot()).work(isRunning);
    expect(await isThere(configMaps, 'sample', 'default')).toBe(false);
    await uninstall('disk');
    await process.work(isGone);
    await install('disk');
    await process.work(isRunning);
    expect(await traces(process)).toEqual(ALL);
  });

  it('leaves a definition of somebody else, and its objects', async () => {
    await api.client.create(customResourceDefinitions, aDefinition());
    const process = await new Process().boot();
    await install('disk');
    await process.work(isRunning);
    await uninstall('disk');
    await process.work(isGone);
    expect(await traces(process)).toEqual({ ...NONE, definition: true });
  });

  it('comes when the machine has what it lacked', async () => {
    const process = await new Process().boot();
    lacks = ['lvm2 is missing: apt-get install lvm2'];
    const info = await install('disk');
    await process.look(info);
    expect((await infoOfDisk())?.status).toEqual({ phase: 'Failed', reason: 'PluginPreflightFailed', message: lacks[0] });
    expect(await traces(process)).toEqual(NONE);
    lacks = [];
    await process.work(isRunning);
  });
});

describe('PLUG-2: what uses a plugin', () => {
  let process: Process;
  beforeEach(async () => {
    process = await new Process().boot();
    await install('disk');
    await process.work(isRunning);
  });
  const SIZE = { spec: { size: 1 } };
  const aDisk = (name: string) => api.client.create(DISK_KIND, { metadata: { name, namespace: 'default' }, ...SIZE });

  it('is listed, and keeps it', async () => {
    await install('robot');
    for (const name of ['f', 'e', 'd', 'c', 'b', 'a']) await aDisk(name);
    await expect(uninstall('disk')).rejects.toMatchObject({
      code: 'PermissionDenied',
      message:
        'plugin "disk" is in use by plugin "robot", which needs it; 6 disks.shop.example.com (default/a, default/b, default/c, default/d, default/e, …): remove what uses it first',
    });
    expect((await infoOfDisk())?.metadata.deletionTimestamp).toBeUndefined();
  });

  it('holds it where nobody refuses the deletion, and it stays at work until then', async () => {
    const unguarded = await startTestApi({ store: api.store, clock: api.clock, isNew: false });
    await aDisk('a');
    await unguarded.client.delete(moduleInfoes, { namespace: '', name: 'stowage-disk' });
    const next = await new Process().boot();
    const info = await infoOfDisk();
    if (info !== undefined) await next.look(info);
    expect((await infoOfDisk())?.status).toMatchObject({ phase: 'Uninstalling', reason: 'PluginInUse' });
    expect(await traces(next)).toEqual(ALL);
    await api.client.delete(DISK_KIND, { namespace: 'default', name: 'a' });
    await next.work(isGone);
    expect(await traces(next)).toEqual(NONE);
  });

  it('is served again where it came to use it half-way', async () => {
    await uninstall('disk');
    const halfWay = await new Process(4).boot();
    await halfWay.work(isGone);
    expect(await traces(halfWay)).toMatchObject({ atWork: false, definition: true, sample: false });
    const unguarded = await startTestApi({ store: api.store, clock: api.clock, isNew: false });
    await unguarded.client.create(DISK_KIND, { metadata: { name: 'a', namespace: 'default' }, ...SIZE });
    const next = await new Process().boot();
    const info = await infoOfDisk();
    if (info !== undefined) await next.look(info);
    expect((await infoOfDisk())?.status).toMatchObject({ phase: 'Uninstalling', reason: 'PluginInUse' });
    expect(await traces(next)).toEqual(ALL);
  });

  it('can not come while it goes', async () => {
    await uninstall('disk');
    await expect(aDisk('late')).rejects.toThrow('the plugin "disk", which brings the kind, is being uninstalled');
    const robot = await install('robot');
    await process.look(robot);
    const found = await api.client.get(moduleInfoes, { namespace: '', name: 'stowage-robot' });
    expect(found.status).toMatchObject({ phase: 'Failed', reason: 'PluginDependencyMissing' });
  });
});
