import { addRequests, type NodeLoad, type PlacedPod, type PodLedger } from './pod-ledger.ts';

/** Which pods have which node, as the filters ask for it. */
export type PlacedPods = Pick<PodLedger, 'loadOf' | 'inNamespace' | 'all' | 'choosy'>;

/** What is to be thought away from what is placed, and what added. */
export interface LedgerChange {
  /** By uid. */
  readonly without?: ReadonlySet<string>;
  readonly with?: readonly PlacedPod[];
}

/** `base` as it would be; `base` itself stays. A node that the change does not concern costs nothing. Pure. */
export function ledgerView(base: PlacedPods, change: LedgerChange): PlacedPods {
  const { without = new Set<string>(), with: added = [] } = change;
  if (without.size === 0 && added.length === 0) return base;
  const isLeft = ({ pod }: PlacedPod): boolean => !without.has(pod.metadata.uid);
  return {
    loadOf: (nodeName) => changedLoad(base.loadOf(nodeName), { without, added: added.filter((placed) => placed.nodeName === nodeName) }),
    inNamespace: (namespace) => [
      ...[...base.inNamespace(namespace)].filter(isLeft),
      ...added.filter(({ pod }) => (pod.metadata.namespace ?? '') === namespace),
    ],
    all: () => [...[...base.all()].filter(isLeft), ...added],
    // why all that are added: one that has no say costs a look and no more
    choosy: () => [...[...base.choosy()].filter(isLeft), ...added],
  };
}

function changedLoad(
  load: NodeLoad,
  { without, added }: { readonly without: ReadonlySet<string>; readonly added: readonly PlacedPod[] },
): NodeLoad {
  const removed = [...load.pods.values()].filter(({ metadata }) => without.has(metadata.uid));
  if (removed.length === 0 && added.length === 0) return load;
  const pods = new Map(load.pods);
  const changed = { pods, requested: new Map(load.requested) };
  for (const pod of removed) {
    pods.delete(pod.metadata.uid);
    addRequests(changed, pod, -1n);
  }
  for (const { pod } of added) {
    pods.set(pod.metadata.uid, pod);
    addRequests(changed, pod, 1n);
  }
  return changed;
}
