import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { broughtBy, leftovers, together } from './brought.ts';
import { release, tell, withFinalizer } from './module-info.ts';
import { choiceFor, type Found, type Look, observe, subjectOf } from './observe.ts';
import { planPlugin, type PluginPlan, type PluginReason } from './plan.ts';
import type { Brought, Plugin } from './plugin.ts';
import { installedOf } from './plugin-catalog.ts';
import type { PluginHost } from './plugin-host.ts';

/** How often a look is taken at what a plugin that is to go is used by, and at definitions on their way out. */
const REMOVAL_POLL_MS = 1_000;
/** How often a machine that lacks something is looked at again. */
const PREFLIGHT_POLL_MS = 30_000;

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
    const isPassing = hasCode(thrown, 'Canceled', 'Aborted');
    if (!isPassing) await tell(ctx.client, live, { phase: 'Failed', reason: 'PluginStepFailed', message: error.message }).catch(() => {});
    throw thrown;
  }
}

async function apply(ctx: Ctx, look: Look, plan: PluginPlan): Promise<Outcome> {
  const { info, plugin } = look;
  if (plan.kind === 'refuse') return refuse(ctx, info, plan);
  if (plan.kind === 'release' || plugin === undefined) return release(ctx, info);
  if (plan.kind === 'wait') {
    await tell(ctx.client, info, { phase: 'Installing', message: plan.message });
    return done;
  }
  const found = { ...look, plugin };
  if (plan.kind === 'keep') return keep(ctx, found, plan.pending);
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
  await tell(ctx.client, info, {
    phase,
    brought: together(before, broughtBy(plugin)),
    ...(isUpgrade ? { targetVersion: plugin.version } : {}),
  });
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

function definitionsNamed(versions: readonly Plugin[], brought: readonly Brought[]): Plugin['definitions'] {
  const names = new Set(brought.map(({ name }) => name));
  return versions.flatMap(({ definitions }) => definitions.filter(({ metadata }) => names.has(metadata.name ?? '')));
}

/** Kinds first, so that all that works with them finds them. */
async function bring({ host: { steps, runtime, plugins }, info, plugin }: Found): Promise<void> {
  const before = installedOf(plugins.versionsOf(plugin.name), info.status?.version);
  await steps.makeDefinitions(plugin);
  await steps.makeRoles(plugin, before);
  await steps.makeObjects(plugin);
  await runtime.start(plugin);
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
  return after(REMOVAL_POLL_MS, 'waiting for what uses the plugin to go');
}

/** In the reverse order of what it was brought in; the kinds last, when nothing is left of them. */
async function remove(ctx: Ctx, { host: { steps, runtime }, info, plugin }: Found): Promise<Outcome> {
  await tell(ctx.client, info, { phase: 'Uninstalling' });
  await runtime.stop(plugin.module);
  // why all of it: an upgrade that was under way may have left anything of either version
  const { brought = [], targetVersion } = info.status ?? {};
  const further = targetVersion === undefined ? leftovers(brought, plugin) : brought;
  if (!(await steps.removeLeftovers(plugin, further))) return after(REMOVAL_POLL_MS, 'waiting for objects to go');
  if (!(await steps.removeObjects(plugin))) return after(REMOVAL_POLL_MS, 'waiting for objects to go');
  await steps.removeRoles(plugin);
  if (!(await steps.removeDefinitions(plugin))) return after(REMOVAL_POLL_MS, 'waiting for definitions to go');
  runtime.forget(plugin);
  return release(ctx, info);
}
