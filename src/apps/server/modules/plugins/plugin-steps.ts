import { isBroughtByStowage } from '#api/definitions/brought-definition.ts';
import { clusterRoles, customResourceDefinitions } from '#api/resources.ts';
import { groupOfObject, lostVersions, resourceOf } from '#controllers/stowage/plugins/brought.ts';
import type { Brought, Plugin, PluginSteps } from '#controllers/stowage/plugins/plugin.ts';
import type { Clock } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { ensureRoles } from '../../ensure-default-policy.ts';
import { ensureDefinitions } from '../../ensure-definitions.ts';
import { ensureInitialObjects, forgetMade, removeInitialObjects } from '../../ensure-objects.ts';
import { makePlace } from '../../ensure-plugins.ts';
import { takeBackRules } from './take-back-rules.ts';

/** What the objects of plugins are made and removed with. */
export interface PluginStepsDeps {
  readonly client: Client;
  readonly clock: Clock;
}

/** Makes and removes the objects of plugins, as a start of the platform makes them. */
export function pluginSteps({ client, clock }: PluginStepsDeps): PluginSteps {
  return {
    makeDefinitions: async ({ definitions }) => {
      for (const draft of definitions) await forgetLostVersions(client, draft);
      await ensureDefinitions(client, { definitions, clock });
    },
    makeRoles: async ({ roles }, before) => {
      for (const role of roles) await takeBackRules(client, role, before?.roles ?? []);
      await ensureRoles(client, roles);
    },
    makeObjects: async ({ objects, place }) => {
      if (place !== undefined) await makePlace(client, place);
      await ensureInitialObjects(client, objects);
    },
    prepare: async ({ prepare }) => prepare?.(client),
    removeObjects: ({ objects }) => removeInitialObjects(client, objects),
    removeRoles: async ({ roles }) => {
      for (const { metadata } of roles) await ignoreMissing(client.delete(clusterRoles, { namespace: '', name: metadata.name ?? '' }));
    },
    removeDefinitions: ({ definitions }) =>
      removeDefinitions(
        client,
        definitions.map(({ metadata }) => metadata.name ?? ''),
      ),
    removeLeftovers: ({ name }, brought) => removeLeftovers(client, name, brought),
  };
}

/** A definition may lose a version only when it says that nothing is stored in it; whether that is so was looked at before (`observeLosses`). */
async function forgetLostVersions(client: Client, draft: Plugin['definitions'][number]): Promise<void> {
  const key = { namespace: '', name: draft.metadata.name ?? '' };
  const found = await ignoreMissing(client.get(customResourceDefinitions, key));
  if (found === undefined || !isBroughtByStowage(found.metadata)) return;
  const lost = new Set(lostVersions(found, draft));
  if (lost.size === 0) return;
  const storedVersions = (found.status?.storedVersions ?? []).filter((version) => !lost.has(version));
  const body = { metadata: { resourceVersion: found.metadata.resourceVersion }, status: { storedVersions } };
  await client.patch(customResourceDefinitions, { key, patch: { type: 'merge', body } }, { subresource: 'status' });
}

/** In the reverse order of what it came in; kinds last, when nothing is left of them. */
async function removeLeftovers(client: Client, plugin: string, brought: readonly Brought[]): Promise<boolean> {
  if (brought.length === 0) return true;
  const isKind = ({ kind }: Brought): boolean => kind === customResourceDefinitions.kind;
  // why first: a version that brings them makes them again, also where this was not done to its end
  await forgetMade(
    client,
    brought.map((item) => groupOfObject(plugin, item)),
  );
  let isLeft = false;
  for (const item of brought.filter((each) => !isKind(each)).toReversed()) {
    const key = { namespace: item.namespace ?? '', name: item.name };
    await ignoreMissing(client.delete(resourceOf(item), key));
    isLeft = (await ignoreMissing(client.get(resourceOf(item), key))) !== undefined || isLeft;
  }
  if (isLeft) return false;
  return removeDefinitions(
    client,
    brought.filter(isKind).map(({ name }) => name),
  );
}

/** Those that Stowage made; what somebody else defined stays. */
async function removeDefinitions(client: Client, names: readonly string[]): Promise<boolean> {
  let areGone = true;
  for (const name of names) {
    const key = { namespace: '', name };
    const found = await ignoreMissing(client.get(customResourceDefinitions, key));
    if (found === undefined || !isBroughtByStowage(found.metadata)) continue;
    areGone = false;
    if (found.metadata.deletionTimestamp !== undefined) continue;
    await ignoreMissing(client.delete(customResourceDefinitions, key, { uid: found.metadata.uid }));
  }
  return areGone;
}

async function ignoreMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}
