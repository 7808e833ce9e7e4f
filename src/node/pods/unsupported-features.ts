import type { Container, Pod } from '#api/generated/kubernetes.ts';
import type { NodeEvent } from '../status/pod-events.ts';

/** Fields of the pod that this node accepts but does not act on, each as an event. Pure. */
export function unsupportedFeatures(about: Pod): NodeEvent[] {
  const warn = (event: Pick<NodeEvent, 'reason' | 'message'>): NodeEvent => ({ about, type: 'Warning', ...event });
  const { spec } = about;
  const events: NodeEvent[] = [];
  if (spec.shareProcessNamespace === true)
    events.push(
      warn({
        reason: 'ShareProcessNamespaceNotSupported',
        message: 'This node gives each container a process namespace of its own; shareProcessNamespace is not in effect',
      }),
    );
  if (containersOf(about).some(({ ports = [] }) => ports.some(({ hostPort = 0 }) => hostPort > 0)) && spec.hostNetwork !== true)
    events.push(
      warn({
        reason: 'HostPortNotSupported',
        message:
          'This node keeps the hostPort free of other pods, but nothing listens there: reach the pod at its own address, or use hostNetwork',
      }),
    );
  if (
    spec.securityContext?.seLinuxOptions !== undefined ||
    containersOf(about).some(({ securityContext }) => securityContext?.seLinuxOptions)
  )
    events.push(
      warn({ reason: 'SELinuxNotSupported', message: 'This node does not label processes and files; seLinuxOptions are not in effect' }),
    );
  if (spec.resources !== undefined)
    events.push(
      warn({
        reason: 'PodResourcesNotSupported',
        message: 'This node limits containers and not pods as a whole; spec.resources is not in effect: set resources of the containers',
      }),
    );
  if ((spec.resourceClaims ?? []).length > 0)
    events.push(
      warn({
        reason: 'ResourceClaimsNotSupported',
        message: 'This node has no devices to allocate; spec.resourceClaims are not in effect',
      }),
    );
  return events;
}

function containersOf({ spec }: Pod): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}
