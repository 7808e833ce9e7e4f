import { explainerOf } from '#controllers/stowage/explain/explain.ts';
import { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';
import { SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { SystemExec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { createLogger } from '#kit/log.ts';
import type { ServerConfig } from './config.ts';
import { startControllers } from './controllers.ts';
import { ensureDataDirectory } from './data-directory.ts';
import { careForHeap, processHeap } from './heap-care.ts';
import { loadModules } from './modules/manifest.ts';
import { MODULES } from './modules/modules.ts';
import { ModulesAtWork } from './modules-at-work.ts';
import type { Parts } from './parts.ts';
import { pluginsOf } from './plugins-of.ts';
import { processMetrics } from './process-metrics.ts';
import { StopSteps } from './stop-steps.ts';
import { startEmbedded } from './worlds/embedded.ts';
import type { World } from './worlds/world.ts';

/** A started platform and where its parts are reached. */
export interface Platform {
  readonly consoleUrl: string;
  /** Works once, within the gateway's time. */
  readonly signInUrl: string;
  readonly kubeconfigPath: string;
  readonly tokenPath: string;
  /** What this machine can't do, each with the remedy. */
  readonly limits: readonly string[];
  /** Stops everything in reverse order; pods too, unless `--keep-pods`. */
  stop(): Promise<void>;
}

/** Who starts it, and who hears how far it is. */
export interface StartOptions extends Pick<Parts, 'version' | 'onStep'> {}

const MIB = 1024 * 1024;

/** Starts the whole platform on this machine; resolves when it is ready. @throws when a part can't start; what had started is stopped again */
export async function startPlatform(config: ServerConfig, { version, onStep }: StartOptions): Promise<Platform> {
  const directory = ensureDataDirectory(config.dataDir);
  const steps = new StopSteps();
  const modules = await loadModules(MODULES);
  const parts: Parts = {
    config,
    version,
    directory,
    modules,
    atWork: new ModulesAtWork(new PluginCatalog(pluginsOf(modules, { settings: { nodeCount: config.nodes, config }, version }), version)),
    log: createLogger({
      level: config.logLevel,
      path: directory.log,
      rotation: { maxSizeBytes: config.logMaxSize * MIB, maxBackups: config.logMaxBackup },
    }),
    clock: new SystemClock(),
    ids: new SystemIds(),
    exec: new SystemExec(),
    metrics: processMetrics(version),
    onStop: (step) => steps.add(step),
    onStep,
  };
  try {
    const started = await startParts(parts);
    const idle = new AbortController();
    steps.add(() => idle.abort());
    void careForHeap(processHeap(), parts.clock, idle.signal);
    return { ...started, stop: () => steps.run(config.keepPods ? 'keep' : 'pause') };
  } catch (error) {
    // why keep: pods that an earlier start left running are not to pay for this one
    await steps
      .run('keep')
      .catch((thrown: unknown) => parts.log.error('a start that failed left something', { err: PlatformError.from(thrown) }));
    throw error;
  }
}

async function startParts(parts: Parts): Promise<Omit<Platform, 'stop'>> {
  const { directory, onStep } = parts;
  const world = await startEmbedded(parts);
  onStep('starting the controllers');
  await startModules(parts, world);
  onStep('starting further nodes');
  const limits = await world.startFurtherNodes();
  const { consoleUrl, signInUrl } = world;
  return {
    consoleUrl,
    signInUrl,
    kubeconfigPath: directory.kubeconfig,
    tokenPath: directory.adminToken,
    limits: [...world.limits, ...limits],
  };
}

/** The controllers of the modules that have work in this world. */
async function startModules(parts: Parts, world: World): Promise<void> {
  const { config, directory, modules, atWork, clock, ids, log, metrics, onStop } = parts;
  const { informers, drivers, api, nodes, pods, giveWay } = world;
  await world.lead();
  const controllers = await startControllers({
    modules: world.modulesAtWork(modules),
    atWork,
    client: informers.client,
    informers,
    drivers,
    api,
    nodes,
    pods,
    giveWay,
    keptPaths: [directory.root],
    config,
    clock,
    ids,
    log,
    metrics,
  });
  onStop(() => controllers.stopAll());
  world.setExplainer(await explainerOf({ informers, drivers, isOnCluster: api === undefined, clock }));
}
