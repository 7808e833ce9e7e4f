import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import { keyOf } from '#api/meta/object.ts';
import { PLUGIN_FINALIZER, type PluginPhase, RETRY_REQUEST } from '#api/plugins/plugin-info.ts';
import { hasCode } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import { type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import type { PluginReason } from './plan.ts';
import type { Brought } from './plugin.ts';

/** Lets it go. */
export async function release({ client }: Pick<Ctx, 'client'>, info: ModuleInfo): Promise<Outcome> {
  const live = await ignoreMissing(client.get(moduleInfoes, keyOf(info)));
  if (live?.metadata.uid !== info.metadata.uid || live.metadata.deletionTimestamp === undefined) return done;
  const { finalizers = [], resourceVersion } = live.metadata;
  if (!finalizers.includes(PLUGIN_FINALIZER)) return done;
  const body = { metadata: { resourceVersion, finalizers: finalizers.filter((finalizer) => finalizer !== PLUGIN_FINALIZER) } };
  await ignoreMissing(client.patch(moduleInfoes, { key: keyOf(live), patch: { type: 'merge', body } }));
  return done;
}

/** The object, with the finalizer that keeps it until all that came by it is gone; undefined where it is gone or about to go. */
export async function withFinalizer(client: Client, info: ModuleInfo): Promise<ModuleInfo | undefined> {
  const { finalizers = [] } = info.metadata;
  if (finalizers.includes(PLUGIN_FINALIZER)) return info;
  const live = await ignoreMissing(client.get(moduleInfoes, keyOf(info)));
  if (live?.metadata.uid !== info.metadata.uid || live.metadata.deletionTimestamp !== undefined) return undefined;
  const body = {
    metadata: { resourceVersion: live.metadata.resourceVersion, finalizers: [...(live.metadata.finalizers ?? []), PLUGIN_FINALIZER] },
  };
  return client.patch(moduleInfoes, { key: keyOf(live), patch: { type: 'merge', body } });
}

/** What its status is to say. */
export interface Told {
  readonly phase: PluginPhase;
  readonly version?: string;
  readonly targetVersion?: string | undefined;
  readonly availableVersion?: string;
  readonly brought?: readonly Brought[];
  readonly reason?: PluginReason | 'PluginStepFailed';
  readonly message?: string;
}

/** Writes the status where it says something else; answers whether it did. */
export async function tell(client: Client, info: ModuleInfo, told: Told): Promise<boolean> {
  // why what was there: an upgrade that fails half-way still says from where, to where, and what may have come
  const { version, targetVersion, brought } = info.status ?? {};
  const state = told.phase !== 'Running' ? undefined : told.availableVersion === undefined ? 'AtLatestKnown' : 'UpgradePending';
  const { generation: observedGeneration, annotations } = info.metadata;
  const retriedAt = annotations?.[RETRY_REQUEST];
  const rest = { availableVersion: undefined, reason: undefined, message: undefined, observedGeneration, retriedAt };
  const status = { version, targetVersion, brought, state, ...rest, ...told };
  if (deepEqual(withoutAbsent(status), info.status)) return false;
  const body = { status: Object.fromEntries(Object.entries(status).map(([key, value]) => [key, value ?? null])) };
  await ignoreMissing(client.patch(moduleInfoes, { key: keyOf(info), patch: { type: 'merge', body } }, { subresource: 'status' }));
  return true;
}

function withoutAbsent(status: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));
}

async function ignoreMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}
