import type { Node, Pod } from '#api/generated/kubernetes.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** The reasons and messages are upstream's (kubernetes pkg/controller/nodelifecycle, pkg/controller/tainteviction). */

/** Nothing is known of the node any more. */
export function nodeNotReady(node: Node): EventDraft {
  const { name } = node.metadata;
  // why the name as UID: kubelets name nodes in events so, and clients look for it
  const about = { ...node, metadata: { ...node.metadata, uid: name } };
  return { about, type: 'Normal', reason: 'NodeNotReady', message: `Node ${name} status is now: NodeNotReady` };
}

/** The pod's node does not answer. */
export function podNotReady(about: Pod): EventDraft {
  return { about, type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' };
}

/** The pod does not bear a taint of its node. */
export function evicted(about: Pod): EventDraft {
  const { namespace = '', name } = about.metadata;
  return { about, type: 'Normal', reason: 'TaintManagerEviction', message: `Marking for deletion Pod ${namespace}/${name}` };
}
