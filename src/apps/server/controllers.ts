import { servedResource } from '#controllers/cluster/custom-resources/instances.ts';
import type { Component, ComponentController } from '#controllers/component.ts';
import type { ModuleRuntime, Plugin } from '#controllers/stowage/plugins/plugin.ts';
import { PlatformError } from '#kit/errors.ts';
import { type BufferedEventRecorder, createEventRecorder } from '#machinery/runtime/create-event-recorder.ts';
import { type ControllerDeps, runController, type RunningController } from '#machinery/runtime/run-controller.ts';
import type { Module } from './modules/manifest.ts';
import { driversOf } from './modules/drivers-of.ts';
import type { ControllerSet, ModuleDeps } from './modules/module.ts';
import type { ModulesAtWork } from './modules-at-work.ts';
import { loadTrusted, type PackagedParts } from './modules/plugins/load-code.ts';

/** What the controllers of one platform share. */
export interface ControllersOptions extends Omit<ControllerDeps, 'events'>, Omit<ModuleDeps, 'ownDrivers' | 'plugins' | 'runtime'> {
  /** All that may be at work, in order. */
  readonly modules: readonly Module[];
  /** Which of them are. */
  readonly atWork: ModulesAtWork;
}

/** The controllers at work. */
export interface RunningControllers extends ModuleRuntime {
  /** Stops those of all modules. */
  stopAll(): Promise<void>;
}

/** How long waiting events may hold up a stop. */
const FLUSH_MS = 2_000;

/** Starts the controllers of all modules that are at work; resolves when each of them has seen every object. */
export async function startControllers(options: ControllersOptions): Promise<RunningControllers> {
  const controllers = new ControllersOfModules(options);
  await controllers.startAll();
  return controllers;
}

/** What runs of one module. */
interface Running {
  /** Of the plugin that it is; of a module that is no plugin `''`. */
  readonly version: string;
  readonly set: ControllerSet | undefined;
  readonly controllers: readonly RunningController[];
  readonly followers: { stop(): Promise<void> }[];
}

class ControllersOfModules implements RunningControllers {
  readonly #options: ControllersOptions;
  readonly #deps: ModuleDeps;
  readonly #recorders: Recorders;
  readonly #running = new Map<string, Running>();
  #isEnding = false;

  constructor(options: ControllersOptions) {
    this.#options = options;
    const { modules, atWork } = options;
    this.#deps = { ...options, ownDrivers: () => driversOf(modules, atWork), plugins: atWork.plugins, runtime: this };
    this.#recorders = new Recorders(options);
  }

