import { afterEach, beforeEach, expect, it } from 'vitest';
import { definitionsOf } from '#api/definitions/brought-along.ts';
import { moduleInfoes } from '#api/generated/definitions.ts';
import { installing, PLUGIN_FINALIZER } from '#api/plugins/plugin-info.ts';
import { namespaces } from '#api/resources.ts';
import type { Plugin } from '#controllers/stowage/plugins/plugin.ts';
import { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { ensureDefinitions } from './ensure-definitions.ts';
import { madeGroups, noteMade } from './ensure-objects.ts';
import { installFirst, observePlugins } from './ensure-plugins.ts';

const TEXT = { en: 'x', zh: 'x' };
const aPlugin = (name: string, isInstalledAtFirst = true): Plugin => ({
  name,
  module: name,
  version: '1.0.0',
  displayName: TEXT,
  description: TEXT,
  isInstalledAtFirst,
  dependencies: [],
  definitions: [],
  roles: [],
  controllers: [],
  rules: [],
  objects: {},
});
const PLUGINS = [aPlugin('tape'), aPlugin('robot'), aPlugin('extra', false)];

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
});
afterEach(async () => api.close());

const key = (name: string) => ({ namespace: '', name: `stowage-${name}` });
async function start(plugins = PLUGINS): Promise<readonly string[]> {
  const { installed, ...rest } = await observePlugins(api.client, new PluginCatalog(plugins));
  await ensureDefinitions(api.client, { definitions: definitionsOf('cluster.alauda.io'), clock: api.clock });
  await installFirst(api.client, rest);
  return [...installed, ...rest.first].map(({ name }) => name).toSorted();
}
const finish = (name: string): Promise<unknown> =>
  api.client.patch(moduleInfoes, { key: key(name), patch: { type: 'merge', body: { metadata: { finalizers: null } } } });

it('PLUG-1: the first start installs those that an installation begins with, and later ones leave it at that', async () => {
  expect(await start()).toEqual(['robot', 'tape']);
  expect(await start()).toEqual(['robot', 'tape']);
  await finish('tape');
  await api.client.delete(moduleInfoes, key('tape'));
  expect(await start()).toEqual(['robot']);
  expect(await start([...PLUGINS, aPlugin('newer')])).toEqual(['newer', 'robot']);
});

it('one whose objects an earlier version made is installed, whatever the flags say now', async () => {
  await noteMade(api.client, ['sample']);
  expect(await start([{ ...aPlugin('extra', false), objects: { sample: [] } }, aPlugin('other', false)])).toEqual(['extra']);
});

it('PLUG-1: one whose objects were part of something else does not bring back what a user deleted of them, and brings them to a new installation', async () => {
  const split = { ...aPlugin('part'), splitFrom: 'whole', objects: { part: [] } };
  await start([split]);
  expect(await madeGroups(api.client)).toEqual({ 'plugin-part': 'made' });
  const older = await startTestApi();
  await noteMade(older.client, ['whole']);
  await ensureDefinitions(older.client, { definitions: definitionsOf('cluster.alauda.io'), clock: older.clock });
  await installFirst(older.client, await observePlugins(older.client, new PluginCatalog([split])));
  expect(await madeGroups(older.client)).toEqual({ whole: 'made', 'plugin-part': 'made', part: 'made' });
  await older.close();
});

it('one that is uninstalled stays away also where the first start ended before it had noted it', async () => {
  await ensureDefinitions(api.client, { definitions: definitionsOf('cluster.alauda.io'), clock: api.clock });
  await api.client.create(moduleInfoes, installing('tape'));
  await start();
  await api.client.delete(moduleInfoes, key('tape'));
  expect(await start()).toEqual(['robot']);
});

it.each([
  { name: 'runs', status: { phase: 'Running', version: '1.0.0' }, isAtWork: true },
  { name: 'is of the first start and not looked at yet', status: undefined, isAtWork: true },
  { name: 'runs, and asks for what there is not', status: { phase: 'Failed', version: '1.0.0', reason: 'x' }, isAtWork: true },
  { name: 'is to go and is used', status: { phase: 'Uninstalling', version: '1.0.0', reason: 'PluginInUse' }, isAtWork: true },
  { name: 'goes', status: { phase: 'Uninstalling', version: '1.0.0' }, isAtWork: false },
  { name: 'comes', status: { phase: 'Installing' }, isAtWork: false },
  { name: 'was being upgraded', status: { phase: 'Upgrading', version: '1.0.0', targetVersion: '1.1.0' }, isAtWork: false },
  { name: 'failed to be upgraded', status: { phase: 'Failed', version: '1.0.0', targetVersion: '1.1.0', reason: 'x' }, isAtWork: false },
  { name: 'is of a newer version that there is not any more', status: { phase: 'Running', version: '2.0.0' }, isAtWork: false },
  { name: 'is of an older Stowage', status: { phase: 'Running', version: '0.9.0' }, isAtWork: true },
  { name: 'could not come', status: { phase: 'Failed', reason: 'x' }, isAtWork: false },
])('one that $name is at work from the start: $isAtWork', async ({ status, isAtWork }) => {
  await start([aPlugin('robot')]);
  const { metadata, ...rest } = installing('tape');
  await api.client.create(moduleInfoes, { ...rest, metadata: { ...metadata, finalizers: [PLUGIN_FINALIZER] } });
  if (status !== undefined)
    await api.client.patch(moduleInfoes, { key: key('tape'), patch: { type: 'merge', body: { status } } }, { subresource: 'status' });
  expect((await start()).includes('tape')).toBe(isAtWork);
});

it('PLUG-4: the recommended namespace of a plugin is there from the first start on, and is left as it is', async () => {
  await start([
    { ...aPlugin('tape'), place: 'tape-system' },
    { ...aPlugin('robot'), place: 'default' },
  ]);
  const names = (await api.client.list(namespaces)).items.map(({ metadata }) => metadata.name);
  expect(names).toEqual(expect.arrayContaining(['default', 'tape-system']));
});
