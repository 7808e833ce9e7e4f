import type { Client } from '#machinery/client/client.ts';
import type { Plugin } from '#controllers/stowage/plugins/plugin.ts';
import type { Clock } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import { ensureDefaultPolicy } from '../ensure-default-policy.ts';
import { ensureDefinitions } from '../ensure-definitions.ts';
import { ensureInitialObjects, initialGroups } from '../ensure-objects.ts';
import { installFirst, observePlugins } from '../ensure-plugins.ts';
import type { Module } from '../modules/manifest.ts';
import type { InstallationSettings } from '../modules/module.ts';
import type { ModulesAtWork } from '../modules-at-work.ts';
import { takePackages } from '../take-packages.ts';

/** What there is to make. */
export interface FirstObjectsOptions {
  readonly modules: readonly Module[];
  /** Is told which plugins are at work from now on. */
  readonly atWork: ModulesAtWork;
  readonly settings: InstallationSettings;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Makes what is there before anybody asks for it, and brings what an earlier start made up to date. */
export async function ensureFirstObjects(
  client: Client,
  { modules: all, atWork, settings, clock, log }: FirstObjectsOptions,
): Promise<void> {
  await takePackages(client, { plugins: atWork.plugins, log });
  const { installed, settings: ofPlugins, begun, ...rest } = await observePlugins(client, atWork.plugins);
  // why before anything is written: what looks at writes holds also where the store is too full for what follows
  for (const plugin of [...installed, ...rest.first]) atWork.add(plugin.module);
  for (const module of begun) atWork.holdRules(module);
  atWork.startWith([...installed, ...rest.first], ofPlugins);
  const modules = modulesOf(
    all.filter(({ name }) => atWork.has(name)),
    atWork.atStart,
  );
  const definitions = modules.flatMap((module) => module.definitions?.() ?? []);
  const roles = modules.flatMap((module) => module.roles?.() ?? []);
  await Promise.all([ensureDefaultPolicy(client, roles), ensureDefinitions(client, { definitions, clock })]);
  await installFirst(client, rest);
  await ensureInitialObjects(client, initialGroups(modules, settings));
  for (const { prepare } of modules) await prepare?.(client, settings);
}

/** The modules, with what packages bring in place of it or beside it. */
function modulesOf(modules: readonly Module[], atStart: ReadonlyMap<string, Plugin>): readonly Module[] {
  const packaged = new Map([...atStart].filter(([, { from }]) => from !== undefined));
  const known = new Set(modules.map(({ name }) => name));
  const further = [...packaged.keys()].filter((name) => !known.has(name)).map((name): Module => ({ name, needs: [] }));
  return [...modules, ...further].map((module) => {
    const plugin = packaged.get(module.name);
    if (plugin === undefined) return module;
    const { definitions, roles, objects } = plugin;
    return { ...module, definitions: () => definitions, roles: () => roles, initialObjects: () => objects };
  });
}
