import { expect } from 'vitest';
import { AllNodes, type AllNodesOptions, type FurtherNode } from '#apps/server/drivers/plugin-nodes.ts';
import type { PluginSettings } from '#api/plugins/plugin-settings.ts';
import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import { observePlugins } from '#apps/server/ensure-plugins.ts';
import { pluginSteps } from '#apps/server/modules/plugins/plugin-steps.ts';
import { reconcileDefinition } from '#controllers/cluster/custom-resources/reconcile.ts';
import type { ModuleRuntime } from '#controllers/stowage/plugins/plugin.ts';
import type { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';
import { reconcilePlugin } from '#controllers/stowage/plugins/reconcile.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { SystemIds } from '#kit/ids.ts';
import { deepEqual } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import type { Ctx, Outcome } from '#machinery/runtime/controller.ts';
import type { TestApi } from './api.ts';
import { overrideClient } from './fakes/override-client.ts';

/** A node of another process, as far as plugins meet it. */
export interface FurtherMachine {
  /** What it lacks. */
  lacks: readonly string[];
  /** Why it serves no driver; `''` = it does. */
  fault: string;
}

/** A process of the platform that dies when so many of its steps, writes and starts and stops of controllers, were done. */
export class PluginProcess {
  /** The version that is at work, by module. */
  readonly atWork = new Map<string, string>();
  /** Modules whose rules about writes hold. */
  readonly ruled = new Set<string>();
  /** By node, the drivers that it serves, with their settings; they end with the process. */
  readonly served = new Map<string, Map<string, PluginSettings>>([
    ['node-1', new Map()],
    ['node-2', new Map()],
  ]);
  readonly client: Client;
  nodes: AllNodes | undefined;
  node2: FurtherMachine = { lacks: [], fault: '' };
  /** Those that were done. */
  steps = 0;
  readonly #lastStep: number;

  readonly #api: TestApi;
  readonly #plugins: PluginCatalog;

  constructor(api: TestApi, plugins: PluginCatalog, lastStep = Infinity) {
    this.#api = api;
    this.#plugins = plugins;
    this.#lastStep = lastStep;
    const { client } = api;
    this.client = overrideClient(client, {
      create: (resource, draft, options) => this.#step(() => client.create(resource, draft, options)),
      update: (resource, object, options) => this.#step(() => client.update(resource, object, options)),
      patch: (resource, target, options) => this.#step(() => client.patch(resource, target, options)),
      delete: (resource, key, options) => this.#step(() => client.delete(resource, key, options)),
    });
  }

  /** True from its last step on. */
  get isDead(): boolean {
    return this.steps >= this.#lastStep;
  }

  /** As a start of the platform: what was installed is at work. */
  async boot(): Promise<this> {
    const { installed, settings, begun } = await observePlugins(this.#api.client, this.#plugins);
    for (const { module, version } of installed) this.atWork.set(module, version);
    for (const module of [...installed.map(({ module: name }) => name), ...begun]) this.ruled.add(module);
    const bringing = installed.filter(({ driverName }) => driverName !== undefined);
    const first = new Map(bringing.map(({ module, name }) => [module, settings.get(name) ?? {}]));
    this.served.set('node-1', new Map(first)).set('node-2', new Map(first));
    this.nodes = new AllNodes({ first, own: this.#ownNode, ownName: 'node-1', log: silentLogger });
    this.nodes.setFurther([this.#furtherNode]);
    return this;
  }

  /** Looks at everything until the plugin is as it shall be, or the process is dead. */
  async work(isDone: () => Promise<boolean>): Promise<void> {
    for (let pass = 0; pass < 20 && !(await isDone()); pass += 1) {
      for (const info of (await this.#api.client.list(moduleInfoes)).items) await this.look(info);
      if (this.isDead) return;
      // why with a client that lives: it is another controller, tested by itself
      for (const definition of (await this.#api.client.list(customResourceDefinitions)).items)
        if (definition.metadata.deletionTimestamp !== undefined) await reconcileDefinition(this.#ctx(this.#api.client), definition);
    }
    expect(await isDone()).toBe(true);
  }

  /** One look at one of them. */
  async look(info: ModuleInfo): Promise<Outcome | undefined> {
    const steps = pluginSteps({ client: this.client, clock: this.#api.clock });
    try {
      const host = { plugins: this.#plugins, nodes: this.nodes, steps, runtime: this.#runtime };
      return await reconcilePlugin(this.#ctx(this.client), info, host);
    } catch (thrown) {
      if (!hasCode(thrown, 'Canceled', 'Aborted')) throw thrown;
      return undefined;
    }
  }

  get #ownNode(): AllNodesOptions['own'] {
    const served = this.served.get('node-1');
    return {
      ensure: async (module, settings) => {
        if (!deepEqual(served?.get(module), settings)) await this.#step(async () => void served?.set(module, settings));
      },
      remove: async (module) => {
        if (served?.has(module) === true) await this.#step(async () => void served.delete(module));
      },
      preflight: async () => [],
    };
  }

  get #furtherNode(): FurtherNode {
    return {
      nodeName: 'node-2',
      order: async ({ preflight, wanted = {} }) => {
        const { lacks, fault } = this.node2;
        if (preflight !== undefined) return { id: 1, lacks };
        return this.#step(async () => {
          const isFaulty = fault !== '' && Object.keys(wanted).length > 0;
          this.served.set('node-2', new Map(isFaulty ? [] : Object.entries(wanted)));
          return { id: 1, faults: isFaulty ? Object.fromEntries(Object.keys(wanted).map((module) => [module, fault])) : {} };
        });
      },
    };
  }

  get #runtime(): ModuleRuntime {
    return {
      versionOf: (module) => this.atWork.get(module),
      start: ({ module, version }) => this.#step(async () => void this.atWork.set(module, version)),
      pause: async (module) => void this.atWork.delete(module),
      holdRules: (module) => void this.ruled.add(module),
      stop: (module) =>
        this.#step(async () => {
          this.atWork.delete(module);
          this.ruled.delete(module);
        }),
      forget: () => {},
    };
  }

  #ctx(client: Client): Ctx {
    const { signal } = new AbortController();
    return { client, clock: this.#api.clock, ids: new SystemIds(), log: silentLogger, events: { record: () => {} }, signal };
  }

  async #step<T>(effect: () => Promise<T>): Promise<T> {
    const dies = new PlatformError({ code: 'Canceled', reason: 'Canceled', message: 'the process is dead' });
    if (this.isDead) throw dies;
    const result = await effect();
    this.steps += 1;
    if (this.isDead) throw dies;
    return result;
  }
}
