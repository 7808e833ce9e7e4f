import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { UndeleteCounts } from './metrics.ts';

/** What the controllers of deleted claims are made with. */
export interface UndeleteDeps {
  readonly informers: InformerFactory;
  /** True where volumes of this driver are deleted by these controllers, and by nobody who does not know of the grace. */
  readonly isReclaimedHere: (driverName: string) => boolean;
  readonly counts: Pick<UndeleteCounts, 'kept' | 'ended' | 'watch'>;
}
