import type { PluginSettings } from '#api/plugins/plugin-settings.ts';
import { PackageRefused } from '#controllers/stowage/plugins/packages/package-refused.ts';
import type { Plugin, PluginNodes } from '#controllers/stowage/plugins/plugin.ts';
import { PlatformError } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import type { NodeAnswer, NodeOrder, WantedPlugins } from '../nodes/node-orders.ts';
import { codeForNodes, type PackagedCode } from './packaged-code.ts';

/** A node of another process, as it takes orders. */
export interface FurtherNode {
  readonly nodeName: string;
  order(order: Omit<NodeOrder, 'id'>): Promise<NodeAnswer | undefined>;
}

/** What the drivers of plugins are brought to all nodes with. */
export interface AllNodesOptions {
  /** Modules of plugins whose driver is wanted from the start, with their settings. */
  readonly first: ReadonlyMap<string, PluginSettings>;
  /** Of the node of this process. */
  readonly own: {
    ensure(module: string, settings: PluginSettings, code?: PackagedCode): Promise<void>;
    remove(module: string): Promise<void>;
    /** What the node lacks for it. */
    preflight(plugin: Pick<Plugin, 'module' | 'driverName'>, code?: PackagedCode): Promise<readonly string[]>;
  };
  readonly ownName: string;
  readonly log: Logger;
}

/** A node can't do what a plugin needs of it. */
class PluginNodeFailed extends PlatformError {
  constructor(nodeName: string, fault: string) {
    super({ code: 'FailedPrecondition', reason: 'PluginNodeFailed', message: `${nodeName}: ${fault}`, details: { nodeName } });
  }
}

/** The drivers of plugins on every node of a platform: the node of this process, and those of other processes. */
export class AllNodes implements PluginNodes {
  readonly #options: AllNodesOptions;
  readonly #wanted: Map<string, PluginSettings>;
  /** Of those of packages, what nodes run. */
  readonly #code = new Map<string, PackagedCode>();
  readonly #listeners = new Set<(module: string) => void>();
  /** What each further node has said last that it serves. */
  readonly #settled = new Map<string, object>();
  #further: readonly FurtherNode[] = [];

  constructor(options: AllNodesOptions) {
    this.#options = options;
    this.#wanted = new Map(options.first);
  }

  /** What a node is to serve. */
  get standing(): Pick<NodeOrder, 'wanted' | 'code'> & { readonly wanted: WantedPlugins } {
    const wanted = Object.fromEntries(this.#wanted);
    return this.#code.size === 0 ? { wanted } : { wanted, code: Object.fromEntries(this.#code) };
  }

  /** Nodes of other processes that there are from now on; each is told what is wanted when it starts. */
  setFurther(further: readonly FurtherNode[]): void {
    this.#further = further;
  }

  /** A further node said at its start what it can't serve. */
  noteFaults(nodeName: string, faults: NonNullable<NodeAnswer['faults']>): void {
    this.#settled.delete(nodeName);
    for (const [module, fault] of Object.entries(faults)) {
      this.#options.log.error('a node can not serve the driver of a plugin', { node: nodeName, name: module, reason: fault });
      for (const listener of this.#listeners) listener(module);
    }
  }

  onFault(listener: (module: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async preflight(plugin: Plugin): Promise<readonly string[]> {
    const { own, ownName } = this.#options;
    const { module } = plugin;
    const code = codeForNodes(plugin);
    const answers = [own.preflight(plugin, code).then((lacks) => ({ nodeName: ownName, lacks }))];
    const order = { preflight: module, ...(code === undefined ? {} : { code: { [module]: code } }) };
    for (const node of this.#further)
      answers.push(node.order(order).then((answer) => ({ nodeName: node.nodeName, lacks: answer?.lacks ?? [] })));
    return byNode(await Promise.all(answers), this.#further.length + 1);
  }

  async ensure(plugin: Plugin, settings: PluginSettings): Promise<void> {
    const { module, from } = plugin;
    // why before anything is noted: a node that starts must not be told of it either
    if (from?.code !== undefined && from.refusal !== undefined) throw new PackageRefused(from.refusal);
    const code = codeForNodes(plugin);
    const isNew = !this.#wanted.has(module);
    this.#wanted.set(module, settings);
    if (code !== undefined) this.#code.set(module, code);
    try {
      await this.#options.own.ensure(module, settings, code);
      await Promise.all(this.#further.map((node) => this.#settle(node, module)));
    } catch (thrown) {
      // why: what is half there would be served by some nodes only
      if (isNew)
        await this.remove(module).catch((err: unknown) => this.#options.log.error('a driver could not be stopped', { name: module, err }));
      throw thrown;
    }
  }

  async remove(module: string): Promise<void> {
    this.#wanted.delete(module);
    this.#code.delete(module);
    // why the others first: the node of this process is asked for volumes of all; and why whatever becomes of them: what one can't stop must not keep the rest
    const further = await Promise.allSettled(this.#further.map((node) => this.#settle(node, module)));
    await this.#options.own.remove(module);
    const failed = further.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** Has the node serve what is wanted. One that is away follows when it starts. @throws PluginNodeFailed where it can't serve the module */
  async #settle(node: FurtherNode, module: string): Promise<void> {
    const { standing } = this;
    if (deepEqual(this.#settled.get(node.nodeName), standing)) return;
    const answer = await node.order(standing);
    const fault = answer?.faults?.[module];
    if (fault !== undefined) throw new PluginNodeFailed(node.nodeName, fault);
    if (answer !== undefined && Object.keys(answer.faults ?? {}).length === 0) this.#settled.set(node.nodeName, standing);
  }
}

/** What several nodes lack alike is said once. Pure. */
function byNode(
  answers: readonly { readonly nodeName: string; readonly lacks: readonly string[] }[],
  nodeCount: number,
): readonly string[] {
  const nodesOf = new Map<string, string[]>();
  for (const { nodeName, lacks } of answers) for (const lack of lacks) nodesOf.set(lack, [...(nodesOf.get(lack) ?? []), nodeName]);
  return [...nodesOf].map(([lack, nodeNames]) => (nodeNames.length === nodeCount ? lack : `${nodeNames.join(', ')}: ${lack}`));
}
