import type { Pod } from '#api/generated/kubernetes.ts';
import { bytesOf, formatBytes } from '#kit/quantity.ts';
import { formatAmount, RESOURCE_OF, type Shortage } from './thresholds.ts';

/** What a container takes of what is short. */
export interface ContainerUse {
  readonly name: string;
  readonly used: bigint;
}

/** What a pod takes of it. */
export interface PodUse {
  readonly pod: Pod;
  readonly used: bigint;
  readonly containers: readonly ContainerUse[];
}

/** Pods from here on stay (kubelet: critical pods). */
const CRITICAL_PRIORITY = 2_000_000_000;

/** Whom to end first: who takes more than it asked for, then the less important, then who takes most beyond its request (kubelet eviction/helpers.go). Who takes nothing stays. Pure. */
export function rankPods(uses: readonly PodUse[], { signal }: Pick<Shortage, 'signal'>): readonly PodUse[] {
  const resource = RESOURCE_OF[signal];
  const beyond = ({ pod, used }: PodUse): bigint => used - requestOf(pod, resource);
  return uses
    .filter(({ pod, used }) => used > 0n && (pod.spec.priority ?? 0) < CRITICAL_PRIORITY)
    .toSorted((a, b) => {
      const exceeds = Number(beyond(b) > 0n) - Number(beyond(a) > 0n);
      const priority = (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0);
      return exceeds || priority || Number(beyond(b) - beyond(a));
    });
}

/** Why a pod is ended, in kubelet's words. Pure. */
export function evictionMessage({ signal, available, least }: Shortage, { pod, containers }: PodUse): string {
  const resource = RESOURCE_OF[signal];
  const threshold = `Threshold quantity: ${formatAmount(signal, least)}, available: ${formatAmount(signal, available)}. `;
  const isCounted = resource === 'memory' || resource === 'ephemeral-storage';
  const large = containers.flatMap(({ name, used }) => {
    const request = bytesOf(pod.spec.containers.find((one) => one.name === name)?.resources?.requests?.[resource] ?? '0');
    if (!isCounted || used <= request) return [];
    return [
      `Container ${name} was using ${formatBytes(used)}, request is ${request === 0n ? '0' : formatBytes(request)}, has larger consumption of ${resource}. `,
    ];
  });
  return `The node was low on resource: ${resource}. ${threshold}${large.join('')}`;
}

function requestOf({ spec }: Pod, resource: string): bigint {
  return spec.containers.reduce((sum, { resources }) => sum + bytesOf(resources?.requests?.[resource] ?? '0'), 0n);
}
