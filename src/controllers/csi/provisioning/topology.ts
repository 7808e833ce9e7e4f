import type { CSINode, Node, StorageClass, TopologySelectorTerm } from '#api/generated/kubernetes.ts';
import { deepEqual } from '#kit/json.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { Topology, TopologyRequirement } from '#protocols/csi/generated/messages.ts';

/** For whom a topology is asked. */
export interface TopologyQuestion {
  readonly driverName: string;
  readonly storageClass: StorageClass;
  /** The node that the scheduler chose; `''` for Immediate binding. */
  readonly selectedNode: string;
  /** Spreads Immediate volumes: the same text always starts at the same place. */
  readonly seed: string;
}

type Segments = Readonly<Record<string, string>>;

/**
 * Where volumes may lie, from CSINodes' topology keys and Nodes' labels (external-provisioner README, "Topology support"):
 * for a chosen node exactly its topology (`--strict-topology`), else the class's allowed ones, else all there are.
 * The topologies of each driver are gathered once and again only after a node's labels or drivers changed.
 */
export class TopologyMap {
  readonly #nodes: Informer<Node>;
  readonly #csiNodes: Informer<CSINode>;
  readonly #gathered = new Map<string, readonly Segments[]>();

  constructor(nodes: Informer<Node>, csiNodes: Informer<CSINode>) {
    this.#nodes = nodes;
    this.#csiNodes = csiNodes;
    const forget = (): void => this.#gathered.clear();
    // why: the map lives as long as the informers, so the subscriptions are never disposed
    nodes.subscribe({
      onUpsert: (node, previous) => deepEqual(node.metadata.labels, previous?.metadata.labels) || forget(),
      onDelete: forget,
    });
    csiNodes.subscribe({ onUpsert: (node, previous) => deepEqual(node.spec, previous?.spec) || forget(), onDelete: forget });
  }

  /** The requirement to send; undefined where the driver has no topology keys anywhere. */
  requirementFor(question: TopologyQuestion): Result<TopologyRequirement | undefined> {
    const { driverName, storageClass, selectedNode, seed } = question;
    const allowed = expandTerms(storageClass.allowedTopologies ?? []);
    if (selectedNode !== '') return this.#requirementOn(driverName, selectedNode, allowed);
    const candidates = allowed.length > 0 ? allowed : this.#all(driverName);
    if (candidates.length === 0) return ok(undefined);
    const requisite = candidates.map((segments): Topology => ({ segments }));
    return ok({ requisite, preferred: rotate(requisite, hash(seed) % requisite.length) });
  }

  /** Every place where volumes of the class may lie; none where its driver has no topology. */
  segmentsFor({ provisioner, allowedTopologies = [] }: StorageClass): readonly Segments[] {
    const all = this.#all(provisioner);
    const allowed = expandTerms(allowedTopologies);
    if (allowed.length === 0) return all;
    return all.filter((segments) => allowed.some((wanted) => Object.entries(wanted).every(([key, value]) => segments[key] === value)));
  }

  #requirementOn(driverName: string, nodeName: string, allowed: readonly Segments[]): Result<TopologyRequirement | undefined> {
    const segments = this.#segmentsOf(driverName, nodeName);
    if (segments === undefined)
      return fail(
        `no topology of driver ${JSON.stringify(driverName)} on node ${JSON.stringify(nodeName)} yet: is the driver registered there?`,
      );
    const fits = allowed.length === 0 || allowed.some((wanted) => Object.entries(wanted).every(([key, value]) => segments[key] === value));
    if (!fits)
      return fail(`topology ${JSON.stringify(segments)} of node ${JSON.stringify(nodeName)} is not in the class's allowedTopologies`);
    return ok({ requisite: [{ segments }], preferred: [{ segments }] });
  }

  #all(driverName: string): readonly Segments[] {
    const known = this.#gathered.get(driverName);
    if (known !== undefined) return known;
    const distinct = new Map<string, Segments>();
    for (const csiNode of this.#csiNodes.all()) {
      const segments = this.#segmentsOf(driverName, csiNode.metadata.name);
      if (segments !== undefined) distinct.set(textOf(segments), segments);
    }
    const all = [...distinct.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, segments]) => segments);
    this.#gathered.set(driverName, all);
    return all;
  }

  #segmentsOf(driverName: string, nodeName: string): Segments | undefined {
    const key = { namespace: '', name: nodeName };
    const labels = this.#nodes.get(key)?.metadata.labels;
    const topologyKeys = this.#csiNodes.get(key)?.spec.drivers.find(({ name }) => name === driverName)?.topologyKeys ?? [];
    if (labels === undefined || topologyKeys.length === 0) return undefined;
    const segments: Record<string, string> = {};
    for (const topologyKey of topologyKeys) {
      const value = labels[topologyKey];
      if (value === undefined) return undefined;
      segments[topologyKey] = value;
    }
    return segments;
  }
}

/** Every combination of values, of every term. */
function expandTerms(terms: readonly TopologySelectorTerm[]): readonly Segments[] {
  return terms.flatMap(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.reduce<readonly Segments[]>(
      (combinations, { key, values }) => combinations.flatMap((segments) => values.map((value) => ({ ...segments, [key]: value }))),
      matchLabelExpressions.length === 0 ? [] : [{}],
    ),
  );
}

function rotate<T>(items: readonly T[], by: number): readonly T[] {
  return [...items.slice(by), ...items.slice(0, by)];
}

/** FNV-1a, 32 bits: the same text gives the same number everywhere. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return value;
}

function textOf(segments: Segments): string {
  return Object.entries(segments)
    .map(([key, value]) => `${key}=${value}`)
    .toSorted()
    .join(',');
}
