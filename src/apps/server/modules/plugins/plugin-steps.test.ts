import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import { definitionsOf } from '#api/definitions/brought-along.ts';
import type { ClusterRole } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { installing } from '#api/plugins/plugin-info.ts';
import type { SettingsSchema } from '#api/plugins/plugin-settings.ts';
import {
  clusterRoles,
  configMaps,
  customResourceDefinitions,
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
  volumeAttachments,
} from '#api/resources.ts';
import type { Plugin } from '#controllers/stowage/plugins/plugin.ts';
import { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';
import { settingsAdmission } from '#controllers/stowage/plugins/settings-admission.ts';
import { removalAdmission } from '#controllers/stowage/plugins/removal-admission.ts';
import { hasCode } from '#kit/errors.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aDefinition, resourceOf } from '#testing/builders/definition.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { type FurtherMachine, PluginProcess } from '#testing/plugin-process.ts';
import { ensureDefinitions } from '../../ensure-definitions.ts';
import { madeGroups } from '../../ensure-objects.ts';
import { initial } from '../../initial-objects.ts';

const TEXT = { en: 'x', zh: 'x' };
const ROLE: Draft<ClusterRole> = { metadata: { name: 'stowage:disks:view' }, rules: [] };
const NODE2: FurtherMachine = { lacks: [], fault: '' };
const SETTINGS = {
  type: 'object',
  properties: { size: { type: 'integer', description: 'Sectors of a disk.', minimum: 1, default: 512 } },
} as const satisfies SettingsSchema;
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
  driverName: 'disk.example.com',
  settings: SETTINGS,
};
const ROBOT: Plugin = {
  ...DISKS,
  name: 'robot',
  module: 'robots',
  dependencies: ['disk'],
  definitions: [],
  roles: [],
  objects: {},
  driverName: undefined,
  settings: undefined,
};
const PLUGINS = new PluginCatalog([ROBOT, DISKS]);
const DISK_KIND = resourceOf(aDefinition());

let api: TestApi<FakeClock>;
beforeEach(async () => {
  Object.assign(NODE2, { lacks: [], fault: '' });
  api = await startTestApi({ admission: [removalAdmission(PLUGINS), settingsAdmission(PLUGINS)] });
  await ensureDefinitions(api.client, { definitions: definitionsOf('cluster.alauda.io'), clock: api.clock });
});
afterEach(async () => api.close());

