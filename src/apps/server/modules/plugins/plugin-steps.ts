import { isBroughtByStowage } from '#api/definitions/brought-definition.ts';
import { clusterRoles, customResourceDefinitions } from '#api/resources.ts';
import type { Plugin, PluginSteps } from '#controllers/stowage/plugins/plugin.ts';
import type { Clock } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { ensureRoles } from '../../ensure-default-policy.ts';
import { ensureDefinitions } from '../../ensure-definitions.ts';
import { ensureInitialObjects, removeInitialObjects } from '../../ensure-objects.ts';

/** What the objects of plugins are made and removed with. */
export interface PluginStepsDeps {
  readonly client: Client;
  readonly clock: Clock;
}

/** Makes and removes the objects of plugins, as a start of the platform makes them. */
export function pluginSteps({ client, clock }: PluginStepsDeps): PluginSteps {
  return {
    makeDefinitions: ({ definitions }) => ensureDefinitions(client, { definitions, clock }),
    makeRoles: ({ roles }) => ensureRoles(client, roles),
    makeObjects: ({ objects }) => ensureInitialObjects(client, objects),
    removeObjects: ({ objects }) => removeInitialObjects(client, objects),
    removeRoles: async ({ roles }) => {
      for (const { metadata } of roles) await ignoreMissing(client.delete(clusterRoles, { namespace: '', name: metadata.name ?? '' }));
    },
    removeDefinitions: (plugin) => removeDefinitions(client, plugin),
  };
}

/** Those that Stowage made; what somebody else defined stays. */
async function removeDefinitions(client: Client, { definitions }: Plugin): Promise<boolean> {
  let areGone = true;
  for (const { metadata } of definitions) {
    const key = { namespace: '', name: metadata.name ?? '' };
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
