import type { Metrics } from '#kit/metrics.ts';
import { type ComponentController, part } from '../../component.ts';
import { createDeletionGraceController } from './claim-controller.ts';
import { createDeletedClaimController } from './deleted-claim-controller.ts';
import type { UndeleteDeps } from './deps.ts';
import { UndeleteCounts } from './metrics.ts';
import { createKeptVolumeController } from './volume-controller.ts';

/** The undo of a claim's deletion (requirement VOL-20). */
export function createUndeleteControllers({
  metrics,
  ...rest
}: Omit<UndeleteDeps, 'counts'> & { readonly metrics: Metrics }): readonly ComponentController[] {
  const deps = { ...rest, counts: new UndeleteCounts(metrics) };
  return [
    part('stowage-undelete', createDeletionGraceController(deps)),
    part('stowage-undelete', createKeptVolumeController(deps)),
    part('stowage-undelete', createDeletedClaimController(deps)),
  ];
}
