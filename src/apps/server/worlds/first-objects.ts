import type { Client } from '#machinery/client/client.ts';
import type { Clock } from '#kit/clock.ts';
import { ensureDefaultPolicy } from '../ensure-default-policy.ts';
import { ensureDefinitions } from '../ensure-definitions.ts';
import { ensureInitialObjects, initialGroups } from '../ensure-objects.ts';
import { installFirst, observePlugins } from '../ensure-plugins.ts';
import type { Module } from '../modules/manifest.ts';
import type { InstallationSettings } from '../modules/module.ts';
import type { ModulesAtWork } from '../modules-at-work.ts';

/** What there is to make. */
export interface FirstObjectsOptions {
  readonly modules: readonly Module[];
  /** Is told which plugins are at work from now on. */
  readonly atWork: ModulesAtWork;
  readonly settings: InstallationSettings;
  readonly clock: Clock;
}

/** Makes what is there before anybody asks for it, and brings what an earlier start made up to date. */
export async function ensureFirstObjects(client: Client, { modules: all, atWork, settings, clock }: FirstObjectsOptions): Promise<void> {
  const { installed, unnoted, first } = await observePlugins(client, atWork.plugins);
  // why before anything is written: what looks at writes holds also where the store is too full for what follows
  for (const plugin of [...installed, ...first]) atWork.add(plugin.module);
  const modules = all.filter(({ name }) => atWork.has(name));
  const definitions = modules.flatMap((module) => module.definitions?.() ?? []);
  const roles = modules.flatMap((module) => module.roles?.() ?? []);
  await Promise.all([ensureDefaultPolicy(client, roles), ensureDefinitions(client, { definitions, clock })]);
  await installFirst(client, { unnoted, first });
  await ensureInitialObjects(client, initialGroups(modules, settings));
  for (const { prepare } of modules) await prepare?.(client, settings);
}
