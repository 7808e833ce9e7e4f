import type { Node, Pod } from '#api/generated/kubernetes.ts';
import { isPortConflict } from '#api/host-ports.ts';
import type { NodeLoad } from './pod-ledger.ts';
import { loadOf, nanoOfText } from './pod-load.ts';

/** Upstream's reason of NodePorts. */
const NO_FREE_PORTS = "node(s) didn't have free ports for the requested pod ports";

/** Why the ports that `pod` wants of the node itself are taken; undefined where they are free. Pure. */
export function whyPortsTaken(pod: Pod, load: NodeLoad): string | undefined {
  const wanted = loadOf(pod).hostPorts;
  if (wanted.length === 0) return undefined;
  const taken = [...load.pods.values()].flatMap((other) => loadOf(other).hostPorts);
  return wanted.some((port) => taken.some((other) => isPortConflict(port, other))) ? NO_FREE_PORTS : undefined;
}

/** What of `node` is not enough for `pod` beside the pods that it has, each resource a reason (NodeResourcesFit). Pure. */
export function whyNoRoom(pod: Pod, node: Node, load: NodeLoad): readonly string[] {
  const allocatable = node.status?.allocatable ?? {};
  const reasons: string[] = [];
  if (BigInt(load.pods.size + 1) * NANO > nanoOfText(allocatable['pods'])) reasons.push('Too many pods');
  for (const [name, amount] of loadOf(pod).requests) {
    const free = nanoOfText(allocatable[name]) - (load.requested.get(name) ?? 0n);
    if (amount > free) reasons.push(`Insufficient ${name}`);
  }
  return reasons;
}

const NANO = 1_000_000_000n;
/** What a container that says nothing counts as, for the score only (upstream `DefaultMilliCPURequest`, `DefaultMemoryRequest`). */
const UNSAID: ReadonlyMap<string, bigint> = new Map([
  ['cpu', NANO / 10n],
  ['memory', 200n * 1024n * 1024n * NANO],
]);

/** How much of `node` would be left: 0 (nothing) to 100 (all), the mean of processors and memory (LeastAllocated). Pure. */
export function scoreRoom(pod: Pod, node: Node, load: NodeLoad): number {
  let sum = 0;
  for (const [name, unsaid] of UNSAID) {
    const allocatable = nanoOfText(node.status?.allocatable?.[name]);
    if (allocatable <= 0n) continue;
    const asked = loadOf(pod).requests.get(name) ?? unsaid;
    const left = allocatable - (load.requested.get(name) ?? 0n) - asked;
    if (left > 0n) sum += Number((left * 100n) / allocatable);
  }
  return sum / UNSAID.size;
}
