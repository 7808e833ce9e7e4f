import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import { keyOf } from '#api/meta/object.ts';
import { clusterOf, infoOf, isInstalled, OWN_CLUSTER, PLUGIN_FINALIZER, pluginOf, type PluginPhase } from '#api/plugins/plugin-info.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { type DependencyState, planPlugin, type PluginPlan, type PluginReason } from './plan.ts';
import type { Plugin, PluginHost, UsesReader } from './plugin.ts';
import { observeUses } from './uses.ts';

/** How often a look is taken at what a plugin that is to go is used by, and at definitions on their way out. */
const REMOVAL_POLL_MS = 1_000;
/** How often a machine that lacks something is looked at again. */
const PREFLIGHT_POLL_MS = 30_000;

/** What one look is about. */
interface Look {
  readonly host: PluginHost;
  readonly infos: readonly ModuleInfo[];
  readonly info: ModuleInfo;
  readonly plugin: Plugin | undefined;
}

type Found = Look & { readonly plugin: Plugin };

/** Installs the plugin of one object, keeps it, or uninstalls it: one pass of steps, each of which looks first. */
export async function reconcilePlugin(ctx: Ctx, info: ModuleInfo, host: PluginHost): Promise<Outcome> {
  // why not the cache: which of two objects counts, and what a plugin stands on, must not be decided by what was
  const infos = (await ctx.client.list(moduleInfoes)).items;
  const live = infos.find(({ metadata }) => metadata.uid === info.metadata.uid);
  if (live === undefined) return done;
  const plugin = host.plugins.find(({ name }) => name === pluginOf(live));
  const look: Look = { host, infos, info: live, plugin };
  const plan = planPlugin(await observe(ctx, look));
  try {
    return await apply(ctx, look, plan);
  } catch (thrown) {
    const error = PlatformError.from(thrown);
    const isPassing = hasCode(thrown, 'Canceled', 'Aborted');
    if (!isPassing) await tell(ctx.client, live, { phase: 'Failed', reason: 'PluginStepFailed', message: error.message }).catch(() => {});
    throw thrown;
  }
}

async function observe({ client }: Ctx, look: Look): Promise<Parameters<typeof planPlugin>[0]> {
  const { host, infos, info, plugin } = look;
  const name = pluginOf(info);
  const first = infoOf(name, infos);
  const isRival = first !== undefined && first.metadata.uid !== info.metadata.uid;
  return {
    name,
    cluster: clusterOf(info),
    ownCluster: OWN_CLUSTER,
    known: host.plugins.map((known) => known.name),
    rival: isRival ? first.metadata.name : undefined,
    isDeleting: isDeleting(info),
    wantedVersion: info.spec?.version,
    settings: Object.keys(info.spec?.config ?? {}),
    ...(plugin === undefined || isRival ? NOTHING : await observePlugin(client, { ...look, plugin })),
  };
}

const NOTHING = { isAtWork: false, version: '', dependencies: [], lacks: [], uses: [] };

/** What is asked of the machine and of the objects, only where it decides something. */
async function observePlugin(client: Client, { host, infos, info, plugin }: Found) {
  const isAtWork = host.runtime.isAtWork(plugin.module);
  const isToCome = !isDeleting(info) && !isAtWork;
  return {
    isAtWork,
    version: plugin.version,
    dependencies: plugin.dependencies.map((dependency) => stateOf(dependency, infos)),
    lacks: isToCome ? ((await plugin.preflight?.()) ?? []) : [],
    uses: isDeleting(info) ? await observeUses(plugin, { plugins: host.plugins, infos, reader: readerOf(client) }) : [],
  };
}

function isDeleting({ metadata }: ModuleInfo): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function stateOf(name: string, infos: readonly ModuleInfo[]): DependencyState {
  const info = infoOf(name, infos);
  if (info === undefined) return { name, state: 'missing' };
  if (info.metadata.deletionTimestamp !== undefined) return { name, state: 'leaving' };
  return { name, state: isInstalled(info) ? 'running' : 'coming' };
}

/** What is there, by the API. */
function readerOf(client: Client): UsesReader {
  const absent = (thrown: unknown): undefined => {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  };
  return {
    definition: (name) => client.get(customResourceDefinitions, { namespace: '', name }).catch(absent),
    instances: async (resource) => (await client.list(resource).catch(absent))?.items ?? [],
  };
}

async function apply(ctx: Ctx, look: Look, plan: PluginPlan): Promise<Outcome> {
  const { info, plugin } = look;
  if (plan.kind === 'refuse') return refuse(ctx, info, plan);
  if (plan.kind === 'release' || plugin === undefined) return release(ctx, info);
  if (plan.kind === 'wait') {
    await tell(ctx.client, info, { phase: 'Installing', message: plan.message });
    return done;
  }
  if (plan.kind === 'keep') return keep(ctx, info, plugin);
  if (plan.kind === 'hold') return hold(ctx, { ...look, plugin }, plan.message);
  return plan.kind === 'install' ? install(ctx, { ...look, plugin }) : remove(ctx, { ...look, plugin });
}

