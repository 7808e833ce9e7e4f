import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import { keyOf } from '#api/meta/object.ts';
import { RETRY_REQUEST } from '#api/plugins/plugin-info.ts';
import { effectiveSettings } from '#api/plugins/plugin-settings.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { broughtBy, leftovers, together } from './brought.ts';
import { release, tell, type Told, withFinalizer } from './module-info.ts';
import { choiceFor, type Found, type Look, observe, subjectOf } from './observe.ts';
import { planPlugin, type PluginPlan, type PluginReason } from './plan.ts';
import type { Brought, Plugin } from './plugin.ts';
import { installedOf } from './plugin-catalog.ts';
import type { PluginHost } from './plugin-host.ts';

/** How often a look is taken at objects and definitions on their way out, and at what keeps an upgrade. */
const REMOVAL_POLL_MS = 1_000;
/** How often, at least and at most, a look is taken at what uses a plugin that is to go: a look lists all objects of its kinds. */
const [HOLD_POLL_MS, MAX_HOLD_POLL_MS] = [1_000, 30_000];
/** The part of the time that it has waited already after which it is looked at again. */
const HOLD_SHARE = 4;
/** How often a machine that lacks something is looked at again. */
const PREFLIGHT_POLL_MS = 30_000;

/** A step failed. Tried again whatever it was: a node, or a machine, that can not today may be able to tomorrow. */
class PluginStepFailed extends PlatformError {
  constructor({ code, message, cause }: PlatformError) {
    super({ code, reason: 'PluginStepFailed', message, cause, retry: 'backoff' });
  }
}

/** Installs the plugin of one object, keeps it, or uninstalls it: one pass of steps, each of which looks first. */
export async function reconcilePlugin(ctx: Ctx, info: ModuleInfo, host: PluginHost): Promise<Outcome> {
  // why not the cache: which of two objects counts, and what a plugin stands on, must not be decided by what was
  const infos = (await ctx.client.list(moduleInfoes)).items;
  const live = infos.find(({ metadata }) => metadata.uid === info.metadata.uid);
  if (live === undefined) return done;
  const choice = choiceFor(live, host);
  const look: Look = { host, infos, info: live, plugin: subjectOf(live, { host, infos, choice }) };
  const plan = planPlugin(await observe(ctx, look, choice));
  try {
    return await apply(ctx, look, plan);
  } catch (thrown) {
    const error = PlatformError.from(thrown);
    if (hasCode(thrown, 'Canceled', 'Aborted')) throw thrown;
    // why what was noted just now stays: the next try goes on from there
    const { status } = (await ctx.client.get(moduleInfoes, keyOf(live)).catch(() => undefined)) ?? live;
    await tell(ctx.client, { ...live, status }, { phase: 'Failed', reason: 'PluginStepFailed', message: error.message }).catch(() => {});
    throw new PluginStepFailed(error);
  }
}

async function apply(ctx: Ctx, look: Look, plan: PluginPlan): Promise<Outcome> {
  const { info, plugin } = look;
  if (plan.kind === 'refuse') return refuse(ctx, info, plan);
  if (plan.kind === 'release' || plugin === undefined) return release(ctx, info);
  if (plan.kind === 'wait') {
    await tell(ctx.client, info, { phase: info.status?.version === undefined ? 'Installing' : 'Upgrading', message: plan.message });
    return done;
  }
  const found = { ...look, plugin };
  if (plan.kind === 'keep') {
    await ensureDriver(found);
    return keep(ctx, found, plan.pending);
  }
  if (plan.kind === 'hold') return hold(ctx, found, plan.message);
  return plan.kind === 'remove' ? remove(ctx, found) : install(ctx, found, plan.kind);
}

async function refuse(
  { client, events }: Ctx,
  info: ModuleInfo,
  { reason, message }: { readonly reason: PluginReason; readonly message: string },
): Promise<Outcome> {
  if (await tell(client, info, { phase: 'Failed', reason, message })) events.record({ about: info, type: 'Warning', reason, message });
  if (reason === 'PluginInUse') return after(REMOVAL_POLL_MS, 'waiting for what uses the plugin to go');
  return reason === 'PluginPreflightFailed' ? after(PREFLIGHT_POLL_MS, 'the machine lacks something') : done;
}

