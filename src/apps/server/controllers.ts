import type { Component, ComponentController } from '#controllers/component.ts';
import { type BufferedEventRecorder, createEventRecorder } from '#machinery/runtime/create-event-recorder.ts';
import { type ControllerDeps, runController, type RunningController } from '#machinery/runtime/run-controller.ts';
import type { Module } from './modules/manifest.ts';
import { driversOf } from './modules/drivers-of.ts';
import type { ModuleDeps } from './modules/module.ts';

/** What the controllers of one platform share. */
export interface ControllersOptions extends Omit<ControllerDeps, 'events'>, Omit<ModuleDeps, 'ownDrivers'> {
  /** Those at work, in order. */
  readonly modules: readonly Module[];
}

/** The controllers at work. */
export interface RunningControllers {
  stop(): Promise<void>;
}

/** How long waiting events may hold up a stop. */
const FLUSH_MS = 2_000;

/** Starts the controllers of all modules; resolves when each of them has seen every object. */
export async function startControllers(options: ControllersOptions): Promise<RunningControllers> {
  const deps: ModuleDeps = { ...options, ownDrivers: driversOf(options.modules) };
  const sets = options.modules.flatMap(({ controllers }) => controllers?.(deps) ?? []);
  const recorders = new Recorders(options);
  const run = ({ component, controller }: ComponentController): RunningController =>
    runController(controller, { ...options, events: recorders.of(component) });
  const running = sets.flatMap(({ always }) => always).map(run);
  await options.informers.start();
  await Promise.all(running.map((controller) => controller.ready));
  const followers = sets.flatMap(({ follow }) => follow?.(run) ?? []);
  return {
    async stop() {
      await Promise.all(followers.map((follower) => follower.stop()));
      await Promise.all(running.map((controller) => controller.stop()));
      await recorders.stop();
    },
  };
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
