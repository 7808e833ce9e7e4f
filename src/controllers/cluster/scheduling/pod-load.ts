import type { Pod } from '#api/generated/kubernetes.ts';
import { type HostPort, hostPortsOf } from '#api/host-ports.ts';
import { podAmounts } from '#api/pod-resources.ts';
import { type Quantity, parseQuantity } from '#kit/quantity.ts';

/** What a pod takes of its node. */
export interface PodLoad {
  /** By resource, in billionths of its unit (the finest that a quantity can be). */
  readonly requests: ReadonlyMap<string, bigint>;
  readonly hostPorts: readonly HostPort[];
}

const NANO_EXPONENT = 9;

const known = new WeakMap<Pod, PodLoad>();

/** What `pod` takes; computed once per version of the pod. */
export function loadOf(pod: Pod): PodLoad {
  const cached = known.get(pod);
  if (cached !== undefined) return cached;
  const requests = Object.entries(podAmounts(pod, 'requests')).map(([name, amount]) => [name, nanoOf(amount)] as const);
  const load = { requests: new Map(requests.filter(([, amount]) => amount > 0n)), hostPorts: hostPortsOf(pod) };
  known.set(pod, load);
  return load;
}

/** True where the pod has ended and takes nothing any more. */
export function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** What the pod's priority is; those that say nothing have 0, as upstream's. */
export function priorityOf({ spec }: Pod): number {
  return spec.priority ?? 0;
}

/** A stored amount in billionths; what is no quantity counts as nothing. */
export function nanoOfText(text: string | undefined): bigint {
  const parsed = parseQuantity(text ?? '0');
  return parsed.ok ? nanoOf(parsed.value) : 0n;
}

function nanoOf({ mantissa, exponent }: Quantity): bigint {
  return mantissa * 10n ** BigInt(exponent + NANO_EXPONENT);
}
