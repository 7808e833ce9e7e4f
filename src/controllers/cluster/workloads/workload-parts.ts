import type { Pod } from '#api/generated/kubernetes.ts';
import { pods } from '#api/resources.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { OWNED_INDEXES, OwnedObjects } from './owners.ts';
import { PodWrites } from './pod-writes.ts';

/** What the workload controllers share. */
export interface WorkloadParts {
  readonly informers: InformerFactory;
  /** With the indexes of what is owned. */
  readonly pods: Informer<Pod>;
  readonly podsOf: OwnedObjects<Pod>;
  readonly writes: PodWrites;
}

/** One of each, on the factory's informers. */
export function createWorkloadParts(informers: InformerFactory): WorkloadParts {
  const informer = informers.for(pods, OWNED_INDEXES);
  return { informers, pods: informer, podsOf: new OwnedObjects(informer), writes: new PodWrites(informer) };
}
