import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { definitionsOf } from '#api/definitions/brought-along.ts';
import { PACKAGES_GROUP } from '#api/definitions/plugin-packages.ts';
import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import type { ClusterRole } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { DEFAULT_CHANNEL, installing } from '#api/plugins/plugin-info.ts';
import { clusterRoles, configMaps, customResourceDefinitions, namespaces } from '#api/resources.ts';
import { groupOfObject, referTo } from '#controllers/stowage/plugins/brought.ts';
import type { PackageOrigin, Plugin } from '#controllers/stowage/plugins/plugin.ts';
import { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';
import { removalAdmission } from '#controllers/stowage/plugins/removal-admission.ts';
import { hasCode } from '#kit/errors.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aDefinition, resourceOf } from '#testing/builders/definition.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { PluginProcess } from '#testing/plugin-process.ts';
import { ensureDefinitions } from '../../ensure-definitions.ts';
import { type InitialObject, initial } from '../../initial-objects.ts';

const TEXT = { en: 'x', zh: 'x' };
const role = (name: string, ...verbs: readonly string[]): Draft<ClusterRole> => ({
  metadata: { name: `stowage:disk:${name}` },
  rules: [{ apiGroups: ['shop.example.com'], resources: ['disks'], verbs }],
});
const configMap = (name: string): InitialObject => initial(configMaps, { metadata: { name, namespace: 'default' } });
const tapes = aDefinition({ names: { plural: 'tapes', kind: 'Tape', singular: 'tape', listKind: 'TapeList' } });
const robots = aDefinition({ names: { plural: 'robots', kind: 'Robot', singular: 'robot', listKind: 'RobotList' } });
const from = (version: string): PackageOrigin => ({
  packageName: `disk-${version}`,
  digest: version,
  fingerprint: 'SHA256:x',
  signer: 'maker',
});

function aVersion(version: string, parts: Pick<Plugin, 'definitions' | 'roles'> & { readonly objects: readonly InitialObject[] }): Plugin {
  return {
    name: 'disk',
    module: 'package/disk',
    version,
    channel: DEFAULT_CHANNEL,
    place: 'disk-system',
    from: from(version),
    displayName: TEXT,
    description: TEXT,
    isInstalledAtFirst: false,
    dependencies: [],
    ...parts,
    objects: Object.fromEntries(parts.objects.map((item) => [groupOfObject('disk', referTo(item.resource, item.draft)), [item]])),
  };
}

/** Has the kinds Disk and Tape, two roles and two objects. */
const OLD = aVersion('1.0.0', {
  definitions: [aDefinition(), tapes],
  roles: [role('view', 'get', 'watch'), role('edit', 'create')],
  objects: [configMap('kept'), configMap('old')],
});
/** Has Disk with a further version, and Robot and another object in place of Tape and the old one. */
const NEW = aVersion('1.1.0', {
  definitions: [aDefinition({ versions: [{ name: 'v1' }, { name: 'v2' }] }), robots],
  roles: [role('view', 'get', 'list')],
  objects: [configMap('kept'), configMap('new')],
});

let api: TestApi<FakeClock>;
let catalog: PluginCatalog;
beforeEach(async () => {
  catalog = new PluginCatalog([]);
  catalog.put('disk-1.0.0', OLD);
  api = await startTestApi({ admission: [removalAdmission(catalog)] });
  await ensureDefinitions(api.client, { definitions: definitionsOf('cluster.alauda.io', PACKAGES_GROUP), clock: api.clock });
});
afterEach(async () => api.close());

const aProcess = (lastStep?: number): Promise<PluginProcess> => new PluginProcess(api, catalog, lastStep).boot();
const KEY = { namespace: '', name: 'stowage-disk' };
const info = (): Promise<ModuleInfo> => api.client.get(moduleInfoes, KEY);
const say = (spec: object): Promise<unknown> => api.client.patch(moduleInfoes, { key: KEY, patch: { type: 'merge', body: { spec } } });
const runs = (version: string) => async (): Promise<boolean> => {
  const { status } = await info();
  return status?.phase === 'Running' && status.version === version;
};
const isGone = async (): Promise<boolean> => !(await isThere(moduleInfoes, KEY.name));
async function isThere(resource: Resource, name: string, namespace = ''): Promise<boolean> {
  try {
    await api.client.get(resource, { namespace, name });
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return false;
    throw thrown;
  }
}
const verbsOf = async (name: string): Promise<readonly string[]> => {
  const { rules = [] } = await api.client.get(clusterRoles, { namespace: '', name: `stowage:disk:${name}` });
  return rules.flatMap(({ verbs }) => verbs).toSorted();
};

/** What there is of either version. */
async function traces({ atWork }: PluginProcess): Promise<object> {
  const kinds = (await api.client.list(customResourceDefinitions)).items.filter(({ spec }) => spec.group === 'shop.example.com');
  const roles = (await api.client.list(clusterRoles)).items.map(({ metadata }) => metadata.name);
  const objects = (await api.client.list(configMaps, { namespace: 'default' })).items.map(({ metadata }) => metadata.name);
  return {
    kinds: kinds.map(({ metadata, spec }) => `${metadata.name} ${spec.versions.map(({ name }) => name).join()}`).toSorted(),
    roles: roles.filter((name) => name.startsWith('stowage:disk:')).toSorted(),
    objects: objects.toSorted(),
    atWork: atWork.get('package/disk'),
  };
}
const ALL_OLD = {
  kinds: ['disks.shop.example.com v1', 'tapes.shop.example.com v1'],
  roles: ['stowage:disk:edit', 'stowage:disk:view'],
  objects: ['kept', 'old'],
  atWork: '1.0.0',
};
const ALL_NEW = {
  kinds: ['disks.shop.example.com v1,v2', 'robots.shop.example.com v1'],
  roles: ['stowage:disk:view'],
  objects: ['kept', 'new'],
  atWork: '1.1.0',
};

async function installed(spec: object = {}): Promise<PluginProcess> {
  await api.client.create(moduleInfoes, { ...installing('disk'), spec });
  const process = await aProcess();
  await process.work(runs('1.0.0'));
  return process;
}
/** More steps than an upgrade has. */
const KILLS = Array.from({ length: 18 }, (_, index) => index + 1);

describe('PLUG-1, PLUG-4: an upgrade', () => {
  it('brings what is new, changes what is different, and takes away what the newer version has not', async () => {
    const process = await installed();
    expect(await traces(process)).toEqual(ALL_OLD);
    expect(await isThere(namespaces, 'disk-system')).toBe(true);
    catalog.put('disk-1.1.0', NEW);
    await process.work(runs('1.1.0'));
    expect(await traces(process)).toEqual(ALL_NEW);
    expect(await verbsOf('view')).toEqual(['get', 'list']);
    expect((await info()).status).toMatchObject({ phase: 'Running', version: '1.1.0', state: 'AtLatestKnown' });
    expect((await info()).status?.targetVersion).toBeUndefined();
  });

  it.each(KILLS)('goes on when its process ends after step %i', async (lastStep) => {
    await installed();
    catalog.put('disk-1.1.0', NEW);
    await (await aProcess(lastStep)).work(runs('1.1.0'));
    const next = await aProcess();
    expect(next.ruled.has('package/disk')).toBe(true);
    await next.work(runs('1.1.0'));
    expect(await traces(next)).toEqual(ALL_NEW);
  });

  it.each(KILLS)('goes back where that is asked for when its process has ended after step %i', async (lastStep) => {
    await installed();
    catalog.put('disk-1.1.0', NEW);
    await (await aProcess(lastStep)).work(runs('1.1.0'));
    if (await runs('1.1.0')()) return;
    await say({ version: '1.0.0' });
    const next = await aProcess();
    await next.work(async () => (await runs('1.0.0')()) && (await info()).status?.targetVersion === undefined);
    expect(await traces(next)).toEqual(ALL_OLD);
  });

  it.each(KILLS)('leaves nothing where the plugin is uninstalled after its process has ended after step %i', async (lastStep) => {
    await installed();
    catalog.put('disk-1.1.0', NEW);
    await (await aProcess(lastStep)).work(runs('1.1.0'));
    await api.client.delete(moduleInfoes, KEY);
    const next = await aProcess();
    await next.work(isGone);
    expect(await traces(next)).toEqual({ kinds: [], roles: [], objects: [], atWork: undefined });
  });

  describe('that has ended half-way, and what it brought is in use', () => {
    const robot = { metadata: { name: 'r2', namespace: 'default' }, spec: { size: 1 } };
    beforeEach(async () => {
      await installed();
      catalog.put('disk-1.1.0', NEW);
      const halfWay = await aProcess(8);
      await halfWay.work(runs('1.1.0'));
      expect(await traces(halfWay)).toMatchObject({
        kinds: expect.arrayContaining(['robots.shop.example.com v1', 'tapes.shop.example.com v1']),
      });
      await api.client.create(resourceOf(robots), robot);
    });
    const gone = (): Promise<unknown> => api.client.delete(resourceOf(robots), { namespace: 'default', name: 'r2' });

    it('does not go back before that is gone', async () => {
      await say({ version: '1.0.0' });
      const next = await aProcess();
      await next.look(await info());
      expect((await info()).status).toMatchObject({ phase: 'Failed', reason: 'PluginInUse', targetVersion: '1.1.0' });
      expect((await info()).status?.message).toContain('1 robots.shop.example.com (default/r2)');
      await gone();
      await next.work(async () => (await info()).status?.targetVersion === undefined);
      expect(await traces(next)).toEqual(ALL_OLD);
    });

    it('is not uninstalled before that is gone', async () => {
      await api.client.delete(moduleInfoes, KEY);
      const next = await aProcess();
      await next.look(await info());
      expect((await info()).status).toMatchObject({ phase: 'Uninstalling', reason: 'PluginInUse' });
      expect((await info()).status?.message).toContain('1 robots.shop.example.com (default/r2)');
      await gone();
      await next.work(isGone);
      expect(await traces(next)).toEqual({ kinds: [], roles: [], objects: [], atWork: undefined });
    });
  });

  it('takes fewer steps than these kills', async () => {
    const process = await installed();
    const before = process.steps;
    catalog.put('disk-1.1.0', NEW);
    await process.work(runs('1.1.0'));
    expect(process.steps - before).toBeGreaterThan(10);
    expect(process.steps - before).toBeLessThan(KILLS.length);
  });

  it('leaves what a user has deleted, and rights that a user has added', async () => {
    const process = await installed();
    await api.client.delete(configMaps, { namespace: 'default', name: 'kept' });
    const found = await api.client.get(clusterRoles, { namespace: '', name: 'stowage:disk:view' });
    const added = { apiGroups: ['shop.example.com'], resources: ['disks'], verbs: ['delete'] };
    await api.client.update(clusterRoles, { ...found, rules: [...(found.rules ?? []), added] });
    catalog.put('disk-1.1.0', NEW);
    await process.work(runs('1.1.0'));
    expect(await isThere(configMaps, 'kept', 'default')).toBe(false);
    expect(await verbsOf('view')).toEqual(['delete', 'get', 'list']);
  });

  it('waits while something is of a kind that would go, and what is at work stays at work', async () => {
    const process = await installed();
    const tape = { metadata: { name: 'a', namespace: 'default' }, spec: { size: 1 } };
    await api.client.create(resourceOf(tapes), tape);
    catalog.put('disk-1.1.0', NEW);
    await process.look(await info());
    expect((await info()).status).toMatchObject({
      phase: 'Failed',
      version: '1.0.0',
      reason: 'PluginInUse',
      message: 'plugin "disk" 1.1.0 has no more what is in use: 1 tapes.shop.example.com (default/a): remove what uses it first',
    });
    expect(await traces(process)).toEqual(ALL_OLD);
    await api.client.delete(resourceOf(tapes), { namespace: 'default', name: 'a' });
    await process.work(runs('1.1.0'));
    expect(await traces(process)).toEqual(ALL_NEW);
  });

  it('waits while something may be stored in a version of a kind that would go', async () => {
    const later = aVersion('1.2.0', { roles: OLD.roles, definitions: [aDefinition({ versions: [{ name: 'v3' }] }), tapes], objects: [] });
    const process = await installed();
    const disk = { metadata: { name: 'a', namespace: 'default' }, spec: { size: 1 } };
    await api.client.create(resourceOf(aDefinition()), disk);
    catalog.put('disk-1.2.0', later);
    await process.look(await info());
    expect((await info()).status?.message).toContain('1 disks.shop.example.com (default/a), which may be stored in v1');
    await api.client.delete(resourceOf(aDefinition()), { namespace: 'default', name: 'a' });
    await process.work(runs('1.2.0'));
    expect(await traces(process)).toMatchObject({ kinds: ['disks.shop.example.com v3', 'tapes.shop.example.com v1'] });
  });

  it('PLUG-4: waits for a yes where upgrades are Manual, and one yes is for one version', async () => {
    const process = await installed({ installPlanApproval: 'Manual' });
    catalog.put('disk-1.1.0', NEW);
    await process.look(await info());
    expect((await info()).status).toMatchObject({
      phase: 'Running',
      version: '1.0.0',
      state: 'UpgradePending',
      availableVersion: '1.1.0',
      message: 'version 1.1.0 waits for a yes: stowage plugin approve disk',
    });
    await say({ approvedVersion: '1.1.0' });
    await process.work(runs('1.1.0'));
    expect((await info()).status?.availableVersion).toBeUndefined();
    catalog.put('disk-1.2.0', { ...NEW, version: '1.2.0', from: from('1.2.0') });
    await process.look(await info());
    expect((await info()).status).toMatchObject({ version: '1.1.0', state: 'UpgradePending', availableVersion: '1.2.0' });
  });

  it('PLUG-4: what nobody trusts any more is at work until the next start, not started then, and goes when it is uninstalled', async () => {
    const process = await installed();
    catalog.put('disk-1.0.0', {
      ...OLD,
      from: { ...from('1.0.0'), signer: undefined, refusal: { reason: 'PluginUntrusted', message: 'no trust' } },
    });
    await process.look(await info());
    expect((await info()).status).toMatchObject({ phase: 'Failed', reason: 'PluginUntrusted', version: '1.0.0' });
    expect(await traces(process)).toEqual(ALL_OLD);
    const next = await aProcess();
    await next.look(await info());
    expect(await traces(next)).toEqual({ ...ALL_OLD, atWork: undefined });
    expect(next.ruled.has('package/disk')).toBe(true);
    expect((await info()).status?.message).toBe('no trust; nothing of it is started until then');
    catalog.put('disk-1.0.0', OLD);
    await next.work(runs('1.0.0'));
    expect(await traces(next)).toEqual(ALL_OLD);
  });

  it('is not followed by an older version', async () => {
    catalog.put('disk-1.1.0', NEW);
    await api.client.create(moduleInfoes, installing('disk'));
    const process = await aProcess();
    await process.work(runs('1.1.0'));
    await say({ version: '1.0.0' });
    await process.look(await info());
    expect((await info()).status).toMatchObject({ phase: 'Failed', version: '1.1.0', reason: 'PluginDowngrade' });
    expect(await traces(process)).toEqual(ALL_NEW);
  });
});
