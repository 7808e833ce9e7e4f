import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import type { SwapStep } from '../claim-swap/swap-claim.ts';
import type { MoveStatus, Phase, Round } from './moved.ts';

/** The next step of a move. */
export type MovePlan =
  | SwapStep
  | CopyStep
  | { readonly kind: 'leave' }
  | { readonly kind: 'finalize' }
  | { readonly kind: 'release' }
  /** The move's status is written; its message goes. */
  | { readonly kind: 'record'; readonly status: MoveStatus & { readonly phase: Phase } }
  /** The claim becomes the move's; where it is another job's, this one is refused. */
  | { readonly kind: 'hold'; readonly claim: PersistentVolumeClaim }
  | { readonly kind: 'refuse'; readonly message: string }
  /** Those who use its claim are stopped; then `next`. */
  | { readonly kind: 'stop'; readonly next: Phase }
  /** Those who were stopped are started; then `next`. */
  | { readonly kind: 'start'; readonly next: Phase };

/** One write about the pods that copy, or a look at how far one is. */
export type CopyStep =
  | { readonly kind: 'createPod'; readonly round: Round }
  | { readonly kind: 'deletePod'; readonly pod: Pod }
  | { readonly kind: 'watch'; readonly pod: Pod };
