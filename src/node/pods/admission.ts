import type { Pod } from '#api/generated/kubernetes.ts';
import { hostPortsOf, isPortConflict } from '#api/host-ports.ts';
import { appArmorOf } from '../containers/confinement.ts';
import { whySysctlForbidden } from '../containers/sysctls.ts';
import type { Problem } from '../status/observed-pod.ts';

/** What a node looks at before it takes a pod. */
export interface AdmissionView {
  /** The pods that it has taken already and that have not ended. */
  readonly others: readonly Pod[];
  readonly hasAppArmor: boolean;
  /** What there is too little of, as conditions of the node. */
  readonly pressures: readonly string[];
}

/** Why the node does not take a pod that it was given, in kubelet's words: the pod fails for good, and who made it makes another. Undefined where it does. Pure. */
export function whyRejected(pod: Pod, view: AdmissionView): Problem | undefined {
  return pressed(pod, view) ?? unsetSysctl(pod) ?? foreignSystem(pod) ?? takenPort(pod, view) ?? unenforced(pod, view);
}

/** Static pods and those that the cluster can't do without come in all the same (kubelet eviction_manager.go Admit). */
const CRITICAL_PRIORITY = 2_000_000_000;
const MEMORY_PRESSURE = 'MemoryPressure';

function pressed(pod: Pod, { pressures }: AdmissionView): Problem | undefined {
  if (pressures.length === 0 || (pod.spec.priority ?? 0) >= CRITICAL_PRIORITY) return undefined;
  const isMemoryAlone = pressures.every((pressure) => pressure === MEMORY_PRESSURE);
  const hasRequests = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].some(
    ({ resources }) => Object.keys({ ...resources?.requests, ...resources?.limits }).length > 0,
  );
  const tolerates = (pod.spec.tolerations ?? []).some(({ key, effect = 'NoSchedule', operator }) =>
    key === undefined ? operator === 'Exists' : key === 'node.kubernetes.io/memory-pressure' && effect === 'NoSchedule',
  );
  // why: who asked for memory has a right to it; who asked for nothing goes first
  if (isMemoryAlone && (hasRequests || tolerates)) return undefined;
  return { reason: 'Evicted', message: `The node had condition: [${pressures.join(' ')}]. ` };
}

function unsetSysctl(pod: Pod): Problem | undefined {
  const message = whySysctlForbidden(pod);
  return message === undefined ? undefined : { reason: 'SysctlForbidden', message };
}

function foreignSystem({ spec }: Pod): Problem | undefined {
  if (spec.os === undefined || spec.os.name === 'linux') return undefined;
  return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
}

function takenPort(pod: Pod, { others }: AdmissionView): Problem | undefined {
  const taken = others.flatMap(hostPortsOf);
  if (!hostPortsOf(pod).some((port) => taken.some((other) => isPortConflict(port, other)))) return undefined;
  return { reason: 'NodePorts', message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports" };
}

function unenforced(pod: Pod, { hasAppArmor }: AdmissionView): Problem | undefined {
  if (hasAppArmor) return undefined;
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const isAsked = containers.some((container) => (appArmorOf(pod, container)?.type ?? 'Unconfined') !== 'Unconfined');
  return isAsked ? { reason: 'AppArmor', message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host' } : undefined;
}
