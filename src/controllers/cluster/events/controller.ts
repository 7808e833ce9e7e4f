import type { Event } from '#api/generated/kubernetes.ts';
import { events } from '#api/resources.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { Controller } from '#machinery/runtime/controller.ts';
import { reconcileEvent } from './reconcile.ts';

/** Deletions under way at a time: few, because nothing waits for them. */
const CONCURRENCY = 8;

/** Deletes events an hour after they last happened. Only for the embedded API: a cluster's API server lets them expire itself. */
export function createEventsController({ informers }: { readonly informers: InformerFactory }): Controller<Event> {
  return {
    name: 'events',
    resource: events,
    informer: informers.for(events),
    triggers: [],
    concurrency: CONCURRENCY,
    reconcile: reconcileEvent,
  };
}
