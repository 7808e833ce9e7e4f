import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { SwapStep } from '../claim-swap/swap-claim.ts';
import type { Phase, RollbackStatus } from './rolled.ts';

/** The next step of a rollback. */
export type RollbackPlan =
  | SwapStep
  | { readonly kind: 'leave' }
  | { readonly kind: 'finalize' }
  | { readonly kind: 'release' }
  /** The rollback's status is written; its message goes. */
  | { readonly kind: 'record'; readonly status: Partial<RollbackStatus> & { readonly phase: Phase } }
  /** The claim becomes the rollback's; where it is another job's, this one is refused. */
  | { readonly kind: 'hold'; readonly claim: PersistentVolumeClaim }
  | { readonly kind: 'refuse'; readonly message: string }
  /** Those who use its claims are stopped; then `next`. */
  | { readonly kind: 'stop'; readonly next: Phase }
  /** Those who were stopped are started; then `next`. */
  | { readonly kind: 'start'; readonly next: Phase };
