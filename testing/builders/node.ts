import type { Node, NodeSpec } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { draftMeta, type MetaOverrides, stored, type StoredOverrides } from './metadata.ts';

/** What a test wants of a node. */
export interface NodeOverrides extends MetaOverrides {
  /** Its condition Ready; default `ready`. */
  readonly state?: 'ready' | 'not-ready';
  /** What the condition says of a node that is not ready. */
  readonly message?: string;
  readonly spec?: NodeSpec;
}

/** A node to create: `node-1`, ready, with the label of its host name. */
export function aNode(overrides: NodeOverrides = {}): Draft<Node> {
  const { name = 'node-1', state = 'ready', message = 'the node is down', labels, spec = {} } = overrides;
  const ready =
    state === 'ready' ? { status: 'True', reason: 'NodeReady', message: 'ready' } : { status: 'False', reason: 'NodeNotReady', message };
  return {
    metadata: draftMeta({ name }, { ...overrides, labels: { 'kubernetes.io/hostname': name, ...labels } }),
    spec,
    status: { conditions: [{ type: 'Ready', ...ready }], capacity: { pods: '110' }, allocatable: { pods: '110' } },
  };
}

/** The same node as the server would have stored it. */
export function aStoredNode(overrides: NodeOverrides & StoredOverrides = {}): Node {
  return stored({ apiVersion: 'v1', kind: 'Node' }, aNode(overrides), overrides);
}