/** What is there by either version is noted before anything is made, so that what is left of the other one goes whatever happens. */
async function install(ctx: Ctx, look: Found, kind: 'install' | 'upgrade'): Promise<Outcome> {
  const { info, host, plugin } = look;
  const before = info.status?.brought ?? [];
  const isUpgrade = kind === 'upgrade';
  const phase = isUpgrade ? 'Upgrading' : 'Installing';
  const noted = { brought: together(before, broughtBy(plugin)), ...(isUpgrade ? { targetVersion: plugin.version } : {}) };
  await tell(ctx.client, info, { phase, ...noted, ...failureOf(info) });
  const kept = await withFinalizer(ctx.client, info);
  if (kept === undefined) return done;
  const { runtime, steps } = host;
  if (runtime.versionOf(plugin.module) !== plugin.version) await runtime.pause(plugin.module);
  await bring(look);
  const going = leftovers(before, plugin);
  if (!(await steps.removeLeftovers(plugin, going))) return after(REMOVAL_POLL_MS, 'waiting for what the version before brought to go');
  runtime.forget({ definitions: definitionsNamed(host.plugins.versionsOf(plugin.name), going) });
  return keep(ctx, { ...look, info: kept });
}

/** What failed stays said until it has come, or somebody asks for another try: each write brings the next look at once, and the wait between two tries would be none. */
function failureOf({ metadata, status }: ModuleInfo): Pick<Told, 'phase' | 'reason' | 'message'> | undefined {
  const { reason, message, retriedAt } = status ?? {};
  if (reason !== 'PluginStepFailed' || message === undefined || retriedAt !== metadata.annotations?.[RETRY_REQUEST]) return undefined;
  return { phase: 'Failed', reason, message };
}

function definitionsNamed(versions: readonly Plugin[], brought: readonly Brought[]): Plugin['definitions'] {
  const names = new Set(brought.map(({ name }) => name));
  return versions.flatMap(({ definitions }) => definitions.filter(({ metadata }) => names.has(metadata.name ?? '')));
}

/** The driver first: a node that can't serve it leaves nothing to take back. Then kinds, so that all that works with them finds them. */
async function bring(look: Found): Promise<void> {
  const { info, plugin } = look;
  const { steps, runtime, plugins } = look.host;
  await ensureDriver(look);
  // why before its kinds: they may be used as soon as they are there
  runtime.holdRules(plugin.module);
  const before = installedOf(plugins.versionsOf(plugin.name), info.status?.version);
  await steps.makeDefinitions(plugin);
  await steps.makeRoles(plugin, before);
  await steps.makeObjects(plugin);
  await steps.prepare(plugin);
  await runtime.start(plugin);
}

async function ensureDriver({ host: { nodes }, info, plugin }: Found): Promise<void> {
  if (plugin.driverName !== undefined) await nodes?.ensure(plugin, effectiveSettings(plugin.settings, info.spec?.config));
}

async function keep({ client, events }: Ctx, { info, plugin }: Found, pending?: string): Promise<Outcome> {
  const kept = await withFinalizer(client, info);
  if (kept === undefined) return done;
  const { version, name } = plugin;
  const waits =
    pending === undefined
      ? {}
      : { availableVersion: pending, message: `version ${pending} waits for a yes: stowage plugin approve ${name}` };
  if (await tell(client, kept, { phase: 'Running', version, targetVersion: undefined, brought: broughtBy(plugin), ...waits })) {
    const message = `plugin ${JSON.stringify(name)} ${version} is at work${pending === undefined ? '' : `; version ${pending} waits for a yes`}`;
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
  if (host.runtime.versionOf(plugin.module) === undefined) await bring(look);
  const waitedMs = ctx.clock.nowMs() - Date.parse(info.metadata.deletionTimestamp ?? '');
  return after(Math.min(Math.max(waitedMs / HOLD_SHARE, HOLD_POLL_MS), MAX_HOLD_POLL_MS), 'waiting for what uses the plugin to go');
}

/** In the reverse order of what it was brought in; the kinds last, when nothing is left of them. */
async function remove(ctx: Ctx, { host: { nodes, steps, runtime }, info, plugin }: Found): Promise<Outcome> {
  await tell(ctx.client, info, { phase: 'Uninstalling' });
  await runtime.stop(plugin.module);
  // why all of it: an upgrade that was under way may have left anything of either version
  const { brought = [], targetVersion } = info.status ?? {};
  const further = targetVersion === undefined ? leftovers(brought, plugin) : brought;
  if (!(await steps.removeLeftovers(plugin, further))) return after(REMOVAL_POLL_MS, 'waiting for objects to go');
  if (!(await steps.removeObjects(plugin))) return after(REMOVAL_POLL_MS, 'waiting for objects to go');
  await steps.removeRoles(plugin);
  if (!(await steps.removeDefinitions(plugin))) return after(REMOVAL_POLL_MS, 'waiting for definitions to go');
  if (plugin.driverName !== undefined) await nodes?.remove(plugin.module);
  runtime.forget(plugin);
  return release(ctx, info);
}
