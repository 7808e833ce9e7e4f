import { AllNodes } from '#apps/server/drivers/plugin-nodes.ts';
import type { PluginSettings } from '#api/plugins/plugin-settings.ts';
import { silentLogger } from '#kit/log.ts';
import type { SimProcess } from './sim-process.ts';

/** What the drivers of plugins on nodes are made of. */
export interface SimPluginsOptions {
  readonly nodeNames: readonly string[];
  /** Whether a node's process runs. */
  readonly isUp: (nodeName: string) => boolean;
}

/** The drivers that plugins bring, on the nodes of a simulation: which node serves which, by module. */
export class SimPlugins {
  readonly #options: SimPluginsOptions;
  readonly #served = new Map<string, ReadonlySet<string>>();
  /** Nodes that can't serve any. */
  readonly #broken = new Set<string>();
  #nodes: AllNodes | undefined;

  constructor(options: SimPluginsOptions) {
    this.#options = options;
  }

  /** The nodes as the controllers of a process reach them. */
  connect(process: SimProcess, first: ReadonlyMap<string, PluginSettings>): AllNodes {
    const nothing = async (): Promise<void> => {};
    const own: ConstructorParameters<typeof AllNodes>[0]['own'] = { ensure: nothing, remove: nothing, preflight: async () => [] };
    const nodes = new AllNodes({ first, own, ownName: 'platform', log: silentLogger });
    this.#nodes = nodes;
    nodes.setFurther(
      this.#options.nodeNames.map((nodeName) => ({
        nodeName,
        order: ({ wanted }) => process.awaits(async () => (wanted === undefined ? { id: 0 } : this.#order(nodeName, Object.keys(wanted)))),
      })),
    );
    // why: nodes end with their platform, and are told what is wanted when they start
    for (const nodeName of this.#options.nodeNames) this.start(nodeName);
    return nodes;
  }

  /** A node has started: it is told what it is to serve. */
  start(nodeName: string): void {
    this.#served.delete(nodeName);
    const { faults = {} } = this.#order(nodeName, Object.keys(this.#nodes?.standing.wanted ?? {})) ?? {};
    this.#nodes?.noteFaults(nodeName, faults);
  }

  /** A node loses, or gets back, what it needs to serve drivers; answers whether that is new. */
  setBroken(nodeName: string, isBroken: boolean): boolean {
    const isNew = this.#broken.has(nodeName) !== isBroken;
    if (isBroken) this.#broken.add(nodeName);
    else this.#broken.delete(nodeName);
    return isNew;
  }

  /** Nodes that serve the driver of a module. */
  serving(module: string): readonly string[] {
    return this.#options.nodeNames.filter((nodeName) => this.#options.isUp(nodeName) && this.#served.get(nodeName)?.has(module) === true);
  }

  #order(nodeName: string, modules: readonly string[]) {
    if (!this.#options.isUp(nodeName)) return undefined;
    const isBroken = this.#broken.has(nodeName);
    const before = this.#served.get(nodeName) ?? new Set();
    this.#served.set(nodeName, new Set(modules.filter((module) => !isBroken || before.has(module))));
    const refused = modules.filter((module) => isBroken && !before.has(module));
    return { id: 0, faults: Object.fromEntries(refused.map((module) => [module, 'a disk is missing'])) };
  }
}
