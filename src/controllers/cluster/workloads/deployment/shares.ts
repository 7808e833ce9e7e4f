import type { Deployment } from '#api/generated/kubernetes.ts';
import { shareOf } from '../share.ts';

/** How many pods `deployment` asks for. */
export function replicasOf({ spec }: Deployment): number {
  return spec.replicas ?? 1;
}

/** How many pods more than asked for there may be during a rolling update. */
export function maxSurgeOf(deployment: Deployment): number {
  const { strategy } = deployment.spec;
  return strategy?.type === 'RollingUpdate' ? shareOf(strategy.rollingUpdate?.maxSurge, replicasOf(deployment), 'up') : 0;
}

/** How many pods may be missing during a rolling update; at least one where none may be added (deployment_util.go `ResolveFenceposts`). */
export function maxUnavailableOf(deployment: Deployment): number {
  const { strategy } = deployment.spec;
  const replicas = replicasOf(deployment);
  if (strategy?.type !== 'RollingUpdate' || replicas === 0) return 0;
  const share = shareOf(strategy.rollingUpdate?.maxUnavailable, replicas, 'down');
  return Math.min(replicas, share === 0 && maxSurgeOf(deployment) === 0 ? 1 : share);
}
