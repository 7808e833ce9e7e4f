import type { Pod } from './generated/kubernetes.ts';

/** A token of a pod's service account that ends with the pod. */
export interface PodTokenOrder {
  readonly pod: Pod;
  /** `''` = the API itself. */
  readonly audience: string;
  readonly expiresInSec: number;
}

/** A token and its end. */
export interface PodToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Where a node gets the tokens that it puts into pods: the embedded API server implements it. */
export interface PodTokenSource {
  /** @throws ApiError where the account is gone, or another one than the pod's */
  issue(order: PodTokenOrder): Promise<PodToken>;
}
