import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import { definitionsOf } from '#api/definitions/brought-along.ts';
import type { ClusterRole } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { installing } from '#api/plugins/plugin-info.ts';
import { clusterRoles, configMaps, customResourceDefinitions } from '#api/resources.ts';
import type { Plugin } from '#controllers/stowage/plugins/plugin.ts';
import { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';
import { removalAdmission } from '#controllers/stowage/plugins/removal-admission.ts';
import { hasCode } from '#kit/errors.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aDefinition, resourceOf } from '#testing/builders/definition.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { PluginProcess } from '#testing/plugin-process.ts';
import { ensureDefinitions } from '../../ensure-definitions.ts';
import { madeGroups } from '../../ensure-objects.ts';
import { initial } from '../../initial-objects.ts';

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
const PLUGINS = new PluginCatalog([ROBOT, DISKS]);
const DISK_KIND = resourceOf(aDefinition());

let api: TestApi<FakeClock>;
beforeEach(async () => {
  lacks = [];
  api = await startTestApi({ admission: [removalAdmission(PLUGINS)] });
  await ensureDefinitions(api.client, { definitions: definitionsOf('cluster.alauda.io'), clock: api.clock });
});
afterEach(async () => api.close());

class Process extends PluginProcess {
  constructor(lastStep?: number) {
    super(api, PLUGINS, lastStep);
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
