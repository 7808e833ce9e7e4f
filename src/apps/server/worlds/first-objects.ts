import type { Client } from '#machinery/client/client.ts';
import type { Clock } from '#kit/clock.ts';
import { ensureDefaultPolicy } from '../ensure-default-policy.ts';
import { ensureDefinitions } from '../ensure-definitions.ts';
import { ensureInitialObjects, initialGroups } from '../ensure-objects.ts';
import type { Module } from '../modules/manifest.ts';
import type { InstallationSettings } from '../modules/module.ts';

/** What there is to make. */
export interface FirstObjectsOptions {
  readonly modules: readonly Module[];
  readonly settings: InstallationSettings;
  readonly clock: Clock;
}

/** Makes what is there before anybody asks for it, and brings what an earlier start made up to date. */
export async function ensureFirstObjects(client: Client, { modules, settings, clock }: FirstObjectsOptions): Promise<void> {
  const definitions = modules.flatMap((module) => module.definitions?.() ?? []);
  const roles = modules.flatMap((module) => module.roles?.() ?? []);
  await Promise.all([ensureDefaultPolicy(client, roles), ensureDefinitions(client, { definitions, clock })]);
  await ensureInitialObjects(client, initialGroups(modules, settings));
  for (const { prepare } of modules) await prepare?.(client, settings);
}
