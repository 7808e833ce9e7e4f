import type { Clock } from '#kit/clock.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type ComponentController, part } from '../../component.ts';
import { archivePopulator } from './archive-populator.ts';
import { createPopulatorController } from './controller.ts';
import { directoryPopulator } from './directory-populator.ts';
import type { FillPlace } from './drafts.ts';
import { type AskProgress, askProgressOverHttp } from './progress.ts';
import { PopulatorOperations } from './metrics.ts';
import { createSourceKindController } from './source-kind-controller.ts';

/** What filling volumes needs. */
export interface PopulatorControllerDeps {
  readonly informers: InformerFactory;
  readonly clock: Clock;
  /** Where it is told how long it takes. */
  readonly metrics: Metrics;
  readonly place: FillPlace;
  /** Hosts that archives may be fetched from although they are this machine. */
  readonly archiveHosts: readonly string[];
  /** How pods are asked how far they are; absent = over HTTP. */
  readonly ask?: AskProgress;
}

/** What populators, and the validator of their kinds, do on a cluster. A new one is a line here, and a file like `archive-populator.ts`. */
export function createPopulatorControllers({
  informers,
  place,
  archiveHosts,
  ask = askProgressOverHttp,
  ...deps
}: PopulatorControllerDeps): readonly ComponentController[] {
  const populators = [archivePopulator(archiveHosts), directoryPopulator];
  return [
    part('stowage-populator', createPopulatorController({ informers, populators, place, ask, operations: new PopulatorOperations(deps) })),
    part('data-source-validator', createSourceKindController({ informers })),
  ];
}
