import { expect } from 'vitest';
import { type ModuleInfo, moduleInfoes, type ModulePlugin, modulePlugins, pluginPackages } from '#api/generated/definitions.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { infoOf } from '#api/plugins/plugin-info.ts';
import {
  BUILT_IN_RESOURCES,
  clusterRoles,
  configMaps,
  csiNodes,
  customResourceDefinitions,
  persistentVolumeClaims,
} from '#api/resources.ts';
import { resourceOf } from '#controllers/stowage/plugins/brought.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { eventually } from '#testing/eventually.ts';
import { FENCED, PLUGINS, type PluginChurn } from './plugin-churn.ts';
import { ANY_TAPE, tapes } from './tape-package.ts';

/** A claim of the class that belongs to a project of nobody. */
const CLAIM = {
  metadata: { name: 'fenced', namespace: 'default' },
  spec: { storageClassName: FENCED, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
};

/** Before anything is looked at again: rules of a plugin that was at work, and is wanted, hold from the first write on. */
export async function checkRules(client: Client, { wanted, isFenced }: PluginChurn): Promise<void> {
  if (wanted.get('projects') !== true || isFenced !== true) return;
  const { status } = await client.get(moduleInfoes, { namespace: '', name: 'stowage-projects' });
  // why: one that is only wanted has brought nothing yet
  if ((status?.brought ?? []).length === 0) return;
  const made = client.create(persistentVolumeClaims, CLAIM, { isDryRun: true });
  await expect(made).rejects.toThrow('is allocated to the project other');
}

/** What was acknowledged holds, and each plugin is there whole or not at all. */
export async function checkPlugins(client: Client, churn: PluginChurn): Promise<void> {
  await churn.resolveUpload(client);
  const infos = await eventually(() => settled(client, churn));
  const entries = (await client.list(modulePlugins)).items;
  const kinds = new Set((await client.list(customResourceDefinitions)).items.map(({ metadata }) => metadata.name));
  const drivers = (await client.get(csiNodes, { namespace: '', name: 'node-1' })).spec.drivers.map(({ name }) => name);
  const wrong: string[] = [];
  for (const name of PLUGINS) {
    const info = infoOf(name, infos);
    const entry = entries.find(({ metadata }) => metadata.name === name);
    if (info === undefined) wrong.push(...(await leftOf(client, entry, { kinds, drivers })));
    else if (info.status?.phase === 'Running') wrong.push(...(await missingOf(client, info)));
    if (name === 'nfs' && drivers.includes('nfs.csi.k8s.io') !== (info !== undefined)) wrong.push('driver of nfs on node-1');
  }
  if (infoOf('tape', infos) === undefined) wrong.push(...(await tapesLeft(client, kinds)));
  expect(wrong).toEqual([]);
  await checkTape(client, infoOf('tape', infos));
  await removeOldPackages(client, churn);
}

/** All objects that install plugins, when nothing of them is under way any more. @throws AssertionError until then */
async function settled(client: Client, churn: PluginChurn): Promise<readonly ModuleInfo[]> {
  const infos = (await client.list(moduleInfoes)).items;
  for (const name of PLUGINS) requireSettled(name, infoOf(name, infos), churn);
  for (const name of PLUGINS) churn.wanted.set(name, infoOf(name, infos) !== undefined);
  return infos;
}

function requireSettled(name: (typeof PLUGINS)[number], info: ModuleInfo | undefined, { wanted, setting, newest }: PluginChurn): void {
  const isWanted = wanted.get(name) ?? (info !== undefined && info.metadata.deletionTimestamp === undefined);
  expect({ name, isThere: info !== undefined, status: info?.status }).toMatchObject({ name, isThere: isWanted });
  if (info === undefined) return;
  const { status, metadata, spec } = info;
  expect({ name, ...status }).toMatchObject({ name, phase: 'Running', observedGeneration: metadata.generation });
  if (name === 'tape') expect(status?.version).toBe(newest);
  if (name === 'nfs' && setting !== undefined) expect(spec?.config).toEqual({ onDelete: setting });
}

/** Of one that is at work: what it has brought and is not there. */
async function missingOf(client: Client, { metadata, status }: ModuleInfo): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const brought of status?.brought ?? []) {
    const isThere = await exists(client, resourceOf(brought), { namespace: brought.namespace ?? '', name: brought.name });
    if (!isThere) wrong.push(`${metadata.name} lacks ${brought.kind} ${brought.name}`);
  }
  return wrong;
}

interface Around {
  readonly kinds: ReadonlySet<string>;
  readonly drivers: readonly string[];
}

/** Of one that is not installed: what is there all the same. */
async function leftOf(client: Client, entry: ModulePlugin | undefined, around: Around): Promise<readonly string[]> {
  const left: string[] = [];
  for (const what of entry?.status?.brings ?? []) if (await isLeft(client, what, around)) left.push(what);
  return left.map((what) => `${entry?.metadata.name} is not installed, and there is ${what}`);
}

async function isLeft(client: Client, what: string, { kinds, drivers }: Around): Promise<boolean> {
  const [type = '', name = ''] = what.split(' ');
  if (type === 'kind') return kinds.has(name);
  if (type === 'driver') return drivers.includes(name);
  const resource = type === 'clusterrole' ? clusterRoles : BUILT_IN_RESOURCES.find((each) => groupResourceOf(each) === type);
  const [last = '', namespace = ''] = name.split('/').toReversed();
  return resource !== undefined && exists(client, resource, { namespace, name: last });
}

async function tapesLeft(client: Client, kinds: ReadonlySet<string>): Promise<readonly string[]> {
  const left: string[] = ANY_TAPE.definitions.filter((name) => kinds.has(name));
  for (const name of ANY_TAPE.roles) if (await exists(client, clusterRoles, { namespace: '', name })) left.push(name);
  for (const name of ANY_TAPE.objects) if (await exists(client, configMaps, { namespace: 'default', name })) left.push(name);
  return left.map((what) => `tape is not installed, and there is ${what} of some version`);
}

/** A tape is seen by the code of the version that is at work. */
async function checkTape(client: Client, info: ModuleInfo | undefined): Promise<void> {
  const key = { namespace: 'default', name: 'a' };
  if (info === undefined || !(await exists(client, tapes, key))) return;
  await eventually(async () => {
    const { metadata } = await client.get(tapes, key);
    expect(metadata.annotations?.['tape.example.com/seen-by']).toBe(info.status?.version);
  });
}

/** A start opens each: those that nothing needs go. */
async function removeOldPackages(client: Client, { newest }: PluginChurn): Promise<void> {
  for (const { metadata } of (await client.list(pluginPackages)).items)
    if (metadata.name !== `tape-${newest}`) await client.delete(pluginPackages, { namespace: '', name: metadata.name }).catch(() => {});
}

async function exists(client: Client, resource: Resource, key: { readonly namespace: string; readonly name: string }): Promise<boolean> {
  try {
    await client.get(resource, key);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return false;
    throw thrown;
  }
}
