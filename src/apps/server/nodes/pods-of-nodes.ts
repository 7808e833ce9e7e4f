import type { Pod } from '#api/generated/kubernetes.ts';
import type { PodLogSource } from '#api/pod-logs.ts';
import type { PodStreamSource } from '#api/pod-streams.ts';
import { PlatformError } from '#kit/errors.ts';

/** What a node offers of its pods. */
export interface PodsOfNode {
  readonly logs: PodLogSource;
  readonly streams: PodStreamSource;
}

/** The pods of all nodes: each request goes to the node that its pod is on. */
export function podsOfNodes(nodes: ReadonlyMap<string, PodsOfNode>): PodsOfNode {
  const nodeOf = (pod: Pod): PodsOfNode => {
    const { nodeName = '' } = pod.spec;
    const node = nodes.get(nodeName);
    if (node !== undefined) return node;
    // why the first: it says in its own words that a pod without a node does not run
    const [first] = nodes.values();
    if (nodeName === '' && first !== undefined) return first;
    throw new PlatformError({
      code: 'Unavailable',
      reason: 'NodeNotRun',
      message: `the pod ${pod.metadata.name} is on the node ${nodeName}, which this platform does not run: start it with more --nodes`,
    });
  };
  return {
    logs: { open: async (pod, options) => nodeOf(pod).logs.open(pod, options) },
    streams: {
      exec: async (pod, options) => nodeOf(pod).streams.exec(pod, options),
      attach: async (pod, options) => nodeOf(pod).streams.attach(pod, options),
      connect: async (pod, port, signal) => nodeOf(pod).streams.connect(pod, port, signal),
    },
  };
}
