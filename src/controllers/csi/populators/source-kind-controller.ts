import { type VolumePopulator, volumePopulators } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { isBindCompleted } from '#api/storage/claim.ts';
import { dataSourceOf, isFilledByOthers } from '#api/storage/data-source.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, done } from '#machinery/runtime/controller.ts';
import * as say from './events.ts';

const CONCURRENCY = 4;
const KIND_INDEX = { kind: ({ sourceKind: { group, kind } }: VolumePopulator): readonly string[] => [`${kind}.${group}`] };

/** Says on a claim that nobody has registered the kind of what it is to be filled from (volume-data-source-validator). */
export function createSourceKindController({ informers }: { readonly informers: InformerFactory }): Controller<PersistentVolumeClaim> {
  const registered = informers.for(volumePopulators, KIND_INDEX);
  return {
    name: 'data-source-kind',
    resource: persistentVolumeClaims,
    informer: informers.for(persistentVolumeClaims),
    triggers: [],
    reads: [registered],
    concurrency: CONCURRENCY,
    concerns: (claim) => kindToRegister(claim) !== undefined,
    reconcile: async (ctx, claim) => {
      const kind = kindToRegister(claim);
      if (kind !== undefined && registered.countByIndex('kind', kind) === 0) ctx.events.record(say.unrecognizedKind(claim, kind));
      return done;
    },
  };
}

/** The kind, where somebody has to fill volumes from it; claims and snapshots are what drivers make copies of. */
function kindToRegister(claim: PersistentVolumeClaim): string | undefined {
  const source = isBindCompleted(claim) ? undefined : dataSourceOf(claim);
  return source === undefined || !isFilledByOthers(claim) ? undefined : `${source.kind}.${source.group}`;
}
