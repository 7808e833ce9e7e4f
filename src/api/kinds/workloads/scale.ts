import type { ScalePaths } from '../../meta/kind.ts';

/** Where the kinds of apps/v1 keep the numbers that `autoscaling/v1` Scale shows. */
export const REPLICAS_SCALE: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  labelSelector: ['spec', 'selector'],
};
