import type { ReferenceGrant } from '#api/generated/definitions.ts';
import type { CSINode, Namespace, Node, Pod, StorageClass } from '#api/generated/kubernetes.ts';
import type { SwapView } from '../claim-swap/swap-view.ts';
import type { Round } from './moved.ts';

/** What a move is planned from: the objects of its namespace, as they are. */
export interface MoveView extends SwapView {
  /** The same of the namespace that the claim goes to. */
  readonly target: SwapView;
  storageClass(name: string): StorageClass | undefined;
  namespace(name: string): Namespace | undefined;
  /** Grants of the namespace that the claim goes to. */
  grants(): readonly ReferenceGrant[];
  node(name: string): Node | undefined;
  nodes(): Iterable<Node>;
  /** Which drivers a node has. */
  csiNode(name: string): CSINode | undefined;
  /** The pod that copies. */
  copyPod(round: Round): Pod | undefined;
}