async function refuse(
  { client, events }: Ctx,
  info: ModuleInfo,
  { reason, message }: { readonly reason: PluginReason; readonly message: string },
): Promise<Outcome> {
  if (await tell(client, info, { phase: 'Failed', reason, message })) events.record({ about: info, type: 'Warning', reason, message });
  return reason === 'PluginPreflightFailed' ? after(PREFLIGHT_POLL_MS, 'the machine lacks something') : done;
}

async function install(ctx: Ctx, look: Found): Promise<Outcome> {
  const { info, plugin } = look;
  const isUpgrade = info.status?.version !== undefined && info.status.version !== plugin.version;
  await tell(ctx.client, info, { phase: isUpgrade ? 'Upgrading' : 'Installing' });
  const kept = await withFinalizer(ctx.client, info);
  if (kept === undefined) return done;
  await bring(look);
  return keep(ctx, kept, plugin);
}

/** Kinds first, so that all that works with them finds them. */
async function bring({ host: { steps, runtime }, plugin }: Found): Promise<void> {
  await steps.makeDefinitions(plugin);
  await steps.makeRoles(plugin);
  await steps.makeObjects(plugin);
  await runtime.start(plugin.module);
}

async function keep({ client, events }: Ctx, info: ModuleInfo, plugin: Plugin): Promise<Outcome> {
  const kept = await withFinalizer(client, info);
  if (kept === undefined) return done;
  const { version } = plugin;
  if (await tell(client, kept, { phase: 'Running', version })) {
    const message = `plugin ${JSON.stringify(plugin.name)} ${version} is at work`;
    events.record({ about: kept, type: 'Normal', reason: 'PluginRunning', message });
  }
  return done;
}

async function hold(ctx: Ctx, look: Found, message: string): Promise<Outcome> {
  const { info, host, plugin } = look;
  const reason = 'PluginInUse';
  if (await tell(ctx.client, info, { phase: 'Uninstalling', version: plugin.version, reason, message }))
    ctx.events.record({ about: info, type: 'Warning', reason, message });
  // why: what came to use it while it was on its way out is served until it is gone
  if (!host.runtime.isAtWork(plugin.module)) await bring(look);
  return after(REMOVAL_POLL_MS, 'waiting for what uses the plugin to go');
}

/** In the reverse order of what it was brought in; the kinds last, when nothing is left of them. */
async function remove(ctx: Ctx, { host: { steps, runtime }, info, plugin }: Found): Promise<Outcome> {
  await tell(ctx.client, info, { phase: 'Uninstalling' });
  await runtime.stop(plugin.module);
  if (!(await steps.removeObjects(plugin))) return after(REMOVAL_POLL_MS, 'waiting for objects to go');
  await steps.removeRoles(plugin);
  if (!(await steps.removeDefinitions(plugin))) return after(REMOVAL_POLL_MS, 'waiting for definitions to go');
  runtime.forget(plugin.module);
  return release(ctx, info);
}

async function release({ client }: Ctx, info: ModuleInfo): Promise<Outcome> {
  const live = await ignoreMissing(client.get(moduleInfoes, keyOf(info)));
  if (live?.metadata.uid !== info.metadata.uid || live.metadata.deletionTimestamp === undefined) return done;
  const { finalizers = [], resourceVersion } = live.metadata;
  if (!finalizers.includes(PLUGIN_FINALIZER)) return done;
  const body = { metadata: { resourceVersion, finalizers: finalizers.filter((finalizer) => finalizer !== PLUGIN_FINALIZER) } };
  await ignoreMissing(client.patch(moduleInfoes, { key: keyOf(live), patch: { type: 'merge', body } }));
  return done;
}

/** The object, with the finalizer that keeps it until all that came by it is gone; undefined where it is gone or about to go. */
async function withFinalizer(client: Client, info: ModuleInfo): Promise<ModuleInfo | undefined> {
  const { finalizers = [] } = info.metadata;
  if (finalizers.includes(PLUGIN_FINALIZER)) return info;
  const live = await ignoreMissing(client.get(moduleInfoes, keyOf(info)));
  if (live?.metadata.uid !== info.metadata.uid || live.metadata.deletionTimestamp !== undefined) return undefined;
  const body = {
    metadata: { resourceVersion: live.metadata.resourceVersion, finalizers: [...(live.metadata.finalizers ?? []), PLUGIN_FINALIZER] },
  };
  return client.patch(moduleInfoes, { key: keyOf(live), patch: { type: 'merge', body } });
}

interface Told {
  readonly phase: PluginPhase;
  readonly version?: string;
  readonly reason?: PluginReason | 'PluginStepFailed';
  readonly message?: string;
}

/** Writes the status where it says something else; answers whether it did. */
async function tell(client: Client, info: ModuleInfo, { phase, version, reason, message }: Told): Promise<boolean> {
  // why the old version: an upgrade that fails half-way still says from where
  const status = { phase, version: version ?? info.status?.version, reason, message };
  if (deepEqual(withoutAbsent(status), info.status)) return false;
  const body = { status: { phase, version: status.version ?? null, reason: reason ?? null, message: message ?? null } };
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