  async startAll(): Promise<void> {
    const { modules, atWork } = this.#options;
    const parts = new Map<string, Pick<PackagedParts, 'controllers'>>(
      modules.filter(({ name }) => atWork.has(name)).map((module) => [module.name, module]),
    );
    for (const [name, plugin] of atWork.atStart) {
      if (plugin.from === undefined) continue;
      const packaged = await this.#partsAtStart(plugin);
      if (packaged === undefined) parts.delete(name);
      else parts.set(name, packaged);
    }
    // why all sets before the first controller runs: what one asks of the informers is there when the others start them
    const made = [...parts].map(([name, { controllers }]) => ({ name, set: controllers?.(this.#deps) }));
    const running = made.map(({ name, set }) => this.#run(name, { set, version: atWork.atStart.get(name)?.version ?? '' }));
    await this.#synced(running);
    for (const each of running) this.#follow(each);
  }

  versionOf(module: string): string | undefined {
    return this.#running.get(module)?.version;
  }

  async start(plugin: Plugin): Promise<void> {
    const { module: name, version } = plugin;
    if (this.#isEnding)
      throw new PlatformError({ code: 'Canceled', reason: 'Canceled', message: `the module ${name} is not started: the platform stops` });
    if (this.#running.has(name)) return;
    const { controllers } = await this.#partsOf(plugin);
    this.#options.atWork.add(name);
    try {
      const running = this.#run(name, { set: controllers?.(this.#deps), version });
      await this.#synced([running]);
      this.#follow(running);
    } catch (thrown) {
      await this.stop(name);
      // why: its kinds are there, and it is tried again
      this.holdRules(name);
      throw thrown;
    }
  }

  holdRules(name: string): void {
    this.#options.atWork.holdRules(name);
  }

  async pause(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (running !== undefined) await end(running);
    this.#running.delete(name);
  }

  async stop(name: string): Promise<void> {
    await this.pause(name);
    // why last: what looks at writes holds until nobody acts on them any more
    this.#options.atWork.remove(name);
  }

  forget({ definitions }: Pick<Plugin, 'definitions'>): void {
    for (const definition of definitions) {
      const resource = servedResource(definition);
      if (resource !== undefined) this.#options.informers.drop(resource);
    }
  }

  async stopAll(): Promise<void> {
    this.#isEnding = true;
    const all = [...this.#running.values()];
    await Promise.all(all.flatMap(({ followers }) => followers.map((follower) => follower.stop())));
    await Promise.all(all.flatMap(({ controllers }) => controllers.map((controller) => controller.stop())));
    await this.#recorders.stop();
  }

  /** What a plugin is at work with: the code of its package, else that which Stowage has for it. */
  async #partsOf({ module: name, from }: Plugin): Promise<Pick<PackagedParts, 'controllers'>> {
    if (from?.code !== undefined) return loadTrusted(from);
    const own = this.#options.modules.find((module) => module.name === name);
    if (own === undefined && from === undefined)
      throw new PlatformError({ code: 'Canceled', reason: 'Canceled', message: `there is no module ${name}` });
    return own ?? {};
  }

  /** Undefined where the code can't be loaded: its ModuleInfo says why when its controller tries again. */
  async #partsAtStart(plugin: Plugin): Promise<Pick<PackagedParts, 'controllers'> | undefined> {
    try {
      return await this.#partsOf(plugin);
    } catch (thrown) {
      this.#options.log.error('the code of a plugin can not be loaded', { name: plugin.name, err: PlatformError.from(thrown) });
      return undefined;
    }
  }

  #run(name: string, { set, version }: Pick<Running, 'set' | 'version'>): Running {
    const running = { set, version, controllers: (set?.always ?? []).map((controller) => this.#start(controller)), followers: [] };
    this.#running.set(name, running);
    return running;
  }

  #start({ component, controller }: ComponentController): RunningController {
    return runController(controller, { ...this.#options, events: this.#recorders.of(component) });
  }

  async #synced(running: readonly Running[]): Promise<void> {
    await this.#options.informers.start();
    await Promise.all(running.flatMap(({ controllers }) => controllers.map(({ ready }) => ready)));
  }

  #follow({ set, followers }: Running): void {
    const follower = set?.follow?.((controller) => this.#start(controller));
    if (follower !== undefined) followers.push(follower);
  }
}

async function end({ controllers, followers }: Running): Promise<void> {
  await Promise.all(followers.map((follower) => follower.stop()));
  await Promise.all(controllers.map((controller) => controller.stop()));
}

/** One recorder of events for each component. */
class Recorders {
  readonly #options: ControllersOptions;
  readonly #recorders = new Map<Component, BufferedEventRecorder>();

  constructor(options: ControllersOptions) {
    this.#options = options;
  }

  of(component: Component): BufferedEventRecorder {
    const known = this.#recorders.get(component) ?? createEventRecorder({ ...this.#options, component });
    this.#recorders.set(component, known);
    return known;
  }

  async stop(): Promise<void> {
    const signal = AbortSignal.timeout(FLUSH_MS);
    const all = [...this.#recorders.values()];
    await Promise.all(all.map((recorder) => recorder.flush(signal)));
    await Promise.all(all.map((recorder) => recorder.stop()));
  }
}