class Process extends PluginProcess {
  constructor(lastStep?: number) {
    super(api, PLUGINS, lastStep);
    this.node2 = NODE2;
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
async function traces({ atWork, served }: Process): Promise<Readonly<Record<string, boolean>>> {
  return {
    definition: await isThere(customResourceDefinitions, 'disks.shop.example.com'),
    role: await isThere(clusterRoles, 'stowage:disks:view'),
    sample: await isThere(configMaps, 'sample', 'default'),
    noted: (await madeGroups(api.client))['disk-sample'] !== undefined,
    atWork: atWork.has('disks'),
    drivers: [...served.values()].every((drivers) => drivers.has('disks')),
    anyDriver: [...served.values()].some((drivers) => drivers.has('disks')),
  };
}
/** What it has brought may be used as soon as it is there, so its rules hold by then. */
const isRuled = async (process: Process): Promise<boolean> =>
  process.ruled.has('disks') || !(await isThere(customResourceDefinitions, 'disks.shop.example.com'));
const ALL = { definition: true, role: true, sample: true, noted: true, atWork: true, drivers: true, anyDriver: true };
const NONE = { definition: false, role: false, sample: false, noted: false, atWork: false, drivers: false, anyDriver: false };
/** More steps than either way has. */
const KILLS = Array.from({ length: 18 }, (_, index) => index + 1);

describe('PLUG-1: a plugin', () => {
  it.each(KILLS)('is installed all the same when its process ends after step %i', async (lastStep) => {
    await install('disk');
    const dying = await new Process(lastStep).boot();
    await dying.work(isRunning);
    const next = await new Process().boot();
    expect([await isRuled(dying), await isRuled(next)]).toEqual([true, true]);
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
    NODE2.lacks = ['lvm2 is missing: apt-get install lvm2'];
    const info = await install('disk');
    await process.look(info);
    expect((await infoOfDisk())?.status).toMatchObject({
      phase: 'Failed',
      reason: 'PluginPreflightFailed',
      message: `node-2: ${NODE2.lacks[0]}`,
    });
    expect(await traces(process)).toEqual(NONE);
    NODE2.lacks = [];
    await process.work(isRunning);
  });

  it('leaves nothing behind where one of the nodes can not serve its driver, and comes when it can', async () => {
    const process = await new Process().boot();
    NODE2.fault = 'the disk is on fire';
    const info = await install('disk');
    await expect(process.look(info)).rejects.toMatchObject({ message: 'node-2: the disk is on fire', retry: 'backoff' });
    expect((await infoOfDisk())?.status).toMatchObject({
      phase: 'Failed',
      reason: 'PluginStepFailed',
      message: 'node-2: the disk is on fire',
    });
    expect(await traces(process)).toEqual(NONE);
    const failed = await infoOfDisk();
    if (failed !== undefined) await expect(process.look(failed)).rejects.toMatchObject({ retry: 'backoff' });
    // why: a write would bring the next try at once
    expect((await infoOfDisk())?.metadata.resourceVersion).toBe(failed?.metadata.resourceVersion);
    NODE2.fault = '';
    await process.work(isRunning);
    expect(await traces(process)).toEqual(ALL);
  });

  it('says so where a node that starts anew can not serve its driver, keeps all else, and mends it when it can', async () => {
    const process = await new Process().boot();
    const info = await install('disk');
    await process.work(isRunning);
    const told: string[] = [];
    process.nodes?.onFault((module) => told.push(module));
    NODE2.fault = 'the disk is on fire';
    process.served.set('node-2', new Map());
    process.nodes?.noteFaults('node-2', { disks: NODE2.fault });
    expect(told).toEqual(['disks']);
    await expect(process.look(info)).rejects.toMatchObject({ message: 'node-2: the disk is on fire', retry: 'backoff' });
    expect((await infoOfDisk())?.status).toMatchObject({ phase: 'Failed', version: '1.0.0', message: 'node-2: the disk is on fire' });
    expect(await traces(process)).toEqual({ ...ALL, drivers: false });
    NODE2.fault = '';
    await process.work(isRunning);
    expect(await traces(process)).toEqual(ALL);
  });
});

describe('PLUG-1: the settings of a plugin', () => {
  const set = (config: Readonly<Record<string, unknown>>): Promise<ModuleInfo> => {
    const patch = { type: 'merge', body: { spec: { config } } } as const;
    return api.client.patch(moduleInfoes, { key: { namespace: '', name: 'stowage-disk' }, patch });
  };

  it('are the defaults of its schema, change while it works, and outlive a restart', async () => {
    const process = await new Process().boot();
    await install('disk');
    await process.work(isRunning);
    expect(process.served.get('node-2')?.get('disks')).toEqual({ size: 512 });
    await process.look(await set({ size: 4096 }));
    expect([...process.served.values()].map((drivers) => drivers.get('disks'))).toEqual([{ size: 4096 }, { size: 4096 }]);
    const next = await new Process().boot();
    expect(next.served.get('node-1')?.get('disks')).toEqual({ size: 4096 });
  });

  it.each([
    {
      config: { size: 0 },
      says: 'spec.config.size: Invalid value: 0: spec.config.size in body should be greater than or equal to 1; size is: Sectors of a disk.',
    },
    {
      config: { sise: 1 },
      says: 'spec.config.sise: the plugin "disk" has no such setting; did you mean size?; there are size: remove the field',
    },
  ])('are refused where they are not of its schema: $config', async ({ config, says }) => {
    await install('disk');
    await expect(set(config)).rejects.toMatchObject({ code: 'InvalidArgument', message: says });
  });

  it('are told in the status where nobody refuses them, and those before them stay', async () => {
    const process = await new Process().boot();
    await install('disk');
    await process.work(isRunning);
    const unguarded = await startTestApi({ store: api.store, clock: api.clock, isNew: false });
    const patch = { type: 'merge', body: { spec: { config: { size: 0 } } } } as const;
    await process.look(await unguarded.client.patch(moduleInfoes, { key: { namespace: '', name: 'stowage-disk' }, patch }));
    expect((await infoOfDisk())?.status).toMatchObject({ phase: 'Failed', reason: 'PluginConfigInvalid', version: '1.0.0' });
    expect(process.served.get('node-2')?.get('disks')).toEqual({ size: 512 });
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

  it('is looked for less and less often', async () => {
    const unguarded = await startTestApi({ store: api.store, clock: api.clock, isNew: false });
    await aDisk('a');
    await unguarded.client.delete(moduleInfoes, { namespace: '', name: 'stowage-disk' });
    const waits: (number | undefined)[] = [];
    for (const afterSec of [0, 2, 18, 40, 540]) {
      await api.clock.step(afterSec * 1_000);
      const info = await infoOfDisk();
      const outcome = info === undefined ? undefined : await process.look(info);
      waits.push(outcome?.kind === 'after' ? outcome.delayMs : undefined);
    }
    expect(waits).toEqual([1_000, 1_000, 5_000, 15_000, 30_000]);
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

  it('is all that asks for its driver', async () => {
    const { client } = api;
    const driver = 'disk.example.com';
    await client.create(storageClasses, { metadata: { name: 'fast' }, provisioner: driver });
    await client.create(persistentVolumes, {
      metadata: { name: 'pv' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], csi: { driver, volumeHandle: 'a' } },
    });
    await client.create(persistentVolumeClaims, {
      metadata: { name: 'waits', namespace: 'default', annotations: { 'volume.kubernetes.io/storage-provisioner': driver } },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    await client.create(volumeAttachments, {
      metadata: { name: 'held' },
      spec: { attacher: driver, nodeName: 'node-1', source: { persistentVolumeName: 'pv' } },
    });
    await expect(uninstall('disk')).rejects.toThrow(
      'plugin "disk" is in use by 1 persistentvolumes (pv) of the driver disk.example.com; 1 persistentvolumeclaims (default/waits) of the driver disk.example.com; ' +
        '1 storageclasses.storage.k8s.io (fast) of the driver disk.example.com; 1 volumeattachments.storage.k8s.io (held) of the driver disk.example.com: remove what uses it first',
    );
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
